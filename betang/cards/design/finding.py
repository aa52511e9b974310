"""What a check found: which rule, on which side, at which part, and what to do about it."""

from typing import NamedTuple

from betang.cards.design.language import SIDE_WORDS
from betang.cards.design.layout import Part


class Finding(NamedTuple):
    """One fault of a design; `part` is the name of the part, empty where it is the whole side."""

    code: str
    side: str
    part: str
    sentence: str
    do: str


def found(code: str, side: str, part: Part | None, what: str, do: str) -> Finding:
    """Write a finding; its sentence begins with where it is."""
    where = f"Sisi {SIDE_WORDS[side]}"
    if part is not None:
        where += f", «{part.words}»"
    return Finding(code, side, part.id if part else "", f"{where}: {what}", do)
