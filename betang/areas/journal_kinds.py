"""What the journal may say of areas."""

KINDS: dict[str, str] = {
    "areas.loaded": "Areas and BPS codes were loaded; facts: areas, bps_codes, digest.",
    "boundaries.loaded": "Boundaries were loaded; facts: boundaries, digest.",
    "area.bps_confirmed": "A clerk confirmed what a BPS number means; facts: bps_code, area_code.",
    "points.made": "Distribution points were made for villages that had none. Facts: count.",
    "points.loaded": "Distribution points were taken from a list. Facts: count, refused.",
    "point.changed": "A distribution point was given up or taken up again. Facts: active.",
}
