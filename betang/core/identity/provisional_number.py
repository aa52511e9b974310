"""The provisional registration number: `S-6562-3076`, seven digits and a Luhn digit over them.

A companion writes it on paper for a family that is in no list yet. The letter (*sementara*) and the
grouping keep it apart from household and card numbers, which are digits only. It gives no right.
"""

import re

from betang.core.identity.check_digit import luhn_digit, passes_luhn

#: Handed out in a full cycle over this range, so that neighbours in time are not neighbours in
#: number and one misread digit meets nobody; the step shares no factor with the range.
RANGE = 9_000_000
FIRST = 1_000_000
STEP = 5_562_307

_FORM = re.compile(r"S-([1-9][0-9]{3})-([0-9]{4})")


def provisional_number(serial: int) -> str:
    """Make the `serial`-th number (twin of the SQL function of the registry)."""
    seven = str(FIRST + serial * STEP % RANGE)
    return f"S-{seven[:4]}-{seven[4:]}{luhn_digit(seven)}"


def is_provisional_number(text: str) -> bool:
    """Tell whether `text` has the form and the check digit of a provisional number."""
    match = _FORM.fullmatch(text)
    return match is not None and passes_luhn(match[1] + match[2])
