"""What `keys` records in the journal."""

KINDS: dict[str, str] = {
    "keys.initialised": "A key file was made and its public keys published: kids.",
    "key.published": "A public key was added to the ring: kid, purpose, version.",
    "key.retired": "A key signs no more, what it signed still verifies: kid, purpose.",
    "key.rotation_proposed": "A new version of a key was proposed: purpose.",
    "key.rotated": "A new version took over, by two persons: purpose, version, kid.",
    "keys.ceremony": "Keys were made with split custody: threshold, custodians, protocol's digest.",
    "keys.transport": "Chip keys of a print run were wrapped: check value, master's version.",
    "key.revoked": "A key is trusted no more, nor anything that it signed: kid, purpose.",
    "blob.erased": "The key of a sealed blob was destroyed: the blob's size in bytes.",
}
