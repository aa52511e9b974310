"""Pages: they open the transaction, read the clock, and make one domain call."""
