"""Drawing a side of a design: once what is the same on every card, then what is each card's own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import zxingcpp

from betang.cards.design import ornaments
from betang.cards.design.language import (
    BACK_MODULE_DOTS,
    FRAME,
    MODULE_DOTS,
    QUIET,
    TEXT_KINDS,
)
from betang.cards.design.layout import ADVICE_SECOND, ASCENT, PITCH, Part, Side
from betang.cards.design.ornaments import Box
from betang.cards.design.picture import Picture, fitted
from betang.cards.ink import DOT, HEIGHT, WIDTH, WOOD_DEEP, Colour, Ink, colour
from betang.cards.typeset import BOLD, REGULAR, Typeface, typeface
from betang.core.clock import day

QR_VERSION, BACK_QR_VERSION = 11, 3
#: Letters between which a little air is set: only those that are all capitals.
UPPER_TRACKING = 0.35
NUMBER_TRACKING = 0.2
WATERMARK = "CONTOH"


def spaced(number: str) -> str:
    """Write a card number in groups that are read aloud: 62 1234 5678 97 01."""
    return " ".join((number[:2], number[2:6], number[6:10], number[10:12], number[12:]))


#: The parts whose words are each card's own, and where the words come from.
OWN: dict[str, Callable[[Any], str]] = {
    "family_name": lambda face: str(face.name),
    "number": lambda face: spaced(face.number),
    "valid_until": lambda face: day(face.expires_on),
}


@dataclass(slots=True)
class Drawn:
    """A side, drawn: one stream for all cards, and for each card the operators of its own parts."""

    common: bytes
    own: list[Callable[[Any], str]]
    characters: set[str] = field(default_factory=set)


def drawn(
    side: Side,
    *,
    card_name: str,
    issuer: str,
    host: str,
    sample: bool,
    pictures: Mapping[str, Picture],
) -> Drawn:
    """Draw a side; `sample` writes CONTOH over its design and under what must be read."""
    ink, ground = Ink(), colour(side.ground)
    result = Drawn(b"", [], set(WATERMARK))
    fixed = {"card_name": card_name, "issuer": issuer, "address": f"{host}/k"}
    _decorations(ink, side, ground)
    if sample:
        _watermark(ink)
    for part in side.parts:
        box = box_of(part)
        if part.kind == "tap_sign":
            ornaments.tap_sign(ink, box, colour(part["colour"]), ground)
        elif part.kind == "logo" and part["picture"] in pictures:
            ink.operators.append(fitted(pictures[part["picture"]], *box))
        elif part.kind == "advice":
            result.characters.update(part["title"], part["text"])
            _advice(ink, part, box)
        elif part.kind in {"qr", "back_qr"}:
            _field(ink, part, box)
            result.own.append(_code(part, box, host))
        elif part.kind in OWN:
            result.own.append(_words(part))
        elif part.kind in TEXT_KINDS:
            text = cased(part, fixed.get(part.kind) or part["text"])
            result.characters.update(text)
            ink.operators.append(_set(part, text))
    result.common = ink.content()
    return result


def cased(part: Part, text: str) -> str:
    """Write a text in capitals where the part says so."""
    return text.upper() if part.said.get("upper") else text


def box_of(part: Part) -> Box:
    """Give a part's box in points from the lower left corner."""
    left, top, right, bottom = part.box
    return Box(left * DOT, HEIGHT - bottom * DOT, (right - left) * DOT, (bottom - top) * DOT)


def face_of(part: Part) -> Typeface:
    """Give the typeface a part of text is set in."""
    return typeface(BOLD if part["weight"] == "bold" else REGULAR)


def tracking_of(part: Part) -> float:
    """Give the air between the letters of a part of text, in points."""
    if part.said.get("upper"):
        return UPPER_TRACKING
    return NUMBER_TRACKING if part.kind == "number" else 0.0


def sizes_of(part: Part) -> tuple[float, ...]:
    """Give the sizes that a part's text may be set in, from the largest down, by half points."""
    size, least = part["size"], part.said.get("size_min", part["size"])
    sizes = [size - half / 2 for half in range(int((size - least) * 2) + 1)]
    return tuple(sizes if sizes[-1] == least else [*sizes, least])


def broken(part: Part, text: str) -> tuple[float, list[str]]:
    """Break a part's text into its lines, at the largest size that holds all of it."""
    return face_of(part).lines(
        text, part["w"] * DOT, sizes_of(part), part.said.get("lines", 1), tracking=tracking_of(part)
    )


def holds(part: Part, text: str) -> bool:
    """Say whether the whole of `text` stands in the part's box, nothing cut, nothing over."""
    size, lines = broken(part, text)
    face, air = face_of(part), tracking_of(part)
    return " ".join(lines) == " ".join(text.split()) and all(
        face.width(line, size, tracking=air) <= part["w"] * DOT + 0.01 for line in lines
    )


def _set(part: Part, text: str) -> str:
    """Give the operators that set a part's text in its box."""
    size, lines = broken(part, text)
    return _paint(part["colour"]) + " ".join(_placed(part, lines, size))


def _placed(part: Part, lines: list[str], size: float) -> list[str]:
    face, air = face_of(part), tracking_of(part)
    left, width = part["x"] * DOT, part["w"] * DOT
    y = HEIGHT - part["y"] * DOT - ASCENT * part["size"]
    placed = []
    for line in lines:
        x = left
        if part["align"] != "left":
            spare = width - face.width(line, size, tracking=air)
            x += spare if part["align"] == "right" else spare / 2
        placed.append(face.show(line, x, y, size, tracking=air))
        y -= size * PITCH
    return placed


def _paint(tone: str) -> str:
    red, green, blue = colour(tone)
    return f"{red:.3f} {green:.3f} {blue:.3f} rg\n"


def _words(part: Part) -> Callable[[Any], str]:
    """Make what sets a part whose words are each card's own."""
    said = OWN[part.kind]
    return lambda face: _set(part, said(face))


def _advice(ink: Ink, part: Part, box: Box) -> None:
    size = part["size"]
    first = box.y + box.height - ASCENT * size
    second = size * ADVICE_SECOND
    ink.fill(colour(part["mark"]))
    ink.box(box.x, first - 0.14 * size, 2, size * 0.98)
    inset = box.x + 7
    for text, weight, tone, size_, y in (
        (part["title"], BOLD, "colour", size, first),
        (part["text"], REGULAR, "soft", second, first - size * 1.2),
    ):
        ink.fill(colour(part[tone]))
        ink.operators.append(typeface(weight).show(text, inset, y, size_))


def _field(ink: Ink, part: Part, box: Box) -> None:
    """Draw a code's ground: its quiet zone and a frame around it, so that no corner is touched."""
    frame = FRAME * DOT
    ink.fill(colour(part["light"]))
    ink.rounded(box.x - frame, box.y - frame, box.width + 2 * frame, box.height + 2 * frame, 3)


def _code(part: Part, box: Box, host: str) -> Callable[[Any], str]:
    front = part.kind == "qr"
    module = (MODULE_DOTS if front else BACK_MODULE_DOTS) * DOT
    quiet = QUIET * module
    x, y = box.x + quiet, box.y + box.height - quiet
    if front:
        return lambda face: runs(face.qr, module, QR_VERSION, x, y, part["dark"])
    fixed = runs(f"https://{host}/k", module, BACK_QR_VERSION, x, y, part["dark"])
    return lambda _face: fixed


def runs(text: str, module: float, version: int, x: float, y: float, dark: str = "#000000") -> str:
    """Give a QR code as horizontal runs of dark modules, its upper left corner at (x, y).

    One matrix maps modules to points, so that the numbers are small integers on whole dots.
    """
    code = zxingcpp.create_barcode(
        text, zxingcpp.BarcodeFormat.QRCode, ec_level="M", version=version
    )
    light = np.asarray(code.to_image(scale=1, add_quiet_zones=False))
    black = np.zeros((light.shape[0], light.shape[1] + 2), dtype=np.int8)
    black[:, 1:-1] = light == 0
    change = np.diff(black, axis=1)
    rows, starts = np.nonzero(change == 1)
    _, ends = np.nonzero(change == -1)
    boxes = " ".join(
        [
            f"{start} {row} {end - start} 1 re"
            for row, start, end in zip(rows.tolist(), starts.tolist(), ends.tolist(), strict=True)
        ]
    )
    red, green, blue = colour(dark)
    paint = f"{red:.3f} {green:.3f} {blue:.3f} rg" if dark != "#000000" else "0 g"
    return f"q {paint} {module:.2f} 0 0 {-module:.2f} {x:.2f} {y:.2f} cm {boxes} f Q"


def _decorations(ink: Ink, side: Side, ground: Colour) -> None:
    ink.fill(ground)
    ink.box(0, 0, WIDTH, HEIGHT)
    for part in side.parts:
        box, tone = box_of(part), colour(part.said.get("colour", side.ground))
        if part.kind == "ornament":
            ornaments.DRAWN[part["pattern"]](ink, box, tone, ground)
        elif part.kind == "box":
            ink.fill(tone)
            ink.rounded(*box, part["radius"] * DOT)


def _watermark(ink: Ink) -> None:
    """Write CONTOH large and slanted."""
    ink.operators.append("/Faint gs")
    ink.fill(WOOD_DEEP)
    face = typeface(BOLD)
    ink.operators.append(face.show_turned(WATERMARK, 22, 38, 38, cosine=0.9659, sine=0.2588))
    ink.operators.append("/Plain gs")
