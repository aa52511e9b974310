"""Payments through the bank: orders prepared by one and released by another, and each payment."""

from uuid import UUID

from django.db.models import Count, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from betang.accounts.access import may
from betang.accounts.models import User
from betang.ledger.balance import imbalance
from betang.monitoring import board
from betang.payments.models import Disbursement, Order
from betang.payments.prepare import approve, prepare
from betang.programmes.models import Cycle
from betang.web.guard import StaffRequest, rule
from betang.web.shell.asked import Form, act, named
from betang.web.shell.listing import Column, ordered, page_of
from betang.web.shell.people import who

COLUMNS = (
    Column("acuan", "Acuan", ("reference",)),
    Column("desa", "Desa atau kelurahan", ("village_id", "reference")),
    Column("nilai", "Nilai", ("amount_rupiah",), numeric=True),
    Column("keadaan", "Keadaan", ("state", "reference")),
    Column("selesai", "Selesai", ("settled_at",)),
)


@rule("disbursement.see")
def orders(request: StaffRequest) -> HttpResponse:
    """Show the sums by state, the orders, and whether the books balance."""
    sums = {
        row["state"]: row
        for row in Disbursement.objects.values("state").annotate(
            count=Count("id"), rupiah=Sum("amount_rupiah")
        )
    }
    facts = {
        "title": "Penyaluran ke rekening",
        "lead": "Satu acuan tetap untuk setiap keluarga dan tahap: dikirim ulang pun tidak "
        "dibayar dua kali.",
        "sums": [(label, sums.get(state)) for state, label in Disbursement.State.choices],
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
    """Show one order and its payments."""
    shown = get_object_or_404(Order.objects.select_related("cycle"), uuid=uuid)
    rows = Disbursement.objects.filter(order=shown)
    whole = rows.count()
    state = request.GET.get("keadaan", "")
    if state in Disbursement.State.values:
        rows = rows.filter(state=state)
    words = request.GET.get("cari", "").strip().upper()
    if words:
        rows = rows.filter(reference__startswith=words)
    rows, heads = ordered(request, rows, COLUMNS)
    facts = {
        "title": f"Perintah bayar {shown.cycle.code}",
        "crumbs": [("/penyaluran/", "Penyaluran ke rekening")],
        "order": shown,
        "page": page_of(request, rows),
        "whole": whole,
        "heads": heads,
        "states": Disbursement.State.choices,
        "names": board.names(),
        "preparer": who(shown.prepared_by_person),
        "approver": who(shown.approved_by_person),
        "own": request.user.person == shown.prepared_by_person,
        "may_send": may(request.user, "disbursement.send"),
    }
    return render(request, "payments/order.html", facts)


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
@rule("disbursement.send")
def approve_it(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Release an order for sending, as the second person."""
    shown = get_object_or_404(Order, uuid=uuid)
    act(
        request,
        lambda: approve(shown, actor=request.user.actor, at=timezone.now()),
        "Perintah bayar dilepas; sistem mengirimnya ke bank.",
    )
    return redirect("order", uuid)
