"""What a device told of a family that is in no list: read without trust, sealed as one text.

What cannot be read is left out and never refuses the family: people without papers are the reason
that this exists. A NIK or KK that is not well formed is kept as it was told, and not indexed.
"""

import re
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import orjson

from betang.core.identity.family_number import family_number_fault
from betang.core.identity.nik import Nik, read_nik
from betang.keys.sealing import blind_index_many, open_sealed, seal

NAME_LENGTH_MAX = 100
LINE_LENGTH_MAX = 200
NOTE_LENGTH_MAX = 1_000
#: A longhouse of three generations; an attachment of 8 KiB holds no more.
MEMBERS_MAX = 20
RELATIONS = frozenset({
    "spouse", "child", "child_in_law", "grandchild", "parent", "parent_in_law", "relative", "other",
})  # fmt: skip

_BORN = re.compile(r"[12][0-9]{3}(-[0-9]{2}-[0-9]{2})?")


@dataclass(frozen=True)
class Person:
    """Somebody of the family; `born` is a year or an ISO date, '' is unknown everywhere."""

    name: str
    relation: str = ""
    born: str = ""
    nik: str = ""

    @property
    def nik_read(self) -> Nik | None:
        """Take the NIK apart; None where there is none, or none that is well formed."""
        read = read_nik(self.nik)
        return read if isinstance(read, Nik) else None

    def born_on(self, *, today: date) -> date | None:
        """Give the day of birth, as told or as the NIK says; a year alone is no day."""
        if len(self.born) > 4:
            return date.fromisoformat(self.born)
        return self.nik_read.born_on(today=today) if self.nik_read else None


@dataclass(frozen=True)
class Told:
    """A family as it was told. The first of `people` is its head."""

    people: tuple[Person, ...]
    family_number: str = ""
    address: str = ""
    anchor: str = ""
    custodian: str = ""
    custodian_contact: str = ""
    note: str = ""

    @property
    def head_name(self) -> str:
        """Give the name of the head."""
        return self.people[0].name if self.people else ""

    @property
    def niks(self) -> list[str]:
        """Give the well-formed NIK of the family, each once."""
        return list(dict.fromkeys(one.nik for one in self.people if one.nik_read))

    @property
    def family_number_read(self) -> str:
        """Give the KK number where it is well formed."""
        good = self.family_number and family_number_fault(self.family_number) is None
        return self.family_number if good else ""


def read_told(private: dict[str, Any]) -> Told | None:
    """Read the attachment of `household.registered` (event.md, section 4); None: it tells nobody.

    Never raises: see the module.
    """
    head = Person(
        _line(private.get("head_name"), NAME_LENGTH_MAX),
        "head",
        _born(private.get("head_born")),
        _digits(private.get("head_nik")),
    )
    if not head.name:
        return None
    listed = private.get("members")
    members = listed[:MEMBERS_MAX] if isinstance(listed, list) else []
    people = [_person(member) for member in members if isinstance(member, dict)]
    return Told(
        people=(head, *(one for one in people if one.name)),
        family_number=_digits(private.get("family_number")),
        address=_line(private.get("address"), LINE_LENGTH_MAX),
        anchor=_line(private.get("anchor"), LINE_LENGTH_MAX),
        custodian=_line(private.get("custodian_name"), NAME_LENGTH_MAX),
        custodian_contact=_line(private.get("custodian_contact"), NAME_LENGTH_MAX),
        note=_line(private.get("note"), NOTE_LENGTH_MAX),
    )


def seal_told(told: Told) -> bytes:
    """Seal what was told."""
    return seal(orjson.dumps(asdict(told)))


def open_told(sealed: bytes | memoryview) -> Told:
    """Open what `seal_told` sealed."""
    said = orjson.loads(open_sealed(bytes(sealed)))
    said["people"] = tuple(Person(**one) for one in said["people"])
    return Told(**said)


def indexes_of(told: Told) -> tuple[list[bytes], bytes | None]:
    """Give the blind indexes of the family's NIK, and of its KK number."""
    kk = told.family_number_read
    return (
        blind_index_many("nik", told.niks),
        blind_index_many("family_number", [kk])[0] if kk else None,
    )


def _person(member: dict[str, Any]) -> Person:
    relation = member.get("relation")
    return Person(
        _line(member.get("name"), NAME_LENGTH_MAX),
        relation if relation in RELATIONS else "",
        _born(member.get("born")),
        _digits(member.get("nik")),
    )


def _line(value: object, most: int) -> str:
    """Read a line of text, without what a database cannot hold."""
    return value.replace("\0", "").strip()[:most] if isinstance(value, str) else ""


def _digits(value: object) -> str:
    """Read a number that people write with spaces and dots."""
    text = _line(value, 40)
    return re.sub(r"[\s.\-]", "", text)


def _born(value: object) -> str:
    text = _line(value, 10)
    if not _BORN.fullmatch(text):
        return ""
    try:
        date.fromisoformat(text if len(text) > 4 else f"{text}-01-01")
    except ValueError:
        return ""
    return text
