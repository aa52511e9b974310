"""Where a card was shown, as an SVG drawn from the boundaries that the database has.

No tiles and no other host. Near the equator a degree is as long either way, so the drawing is not
projected. Only numbers and names of areas go into the markup; names are escaped.
"""

from collections.abc import Sequence

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from betang.areas.outline import Outline, Window, outlines
from betang.web.cards.sightings import Sighting

WIDTH, HEIGHT = 400, 300
#: Room around the points, and the least window: a village and its neighbours.
MARGIN = 0.25
LEAST_DEGREES = 0.3
#: More names than this cover the map.
NAMES_MAX = 8
#: Marks nearer than this (in the drawing's units) share one number label.
NEAR = 13
#: More spans than this run over the edge; the list has them all.
SPANS_MAX = 3
#: A letter and a line of a name, and half of what a mark with its numbers takes.
LETTER, LINE, MARK_WIDTH = 5.5, 13.0, 30.0


def drawn_map(
    seen: Sequence[Sighting], names: dict[int, str], home: tuple[float, float] | None
) -> SafeString | None:
    """Draw the sightings that have a place, and the card's own village; None where nobody knows."""
    points = [(one.lng, one.lat) for one in seen if one.lat is not None and one.lng is not None]
    if not points:
        return None
    window = _window(points + ([(home[1], home[0])] if home else []))
    areas = sorted(outlines(window), key=lambda area: -area.ground)
    parts = [_area(area, window) for area in areas]
    parts += _names(areas, names, window, points)
    if home:
        x, y = _at(window, home[1], home[0])
        parts.append(f'<path class="home" d="M{x - 6:.1f} {y:.1f}l6-6l6 6v6h-12z"/>')
    parts += _marks(seen, window)
    return mark_safe("".join(parts))  # noqa: S308


def mark(place: str, x: float, y: float, *, flagged: bool, colour: str) -> str:
    """Draw one sighting: a circle, or a diamond where a rule saw something, and its number."""
    kind = "flagged" if flagged else colour
    shape = (
        f'<path d="M{x:.1f} {y - 7:.1f}l7 7l-7 7l-7-7z"/>'
        if flagged
        else f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5"/>'
    )
    return (
        f'<g class="sighting {kind}">{shape}'
        f'<text x="{x + 9:.1f}" y="{y + 4:.1f}">{place}</text></g>'
    )


def _marks(seen: Sequence[Sighting], window: Window) -> list[str]:
    """Draw the marks; those that lie on each other share a label (`3, 5, 7`)."""
    groups: list[tuple[float, float, list[Sighting]]] = []
    for one in seen:
        if one.lat is None or one.lng is None:
            continue
        x, y = _at(window, one.lng, one.lat)
        for gx, gy, group in groups:
            if abs(gx - x) < NEAR and abs(gy - y) < NEAR:
                group.append(one)
                break
        else:
            groups.append((x, y, [one]))
    marks = []
    for x, y, group in sorted(groups, key=lambda each: any(one.flagged for one in each[2])):
        flagged = any(one.flagged for one in group)
        marks.append(mark(numbered(group), x, y, flagged=flagged, colour=group[-1].row.colour))
    return marks


def numbered(group: Sequence[Sighting]) -> str:
    """Write the numbers of a group, those that follow each other as a span: `1–6, 9`."""
    spans: list[list[int]] = []
    for one in group:
        if spans and one.place == spans[-1][1] + 1:
            spans[-1][1] = one.place
        else:
            spans.append([one.place, one.place])
    told = [str(low) if low == high else f"{low}–{high}" for low, high in spans]
    return ", ".join(told[:SPANS_MAX]) + ("…" if len(told) > SPANS_MAX else "")


def _window(points: Sequence[tuple[float, float]]) -> Window:
    """Frame the points with a margin, in the drawing's proportion."""
    lngs, lats = [lng for lng, _ in points], [lat for _, lat in points]
    width = max(max(lngs) - min(lngs), LEAST_DEGREES) * (1 + 2 * MARGIN)
    height = max(max(lats) - min(lats), LEAST_DEGREES) * (1 + 2 * MARGIN)
    width = max(width, height * WIDTH / HEIGHT)
    height = width * HEIGHT / WIDTH
    x, y = (max(lngs) + min(lngs)) / 2, (max(lats) + min(lats)) / 2
    return Window(x - width / 2, y - height / 2, x + width / 2, y + height / 2)


def _at(window: Window, lng: float, lat: float) -> tuple[float, float]:
    x = (lng - window.west) / (window.east - window.west) * WIDTH
    return x, (window.north - lat) / (window.north - window.south) * HEIGHT


def _area(area: Outline, window: Window) -> str:
    rings = (
        "M" + "L".join("{:.1f} {:.1f}".format(*_at(window, *point[:2])) for point in ring) + "z"
        for ring in area.rings
    )
    return f'<path class="ground" d="{"".join(rings)}"/>'


def _names(
    areas: Sequence[Outline],
    names: dict[int, str],
    window: Window,
    points: Sequence[tuple[float, float]],
) -> list[str]:
    """Write the names of the largest areas, each where it covers neither a mark nor another."""
    taken = [(*_at(window, lng, lat), MARK_WIDTH) for lng, lat in points]
    drawn = []
    for area in areas[:NAMES_MAX]:
        name = names.get(area.code, "")
        half = len(name) * LETTER / 2
        x, y = _at(window, *area.inner)
        x = min(max(x, half), WIDTH - half)
        free = (y, y + LINE, y - LINE, y + 2 * LINE, y - 2 * LINE)
        places = [each for each in free if LINE < each < HEIGHT and _is_free(x, each, half, taken)]
        if name and places:
            taken.append((x, places[0], half))
            drawn.append(
                f'<text class="name" x="{x:.1f}" y="{places[0]:.1f}">{escape(name)}</text>'
            )
    return drawn


def _is_free(x: float, y: float, half: float, taken: Sequence[tuple[float, float, float]]) -> bool:
    return all(abs(tx - x) > half + wide or abs(ty - y) > LINE for tx, ty, wide in taken)
