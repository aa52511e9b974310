"""Our own ornaments, each drawn as vectors into a box: a longhouse, a river, carving, weave, fern.

Coordinates are points from the lower left corner of the card. What an ornament needs besides its
own colour it mixes from that and the ground of the side.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

from betang.cards.ink import Colour, Ink


class Box(NamedTuple):
    """Where an ornament is drawn."""

    x: float
    y: float
    width: float
    height: float


def mixed(one: Colour, other: Colour, share: float) -> Colour:
    """Mix two colours: `share` of `one`, the rest of `other`."""
    red, green, blue = (a * share + b * (1 - share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def longhouse(ink: Ink, box: Box, tone: Colour, ground: Colour) -> None:
    """Draw a longhouse: a long roof with a raised end, a row of rooms, posts above the water."""
    light, roof, deep = mixed(tone, ground, 0.52), mixed(tone, ground, 0.58), tone
    unit = box.height / 100
    left, right = box.x, box.x + box.width
    floor, eaves, ridge = box.y + 38 * unit, box.y + 62 * unit, box.y + 91 * unit
    step = 30 * unit
    ink.fill(light)
    posts = max(2, int((right - left - 14 * unit) / step))
    for post in range(posts + 1):
        ink.box(left + 8 * unit + post * step, box.y, 4.6 * unit, floor - box.y)
    ink.box(left, floor, right - left - 8 * unit, eaves - floor)
    ink.fill(ground)
    for room in range(posts):
        ink.box(left + 20 * unit + room * step, floor + 7 * unit, 11 * unit, 11 * unit)
    ink.fill(mixed(tone, ground, 0.7))
    ink.box(left, floor - 5 * unit, right - left - 4 * unit, 5 * unit)
    ink.fill(roof)
    ink.shape(
        (left, eaves - 3 * unit), (right + 2 * unit, eaves - 3 * unit),
        (right - 5 * unit, eaves + 8 * unit), (right - 18 * unit, ridge + 9 * unit),
        (right - 29 * unit, ridge), (left, ridge),
    )  # fmt: skip
    ink.stroke(ground, 1.5 * unit)
    for row, short in ((8, 4), (17, 12), (26, 20)):
        ink.line((left, eaves + row * unit), (right - short * unit, eaves + row * unit))
    ink.stroke(deep, 2.6 * unit)
    ink.line((left, ridge), (right - 29 * unit, ridge), (right - 18 * unit, ridge + 9 * unit))
    ink.stroke(mixed(tone, ground, 0.7), 3.4 * unit)
    for rail in (0, 9):
        ink.line((right - (52 - rail) * unit, box.y), (right - (26 - rail) * unit, floor))


def river(ink: Ink, box: Box, tone: Colour, ground: Colour) -> None:
    """Draw water with three lines of waves above it, deeper towards its lower edge."""
    band = box.height * 0.6
    ink.fill(tone)
    ink.box(box.x, box.y, box.width, band)
    length = box.height * 1.1
    count = math.ceil(box.width / length) + 1
    for row, (share, width) in enumerate(((0.3, 0.035), (0.65, 0.04), (1.0, 0.055))):
        ink.stroke(mixed(tone, ground, share), box.height * width)
        start = box.x - length * (0.2 + 0.3 * row)
        ink.wave(start, box.y + band + box.height * (0.29 - 0.12 * row), length, 1.6, count)
    ink.fill(mixed(tone, (0, 0, 0), 0.74))
    ink.box(box.x, box.y, box.width, box.height * 0.2)


def carved_edge(ink: Ink, box: Box, tone: Colour, ground: Colour) -> None:
    """Draw a row of small triangles under a line, as carved eaves have."""
    line = box.height * 0.3
    ink.fill(tone)
    ink.box(box.x, box.y + box.height - line, box.width, line)
    teeth = max(1, round(box.width / (box.height * 0.9)))
    step, top = box.width / teeth, box.y + box.height - line
    for tooth in range(teeth):
        x = box.x + tooth * step
        ink.shape((x, top), (x + step, top), (x + step / 2, box.y))


def weave(ink: Ink, box: Box, tone: Colour, ground: Colour) -> None:
    """Draw rows of diamonds within diamonds, as woven rattan has; whole ones only."""
    cells = max(1, round(box.width / box.height))
    step, half = box.width / cells, box.height / 2
    middle = box.y + half
    for cell in range(cells):
        x = box.x + (cell + 0.5) * step
        for share, colour in ((1.0, tone), (0.66, ground), (0.36, tone)):
            ink.fill(colour)
            reach, high = step / 2 * share, half * share
            ink.shape(
                (x - reach, middle), (x, middle + high), (x + reach, middle), (x, middle - high)
            )


def tendril(ink: Ink, box: Box, tone: Colour, ground: Colour) -> None:
    """Draw curled fern shoots to the left and right of a wavy stem."""
    pitch = box.height * 1.25
    count = max(1, math.floor(box.width / pitch))
    pitch = box.width / count
    ink.stroke(tone, box.height * 0.055)
    middle = box.y + box.height / 2
    for shoot in range(count):
        x, up = box.x + shoot * pitch, 1 if shoot % 2 == 0 else -1
        bend = box.height * 0.16 * up
        ink.curve((x, middle), (x + pitch / 3, middle - bend), (x + 2 * pitch / 3, middle - bend),
                  (x + pitch, middle))  # fmt: skip
        _curl(ink, x + pitch * 0.56, middle + bend * 0.5, box.height * 0.3, up)


def _curl(ink: Ink, x: float, y: float, radius: float, up: int) -> None:
    """Draw a spiral of one turn and a half, inwards."""
    points = []
    for step in range(25):
        turn = step / 24 * 3 * math.pi
        reach = radius * (1 - 0.78 * step / 24)
        points.append((
            x + radius * 0.35 - math.cos(turn) * reach,
            y + up * (math.sin(turn) * reach + radius * 0.35),
        ))  # fmt: skip
    ink.line(*points)


DRAWN: dict[str, Callable[[Ink, Box, Colour, Colour], None]] = {
    "longhouse": longhouse,
    "river": river,
    "carved_edge": carved_edge,
    "weave": weave,
    "tendril": tendril,
}


def tap_sign(ink: Ink, box: Box, tone: Colour, ground: Colour) -> None:
    """Draw the place to tap: the card, with its house, and three waves."""
    unit = box.width / 100
    middle = box.y + box.height / 2
    ink.fill(tone)
    ink.rounded(box.x, middle - 19 * unit, 58 * unit, 38 * unit, 5 * unit)
    ink.fill(ground)
    x = box.x + 10 * unit
    ink.shape((x, middle), (x + 38 * unit, middle), (x + 32 * unit, middle + 10 * unit),
              (x + 6 * unit, middle + 10 * unit))  # fmt: skip
    ink.box(x + 5 * unit, middle - 10 * unit, 28 * unit, 7 * unit)
    ink.stroke(tone, 3.8 * unit)
    for radius in (10, 19, 28):
        ink.arc_cup(box.x + 69 * unit, middle, radius * unit)
