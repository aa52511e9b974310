"""Places on the ground: points, polygons, and how far a point may be trusted."""
