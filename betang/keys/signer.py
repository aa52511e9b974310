"""Signing for a purpose: the one door to private keys.

A back end holds the keys; the key file is the first, PKCS#11 will be the second. Whoever signs
names the purpose, never a key. The ring has the last word: what it revoked or retired signs
nothing more, whichever back end still holds it.
"""

from collections.abc import Callable
from typing import Protocol

from betang.core.crypto import signing
from betang.core.crypto.keyring import Algorithm, Purpose, RingKey
from betang.core.errors import RefusedError
from betang.keys import models, place


class KeyOutOfUseError(RefusedError):
    """The key that would sign was revoked, or another took its place."""

    code = "key.out_of_use"
    sentence = "Kunci {kid} untuk keperluan ini sudah dicabut atau digantikan."
    do = "Jangan mengulang. Pasang kunci yang baru sebelum menandatangani (docs/operate/keys.md)."


class Backend(Protocol):
    """What holds private keys must be able to do; nothing here gives a private key away."""

    def current(self, purpose: Purpose) -> RingKey:
        """Give the public part of the key that signs for `purpose` now."""

    def sign(self, purpose: Purpose, message: bytes) -> bytes:
        """Sign with that key: ES256, r || s."""


class KeyFileBackend:
    """Keys of the opened key file."""

    def current(self, purpose: Purpose) -> RingKey:
        """Give the newest key of `purpose`."""
        return place.opened().signing[purpose][0]

    def sign(self, purpose: Purpose, message: bytes) -> bytes:
        """Sign with the newest key of `purpose`."""
        public, private = place.opened().signing[purpose]
        assert public.algorithm is Algorithm.ES256, "the seal key seals, it does not sign"
        return signing.sign(private, message)


BACKEND: Backend = KeyFileBackend()


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
    kid, _ = current(chosen)
    return kid, lambda message: BACKEND.sign(chosen, message)


def current(purpose: Purpose | str) -> tuple[int, bytes]:
    """Give kid and public point (65 bytes) of the key that signs for `purpose` now.

    Raises `KeyOutOfUseError`. A key that was never published has no state yet, and signs.
    """
    key = BACKEND.current(Purpose(purpose))
    states = models.RingKey.objects.filter(kid=key.kid).values_list("state", flat=True)
    if any(state != models.RingKey.State.ACTIVE for state in states):
        raise KeyOutOfUseError(kid=key.kid)
    return key.kid, key.public
