"""The chip's counter against time, as an SVG: one chip's only rises, so a copy is seen at once."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.utils.safestring import SafeString, mark_safe

from betang.core.clock import WIB
from betang.web.cards.map import mark
from betang.web.cards.sightings import Sighting

WIDTH, HEIGHT = 400, 220
LEFT, RIGHT, TOP, BOTTOM = 34, 388, 16, 172
#: Where sightings without a chip stand: below the axis, since they have no counter.
WITHOUT_CHIP = 200
MONTHS = ("Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des")


class _Scale(NamedTuple):
    since: datetime
    until: datetime
    least: int
    most: int

    def x(self, at: datetime) -> float:
        whole = (self.until - self.since).total_seconds() or 1
        return LEFT + 14 + (at - self.since).total_seconds() / whole * (RIGHT - LEFT - 44)

    def y(self, counter: int) -> float:
        return (
            BOTTOM
            - 10
            - (counter - self.least) / ((self.most - self.least) or 1) * (BOTTOM - TOP - 20)
        )


def drawn_chart(seen: Sequence[Sighting]) -> SafeString | None:
    """Draw the chart; None where no chip was read."""
    counted = [one for one in seen if one.row.counter is not None]
    if not counted:
        return None
    counters = [one.row.counter or 0 for one in counted]
    scale = _Scale(
        min(one.row.at for one in seen), max(one.row.at for one in seen),
        min(counters), max(counters),
    )  # fmt: skip
    parts = _axes(scale)
    if len(counted) < len(seen):
        parts.append(f'<text class="tick" x="{LEFT - 30}" y="{WITHOUT_CHIP + 4}">QR</text>')
    good = [one for one in counted if not one.flagged and one.row.colour != "red"]
    if len(good) > 1:
        line = " ".join(f"{scale.x(one.row.at):.1f},{_y(scale, one):.1f}" for one in good)
        parts.append(f'<polyline class="rise" points="{line}"/>')
    for one in seen:
        y = _y(scale, one)
        if not one.row.online:
            since, until = max(one.lo, scale.since), min(one.hi, scale.until)
            if until > since:
                parts.append(
                    f'<line class="doubt" x1="{scale.x(since):.1f}" x2="{scale.x(until):.1f}" '
                    f'y1="{y:.1f}" y2="{y:.1f}"/>'
                )
    for one in sorted(seen, key=lambda each: each.flagged):
        x, y = scale.x(one.row.at), _y(scale, one)
        parts.append(mark(str(one.place), x, y, flagged=one.flagged, colour=one.row.colour))
    return mark_safe("".join(parts))  # noqa: S308


def _y(scale: _Scale, one: Sighting) -> float:
    return WITHOUT_CHIP if one.row.counter is None else scale.y(one.row.counter)


def _axes(scale: _Scale) -> list[str]:
    """Draw both axes with their ends: counters and days."""
    parts = [f'<path class="axis" d="M{LEFT} {TOP}V{BOTTOM}H{RIGHT}"/>']
    for counter in {scale.least, scale.most}:
        y = scale.y(counter)
        parts.append(f'<text class="tick left" x="{LEFT - 5}" y="{y + 4:.1f}">{counter}</text>')
    parts.append(f'<text class="tick" x="{LEFT}" y="{BOTTOM + 14}">{_day(scale.since)}</text>')
    if scale.until > scale.since:
        parts.append(
            f'<text class="tick left" x="{RIGHT}" y="{BOTTOM + 14}">{_day(scale.until)}</text>'
        )
    return parts


def _day(at: datetime) -> str:
    local = at.astimezone(WIB)
    return f"{local.day} {MONTHS[local.month - 1]} {local:%H.%M}"
