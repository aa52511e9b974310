"""Signing for a purpose: the one door to private keys.

A back end holds the keys (`betang.keys.backend`). Whoever signs names the purpose, never a key. The
ring has the last word: the key that it calls active signs, and what it revoked or retired signs
nothing more, whichever back end still holds it. So a key that a rotation made and could not publish
signs nothing that phones would not know.
"""

from collections.abc import Callable

from betang.core.crypto.keyring import Purpose, RingKey
from betang.core.errors import RefusedError
from betang.keys import models
from betang.keys.backend import KeyNotHereError, backend


class KeyOutOfUseError(RefusedError):
    """The key that would sign was revoked, or another took its place."""

    code = "key.out_of_use"
    sentence = "Kunci {kid} untuk keperluan ini sudah dicabut atau digantikan."
    do = "Jangan mengulang. Pasang kunci yang baru sebelum menandatangani (docs/operate/keys.md)."


def sign(purpose: Purpose | str, message: bytes) -> bytes:
    """Sign `message` for `purpose`: 64 bytes, r || s. Raises `KeyOutOfUseError`.

    The message must say its purpose itself (`typ`), so that no signature can be moved to another.
    """
    _, write = writer(purpose)
    return write(message)


def writer(purpose: Purpose | str) -> tuple[int, Callable[[bytes], bytes]]:
    """Give the kid of `purpose` and a function that signs with it. Raises `KeyOutOfUseError`.

    The ring is asked once, here: for a run that signs many, in one transaction.
    """
    chosen = Purpose(purpose)
    assert chosen is not Purpose.SEAL, "the seal key seals, it does not sign"
    kid, _ = current(chosen)
    holder = backend()
    return kid, lambda message: holder.sign(kid, message)


def current(purpose: Purpose | str) -> tuple[int, bytes]:
    """Give kid and public point (65 bytes) of the key that serves `purpose` now.

    Raises `KeyOutOfUseError`. Before the first publishing there is no state: the newest serves.
    """
    key = _current(Purpose(purpose))
    return key.kid, key.public


def _current(purpose: Purpose) -> RingKey:
    held = {key.kid: key for key in backend().ring() if key.purpose is purpose}
    if not held:
        raise KeyNotHereError(key=purpose.value)
    newest = max(held.values(), key=lambda key: key.version)
    known = models.RingKey.objects.filter(purpose=purpose.value).values_list("kid", "state")
    states = dict(known)
    if not states:
        return newest
    active = [kid for kid, state in states.items() if state == models.RingKey.State.ACTIVE]
    if not active:
        raise KeyOutOfUseError(kid=max(states))
    if active[0] not in held:
        raise KeyNotHereError(key=active[0])
    return held[active[0]]
