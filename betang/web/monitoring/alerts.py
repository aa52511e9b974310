"""Alerts: what needs a person's eye, and what came of it."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from betang.accounts.access import may
from betang.accounts.models import Device
from betang.cards.models import Card
from betang.core.card.verdict_texts import TEXTS
from betang.distribution.models import Day, Delivery
from betang.grievances.models import Case
from betang.journal.models import Entry
from betang.monitoring import board
from betang.monitoring.close import close
from betang.monitoring.models import AlertState, Severity
from betang.monitoring.seen import alerts_for
from betang.monitoring.telling import ALERTS
from betang.registry.models import Household
from betang.web.guard import StaffRequest, rule
from betang.web.shell.asked import Form, act
from betang.web.shell.listing import Column, ordered
from betang.web.shell.paging import page_of
from betang.web.shell.people import who

UUID_LETTERS = 36

COLUMNS = (
    Column("kapan", "Terakhir", ("-last_at",)),
    Column("jenis", "Peringatan", ("kind",)),
    Column("wilayah", "Wilayah", ("area",)),
    Column("kali", "Kali", ("times",), numeric=True),
)


@rule("alert.see")
def alerts(request: StaffRequest) -> HttpResponse:
    """List alerts, the open ones unless asked otherwise."""
    rows = alerts_for(request.user)
    state = request.GET.get("keadaan", "open")
    if state in AlertState.values:
        rows = rows.filter(state=state)
    whole = rows.count()
    kind = request.GET.get("jenis", "")
    if kind:
        rows = rows.filter(kind=kind)
    severity = request.GET.get("mutu", "")
    if severity in Severity.values:
        rows = rows.filter(severity=severity)
    rows, heads = ordered(request, rows, COLUMNS)
    facts = {
        "title": "Peringatan",
        "lead": "Dibuat sistem dari catatan kejadian. Setiap peringatan ditutup dengan alasan.",
        "page": page_of(request, rows),
        "whole": whole,
        "heads": heads,
        "names": board.names(),
        "kinds": [(name, words[0]) for name, words in ALERTS.items()],
        "severities": Severity.choices,
        "state": state,
    }
    return render(request, "monitoring/alerts.html", facts)


@rule("alert.see")
def alert(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Show one alert; a POST closes it with a reason."""
    shown = get_object_or_404(alerts_for(request.user), uuid=uuid)
    form = Form(request)
    may_close = may(request.user, "alert.close", shown.area or 62)
    if request.method == "POST" and may_close:
        done = act(
            request,
            lambda: close(shown, form.get("reason"), actor=request.user.actor, at=timezone.now()),
            "Peringatan ditutup.",
            form=form,
        )
        if done:
            return redirect("alerts")
    facts = {
        "title": ALERTS.get(shown.kind, (shown.kind, ""))[0],
        "crumbs": [("/peringatan/", "Peringatan")],
        "alert": shown,
        "form": form,
        "may_close": may_close,
        "names": board.names(),
        "card": Card.objects.filter(uuid=shown.subject).first()
        or Card.objects.filter(number=str(shown.facts.get("number", ""))).first(),
        "may_investigate": may(request.user, "investigation.see", shown.area or 62),
        "reason": _reason(str(shown.facts.get("reason", ""))),
        "household": _household(request, str(shown.facts.get("delivery", ""))),
        "case": _case(request, str(shown.facts.get("delivery", ""))),
        "device": _device(shown.subject, str(shown.facts.get("device", ""))),
        "day": Day.objects.filter(uuid=shown.subject).select_related("point").first(),
        "closer": who(shown.closed_by_person),
        "entries": Entry.objects.filter(subject=shown.subject).order_by("-id")[:20],
    }
    return render(request, "monitoring/alert.html", facts, status=422 if form.wrong else 200)


def _reason(code: str) -> str:
    told = TEXTS.get(code)
    return told.sentence if told else ""


def _household(request: StaffRequest, delivery: str) -> Household | None:
    """Give the family of a contested delivery, to those who may see it."""
    if len(delivery) != UUID_LETTERS:
        return None
    found = Delivery.objects.filter(uuid=delivery).select_related("entitlement__household").first()
    if found is None or not may(request.user, "household.see", found.village_id):
        return None
    return found.entitlement.household


def _case(request: StaffRequest, delivery: str) -> Case | None:
    """Give the case of a contested delivery, to those who may see it."""
    if len(delivery) != UUID_LETTERS:
        return None
    found = Case.objects.filter(subject=delivery).first()
    return found if found and may(request.user, "case.see", found.village_id) else None


def _device(subject: UUID, named: str) -> Device | None:
    found = Device.objects.filter(uuid=subject).first()
    if found is None and len(named) == 8:
        found = Device.objects.filter(short_id=named).first()
    if found is None and len(named) == UUID_LETTERS:
        found = Device.objects.filter(uuid=named).first()
    return found
