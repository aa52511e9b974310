"""The `seal` key: what phones and couriers encrypt to, and how it is opened here."""

from betang.core.crypto.keyring import Purpose, RingKey
from betang.core.crypto.sealing import NotSealedToUsError, open_sealed_with
from betang.keys import signer
from betang.keys.backend import backend


def public() -> tuple[int, bytes]:
    """Give kid and point (65 bytes) of the key that phones seal to."""
    return signer.current(Purpose.SEAL)


def unwrap(sealed: bytes, *, context: bytes) -> bytes:
    """Open a message or a key sealed to us; raises `core.crypto.sealing.NotSealedToUsError`.

    `context` is what both sides know of it, `docs/protocols/keys.md` names each. A message does not
    name its key: the newest is tried first, then older ones, since a phone that was away seals to
    the key of its ring. A revoked one opens too: revoking it makes no honest message less ours.
    """
    keys = sorted(_held(), key=lambda key: key.version, reverse=True)
    for key in keys[:-1]:
        try:
            return _opened(key, sealed, context)
        except NotSealedToUsError:
            continue
    return _opened(keys[-1], sealed, context)


def _opened(key: RingKey, sealed: bytes, context: bytes) -> bytes:
    holder = backend()
    return open_sealed_with(
        lambda point: holder.exchange(key.kid, point), key.public, sealed, context=context
    )


def _held() -> list[RingKey]:
    return [key for key in backend().ring() if key.purpose is Purpose.SEAL]
