"""The signed list of cards that are trusted no more, verified on the phone.

Normative: `docs/protocols/revocation.md`; cases: `vectors/revocation.json`. It has a number that
rises, the moment of its signing, and is complete or a delta on an earlier number. A missing card
number means nothing: only that this list, as old as it is, does not name it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import cbor2

from betang.core.card import cbor
from betang.core.card.cose import CoseRefusedError, Sealer, open_message, take_apart
from betang.core.crypto.keyring import Keyring, NotTrustedError, Purpose

ISS, IAT = 1, 6
SEQ, SINCE, REVOKED, SUPERSEDED = -1, -2, -3, -4
NUMBER_BYTES = 8
_DAY_S = 86_400
_TIME_MAX = 253_402_300_799


class ListRefusedError(Exception):
    """The list is not ours, or not one to trust. `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class RevocationList:
    """A verified list. `since` is 0 for a complete one, else the number it is a delta on."""

    issuer: str
    seq: int
    issued_at: datetime
    since: int
    revoked: frozenset[str]
    superseded: frozenset[str]

    def says(self, card_number: str) -> str | None:
        """Give `card.revoked` or `card.superseded` for a card that the list names."""
        if card_number in self.revoked:
            return "card.revoked"
        return "card.superseded" if card_number in self.superseded else None

    def age_days(self, at: datetime) -> int:
        """Give the whole days since it was signed; where the clock runs behind, 0."""
        return _days(self.issued_at, at)

    def after(self, held: "RevocationList | None") -> "RevocationList":
        """Give the list to hold when this one arrives beside `held`.

        Raises `ListRefusedError`: `list.older` for a lower number (a rollback), `list.gap` for a
        delta on a number that is not held.
        """
        if held is not None and self.seq < held.seq:
            raise ListRefusedError("list.older")
        if self.since == 0:
            return self
        if held is None or held.since != 0 or held.seq < self.since:
            raise ListRefusedError("list.gap")
        revoked = held.revoked | self.revoked
        superseded = (held.superseded | self.superseded) - revoked
        return RevocationList(self.issuer, self.seq, self.issued_at, 0, revoked, superseded)


def sign_list(
    *,
    issuer: str,
    seq: int,
    issued_at: datetime,
    since: int,
    revoked: Iterable[str],
    superseded: Iterable[str],
    kid: int,
    sign: Callable[[bytes], bytes],
) -> bytes:
    """Write a list; `sign` gives r || s of the list key numbered `kid`."""
    payload = {
        ISS: issuer,
        IAT: int(issued_at.timestamp()),
        SEQ: seq,
        SINCE: since,
        REVOKED: _packed(revoked),
        SUPERSEDED: _packed(superseded),
    }
    return Sealer(Purpose.LIST, kid, sign).message(cbor2.dumps(payload))


def read_list(data: bytes, ring: Keyring, *, issuer: str) -> RevocationList:
    """Verify a list; raises `ListRefusedError`, never anything else."""
    try:
        payload, key = open_message(data, ring, Purpose.LIST)
        read = _read(cbor.decode(payload))
        if read.issuer != issuer:
            raise ListRefusedError("list.other_issuer")
        ring.trusted(key.kid, Purpose.LIST, signed_at=read.issued_at)
    except CoseRefusedError as error:
        raise ListRefusedError(error.code if "." in error.code else f"list.{error.code}") from None
    except NotTrustedError as error:
        raise ListRefusedError(error.code) from None
    except cbor.NotOurCborError:
        raise ListRefusedError("list.malformed") from None
    return read


def read_own(data: bytes) -> tuple[RevocationList, int]:
    """Read a list that we signed ourselves, and the number of the key that signed it.

    It is not verified: for the office, which keeps what it gave out. Raises `ListRefusedError`.
    """
    try:
        payload, kid = take_apart(data, Purpose.LIST)
        return _read(cbor.decode(payload)), kid
    except (CoseRefusedError, cbor.NotOurCborError):
        raise ListRefusedError("list.malformed") from None


def trust_age_days(
    held: RevocationList | None, ring_issued_at: datetime, at: datetime
) -> int | None:
    """Give the age of what a phone believes: of its list or its ring, whichever is older.

    A thief who keeps a new ring away keeps a stolen key alive, as one who keeps a list away keeps a
    blocked card. None where there is no list.
    """
    if held is None:
        return None
    return max(held.age_days(at), _days(ring_issued_at, at))


def _days(since: datetime, at: datetime) -> int:
    return max(0, int((at - since).total_seconds()) // _DAY_S)


def _read(payload: object) -> RevocationList:
    match payload:
        case {
            1: str(issuer),
            6: int(issued),
            -1: int(seq),
            -2: int(since),
            -3: bytes(revoked),
            -4: bytes(superseded),
        } if 0 <= issued <= _TIME_MAX and 0 <= since < seq:
            return RevocationList(
                issuer=issuer,
                seq=seq,
                issued_at=datetime.fromtimestamp(issued, UTC),
                since=since,
                revoked=_unpacked(revoked),
                superseded=_unpacked(superseded),
            )
        case _:
            raise ListRefusedError("list.malformed")


def _packed(numbers: Iterable[str]) -> bytes:
    """Write card numbers as sorted 8-byte integers, so that a phone can search them as they are."""
    return b"".join(n.to_bytes(NUMBER_BYTES, "big") for n in sorted({int(n) for n in numbers}))


def _unpacked(packed: bytes) -> frozenset[str]:
    if len(packed) % NUMBER_BYTES:
        raise ListRefusedError("list.malformed")
    return frozenset(
        str(int.from_bytes(packed[at : at + NUMBER_BYTES], "big"))
        for at in range(0, len(packed), NUMBER_BYTES)
    )
