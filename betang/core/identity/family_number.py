"""No. KK: the sixteen digits of a Kartu Keluarga, AAAAAA DDMMYY SSSS (area, day of issue, serial).

The number changes when the card is issued again after a split, a move or a death, so it names a
family today and is no key for ever. That form is customary, not law (domain.md 3.1): only what is
certainly wrong is a fault.
"""

from enum import StrEnum

LENGTH = 16


class FamilyNumberFault(StrEnum):
    """Why a text is not a KK number."""

    LENGTH = "length"
    DIGITS = "digits"
    AREA = "area"


def family_number_fault(text: str) -> FamilyNumberFault | None:
    """Say what is wrong with a KK number, or None if it is well formed."""
    if not text.isascii() or not text.isdigit():
        return FamilyNumberFault.DIGITS
    if len(text) != LENGTH:
        return FamilyNumberFault.LENGTH
    if not "11" <= text[:2] <= "97":
        return FamilyNumberFault.AREA
    return None
