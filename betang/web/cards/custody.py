"""Where cards are: the balance by place, parcels between offices, and counting one."""

from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from betang.accounts.access import areas_of, covers, may
from betang.accounts.models import Device
from betang.cards import balance, places
from betang.cards import transfer as parcels
from betang.cards.models import Card, Place, Transfer
from betang.cards.parcel import holds
from betang.core.errors import FieldsError, NotAllowedError
from betang.monitoring import board
from betang.web.guard import StaffRequest, rule
from betang.web.shell.asked import Form, act, whole
from betang.web.shell.paging import in_order, page_of
from betang.web.shell.people import who

KINDS = {kind.value: str(kind.label) for kind in Place.Kind}
STATES = {state.value: str(state.label) for state in Card.State}
PROVINCE = 62


class NumbersError(FieldsError):
    """Something that is no card number stands in the list."""

    code = "cards.numbers_typed"
    sentence = "Ada isian yang bukan nomor kartu: {what}."
    do = "Tulis nomor 14 angka, satu nomor satu baris."


class CountTypedError(FieldsError):
    """The count is no number."""

    code = "cards.count_typed"
    sentence = "Isi berapa kartu yang Anda hitung."
    do = "Tulis dengan angka, misalnya 120."


@rule("card.see")
def custody(request: StaffRequest) -> HttpResponse:
    """Show where the cards of one's areas are; a POST sends a parcel."""
    areas, form = areas_of(request.user, "card.see"), Form(request)
    if request.method == "POST":
        sender, to = whole(form.get("from")), whole(form.get("to"))

        def doing() -> Transfer:
            _require(request, sender or PROVINCE)
            now = timezone.now()
            given = places.office(sender), places.office(to)
            return parcels.send(*given, area=to, actor=request.user.actor, at=now)

        done = act(request, doing, "Kiriman tercatat dan ditandatangani.", form=form)
        if done:
            return redirect("card_transfer", done.uuid)
    lines = balance.balances()
    own = [line for line in lines if line.area is None or _sees(areas, line.area)]
    province = PROVINCE in areas
    rows = _own(areas).select_related("sender", "receiver")
    if request.GET.get("keadaan") != "semua":
        rows = rows.filter(state__in=["in_transit", "carried", "short"])
    facts = {
        "title": "Posisi kartu",
        "lead": "Setiap kartu yang dicetak ada di tepat satu tempat.",
        "crumbs": [("/kartu/", "Kartu")],
        "sum": balance.summed(lines) if province else None,
        "lines": _by_place(own if province else [line for line in own if line.area]),
        "page": page_of(request, in_order(rows, ("-sent_at",))),
        "names": board.names(),
        "kinds": KINDS,
        "form": form,
        "may_keep": may(request.user, "card.keep"),
    }
    return render(request, "cards/custody.html", facts, status=422 if form.wrong else 200)


@rule("card.see")
def transfer(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Show a parcel with both its papers; a POST counts it, takes it back or settles it."""
    areas, form = areas_of(request.user, "card.see"), Form(request)
    rows = _own(areas, request.user.person).select_related("sender", "receiver")
    shown = get_object_or_404(rows, uuid=uuid)
    if request.method == "POST":
        if act(request, lambda: _acted(request, shown, form), "Tercatat.", form=form):
            return redirect("card_transfer", uuid)
        shown.refresh_from_db()
    device = Device.objects.filter(uuid=shown.receiver.device).first()
    facts = {
        "title": f"Kiriman {shown.count} kartu",
        "crumbs": [("/kartu/", "Kartu"), ("/kartu/posisi/", "Posisi kartu")],
        "transfer": shown,
        "device": device,
        "signed": holds(shown),
        "sender": who(shown.sent_by_person),
        "receiver": who(shown.received_by_person),
        "names": board.names(),
        "kinds": KINDS,
        "reasons": list(parcels.REASONS.items()),
        "reason": parcels.REASONS.get(shown.reason, ""),
        "numbers": shown.numbers[:2000],
        "form": form,
        "may_count": shown.state in parcels.WAITS and _may_count(request, shown),
        "may_recall": shown.state == "in_transit"
        and may(request.user, "card.keep", shown.sender.area or PROVINCE),
        "may_settle": shown.state == "short" and _may_count(request, shown),
    }
    return render(request, "cards/transfer.html", facts, status=422 if form.wrong else 200)


def _acted(request: StaffRequest, shown: Transfer, form: Form) -> Transfer:
    actor, now = request.user.actor, timezone.now()
    if form.get("act") == "recall":
        _require(request, shown.sender.area or PROVINCE)
        return parcels.recall(shown, actor=actor, at=now)
    if not _may_count(request, shown):
        raise NotAllowedError
    if form.get("act") in {"found", "lost"}:
        numbers = numbers_typed(form, "numbers")
        found = form.get("act") == "found"
        return parcels.settle(shown, numbers, found=found, actor=actor, at=now)
    counted = whole(form.get("counted"))
    if counted is None:
        raise CountTypedError(field="counted")
    return parcels.acknowledge(
        shown,
        counted=counted,
        missing=numbers_typed(form, "missing"),
        extra=numbers_typed(form, "extra"),
        reason=form.get("reason"),
        actor=actor,
        at=now,
    )


def numbers_typed(form: Form, name: str) -> list[int]:
    """Read the card numbers of a field, one a line; raises `NumbersError`."""
    found = []
    for line in form.get(name).replace(",", "\n").splitlines():
        digits = "".join(line.split())
        if not digits:
            continue
        number = whole(digits)
        if number is None or len(digits) != 14:
            raise NumbersError(field=name, what=digits[:20])
        found.append(number)
    return found


def _may_count(request: StaffRequest, shown: Transfer) -> bool:
    """The receiving office counts; what a device took along, its officer counts himself."""
    if shown.receiver.device:
        owner = Device.objects.filter(uuid=shown.receiver.device).select_related("owner").first()
        if owner and owner.owner.person == request.user.person:
            return True
    return may(request.user, "card.keep", shown.receiver.area or PROVINCE)


def _require(request: StaffRequest, area: int) -> None:
    if not may(request.user, "card.keep", area):
        raise NotAllowedError


def _own(areas: list[int], person: UUID | None = None) -> Any:
    """Give the parcels of one's areas, and those that one carries."""
    if PROVINCE in areas:
        return Transfer.objects.all()
    kept = Q(pk__in=[])
    for area in areas:
        low, high = area, area + 1
        for digits in (4, 6, 10):
            factor = 10 ** max(0, digits - len(str(area)))
            kept |= Q(area__gte=low * factor, area__lt=high * factor)
    if person:
        own = Device.objects.filter(owner__person=person).values_list("uuid", flat=True)
        kept |= Q(receiver__device__in=list(own))
    return Transfer.objects.filter(kept)


def _sees(areas: list[int], area: int) -> bool:
    return any(covers(own, area) for own in areas)


def _by_place(lines: list[balance.Line]) -> list[dict[str, Any]]:
    """Sum the lines by kind and area: a row a place, devices and ways each as one."""
    rows: dict[tuple[str, int | None], dict[str, Any]] = {}
    for line in lines:
        if line.kind in {"press", "taken_over"}:
            continue
        area = int(str(line.area)[:4]) if line.kind in {"family", "village"} else line.area
        new = {"kind": line.kind, "area": area, "all": 0, "waiting": 0, "active": 0, "ended": 0}
        row = rows.setdefault((line.kind, area), new)
        column = {"printed": "waiting", "in_custody": "waiting", "active": "active"}
        row[column.get(line.state, "ended")] += line.amount
        row["all"] += line.amount
    order = list(KINDS)
    return sorted(rows.values(), key=lambda row: (order.index(row["kind"]), row["area"] or 0))
