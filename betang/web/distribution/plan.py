"""Planning the days of a cycle: typed, shown, and made only when somebody says yes."""

from datetime import date, time
from typing import NamedTuple

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from betang.accounts.access import may
from betang.core.clock import WIB
from betang.core.errors import FieldsError, NotAllowedError, RefusedError
from betang.core.money import number
from betang.distribution import plan
from betang.programmes.models import Cycle
from betang.web.guard import StaffRequest, rule
from betang.web.shell.asked import Form, act, whole


class PlanTypedError(FieldsError):
    """A field of the plan cannot be read."""

    code = "plan.typed"
    sentence = "Isian ini tidak terbaca: {what}."
    do = "Tanggal seperti 2026-11-12, jam seperti 08:00, gelombang seperti: 620101 2026-11-12."


class Asked(NamedTuple):
    """What the form asks for."""

    cycle: Cycle
    waves: list[plan.Wave]
    shape: plan.Shape


@rule("day.plan")
def plan_page(request: StaffRequest) -> HttpResponse:
    """Show what a plan would make; with `do=plan` make it."""
    form, shown = Form(request), None
    now = timezone.now()
    today = now.astimezone(WIB).date()
    if request.method == "POST" and form.get("do") == "plan":

        def doing() -> plan.Planned:
            asked = _asked(request, form)
            return plan.plan_days(*asked, today=today, actor=request.user.actor, at=now)

        done = act(request, doing, "Rencana dibuat dan keluarga diundang.", form=form)
        if done is not None:
            return redirect("days")
    elif request.method == "POST":
        try:
            with transaction.atomic():
                shown = plan.preview(*_asked(request, form), today=today)
        except RefusedError as refusal:
            form.refuse(refusal)
    facts = {
        "title": "Rencanakan hari penyaluran",
        "lead": "Setiap keluarga penerima bantuan langsung diundang ke satu hari di satu titik.",
        "crumbs": [("/hari/", "Hari penyaluran")],
        "form": form,
        "shown": shown,
        "late": shown is not None and _late(form, shown),
        "cycles": Cycle.objects.filter(state="open").order_by("-code"),
        "today": today,
        "shape": plan.Shape(),
        "typed_sundays": form.get("sundays") == "1",
        "button": f"Ya, undang {number(shown.families + shown.waiting_for_point)} keluarga"
        if shown
        else "",
    }
    return render(request, "distribution/plan.html", facts, status=422 if form.wrong else 200)


def _asked(request: StaffRequest, form: Form) -> Asked:
    cycle = Cycle.objects.filter(code=form.get("cycle"), state="open").order_by("-pk").first()
    if cycle is None:
        raise PlanTypedError(field="cycle", what="tahap")
    waves = _waves(form)
    for wave in waves:
        if not may(request.user, "day.plan", wave.area):
            raise NotAllowedError(field="area")
    shape = plan.Shape(
        opens=_time(form, "opens"),
        closes=_time(form, "closes"),
        per_day=whole(form.get("per_day")) or 0,
        slot_minutes=whole(form.get("slot_minutes")) or 0,
        sundays=form.get("sundays") == "1",
    )
    return Asked(cycle, waves, shape)


def _waves(form: Form) -> list[plan.Wave]:
    """Read the first wave from its two fields and more from their lines."""
    lines = [("area", f"{form.get('area')} {form.get('first_on')}")]
    lines += [("waves", line) for line in form.get("waves").splitlines() if line.strip()]
    waves = []
    for field, line in lines:
        code, _, on = line.strip().replace(".", "").partition(" ")
        area = whole(code)
        try:
            first_on = date.fromisoformat(on.strip())
        except ValueError as error:
            wrong = "first_on" if field == "area" else field
            raise PlanTypedError(field=wrong, what=line.strip()[:40] or "tanggal") from error
        if area is None or not 2 <= len(code) <= 10:
            raise PlanTypedError(field=field, what=code[:20] or "wilayah")
        waves.append(plan.Wave(area, first_on))
    return waves


def _time(form: Form, name: str) -> time:
    try:
        return time.fromisoformat(form.get(name))
    except ValueError as error:
        raise PlanTypedError(field=name, what=form.get(name)[:10] or "jam") from error


def _late(form: Form, shown: plan.Preview) -> bool:
    """Say whether the plan goes past the end of its cycle."""
    cycle = Cycle.objects.filter(code=form.get("cycle")).order_by("-pk").first()
    return cycle is not None and any(one.last_on > cycle.closes_on for one in shown.districts)
