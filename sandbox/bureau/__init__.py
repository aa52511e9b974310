"""The print bureau's side, as we describe it: opens packages, checks them, returns a file."""
