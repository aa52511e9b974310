"""NIK: PPKKCC DDMMYY SSSS, the sixteen digits of a person in the population register.

Source: domain.md 3.1. A NIK that passes here is well formed, not proven to exist; the area in it
is where the person was first registered, so a foreign prefix is ordinary and proves nothing.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

LENGTH = 16
#: Women are written with 40 added to the day of birth.
WOMAN_OFFSET = 40
#: Province codes of Kemendagri lie in this range (11 Aceh to 97 Papua Pegunungan).
PROVINCE_MIN, PROVINCE_MAX = 11, 97


class NikFault(StrEnum):
    """Why a text is not a NIK."""

    LENGTH = "length"
    DIGITS = "digits"
    AREA = "area"
    DATE = "date"
    SERIAL = "serial"


@dataclass(frozen=True, slots=True)
class Nik:
    """A well-formed NIK taken apart. `year` has two digits: the century is not in the number."""

    text: str
    area: int
    day: int
    month: int
    year: int
    sex: str
    serial: int

    def born_on(self, *, today: date) -> date:
        """Choose the century so that the person is not born after `today`, else the nearest.

        Somebody of 100 and a newborn can look the same: ask a document where it matters.
        """
        year = self.year + (today.year // 100) * 100
        born = date(year, self.month, self.day) if _exists(year, self.month, self.day) else None
        if born is None or born > today:
            return date(year - 100, self.month, self.day)
        return born


def read_nik(text: str) -> Nik | NikFault:
    """Take a NIK apart, or say what is wrong with it. No spaces are forgiven here."""
    if not text.isascii() or not text.isdigit():
        return NikFault.DIGITS
    if len(text) != LENGTH:
        return NikFault.LENGTH
    area = int(text[:6])
    if (
        not PROVINCE_MIN <= area // 10_000 <= PROVINCE_MAX
        or not area // 100 % 100
        or not area % 100
    ):
        return NikFault.AREA
    day, month, year = int(text[6:8]), int(text[8:10]), int(text[10:12])
    sex = "P" if day > WOMAN_OFFSET else "L"
    day -= WOMAN_OFFSET if sex == "P" else 0
    if not (_exists(1900 + year, month, day) or _exists(2000 + year, month, day)):
        return NikFault.DATE
    serial = int(text[12:])
    if serial == 0:
        return NikFault.SERIAL
    return Nik(text, area, day, month, year, sex, serial)


def make_nik(*, area: int, born_on: date, sex: str, serial: int) -> str:
    """Write a NIK from its parts; `area` is a six-digit Kemendagri district code."""
    day = born_on.day + (WOMAN_OFFSET if sex == "P" else 0)
    return f"{area:06d}{day:02d}{born_on.month:02d}{born_on.year % 100:02d}{serial:04d}"


def mask(number: str) -> str:
    """Show the ends of a NIK or KK number and hide the rest: `6201••••••••0001`."""
    if len(number) <= 8:
        return "•" * len(number)
    return number[:4] + "•" * (len(number) - 8) + number[-4:]


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
