"""A stand-in for the bank: a SNAP BI server with a book of its own (docs/protocols/bank.md)."""
