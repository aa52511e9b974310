"""Cycles: planned, opened, closed, and how far each area has come."""

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from betang.accounts.access import areas_of, may
from betang.core.errors import FieldsError
from betang.distribution.ask import ask_opening
from betang.eligibility.models import Enrolment
from betang.errands.ask import latest
from betang.errands.models import Errand
from betang.monitoring import board
from betang.monitoring.cycles import end_cycle
from betang.programmes.cycles import plan_cycle
from betang.programmes.models import Benefit, Cycle, Programme
from betang.web.guard import StaffRequest, rule
from betang.web.monitoring.board import area_rows
from betang.web.shell.asked import Form, act
from betang.web.shell.errands import part
from betang.web.shell.errands import shown as shown_errand

#: The route that answers how far the opening of a cycle is.
PROGRESS = "cycle_progress"


class DateFormError(FieldsError):
    """A date was not written as a date."""

    code = "form.date"
    sentence = "Tanggal belum lengkap."
    do = "Pilih tanggal dari kalender, atau ketik seperti 2026-11-12."


class NotSureError(FieldsError):
    """The box that says one has read what will happen was not ticked."""

    code = "cycle.not_sure"
    sentence = "Centang kotak ini sebagai tanda bahwa akibatnya sudah Anda baca."
    do = "Baca apa yang akan terjadi, centang, lalu tekan tombolnya lagi."


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
    return _page(request, uuid, Form(request))


@require_POST
@rule("cycle.manage")
def open_it(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Ask for a cycle to be opened, or for the families enrolled since to be taken in."""
    form = Form(request)
    shown = get_object_or_404(Cycle, uuid=uuid)

    def doing() -> Errand:
        _sure(form, "sure_open")
        return ask_opening(shown, actor=request.user.actor, at=timezone.now())

    if act(request, doing, "Pembukaan diminta; kemajuannya tampil di halaman ini.", form=form):
        return redirect("cycle", uuid)
    return _page(request, uuid, form)


@require_POST
@rule("cycle.manage")
def close_it(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Close a cycle."""
    form = Form(request)
    shown = get_object_or_404(Cycle, uuid=uuid)

    def doing() -> Cycle:
        _sure(form, "sure_close")
        return end_cycle(shown, actor=request.user.actor, at=timezone.now())

    if act(request, doing, "Tahap ditutup.", form=form):
        return redirect("cycle", uuid)
    return _page(request, uuid, form)


@rule("cycle.see")
def progress(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Answer how far the opening of a cycle is."""
    errand = get_object_or_404(Errand, uuid=uuid, kind=Errand.Kind.OPEN)
    return part(request, shown_errand(errand, PROGRESS))


def _page(request: StaffRequest, uuid: UUID, form: Form) -> HttpResponse:
    shown = get_object_or_404(Cycle.objects.select_related("programme"), uuid=uuid)
    areas = areas_of(request.user, "cycle.see")
    villages = board.villages(shown.pk, areas)
    phones = board.on_phones(shown.pk, areas)
    facts: dict[str, Any] = {
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
    errand = latest(Errand.Kind.OPEN, shown.uuid)
    told = shown_errand(errand, PROGRESS) if errand else None
    whole = facts["whole"]
    facts |= {
        "form": form,
        "errand": told,
        "shown": told,
        "unserved": (whole.due or 0) - (whole.served or 0),
        "unpaid": (whole.bank_due or 0) - (whole.paid or 0),
    }
    return render(request, "programmes/cycle.html", facts, status=422 if form.wrong else 200)


def _sure(form: Form, name: str) -> None:
    """Refuse unless the box was ticked that says what will happen."""
    if form.get(name) != "yes":
        raise NotSureError(field=name)


def _date(form: Form, name: str) -> date:
    try:
        return date.fromisoformat(form.get(name))
    except ValueError as error:
        raise DateFormError(field=name) from error
