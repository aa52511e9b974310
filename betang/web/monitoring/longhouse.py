"""The longhouse as SVG: one cell a village, one drawing a regency, all the same height.

Numbers only go into the markup (codes and heights), so it is built by joining strings; the 1,571
cells of a page cost a few milliseconds that way. `design/scripts/longhouse.ts` is its twin.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils.safestring import SafeString, mark_safe

from betang.monitoring.board import OnPhones, Village

#: Villages stand in columns of this many; 121 columns make the province.
STOREYS = 14
#: A cell's place and its room, in the drawing's own units.
PITCH_X, PITCH_Y = 10, 24
WIDTH = 8
ROOM = 20
FLOOR = 21
#: A phone that was silent for longer makes what is known of its village old.
OLD_AFTER = timedelta(hours=24)


class Room(NamedTuple):
    """One regency's cells: how many columns they take, and the drawing."""

    area: int
    columns: int
    width: int
    drawing: SafeString


def room(area: int, villages: list[Village], phones: dict[int, OnPhones], *, at: datetime) -> Room:
    """Draw the cells of one regency (or district), column by column from the left."""
    columns = max(1, -(-len(villages) // STOREYS))
    parts = [
        _cell(village, phones.get(village.code), number // STOREYS, number % STOREYS, at)
        for number, village in enumerate(villages)
    ]
    return Room(area, columns, columns * PITCH_X, mark_safe("".join(parts)))  # noqa: S308


def height(part: int | None, whole: int | None) -> float:
    """Give how high a cell fills: a line for the first family, never full before the last."""
    if not part or not whole:
        return 0.0
    return min(ROOM - 0.6 if part < whole else ROOM, max(0.8, part / whole * ROOM))


def _cell(village: Village, held: OnPhones | None, column: int, storey: int, at: datetime) -> str:
    x, y = column * PITCH_X + 1, storey * PITCH_Y
    known = village.due is not None or village.issued is not None
    waiting = min(held.rights, max(0, (village.due or 0) - (village.served or 0))) if held else 0
    old = held is not None and waiting > 0 and at - held.heard_at > OLD_AFTER
    second = height(village.served, village.due)
    told = height(waiting, village.due) if old else 0.0
    classes = ["cell"]
    if not known:
        classes.append("unknown")
    elif not village.due and not village.issued:
        classes.append("nothing")
    if old:
        classes.append("old")
    if village.contested:
        classes.append("alarm")
    top = y + FLOOR - ROOM
    return (
        f'<g id="v{village.code}" class="{" ".join(classes)}" data-y="{y}" '
        f'data-served="{second:.1f}" data-count="{village.served or 0}">'
        f'<rect class="ground" x="{x}" y="{top}" width="{WIDTH}" height="{ROOM}"/>'
        + _fill("first", x, y, height(village.handed_over, village.issued), 0)
        + _fill("second", x, y, second, 0)
        + _fill("told", x, y, told, second)
        + f'<path class="clock" d="M{x + 1.2} {top + 5}a2.800 2.800 0 1 0 5.600 0a2.800 2.800 0 1 0'
        f'-5.600 0M{x + 4} {top + 3.4}V{top + 5}H{x + 5.4}"/>'
        f'<rect class="edge" x="{x}" y="{top}" width="{WIDTH}" height="{ROOM}"/></g>'
    )


def _fill(kind: str, x: int, y: int, tall: float, above: float) -> str:
    """Draw a fill that stands on the floor, or `above` it."""
    return (
        f'<rect class="{kind}" x="{x}" y="{y + FLOOR - tall - above:.1f}" '
        f'width="{WIDTH}" height="{tall:.1f}"/>'
    )
