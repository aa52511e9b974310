"""The editor's form: a layout as fields with their words, and what was typed as a layout again."""

from typing import Any, NamedTuple

from django.http import QueryDict

from betang.cards.design.finding import Finding
from betang.cards.design.language import FIELDS, KINDS, SIDE_WORDS, Field
from betang.cards.design.layout import Layout, Part, written

#: How a field's type is typed in.
INPUTS = {"dots": "number", "count": "number", "size": "number", "text": "text", "colour": "color"}


class Typed(NamedTuple):
    """One field of one part as the form shows it."""

    name: str
    field: Field
    input: str
    value: Any
    low: str
    high: str
    step: str
    wrong: str


class Shown(NamedTuple):
    """One part with its fields, its place for the handles, and what was found about it."""

    name: str
    part: Part
    label: str
    fields: list[Typed]
    findings: list[Finding]
    corner: tuple[int, int, int, int]


class ShownSide(NamedTuple):
    """One side: its ground, its parts, the kinds that could be added."""

    name: str
    words: str
    ground: str
    parts: list[Shown]
    addable: list[tuple[str, str]]


def shown(layout: Layout, findings: list[Finding], wrong: dict[str, str]) -> list[ShownSide]:
    """Give both sides as the form shows them."""
    sides = []
    for name, side in layout.sides:
        parts = [_part(name, part, findings, wrong) for part in side.parts]
        present = {part.kind for part in side.parts}
        addable = [
            (kind, told.label)
            for kind, told in KINDS.items()
            if name in told.sides and not (told.once and kind in present)
        ]
        sides.append(ShownSide(name, SIDE_WORDS[name], side.ground, parts, addable))
    return sides


def told_from(typed: QueryDict, layout: Layout) -> dict[str, Any]:
    """Give what was typed as JSON values of a layout; what is no number stays what it is.

    The reader of layouts refuses it then, and names the field.
    """
    told = written(layout)
    for side in SIDE_WORDS:
        told[side]["ground"] = typed.get(f"{side}.ground", told[side]["ground"])
        for part in told[side]["parts"]:
            for each in KINDS[part["kind"]].fields:
                name = f"{side}.{part['id']}.{each}"
                if FIELDS[each].type == "tick":
                    part[each] = typed.get(name) == "yes"
                elif name in typed:
                    part[each] = _read(FIELDS[each], str(typed[name]).strip())
    return told


def _part(side: str, part: Part, findings: list[Finding], wrong: dict[str, str]) -> Shown:
    name = f"{side}.{part.id}"
    fields = []
    for each in KINDS[part.kind].fields:
        spec = FIELDS[each]
        value = part[each]
        fields.append(
            Typed(
                f"{name}.{each}",
                spec,
                INPUTS.get(spec.type, spec.type),
                f"{value:g}" if spec.type == "size" else value,
                f"{spec.low:g}",
                f"{spec.high:g}",
                "0.1" if spec.type == "size" else "1",
                wrong.get(f"{name}.{each}", ""),
            )
        )
    left, top, right, bottom = part.box
    about = [each for each in findings if (each.side, each.part) == (side, part.id)]
    return Shown(name, part, part.words, fields, about, (left, top, right - left, bottom - top))


def _read(spec: Field, text: str) -> Any:
    """Read a number as a number; what is none stays text, which the layout refuses."""
    if spec.type not in {"dots", "count", "size"} or not text.isascii():
        return text
    try:
        return float(text.replace(",", ".")) if spec.type == "size" else int(text)
    except ValueError:
        return text
