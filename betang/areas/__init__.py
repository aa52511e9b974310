"""Areas: province, regency or city, district, village; their BPS twins, boundaries and points."""
