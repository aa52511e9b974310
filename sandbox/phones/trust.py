"""What a phone believes without a network: the ring of keys, the list of cards, and a verdict."""

from base64 import urlsafe_b64decode
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from betang.core import jose
from betang.core.card.qr import QrRefusedError, read_token
from betang.core.card.revocation import (
    ListRefusedError,
    RevocationList,
    read_list,
    read_own,
    trust_age_days,
)
from betang.core.card.verdict import NONE, VALID, Act, Shown, Verdict, decide
from betang.core.clock import from_wire
from betang.core.crypto.keyring import Algorithm, Keyring, KeyState, Purpose, RingKey


@dataclass
class Trust:
    """The newest verified ring and list, as `docs/protocols/device.md` lets a phone keep them."""

    keys: Keyring = field(default_factory=lambda: Keyring.of([]))
    ring_version: str = ""
    ring_at: datetime | None = None
    cards: RevocationList | None = None
    list_kid: int = -1

    def take_keys(self, told: dict[str, Any]) -> None:
        """Take the keys of a ring whose signature was verified; drop a list that they disown."""
        self.keys = Keyring.of(_key(one) for one in told["keys"])
        self.ring_at = from_wire(told["issued_at"])
        signer = self.keys.keys.get(self.list_kid)
        if signer is None or signer.state is KeyState.REVOKED:
            self.cards, self.list_kid = None, -1

    def take_list(self, part: dict[str, Any] | None, issuer: str) -> str:
        """Take a list, or a delta on the one that is held; give why it was refused, if it was."""
        if part is None:
            return ""
        content = urlsafe_b64decode(part["list"] + "=" * (-len(part["list"]) % 4))
        try:
            self.cards = read_list(content, self.keys, issuer=issuer).after(self.cards)
        except ListRefusedError as refused:
            return refused.code
        self.list_kid = read_own(content)[1]
        return ""

    def read(self, qr: str, issuer: str, at: datetime) -> tuple[str, str]:
        """Read a QR: its state for the verdict, and the card's number where it may be known."""
        try:
            number = read_token(qr, self.keys, issuer=issuer, at=at).card_number
        except QrRefusedError as refused:
            return refused.code, ""
        return (self.cards.says(number) if self.cards else None) or VALID, number

    def verdict(
        self, *, qr: str, taps: str = NONE, lease: bool, nfc: bool, at: datetime
    ) -> Verdict:
        """Say what to do with a card that is shown for a delivery, without a network."""
        age = trust_age_days(self.cards, self.ring_at or at, at)
        return decide(
            Shown(
                act=Act.DELIVER, online=False, lease=lease, custody=False, qr=qr, taps=taps,
                nfc=nfc, list_age_days=age, tap_required=False,
            )
        )  # fmt: skip


def _key(told: dict[str, Any]) -> RingKey:
    return RingKey(
        kid=int(told["kid"]),
        purpose=Purpose(told["purpose"]),
        version=int(told["version"]),
        algorithm=Algorithm(told["alg"]),
        public=b"\x04" + jose.from_b64u(told["x"]) + jose.from_b64u(told["y"]),
        not_before=from_wire(told["not_before"]),
        not_after=from_wire(told["not_after"]),
        state=KeyState(told["state"]),
    )
