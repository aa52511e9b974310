"""The household number: nine digits, the first not 0, and a Luhn digit over them.

It is ours: it stays when the KK number changes. Source: docs/protocols/list.md.
"""

from betang.core.identity.check_digit import luhn_digit, passes_luhn

LENGTH = 10
#: Numbers are handed out in a full cycle over this range, so that neighbours in a list are not
#: neighbours in number; the step shares no factor with the range.
RANGE = 900_000_000
FIRST = 100_000_000
STEP = 618_033_989


def household_number(serial: int) -> str:
    """Make the number of the `serial`-th household (twin of the SQL function of the registry)."""
    nine = str(FIRST + serial * STEP % RANGE)
    return nine + luhn_digit(nine)


def is_household_number(text: str) -> bool:
    """Tell whether `text` has the form and the check digit of a household number."""
    return len(text) == LENGTH and text[0] != "0" and passes_luhn(text)
