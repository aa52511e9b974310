"""Cards that nobody has: faces for looking at a design, with the longest names there are."""

import random
from datetime import date
from functools import cache

from betang.cards.faces import Face
from betang.core.identity.card_number import card_number
from betang.core.identity.household_number import household_number

#: Of at most 40 bytes each, which is what a card's name is cut to: wide capitals in two ways of
#: breaking, letters with marks, an apostrophe, one long word, one short one.
WORST_NAMES = (
    "MUHAMMAD WAHYUNINGSIH KUSUMAWARDHANI MAM",
    "HJ. SITI MUTHMAINNAH WIDYANINGRUM BT. M.",
    "KUSUMAWARDHANININGRUMWATI",
    "Pŏnyang d’Ésa Sumiati Binti Abdurahm",
    "Eka",
)
SAMPLE_NAME = "Nyai Undang Sumiati"
#: As many characters as a signed token has at most.
TOKEN_CHARACTERS = 366
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"


def sample_face(name: str = SAMPLE_NAME, *, serial: int = 11866024) -> Face:
    """Make a face of nobody: its code has the size of a real one, and no signature."""
    return Face(card_number(household_number(serial), 1), name, token(serial), date(2031, 12, 28))


@cache
def token(serial: int) -> str:
    """Make text of the length and letters of the longest signed token."""
    chosen = random.Random(serial)  # noqa: S311 - nothing secret: the same picture each time
    return "HC" + "".join(chosen.choices(ALPHABET, k=TOKEN_CHARACTERS - 2))
