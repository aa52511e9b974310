"""Who signs and seals for what: the ring, its purposes, the key file, sealed values and blobs."""
