"""The presentations of a card as its investigation shows them: numbered, placed, and doubted."""

from datetime import datetime
from typing import Any, NamedTuple

from betang.accounts.models import Device, User
from betang.areas.models import Area
from betang.cards.clones.clues import certain_of
from betang.cards.models import Card, Presentation, Suspicion
from betang.core.card.verdict_texts import TEXTS

#: The newest so many are shown: a family uses its card a few times a month.
SHOWN_MAX = 200
#: A doubt longer than this is told in days.
DAY_S = 86_400


class Sighting(NamedTuple):
    """One presentation. `place` numbers it on the timeline, the map and the chart alike."""

    place: int
    row: Presentation
    lo: datetime
    hi: datetime
    lat: float | None
    lng: float | None
    where: str
    device: Device | None
    person: str
    flagged: bool
    sentence: str

    @property
    def doubt(self) -> str:
        """Say how far the time may be off, as a person would."""
        if self.row.online:
            return ""
        slack = max(
            (self.row.at - self.lo).total_seconds(), (self.hi - self.row.at).total_seconds()
        )
        if slack > DAY_S:
            return f"jam HP tidak terukur: bisa meleset {round(slack / DAY_S)} hari"
        return f"jam HP terukur: bisa meleset {max(1, round(slack / 60))} menit"


def sightings(card: Card, suspicions: list[Suspicion], names: dict[int, str]) -> list[Sighting]:
    """Read what was seen of `card`, the oldest first."""
    newest = Presentation.objects.filter(card=card).order_by("-at", "-id")[:SHOWN_MAX]
    rows = sorted(newest, key=lambda row: (row.at, row.pk))
    certain = certain_of(card.pk)
    # Both taps of a visit are wrong where one is.
    wrong = {(one.second.device, one.second.at) for one in suspicions if one.second}
    devices = _devices(rows)
    people = _people(rows)
    centres = _centres(rows)
    nearest = _nearest({_cell(row) for row in rows if row.lat is not None})
    return [
        Sighting(
            place,
            row,
            *certain.get(row.pk, (row.at, row.heard_at)),
            *_point_of(row, centres),
            _place_of(row, names, nearest),
            devices.get(row.device),
            people.get(row.actor, ""),
            (row.device, row.at) in wrong,
            TEXTS[row.reason].sentence if row.reason in TEXTS else row.reason,
        )
        for place, row in enumerate(rows, start=1)
    ]


def _devices(rows: list[Presentation]) -> dict[Any, Device]:
    named = {row.device for row in rows if row.device}
    return {
        device.uuid: device
        for device in Device.objects.filter(uuid__in=named).select_related("owner")
    }


def _people(rows: list[Presentation]) -> dict[Any, str]:
    actors = {row.actor for row in rows if row.actor}
    return dict(User.objects.filter(uuid__in=actors).values_list("uuid", "full_name"))


def _centres(rows: list[Presentation]) -> dict[int, tuple[float | None, float | None]]:
    villages = {row.village_id for row in rows if row.village_id}
    places = Area.objects.filter(code__in=villages).values_list("code", "lat", "lng")
    return {code: (lat, lng) for code, lat, lng in places}


def _point_of(
    row: Presentation, centres: dict[int, tuple[float | None, float | None]]
) -> tuple[float | None, float | None]:
    """Give the point of a presentation, or of its village."""
    if row.lat is not None:
        return row.lat, row.lng
    return centres.get(row.village_id or 0, (None, None))


def _place_of(
    row: Presentation, names: dict[int, str], nearest: dict[tuple[float, float], int]
) -> str:
    """Name the village, or the one whose middle is nearest to the point."""
    if row.village_id:
        return names.get(row.village_id, "")
    village = nearest.get(_cell(row)) if row.lat is not None else None
    return f"dekat {names.get(village, '')}" if village else ""


def _cell(row: Presentation) -> tuple[float, float]:
    """Give a point to a tenth of a kilometre: many sightings are at one landing."""
    return round(row.lat or 0, 3), round(row.lng or 0, 3)


def _nearest(cells: set[tuple[float, float]]) -> dict[tuple[float, float], int]:
    """Find the village whose middle is nearest, for each point."""
    if not cells:
        return {}
    villages = list(
        Area.objects.filter(level=4, lat__isnull=False).values_list("code", "lat", "lng")
    )
    return {
        (lat, lng): min(
            villages,
            key=lambda one: (float(one[1] or 0) - lat) ** 2 + (float(one[2] or 0) - lng) ** 2,
        )[0]
        for lat, lng in cells
        if villages
    }
