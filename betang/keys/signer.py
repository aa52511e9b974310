"""Signing for a purpose: the one door to private keys.

A back end holds the keys; the key file is the first, PKCS#11 will be the second. Whoever signs
names the purpose, never a key.
"""

from typing import Protocol

from betang.core.crypto import signing
from betang.core.crypto.keyring import Algorithm, Purpose, RingKey
from betang.keys import place


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
    """Sign `message` for `purpose`: 64 bytes, r || s.

    The message must say its purpose itself (`typ`), so that no signature can be moved to another.
    """
    return BACKEND.sign(Purpose(purpose), message)


def current(purpose: Purpose | str) -> tuple[int, bytes]:
    """Give kid and public point (65 bytes) of the key that signs for `purpose` now."""
    key = BACKEND.current(Purpose(purpose))
    return key.kid, key.public
