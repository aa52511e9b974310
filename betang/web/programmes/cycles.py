"""Cycles: planned, opened, closed, and how far each area has come."""

from datetime import date
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from betang.accounts.access import areas_of, may
from betang.core.errors import FieldsError
from betang.distribution.open_cycle import open_cycle
from betang.eligibility.models import Enrolment
from betang.monitoring import board
from betang.monitoring.cycles import end_cycle
from betang.programmes.cycles import plan_cycle
from betang.programmes.models import Benefit, Cycle, Programme
from betang.web.guard import StaffRequest, rule
from betang.web.monitoring.board import area_rows
from betang.web.shell.asked import Form, act


class DateFormError(FieldsError):
    """A date was not written as a date."""

    code = "form.date"
    sentence = "Tanggal belum lengkap."
    do = "Pilih tanggal dari kalender, atau ketik seperti 2026-11-12."


@rule("cycle.see")
def cycles(request: StaffRequest) -> HttpResponse:
    """List the cycles; a POST plans a new one."""
    form = Form(request)
    may_manage = may(request.user, "cycle.manage")
    if request.method == "POST" and may_manage:

        def doing() -> Cycle:
            programme = get_object_or_404(Programme, code=form.get("programme"))
            return plan_cycle(
                programme,
                code=form.get("code"),
                name=form.get("name"),
                opens_on=_date(form, "opens_on"),
                closes_on=_date(form, "closes_on"),
                actor=request.user.actor,
                at=timezone.now(),
            )

        planned = act(request, doing, "Tahap direncanakan.", form=form)
        if planned:
            return redirect("cycle", planned.uuid)
    areas = areas_of(request.user, "cycle.see")
    rows = [
        (each, board.total(board.villages(each.pk, areas)))
        for each in Cycle.objects.select_related("programme").order_by("-opens_on")
    ]
    facts = {
        "title": "Tahap penyaluran",
        "lead": "Satu tahap memberi setiap keluarga penerima satu kali setiap jenis bantuan.",
        "rows": rows,
        "programmes": Programme.objects.order_by("code"),
        "form": form,
        "may_manage": may_manage,
    }
    return render(request, "programmes/cycles.html", facts, status=422 if form.wrong else 200)


@rule("cycle.see")
def cycle(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Show one cycle: what it promises and its progress by area."""
    shown = get_object_or_404(Cycle.objects.select_related("programme"), uuid=uuid)
    areas = areas_of(request.user, "cycle.see")
    villages = board.villages(shown.pk, areas)
    phones = board.on_phones(shown.pk, areas)
    facts = {
        "title": f"{shown.name}",
        "crumbs": [("/tahap/", "Tahap penyaluran")],
        "cycle": shown,
        "benefits": Benefit.objects.filter(programme=shown.programme).order_by("id"),
        "whole": board.total(villages),
        "lines": area_rows(villages, 4, board.names(), phones),
        "on_phones": sum(held.rights for held in phones.values()),
        "now": timezone.now(),
        "enrolled": Enrolment.objects.filter(
            programme=shown.programme, until_on__isnull=True
        ).count(),
        "may_manage": may(request.user, "cycle.manage"),
    }
    return render(request, "programmes/cycle.html", facts)


@require_POST
@rule("cycle.manage")
def open_it(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Open a cycle: every enrolled household gets its entitlements."""
    shown = get_object_or_404(Cycle, uuid=uuid)
    act(
        request,
        lambda: open_cycle(shown, actor=request.user.actor, at=timezone.now()),
        "Tahap dibuka; alokasi setiap keluarga sudah dibuat.",
    )
    return redirect("cycle", uuid)


@require_POST
@rule("cycle.manage")
def close_it(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Close a cycle."""
    shown = get_object_or_404(Cycle, uuid=uuid)
    act(
        request,
        lambda: end_cycle(shown, actor=request.user.actor, at=timezone.now()),
        "Tahap ditutup.",
    )
    return redirect("cycle", uuid)


def _date(form: Form, name: str) -> date:
    try:
        return date.fromisoformat(form.get(name))
    except ValueError as error:
        raise DateFormError(field=name) from error
