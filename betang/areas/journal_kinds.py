"""What the journal may say of areas."""

KINDS: dict[str, str] = {
    "areas.loaded": "Areas and BPS codes were loaded; facts: areas, bps_codes, digest.",
    "boundaries.loaded": "Boundaries were loaded; facts: boundaries, digest.",
    "area.bps_confirmed": "A clerk confirmed what a BPS number means; facts: bps_code, area_code.",
}
