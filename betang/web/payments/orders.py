"""Payments through the bank: orders prepared by one and released by another, sent and compared."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Count, QuerySet, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from betang.accounts.access import may
from betang.accounts.models import User
from betang.core.errors import FieldsError
from betang.errands.ask import latest
from betang.errands.models import Errand
from betang.ledger.balance import imbalance
from betang.monitoring import board
from betang.payments.ask import ask_reconciling, ask_sending
from betang.payments.models import Disbursement, Order, StatementLine
from betang.payments.prepare import approve, prepare
from betang.payments.reasons import reason_of
from betang.programmes.models import Cycle
from betang.web.guard import StaffRequest, rule
from betang.web.shell.asked import Form, act, named
from betang.web.shell.errands import part, shown
from betang.web.shell.listing import Column, ordered
from betang.web.shell.paging import page_of
from betang.web.shell.people import who

COLUMNS = (
    Column("acuan", "Acuan", ("reference",)),
    Column("desa", "Desa atau kelurahan", ("village_id", "reference")),
    Column("nilai", "Nilai", ("amount_rupiah",), numeric=True),
    Column("keadaan", "Keadaan", ("state", "reference")),
    Column("selesai", "Selesai", ("settled_at",)),
)
#: Failures with their reasons at the head of the page; all of them are in the list below.
FAILURES_SHOWN = 20
#: The route that answers how far a sending or a comparison is.
PROGRESS = "payment_progress"
#: In these states the next sending still has something to do.
UNSETTLED = (Disbursement.State.PREPARED, Disbursement.State.SENT, Disbursement.State.UNKNOWN)
#: Why a sending stopped before its end, and what to do.
STOPPED = {
    "no_funds": "Pengiriman berhenti: saldo rekening sumber tidak cukup. Isi rekening sumber, "
    "lalu kirim lagi.",
    "bank_away": "Pengiriman berhenti: bank tidak dapat dihubungi. Coba lagi nanti; bank ditanya "
    "dahulu, sehingga tidak ada yang dibayar dua kali.",
    "halted": "Pengiriman berhenti karena sistem dimatikan. Kirim lagi untuk melanjutkan; bank "
    "ditanya dahulu, sehingga tidak ada yang dibayar dua kali.",
}


class NotSureError(FieldsError):
    """The box that says one has checked was not ticked."""

    code = "order.not_sure"
    sentence = "Centang kotak ini sebagai tanda bahwa jumlahnya sudah Anda periksa."
    do = "Periksa jumlah keluarga dan nilainya, lalu centang dan kirim."


@rule("disbursement.see")
def orders(request: StaffRequest) -> HttpResponse:
    """Show the sums by state, the orders, and whether the books balance."""
    facts = {
        "title": "Penyaluran ke rekening",
        "lead": "Satu acuan tetap untuk setiap keluarga dan tahap: dikirim ulang pun tidak "
        "dibayar dua kali.",
        "sums": _sums(Disbursement.objects.all()),
        "orders": Order.objects.select_related("cycle").order_by("-prepared_at"),
        "people": {user.person: user.full_name for user in User.objects.all()},
        "person": request.user.person,
        "cycles": Cycle.objects.filter(state=Cycle.State.OPEN),
        "balanced": not imbalance(),
        "may_send": may(request.user, "disbursement.send"),
    }
    return render(request, "payments/orders.html", facts)


@rule("disbursement.see")
def order(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Show one order: where it stands, what is to be done, each payment and why it failed."""
    return _page(request, uuid, Form(request))


@require_POST
@rule("disbursement.send")
def prepare_it(request: StaffRequest) -> HttpResponse:
    """Prepare an order for the open cycle."""
    cycle = get_object_or_404(Cycle, uuid=named(Form(request).get("cycle")))
    prepared = act(
        request,
        lambda: prepare(cycle, actor=request.user.actor, at=timezone.now()),
        "Perintah bayar disiapkan. Orang kedua melepasnya.",
    )
    return redirect("order", prepared.order.uuid) if prepared else redirect("orders")


@require_POST
@rule("disbursement.release")
def approve_it(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Release an order for sending, as the second person."""
    shown_order = get_object_or_404(Order, uuid=uuid)
    act(
        request,
        lambda: approve(shown_order, actor=request.user.actor, at=timezone.now()),
        "Perintah bayar dilepas. Sekarang dapat dikirim ke bank.",
    )
    return redirect("order", uuid)


@require_POST
@rule("disbursement.release")
def send_it(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Ask for an order to be sent, or for what is left of it."""
    form = Form(request)
    shown_order = get_object_or_404(Order, uuid=uuid)

    def doing() -> Errand:
        if form.get("sure") != "yes":
            raise NotSureError(field="sure")
        return ask_sending(shown_order, actor=request.user.actor, at=timezone.now())

    return _asked(request, uuid, form, doing, "Pengiriman diminta; kemajuannya tampil di sini.")


@require_POST
@rule("disbursement.reconcile")
def reconcile_it(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Ask for our books to be compared with the bank's."""
    shown_order = get_object_or_404(Order, uuid=uuid)

    def doing() -> Errand:
        return ask_reconciling(shown_order, actor=request.user.actor, at=timezone.now())

    return _asked(request, uuid, Form(request), doing, "Pencocokan diminta.")


@rule("disbursement.see")
def progress(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Answer how far a sending or a comparison is."""
    kinds = (Errand.Kind.SEND, Errand.Kind.RECONCILE)
    errand = get_object_or_404(Errand, uuid=uuid, kind__in=kinds)
    rows = Disbursement.objects.filter(order__uuid=errand.about)
    return part(request, shown(errand, PROGRESS), "payments/progress.html", sums=_sums(rows))


def _asked(
    request: StaffRequest, uuid: UUID, form: Form, doing: Callable[[], Errand], said: str
) -> HttpResponse:
    if act(request, doing, said, form=form):
        return redirect("order", uuid)
    return _page(request, uuid, form)


def _page(request: StaffRequest, uuid: UUID, form: Form) -> HttpResponse:
    shown_order = get_object_or_404(Order.objects.select_related("cycle"), uuid=uuid)
    rows = Disbursement.objects.filter(order=shown_order)
    sums = _by_state(rows)
    listed, heads = ordered(request, _filtered(request, rows), COLUMNS)
    errands = [
        shown(each, PROGRESS)
        for kind in (Errand.Kind.SEND, Errand.Kind.RECONCILE)
        if (each := latest(kind, shown_order.uuid))
    ]
    sending = next((each for each in errands if each.errand.kind == Errand.Kind.SEND), None)
    left = [sums[state] for state in UNSETTLED if state in sums]
    facts = {
        "title": f"Perintah bayar {shown_order.cycle.code}",
        "crumbs": [("/penyaluran/", "Penyaluran ke rekening")],
        "form": form,
        "order": shown_order,
        "errands": errands,
        "shown": next((each for each in errands if each.is_open), None),
        "sending": sending,
        "comparing": next((each for each in errands if each is not sending), None),
        "stopped": STOPPED.get(sending.told.get("stopped", "")) if sending else None,
        "sums": _sums(rows),
        "left": sum(each["count"] for each in left),
        "left_rupiah": sum(each["rupiah"] for each in left),
        "begun": any(state in sums for state, _ in Disbursement.State.choices[1:]),
        "failures": _with_reasons(rows.filter(state="failed").order_by("id")[:FAILURES_SHOWN]),
        "failed": sums.get("failed", {}).get("count", 0),
        "doubts": _with_reasons(rows.filter(state="unknown").order_by("id")[:FAILURES_SHOWN]),
        "unexplained": StatementLine.objects.filter(result="unexpected").count(),
        "reconciled": {
            row["reconciliation"]: row["count"]
            for row in rows.values("reconciliation").annotate(count=Count("id"))
        },
        "page": page_of(request, listed),
        "whole": rows.count(),
        "heads": heads,
        "states": Disbursement.State.choices,
        "names": board.names(),
        "preparer": who(shown_order.prepared_by_person),
        "approver": who(shown_order.approved_by_person),
        "own": request.user.person == shown_order.prepared_by_person,
        "may_release": may(request.user, "disbursement.release"),
        "may_reconcile": may(request.user, "disbursement.reconcile"),
        "may_families": may(request.user, "household.see"),
        "has_bank": bool(settings.BANK_URL and settings.BANK_KEYS),
    }
    return render(request, "payments/order.html", facts, status=422 if form.wrong else 200)


def _by_state(rows: QuerySet[Disbursement]) -> dict[str, Any]:
    counted = rows.values("state").annotate(count=Count("id"), rupiah=Sum("amount_rupiah"))
    return {row["state"]: row for row in counted}


def _sums(rows: QuerySet[Disbursement]) -> list[tuple[str, Any]]:
    found = _by_state(rows)
    return [(str(label), found.get(state)) for state, label in Disbursement.State.choices]


def _filtered(request: StaffRequest, rows: QuerySet[Disbursement]) -> QuerySet[Disbursement]:
    state = request.GET.get("keadaan", "")
    if state in Disbursement.State.values:
        rows = rows.filter(state=state)
    words = request.GET.get("cari", "").strip().upper()
    return rows.filter(reference__startswith=words) if words else rows


def _with_reasons(rows: QuerySet[Disbursement]) -> list[tuple[Disbursement, Any]]:
    return [
        (each, reason_of(each.state, each.answer))
        for each in rows.select_related("entitlement__household")
    ]
