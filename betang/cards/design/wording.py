"""Whether words fit and can be written: no name cut, no letter missing, nothing too small."""

from collections.abc import Iterator, Sequence

from betang.cards.design.draw import cased, holds, spaced
from betang.cards.design.finding import Finding, found
from betang.cards.design.language import TEXT_KINDS
from betang.cards.design.layout import ADVICE_SECOND, Part, Side
from betang.cards.faces import Look
from betang.cards.ink import DOT
from betang.cards.typeset import BOLD, REGULAR, typeface

#: What people with tired eyes can still read on a card held in the hand.
SIZE_MIN = 5.0
#: Every digit as wide as any: a number of these is as long as a number gets.
LONGEST_NUMBER = spaced("6" * 14)
LONGEST_DAY = "28 September 2028"
ADVICE_INSET = 7


def worded(name: str, side: Side, look: Look, names: Sequence[str]) -> Iterator[Finding]:
    """Check the words of a side, with the longest names there are."""
    for part in side.parts:
        if part.kind == "advice":
            yield from _advice(name, part)
        if part.kind in TEXT_KINDS:
            yield from _small(name, part, part.said.get("size_min", part["size"]))
            yield from _fits(name, part, look, names)


def fixed_text(part: Part, look: Look) -> str:
    """Give the words of a part, the longest there can be where they are each card's own."""
    texts = {
        "card_name": look.card_name,
        "issuer": look.issuer,
        "address": f"{look.host}/k",
        "number": LONGEST_NUMBER,
        "valid_until": LONGEST_DAY,
    }
    return cased(part, texts.get(part.kind) or str(part.said.get("text", "")))


def _fits(name: str, part: Part, look: Look, names: Sequence[str]) -> Iterator[Finding]:
    if part.kind == "family_name":
        cut = [each for each in names if not holds(part, each)]
        if cut:
            longest = max(len(each) for each in cut)
            yield found(
                "name_cut", name, part,
                f"{len(cut)} dari {len(names)} nama yang dicoba terpotong; yang terpanjang "
                f"{longest} huruf.",
                "Lebarkan kotak nama, tambah barisnya, atau turunkan «Paling kecil (pt)».",
            )  # fmt: skip
        return
    text = fixed_text(part, look)
    yield from _letters(name, part, text, part["weight"])
    if not holds(part, text):
        yield found(
            "text_cut", name, part, "tulisannya lebih lebar daripada kotaknya.",
            "Lebarkan kotaknya, atau kecilkan hurufnya.",
        )  # fmt: skip


def _advice(name: str, part: Part) -> Iterator[Finding]:
    yield from _small(name, part, round(part["size"] * ADVICE_SECOND, 2))
    room = part["w"] * DOT - ADVICE_INSET
    for text, weight, size in (
        (part["title"], BOLD, part["size"]),
        (part["text"], REGULAR, part["size"] * ADVICE_SECOND),
    ):
        yield from _letters(name, part, text, "bold" if weight == BOLD else "regular")
        if typeface(weight).width(text, size) > room:
            yield found(
                "text_cut", name, part, f"«{text}» lebih lebar daripada kotaknya.",
                "Lebarkan kotaknya, kecilkan hurufnya, atau pendekkan kalimatnya.",
            )  # fmt: skip


def _small(name: str, part: Part, size: float) -> Iterator[Finding]:
    if size < SIZE_MIN:
        told = f"{size:g}".replace(".", ",")
        yield found(
            "text_small", name, part, f"hurufnya dapat sekecil {told} pt; paling kecil 5 pt.",
            "Besarkan hurufnya.",
        )  # fmt: skip


def _letters(name: str, part: Part, text: str, weight: str) -> Iterator[Finding]:
    face = typeface(BOLD if weight == "bold" else REGULAR)
    lacking = sorted({character for character in text if face.lacks(character)})
    if lacking:
        yield found(
            "glyph", name, part, f"huruf kartu tidak mempunyai tanda «{''.join(lacking)}».",
            "Tulis dengan tanda lain.",
        )  # fmt: skip
