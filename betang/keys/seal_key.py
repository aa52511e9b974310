"""The `seal` key: what phones and couriers encrypt to, and how it is opened here."""

from betang.core.crypto.keyring import Purpose
from betang.core.crypto.sealing import open_sealed_to
from betang.keys import place


def public() -> tuple[int, bytes]:
    """Give kid and point (65 bytes) of the key that phones seal to."""
    key = place.opened().signing[Purpose.SEAL][0]
    return key.kid, key.public


def unwrap(sealed: bytes, *, context: bytes) -> bytes:
    """Open a message or a key sealed to us; raises `core.crypto.sealing.NotSealedToUsError`.

    `context` is what both sides know of it, `docs/protocols/keys.md` names each.
    """
    return open_sealed_to(place.opened().signing[Purpose.SEAL][1], sealed, context=context)
