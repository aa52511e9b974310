"""The board: the longhouse, the table beside it, the live list. One page, three ways to look."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Max, Q
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from betang.accounts.access import PROVINCE, areas_of, covers, may, within
from betang.accounts.models import Device
from betang.areas.models import Area
from betang.cards.models import HandOverSession
from betang.core.clock import to_wire
from betang.journal import feed
from betang.monitoring import board as figures
from betang.monitoring.board import OnPhones, Totals, Village
from betang.monitoring.models import AlertState
from betang.monitoring.seen import alerts_in
from betang.monitoring.telling import tell
from betang.web.guard import StaffRequest, rule
from betang.web.monitoring import longhouse

#: Entries of the feed looked through for the live list at the first sight of the page.
LOOK_BACK = 300
LISTED = 14
#: A point that sent nothing for so long is told of beside the time (look.md).
SILENT_AFTER = timedelta(hours=24)


class Row(NamedTuple):
    """One line of the table, or one block of the house."""

    area: int
    name: str
    totals: Totals
    on_phones: int
    heard_at: datetime | None


@rule("board.see")
def board(request: StaffRequest) -> HttpResponse:
    """Show the board of the areas of this account."""
    now = timezone.now()
    facts = _facts(request, areas_of(request.user, "board.see"), now)
    facts["wall"] = request.GET.get("dinding") == "1"
    facts["table"] = request.GET.get("tampilan") == "tabel"
    facts["title"] = "Papan pantau"
    facts["regencies"] = area_rows(facts["rows"], 4, facts["names"], facts["phones"])
    facts["house"] = [
        (row, longhouse.room(row.area, villages, facts["phones"], at=now))
        for row, villages in zip(
            facts["regencies"], figures.by_area(facts["rows"], 4).values(), strict=True
        )
    ]
    return render(request, "monitoring/board.html", facts)


@rule("board.see")
def area(request: StaffRequest, code: int) -> HttpResponse:
    """Show one regency, district or village of the board."""
    if not may(request.user, "board.see", code):
        raise Http404
    place = Area.objects.filter(code=code, level__in=(2, 3, 4)).first()
    if place is None:
        raise Http404
    now = timezone.now()
    facts = _facts(request, [code], now)
    facts["place"] = place
    facts["title"] = facts["names"][code]
    above = [int(str(code)[:digits]) for digits in (4, 6) if digits < len(str(code))]
    facts["crumbs"] = [
        ("/", "Papan pantau"),
        *((f"/wilayah/{each}/", facts["names"][each]) for each in above),
    ]
    if place.level == 4:
        facts["devices"] = Device.objects.filter(areas__area_id__in=[code, code // 10_000])
        facts["devices"] = facts["devices"].select_related("owner").distinct()
        return render(request, "monitoring/village.html", facts)
    digits = 6 if place.level == 2 else 10
    facts["children"] = area_rows(facts["rows"], digits, facts["names"], facts["phones"])
    groups = figures.by_area(facts["rows"], 6)
    facts["house"] = [
        (
            facts["names"].get(each, str(each)),
            longhouse.room(each, villages, facts["phones"], at=now),
        )
        for each, villages in groups.items()
    ]
    return render(request, "monitoring/area.html", facts)


def _facts(request: StaffRequest, areas: list[int], now: datetime) -> dict[str, Any]:
    cycle = figures.shown_cycle()
    alerts = alerts_in(areas).filter(state=AlertState.OPEN).order_by("-last_at")
    position = feed.last_position()  # before the figures: what comes between is told again
    rows = figures.villages(cycle.pk if cycle else None, areas)
    phones = figures.on_phones(cycle.pk if cycle else None, areas)
    names = figures.names()
    return {
        "cycle": cycle,
        "rows": rows,
        "phones": phones,
        "names": names,
        "now": now,
        "whole": figures.total(rows),
        "on_phones": sum(held.rights for held in phones.values()),
        "silent": _silent(areas, now),
        "days_open": HandOverSession.objects.filter(
            within("village__code", areas), state="open"
        ).count(),
        "alerts": alerts[:6],
        "alert_count": alerts.count(),
        "may_alerts": may(request.user, "alert.see"),
        "may_cards": may(request.user, "card.see"),
        "live": _live(areas, names, position),
        "province": PROVINCE in areas,
        "script": {
            "rows": [_wire(row, phones.get(row.code)) for row in rows],
            "names": [[row.code, names.get(row.code, "")] for row in rows],
        },
        "stream": settings.STREAM_ORIGIN + "/live/",
        "position": position,
    }


def _silent(areas: list[int], now: datetime) -> dict[str, Any] | None:
    """Count the devices of these areas that have rights and have not spoken for a day."""
    silent = Device.objects.filter(
        _reach(areas),
        state="active",
        last_seen_at__lt=now - SILENT_AFTER,
    ).distinct()
    count = silent.count()
    oldest = silent.aggregate(oldest=Max("last_seen_at"))["oldest"]
    return {"count": count, "days": (now - oldest).days} if count and oldest else None


def _reach(areas: list[int]) -> Q:
    """Build the filter for devices whose own areas, of whatever level, lie inside `areas`."""
    codes = Area.objects.filter(level__lt=4).values_list("code", flat=True)
    wider = [code for code in codes if any(covers(each, code) for each in areas)]
    return within("areas__area__code", areas) | Q(areas__area_id__in=wider)


def _live(areas: list[int], names: dict[int, str], position: int) -> list[dict[str, Any]]:
    """Read the newest entries that are told on the board."""
    told = []
    for entry in reversed(feed.after(max(0, position - LOOK_BACK), LOOK_BACK)):
        seen = (
            PROVINCE in areas
            if entry.area is None
            else any(covers(own, entry.area) for own in areas)
        )
        place = names.get(entry.area) if entry.area else None
        sentence = tell(entry.kind, entry.facts, place) if seen else None
        if sentence:
            told.append({"at": entry.recorded_at, "text": sentence})
        if len(told) == LISTED:
            break
    return told


def area_rows(
    rows: list[Village], digits: int, names: dict[int, str], phones: dict[int, OnPhones]
) -> list[Row]:
    """Sum villages by the area whose code has `digits` digits: a line of a table each."""
    made = []
    for code, villages in figures.by_area(rows, digits).items():
        held = [phones[row.code] for row in villages if row.code in phones]
        made.append(
            Row(
                code,
                names.get(code, str(code)),
                figures.total(villages),
                sum(each.rights for each in held),
                min((each.heard_at for each in held), default=None),
            )
        )
    return made


def _wire(row: Village, held: OnPhones | None) -> list[Any]:
    phones = [held.rights, to_wire(held.heard_at)] if held else [0, None]
    return [*row, *phones]
