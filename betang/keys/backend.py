"""What holds private keys, behind one small interface with two real back ends.

The key file (`KeyFileBackend`) is opened into this process's memory; an HSM (`betang.keys.hsm`)
computes inside itself. Nothing in the interface gives a private key or a chip master away, so that
no caller can come to need one. Which one holds the keys is the operator's setting.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings

from betang.core.card.diversify import block_cipher, diversify_many
from betang.core.crypto import signing
from betang.core.crypto.keyring import Purpose, RingKey
from betang.core.errors import RefusedError
from betang.keys import keyfile, keyfile_change, place


class KeyNotHereError(RefusedError):
    """The back end does not hold this key."""

    code = "keys.not_here"
    sentence = "Kunci {key} tidak ada di berkas kunci atau HSM ini."
    do = "Pasang berkas kunci atau token yang memuatnya; lihat `betang keys status`."


class Backend(Protocol):
    """What holds private keys must be able to do."""

    def ring(self) -> tuple[RingKey, ...]:
        """Give the public part of every key pair held."""

    def sign(self, kid: int, message: bytes) -> bytes:
        """Sign with the key `kid`: ES256, r || s. Raises `KeyNotHereError`."""

    def exchange(self, kid: int, point: bytes) -> bytes:
        """Compute ECDH of the seal key `kid` with an uncompressed point: the x-coordinate.

        Raises `KeyNotHereError`, and `ValueError` for a point off the curve.
        """

    def chip_versions(self) -> tuple[int, ...]:
        """Give the versions of the chips' master held, oldest first; none where there is none."""

    def diversify(self, version: int, inputs: Sequence[bytes]) -> list[bytes]:
        """Derive a key for each input from that version of the chips' master (AN10922).

        Raises `KeyNotHereError`.
        """

    def make_key(self, purpose: Purpose, *, kid: int, version: int, at: datetime) -> None:
        """Make a key pair. It signs nothing before the ring names it."""

    def make_chip_master(self, version: int, *, at: datetime) -> None:
        """Make a master of the chips."""


class KeyFileBackend:
    """Keys of the opened key file."""

    def ring(self) -> tuple[RingKey, ...]:
        """Give the public part of every key pair of the file."""
        return place.opened().ring

    def sign(self, kid: int, message: bytes) -> bytes:
        """Sign with the key `kid`."""
        private = place.opened().private.get(kid)
        if private is None:
            raise KeyNotHereError(key=kid)
        return signing.sign(private, message)

    def exchange(self, kid: int, point: bytes) -> bytes:
        """Compute ECDH of the seal key `kid`."""
        private = place.opened().seal.get(kid)
        if private is None:
            raise KeyNotHereError(key=kid)
        return private.exchange(ec.ECDH(), signing.load_public_key(point))

    def chip_versions(self) -> tuple[int, ...]:
        """Give the versions of the chips' master in the file."""
        return tuple(sorted(place.opened().chip))

    def diversify(self, version: int, inputs: Sequence[bytes]) -> list[bytes]:
        """Derive a key for each input."""
        master = place.opened().chip.get(version)
        if master is None:
            raise KeyNotHereError(key=f"chip-master {version}")
        return diversify_many(block_cipher(master), inputs)

    def make_key(self, purpose: Purpose, *, kid: int, version: int, at: datetime) -> None:
        """Add a key pair to the file."""
        path, opening = place.key_path(), place.opening_passphrase
        keyfile_change.add_key(path, opening, purpose, kid=kid, version=version, at=at)

    def make_chip_master(self, version: int, *, at: datetime) -> None:
        """Add a master to the file."""
        path, opening = place.key_path(), place.opening_passphrase
        keyfile_change.add_secret(path, opening, keyfile.CHIP_MASTER, version=version, at=at)


_KEY_FILE = KeyFileBackend()


def backend() -> Backend:
    """Give the back end of this installation: the HSM where one is named, else the key file."""
    if settings.HSM_MODULE:
        from betang.keys import hsm  # noqa: PLC0415 - PKCS#11 is loaded only where it is used

        return hsm.token()
    return _KEY_FILE
