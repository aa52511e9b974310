"""Days at points: the list with its counts, by date, area and state."""

from datetime import date

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from betang.accounts.access import areas_of, covers, may, within
from betang.core.clock import WIB
from betang.distribution.models import Day
from betang.distribution.queue import counts_of
from betang.monitoring import board
from betang.web.guard import StaffRequest, rule
from betang.web.shell.asked import whole
from betang.web.shell.paging import in_order, page_of

STATES = (
    ("planned", "Direncanakan"),
    ("opened", "Dibuka"),
    ("closed", "Ditutup"),
    ("cancelled", "Dibatalkan"),
)


@rule("day.see")
def days(request: StaffRequest) -> HttpResponse:
    """List the days of one's areas from a date on, with what became of their queues."""
    own = in_reach(request.user)
    rows, today = own, timezone.now().astimezone(WIB).date()
    since, until = asked_date(request, "dari"), asked_date(request, "sampai")
    if since:
        rows = rows.filter(held_on__gte=since)
    if until:
        rows = rows.filter(held_on__lte=until)
    state = request.GET.get("keadaan", "")
    if state in dict(STATES):
        rows = rows.filter(state=state)
    area = whole(request.GET.get("wilayah", "").replace(".", ""))
    if area and len(str(area)) <= 10:
        rows = rows.filter(within("point__village__code", [area]))
    filtered = bool(since or until or state or area)
    page = page_of(request, in_order(rows.select_related("point", "cycle"), ("held_on", "pk")))
    counts = counts_of(page.object_list)
    facts = {
        "title": "Hari penyaluran",
        "lead": "Satu titik, satu tanggal: siapa diundang, siapa sudah dilayani, apa yang tersisa.",
        "page": page,
        "days": [(one, counts[one.pk]) for one in page],
        "whole": own.count() if filtered else None,
        "filtered": filtered,
        "states": STATES,
        "names": board.names(),
        "today": today,
        "may_plan": may(request.user, "day.plan"),
    }
    return render(request, "distribution/days.html", facts)


def in_reach(user: object, permission: str = "day.see") -> QuerySet[Day]:
    """Give the days at points of the areas that `user` reaches."""
    areas = areas_of(user, permission)
    rows = Day.objects.all()
    if any(covers(area, 62) for area in areas):
        return rows
    return rows.filter(within("point__village__code", areas))


def asked_date(request: StaffRequest, name: str) -> date | None:
    """Read a date of the address; None for anything else."""
    try:
        return date.fromisoformat(request.GET.get(name, ""))
    except ValueError:
        return None
