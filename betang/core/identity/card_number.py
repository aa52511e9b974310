"""The card number: 62, the household number, and the issue as two digits.

The issue is checked by looking the card up, not by a digit of its own.
"""

from dataclasses import dataclass

from betang.core.identity.household_number import is_household_number

PROVINCE = "62"
LENGTH = 14
ISSUE_MAX = 99


@dataclass(frozen=True, slots=True)
class CardNumber:
    """A card number taken apart."""

    household_number: str
    issue: int

    def __str__(self) -> str:
        return f"{PROVINCE}{self.household_number}{self.issue:02d}"


def card_number(household_number: str, issue: int) -> str:
    """Write the number of the `issue`-th card (from 1) of a household. Raises ValueError."""
    if not is_household_number(household_number):
        raise ValueError("not a household number")
    if not 1 <= issue <= ISSUE_MAX:
        raise ValueError("an issue is 1 to 99")
    return str(CardNumber(household_number, issue))


def read_card_number(text: str) -> CardNumber | None:
    """Take a typed or scanned number apart; spaces and hyphens are forgiven. None if it is none."""
    digits = text.replace(" ", "").replace("-", "")
    if len(digits) != LENGTH or not digits.isascii() or not digits.isdigit():
        return None
    if not digits.startswith(PROVINCE) or not is_household_number(digits[2:12]):
        return None
    issue = int(digits[12:])
    return CardNumber(digits[2:12], issue) if issue >= 1 else None
