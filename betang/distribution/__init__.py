"""Who is due what, and who got it: entitlements, leases, deliveries, stock counts."""
