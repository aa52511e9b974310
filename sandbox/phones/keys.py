"""Which keys a device believes: a ring that the code's hash vouches for, later the ring's own key.

Normative: docs/protocols/keys.md.
"""

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import orjson

from betang.core import jose
from betang.core.crypto import signing
from sandbox.phones.chain import Signer
from sandbox.phones.sealing import BatchKey
from sandbox.phones.trust import Trust


@dataclass
class Believer(Signer):
    """A device that knows the keys of the office."""

    ring: dict[int, dict[str, Any]] = field(default_factory=dict)
    believed: Trust = field(default_factory=Trust)
    batch_key: BatchKey | None = None

    def trust(self, text: str, key_hash: str | None) -> None:
        """Take the keys of a signed ring: by the code's hash at first, by the ring key later."""
        parts = jose.split(text)
        body = orjson.loads(parts.payload)
        keys = {int(key["kid"]): key for key in body["keys"]}
        kid = int(parts.header["kid"])
        # At first the code's hash vouches for the signer; later only a key that is known already.
        signer = keys[kid] if key_hash else self.ring.get(kid, {} if self.ring else keys[kid])
        if signer.get("purpose") not in {"ring", "enrolment"} or signer["state"] == "revoked":
            raise ValueError("the ring is signed by a key that may not")
        point = _point(signer)
        if key_hash and jose.to_b64u(sha256(point).digest()) != key_hash:
            raise ValueError("the ring is not signed by the key of the code")
        if not jose.signed_by(signing.load_public_key(point), parts):
            raise ValueError("the ring's signature is wrong")
        self.ring = keys
        self.believed.take_keys(body)
        seal_key = self._key("seal")
        self.batch_key = BatchKey(seal_key[0], seal_key[1])

    def lease_key(self, kid: int) -> signing.PublicKey | None:
        """Give the lease key of that number, if it may still vouch for a lease."""
        key = self.ring.get(kid, {})
        if key.get("purpose") != "lease" or key["state"] == "revoked":
            return None
        return signing.load_public_key(_point(key))

    def _key(self, purpose: str) -> tuple[int, signing.PublicKey]:
        kid, key = next(
            (kid, key) for kid, key in self.ring.items()
            if key["purpose"] == purpose and key["state"] == "active"
        )  # fmt: skip
        return kid, signing.load_public_key(_point(key))

    def report(self) -> dict[str, Any]:
        """Tell of itself, and which list of cards it holds."""
        return super().report() | ({"list": self.believed.cards.seq} if self.believed.cards else {})


def _point(key: dict[str, Any]) -> bytes:
    return b"\x04" + jose.from_b64u(key["x"]) + jose.from_b64u(key["y"])
