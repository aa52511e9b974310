"""The field event: its envelope, its chain, its kinds (docs/protocols/event.md)."""
