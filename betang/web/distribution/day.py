"""One day at a point: its queue, who serves it, told beside the books; changing the plan."""

from datetime import date, time
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from betang.accounts.access import may
from betang.accounts.models import User
from betang.areas.models import DistributionPoint
from betang.core.clock import WIB
from betang.core.errors import FieldsError, NotAllowedError
from betang.distribution import change_day as change
from betang.distribution import day_books as books
from betang.distribution.models import Day
from betang.distribution.queue import counts_of, queue_of
from betang.journal.models import Entry
from betang.monitoring import board
from betang.monitoring.looks import listed
from betang.registry.models import Household
from betang.sync.read_said import open_attachment
from betang.web.distribution.days import in_reach
from betang.web.guard import StaffRequest, rule
from betang.web.shell.asked import Form, act, named

TOLD = {
    "day.moved": "Hari dipindahkan",
    "day.cancelled": "Hari dibatalkan",
    "day.opened": "Dibuka di lapangan",
    "day.opened_though_cancelled": "Dibuka di lapangan meskipun dibatalkan",
    "day.closed": "Ditutup di lapangan",
    "day.differs": "Hitungan petugas berbeda dari catatan",
    "day.printed": "Dicetak",
}
#: The uuid of nothing, where a form names none.
NO_UUID = UUID(int=0)
SAID = {
    "move": "Hari dipindahkan. Gawai menerimanya pada sinkronisasi berikutnya.",
    "cancel": "Hari dibatalkan. Rencanakan lagi untuk mengundang keluarganya.",
    "invite": "Keluarga mendapat nomor antrean di hari yang baru.",
    "home": "Bantuan keluarga ini diantar ke rumah.",
    "point": "Keluarga ini datang ke titik lagi.",
}


class DayTypedError(FieldsError):
    """A field of a change cannot be read, or names nothing."""

    code = "day.typed"
    sentence = "Isian ini tidak terbaca atau tidak ada pada daftar."
    do = "Pilih dari daftar, dan isi tanggal dan jam seperti pada contoh."


@rule("day.see")
def day(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Show one day."""
    return _page(request, _found(request, uuid), Form(request))


@require_POST
@rule("day.plan")
def change_one(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Move or cancel a day."""
    shown, form = _planned_by(request, uuid), Form(request)
    moving = form.get("do") == "move"

    def doing() -> object:
        return (_moved if moving else _cancelled)(request, shown, form)

    done = act(request, doing, SAID["move" if moving else "cancel"], form=form)
    return redirect("day", uuid) if done is not None else _page(request, shown, form)


@require_POST
@rule("day.plan")
def change_family(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Give a family of the queue a place in another day, or have it served at home or here."""
    shown, form = _planned_by(request, uuid), Form(request)
    invited = {place.household for place in queue_of(shown)}
    chosen = named(form.get("household"))
    family = Household.objects.get(uuid=chosen) if chosen in invited else None
    doing_now = form.get("do")

    def doing() -> bool:
        actor, now = request.user.actor, timezone.now()
        if family is None:
            raise DayTypedError(field="household")
        if doing_now == "home":
            change.serve_at_home(family, form.get("home_reason"), actor=actor, at=now)
        elif doing_now == "point":
            change.serve_at_point(family, actor=actor, at=now)
        else:
            to = (
                in_reach(request.user, "day.plan")
                .filter(uuid=named(form.get("to")) or NO_UUID)
                .first()
            )
            if to is None or to.cycle_id != shown.cycle_id:
                raise DayTypedError(field="to")
            change.invite(family, to, actor=actor, at=now)
        return True

    done = act(request, doing, SAID.get(doing_now, SAID["invite"]), form=form)
    return redirect("day", uuid) if done else _page(request, shown, form)


def _found(request: StaffRequest, uuid: UUID, permission: str = "day.see") -> Day:
    rows = in_reach(request.user, permission).select_related("point__village", "cycle")
    return get_object_or_404(rows, uuid=uuid)


def _planned_by(request: StaffRequest, uuid: UUID) -> Day:
    """Find a day that one may see; refuse where one may not plan it."""
    shown = _found(request, uuid)
    if not may(request.user, "day.plan", shown.point.village_id):
        raise NotAllowedError
    return shown


def _moved(request: StaffRequest, shown: Day, form: Form) -> Day:
    point = DistributionPoint.objects.filter(uuid=named(form.get("point")) or NO_UUID).first()
    now = timezone.now()
    try:
        to_on = date.fromisoformat(form.get("to_on"))
        opens, closes = (time.fromisoformat(form.get(name)) for name in ("opens", "closes"))
    except ValueError as error:
        raise DayTypedError(field="to_on") from error
    return change.move_day(
        shown,
        to_on=to_on,
        today=now.astimezone(WIB).date(),
        reason=form.get("reason"),
        note=form.get("note"),
        to_point=point,
        opens=opens,
        closes=closes,
        actor=request.user.actor,
        at=now,
    )


def _cancelled(request: StaffRequest, shown: Day, form: Form) -> int:
    return change.cancel_day(
        shown,
        reason=form.get("reason"),
        note=form.get("note"),
        actor=request.user.actor,
        at=timezone.now(),
    )


def _page(request: StaffRequest, shown: Day, form: Form) -> HttpResponse:
    queue, told = queue_of(shown), books.told(shown)
    village, now = shown.point.village_id, timezone.now()
    with transaction.atomic():
        listed(len(queue), searched=False, actor=request.user.actor, at=now, area=village)
    plans = may(request.user, "day.plan", village)
    other_days = (
        in_reach(request.user, "day.plan")
        .filter(cycle_id=shown.cycle_id, state__in=["planned", "opened"])
        .filter(held_on__gte=now.astimezone(WIB).date())
        .exclude(pk=shown.pk)
        .select_related("point")
    )
    facts: dict[str, Any] = {
        "title": shown.point.name,
        "crumbs": [("/hari/", "Hari penyaluran")],
        "day": shown,
        "village": board.names().get(village, str(village)),
        "count": counts_of([shown])[shown.pk],
        "queue": queue,
        "told": [(one, _words(one)) for one in told],
        "serving": books.serving(shown),
        "goods": books.goods(shown),
        "reason": change.REASONS.get(shown.reason or "", ""),
        "note": change.note_of(shown) if plans else "",
        "history": _history(shown),
        "may_plan": plans,
        "may_change": plans and shown.state == "planned",
        "reasons": change.REASONS.items(),
        "home_reasons": change.HOME_REASONS,
        "points": DistributionPoint.objects.filter(village_id=village, active=True),
        "other_days": sorted(
            other_days.order_by("held_on", "pk")[:200],
            key=lambda one: (one.point.village_id != village, one.held_on, one.pk),
        )[:50]
        if plans
        else [],
        "form": form,
    }
    return render(request, "distribution/day.html", facts, status=422 if form.wrong else 200)


def _words(told: books.Told) -> dict[str, str]:
    """Open the words of a closing: its witness and note."""
    name = told.part.attachment_sha256
    said = open_attachment(bytes(name)) if name else {}
    return {key: str(said.get(key) or "")[:500] for key in ("witness_name", "note")}


def _history(shown: Day) -> list[tuple[Entry, str, str]]:
    people = {user.uuid: user.full_name for user in User.objects.all()}
    entries = Entry.objects.filter(subject=shown.uuid, kind__in=TOLD).order_by("-id")[:30]
    return [(entry, TOLD[entry.kind], people.get(entry.actor_uuid, "")) for entry in entries]
