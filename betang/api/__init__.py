"""JSON over HTTP for devices: opens the transaction, reads the clock, makes one domain call."""
