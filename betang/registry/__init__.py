"""Registry: whom we know. Households, members, dwellings, points, and aid they have elsewhere."""
