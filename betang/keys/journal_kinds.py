"""What `keys` records in the journal."""

KINDS: dict[str, str] = {
    "keys.initialised": "A key file was made and its public keys published: kids.",
    "key.published": "A public key was added to the ring: kid, purpose, version.",
    "key.retired": "A key signs no more, what it signed still verifies: kid, purpose.",
    "key.revoked": "A key is trusted no more, nor anything that it signed: kid, purpose.",
    "blob.erased": "The key of a sealed blob was destroyed: the blob's size in bytes.",
}
