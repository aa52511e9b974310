"""A card's QR and the list of revoked cards, as card.md and revocation.md say."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sandbox.edc import cbor
from sandbox.edc.trust import Ring, point
from sandbox.edc.wire import from_time, public_key, verify

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
TEXT_MAX, BYTES_MAX = 1_000, 2_048
SECONDS_MAX = 253_402_300_799
TYP = ("application/betang-", "+cose")
PURPOSES = ("card", "list", "lease", "checkpoint", "manifest", "enrolment", "ring",
            "acknowledgement", "seal", "chip")  # fmt: skip


class RefusedError(Exception):
    """What was read is not to be trusted; its text is the code of verdict.md."""


@dataclass(frozen=True)
class Card:
    """What a genuine card says."""

    number: str
    name: str


@dataclass(frozen=True)
class CardList:
    """A verified list of cards that are trusted no more."""

    seq: int
    since: int
    issued_at: datetime
    revoked: frozenset[str]
    superseded: frozenset[str]

    def says(self, number: str) -> str | None:
        """Say what the list says of a card, None where it does not name it."""
        if number in self.revoked:
            return "card.revoked"
        return "card.superseded" if number in self.superseded else None

    def after(self, held: "CardList | None") -> "CardList":
        """Join this list with the one held; raises `RefusedError`."""
        if held and self.seq < held.seq:
            raise RefusedError("list.older")
        if self.since == 0:
            return self
        if held is None or held.since or held.seq < self.since:
            raise RefusedError("list.gap")
        revoked = held.revoked | self.revoked
        superseded = (held.superseded | self.superseded) - revoked
        return CardList(self.seq, 0, self.issued_at, revoked, superseded)


def read_qr(text: str, ring: Ring, *, issuer: str, at: datetime) -> Card:
    """Read and verify a card's QR; raises `RefusedError` with the code."""
    claims = _opened(_unpacked(text), ring, issuer, "card", "qr", _card_claims)
    if at >= datetime.fromtimestamp(claims[4], UTC):
        raise RefusedError("card.expired")
    return Card(claims[169][1], claims[169][4])


def read_list(data: bytes, ring: Ring, *, issuer: str) -> CardList:
    """Read and verify a list; raises `RefusedError` with the code."""
    told = _opened(data, ring, issuer, "list", "list", _list_claims)
    issued = datetime.fromtimestamp(told[6], UTC)
    return CardList(told[-1], told[-2], issued, _numbers(told[-3]), _numbers(told[-4]))


def _opened(
    data: bytes, ring: Ring, issuer: str, purpose: str, kind: str, form: Callable[[Any], bool]
) -> dict[int, Any]:
    """Verify a COSE_Sign1 in the order of card.md section 2, steps 2 to 6, and give its payload."""
    protected, payload, signature, kid = _message(data, purpose, kind)
    key = ring.keys.get(kid)
    if key is None:
        raise RefusedError("key.unknown")
    if key["purpose"] != purpose:
        raise RefusedError("key.other_purpose")
    if key["state"] == "revoked":
        raise RefusedError("key.rotated_out")
    signed = b"\x84" + cbor.write_text("Signature1") + cbor.write_bytes(protected)
    signed += cbor.write_bytes(b"") + cbor.write_bytes(payload)
    if not verify(public_key(point(key)), signed, signature):
        raise RefusedError(f"{kind}.bad_signature")
    try:
        told = cbor.read(payload)
    except cbor.NotCborError as error:
        raise RefusedError(f"{kind}.malformed") from error
    if not isinstance(told, dict) or not form(told):
        raise RefusedError(f"{kind}.malformed")
    if told[1] != issuer:
        raise RefusedError(f"{kind}.other_issuer")
    issued = datetime.fromtimestamp(told[6], UTC)
    if not from_time(key["not_before"]) <= issued <= from_time(key["not_after"]):
        raise RefusedError("key.not_valid_then")
    return told


def _message(data: bytes, purpose: str, kind: str) -> tuple[bytes, bytes, bytes, int]:
    """Take a COSE_Sign1 apart: protected header, payload, signature, number of the key."""
    try:
        whole = cbor.read(data)
        parts = whole.item if isinstance(whole, cbor.Tag) and whole.number == 18 else None
        match parts:
            case [bytes(protected), dict(bare), bytes(payload), bytes(signature)]:
                header = cbor.read(protected)
            case _:
                raise RefusedError(f"{kind}.not_ours")
    except cbor.NotCborError as error:
        raise RefusedError(f"{kind}.not_ours") from error
    typ = header.get(16) if isinstance(header, dict) else None
    if not isinstance(typ, str) or not typ.startswith(TYP[0]) or not typ.endswith(TYP[1]):
        raise RefusedError(f"{kind}.not_ours")
    if typ != purpose.join(TYP):
        raise RefusedError("key.other_purpose")
    kid = header.get(4)
    ours = set(header) == {1, 4, 16} and header[1] == -7 and not bare and len(signature) == 64
    if not ours or not isinstance(kid, bytes) or len(kid) != 1:
        raise RefusedError(f"{kind}.malformed")
    return protected, payload, signature, kid[0]


def _unpacked(text: str) -> bytes:
    """Undo Base45 (RFC 9285) and zlib, within their limits."""
    unpacker = zlib.decompressobj()
    try:
        if len(text) > TEXT_MAX:
            raise RefusedError("qr.not_ours")
        data = unpacker.decompress(_base45(text), BYTES_MAX)
    except (ValueError, zlib.error, OverflowError) as error:
        raise RefusedError("qr.not_ours") from error
    if not unpacker.eof or unpacker.unused_data:
        raise RefusedError("qr.not_ours")
    return data


def _base45(text: str) -> bytes:
    digits = [ALPHABET.index(letter) for letter in text]
    out = b""
    for at in range(0, len(digits), 3):
        part = digits[at : at + 3]
        if len(part) == 1:
            raise ValueError("not Base45")
        number = sum(digit * 45**place for place, digit in enumerate(part))
        out += number.to_bytes(len(part) - 1, "big")
    return out


def _card_claims(told: dict[Any, Any]) -> bool:
    """Say whether the payload is a card's."""
    match told:
        case {
            1: str(),
            4: int(end),
            6: int(start),
            169: {1: str(number), 4: str(), 21: str(place)},
        }:
            fits = 0 <= start <= end <= SECONDS_MAX and len(place) == 4 and place.isdigit()
            return fits and place.isascii() and _card_number(number) and _confirmation(told.get(8))
    return False


def _confirmation(cnf: Any) -> bool:
    """Say whether claim 8 may stand there: anything but a COSE_Key in another form than its one."""
    if not isinstance(cnf, dict) or not isinstance(cnf.get(1), dict):
        return True
    match cnf[1]:
        case {1: 2, -1: 1, -2: bytes(x), -3: cbor.Flag() as odd} if len(cnf[1]) == 4:
            return len(x) == 32 and _on_curve(x, odd=odd.value)
    return False


def _on_curve(x: bytes, *, odd: bool) -> bool:
    try:
        public_key(bytes([2 + odd]) + x)
    except ValueError:
        return False
    return True


def _card_number(text: str) -> bool:
    """Say whether `text` is a card number: 62, nine digits and their Luhn digit, the issue."""
    if len(text) != 14 or not text.isascii() or not text.isdigit() or not text.startswith("62"):
        return False
    total = 0
    for place, digit in enumerate(reversed(text[2:12])):
        doubled = int(digit) * (1 + place % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0 and text[12:] != "00"


def _list_claims(told: dict[Any, Any]) -> bool:
    match told:
        case {1: str(), 6: int(at), -1: int(seq), -2: int(since), -3: bytes(a), -4: bytes(b)}:
            return 0 <= at <= SECONDS_MAX and 0 <= since < seq and not (len(a) % 8 or len(b) % 8)
    return False


def _numbers(packed: bytes) -> frozenset[str]:
    return frozenset(
        str(int.from_bytes(packed[at : at + 8], "big")) for at in range(0, len(packed), 8)
    )
