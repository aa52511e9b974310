"""The ring: which public key may sign what, from when until when, and whether it still may.

Algorithm and purpose always come from here, never from the message (`docs/protocols/keys.md`).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from betang.core.crypto.signing import PublicKey, load_public_key, verifies


class Purpose(StrEnum):
    """What a key is for. One key, one purpose; one purpose, one key that signs at a time."""

    CARD = "card"
    LIST = "list"
    LEASE = "lease"
    CHECKPOINT = "checkpoint"
    MANIFEST = "manifest"
    ENROLMENT = "enrolment"
    RING = "ring"
    ACKNOWLEDGEMENT = "acknowledgement"
    SEAL = "seal"


class KeyState(StrEnum):
    """Active signs; retired only verifies what it signed before; revoked verifies nothing."""

    ACTIVE = "active"
    RETIRED = "retired"
    REVOKED = "revoked"


class Algorithm(StrEnum):
    """The two algorithms of the house."""

    ES256 = "ES256"
    ECDH = "ECDH-P256"


class NotTrustedError(Exception):
    """The ring does not let this key have signed this. `code` says why, for a verdict."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class RingKey:
    """One public key. Times are aware, UTC; `public` is the uncompressed point (65 bytes)."""

    kid: int
    purpose: Purpose
    version: int
    algorithm: Algorithm
    public: bytes
    not_before: datetime
    not_after: datetime
    state: KeyState = KeyState.ACTIVE


@dataclass(frozen=True, slots=True)
class Keyring:
    """Public keys by kid, with the loaded key kept, since loading costs as much as verifying."""

    keys: dict[int, RingKey]
    _loaded: dict[int, PublicKey] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, keys: Iterable[RingKey]) -> "Keyring":
        """Make a ring of `keys`; two with the same kid are a programmer's error."""
        by_kid: dict[int, RingKey] = {}
        for key in keys:
            assert key.kid not in by_kid, f"kid {key.kid} twice"
            by_kid[key.kid] = key
        return cls(by_kid)

    def trusted(self, kid: int, purpose: Purpose, *, signed_at: datetime | None = None) -> RingKey:
        """Give the key that may have signed for `purpose`; raises `NotTrustedError` otherwise.

        `signed_at` is what the message claims: a stolen key can claim any time within its validity,
        so this stops an honest mistake and an outdated key, not a thief.
        """
        key = self.keys.get(kid)
        if key is None:
            raise NotTrustedError("key.unknown")
        if key.purpose is not purpose or key.algorithm is not Algorithm.ES256:
            raise NotTrustedError("key.other_purpose")
        if key.state is KeyState.REVOKED:
            raise NotTrustedError("key.rotated_out")
        if signed_at is not None and not key.not_before <= signed_at <= key.not_after:
            raise NotTrustedError("key.not_valid_then")
        return key

    def verifies(self, key: RingKey, message: bytes, signature: bytes) -> bool:
        """Say whether `key` of this ring signed `message`."""
        loaded = self._loaded.get(key.kid)
        if loaded is None:
            loaded = self._loaded[key.kid] = load_public_key(key.public)
        return verifies(loaded, message, signature)
