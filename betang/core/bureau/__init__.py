"""What the print bureau and we write to each other (docs/protocols/bureau.md)."""
