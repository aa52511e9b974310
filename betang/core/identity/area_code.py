"""Area codes: Kemendagri's, BPS's, and the trap between them.

Kemendagri `PP.KK.CC.VVVV` (VVVV begins with 1 for a kelurahan, 2 for a desa, 3 for a desa adat);
BPS `PP KK CCC VVV`. Both write regencies with four digits and villages with ten, and from 6206 to
6213 the same four digits mean different regencies. So a number without its system is no place.
"""

from enum import IntEnum, StrEnum

PROVINCE = 62


class CodeSystem(StrEnum):
    """Who gave the number."""

    KEMENDAGRI = "kemendagri"
    BPS = "bps"


class Level(IntEnum):
    """How deep an area lies."""

    PROVINCE = 1
    REGENCY = 2
    DISTRICT = 3
    VILLAGE = 4


#: Digits of a Kemendagri code, by level.
KEMENDAGRI_LENGTHS = {
    Level.PROVINCE: 2,
    Level.REGENCY: 4,
    Level.DISTRICT: 6,
    Level.VILLAGE: 10,
}
BPS_LENGTHS = {Level.PROVINCE: 2, Level.REGENCY: 4, Level.DISTRICT: 7, Level.VILLAGE: 10}

#: Kemendagri regency -> BPS regency, where the digits differ (8 of 14).
BPS_REGENCY = {
    6206: 6209,
    6207: 6208,
    6208: 6206,
    6209: 6207,
    6210: 6211,
    6211: 6210,
    6212: 6213,
    6213: 6212,
}
KEMENDAGRI_REGENCY = {bps: ours for ours, bps in BPS_REGENCY.items()}


def read_area_code(text: str) -> int | None:
    """Read a Kemendagri code with or without dots as a number; None if it is none."""
    digits = text.replace(".", "").strip()
    if not digits.isascii() or not digits.isdigit():
        return None
    if len(digits) not in KEMENDAGRI_LENGTHS.values():
        return None
    return int(digits)


def dotted(code: int) -> str:
    """Write a Kemendagri code as decrees do: `62.01.01.1001`."""
    digits = str(code)
    parts = [digits[0:2], digits[2:4], digits[4:6], digits[6:10]]
    return ".".join(part for part in parts if part)


def level_of(code: int) -> Level:
    """Tell the level of a Kemendagri number by its size. Raises ValueError if it has none."""
    for level, length in KEMENDAGRI_LENGTHS.items():
        if len(str(code)) == length:
            return level
    raise ValueError("no area code has this many digits")


def parent_of(code: int) -> int | None:
    """Give the number of the area above, or None for a province."""
    level = level_of(code)
    if level is Level.PROVINCE:
        return None
    return code // (10_000 if level is Level.VILLAGE else 100)


def regency_of(code: int) -> int:
    """Give the regency or city of a district or village."""
    return int(str(code)[:4])


def kind_of(code: int, name: str = "") -> str:
    """Tell the kind of an area: by its level, its code, and for a city by its name."""
    level = level_of(code)
    if level is Level.VILLAGE:
        return "kelurahan" if code % 10_000 // 1_000 == 1 else "desa"
    if level is Level.REGENCY:
        return "kota" if code % 100 > 70 or name.upper().startswith("KOTA") else "kabupaten"
    return "provinsi" if level is Level.PROVINCE else "kecamatan"


def within(code: int, area: int) -> bool:
    """Tell whether `code` lies in `area`, or is it; both are Kemendagri numbers."""
    return str(code).startswith(str(area))
