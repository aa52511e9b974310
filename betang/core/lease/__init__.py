"""The lease: what is signed, and how a claim under it is settled (docs/protocols/lease.md)."""
