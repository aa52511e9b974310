"""Leases: who holds which aid without a network, until when, and giving out another."""

from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from betang.accounts.access import areas_of, may, within
from betang.accounts.models import Device, DeviceState
from betang.core.errors import FieldsError, NotAllowedError
from betang.distribution.lease import DAYS, grant
from betang.distribution.models import Entitlement, Lease, LeaseRight
from betang.programmes.models import Cycle
from betang.web.accounts.reach import devices_of
from betang.web.guard import StaffRequest, rule
from betang.web.shell.asked import Form, act, whole
from betang.web.shell.listing import Column, ordered
from betang.web.shell.paging import page_of

COLUMNS = (
    Column("berakhir", "Berlaku sampai", ("not_after",)),
    Column("petugas", "Petugas", ("device__owner__full_name",)),
    Column("gawai", "Gawai", ("device__short_id",)),
    Column("tahap", "Tahap", ("cycle__code",)),
)
#: What a lease is called on the page: the address value, its words and what it asks of the rows.
STATES = (
    ("berlaku", "Berlaku"),
    ("lewat", "Lewat waktu, belum ada kabar"),
    ("ditarik", "Ditarik"),
    ("selesai", "Selesai"),
)


class NoSuchDeviceError(FieldsError):
    """The device or the cycle is not one of the list."""

    code = "lease.form"
    sentence = "Pilihan ini tidak ada pada daftar."
    do = "Muat ulang halaman, lalu pilih lagi."


@rule("device.see")
def leases(request: StaffRequest) -> HttpResponse:
    """List the leases of one's own areas; a POST gives out another."""
    form = Form(request)
    if request.method == "POST":
        made = act(request, lambda: _granted(request, form), "Penugasan diberikan.", form=form)
        if made is not None:
            return redirect("lease", made.uuid)
        if "areas" in form.wrong:  # the act takes several areas, the form one
            form.wrong["area"] = form.wrong.pop("areas")
    now = timezone.now()
    own = in_reach(request.user)
    state = request.GET.get("keadaan", "")
    rows = own.filter(_asked(state, now)) if state in dict(STATES) else own
    words = request.GET.get("cari", "").strip()
    if words:
        rows = rows.filter(
            Q(device__short_id__istartswith=words) | Q(device__owner__full_name__icontains=words)
        )
    rows, heads = ordered(request, rows.annotate(held=_held()), COLUMNS)
    manages = may(request.user, "device.manage")
    facts = {
        "title": "Penugasan luring",
        "lead": "Setiap bantuan dipegang paling banyak satu gawai, sampai dikembalikan.",
        "page": page_of(request, rows),
        "whole": own.count() if state or words else None,
        "heads": heads,
        "states": STATES,
        "doubtful": own.filter(_asked("lewat", now)).count(),
        "form": form,
        "now": now,
        "days": DAYS,
        "may_manage": manages,
        "devices": takers(request.user) if manages else [],
        "cycles": Cycle.objects.filter(state="open").order_by("-code") if manages else [],
    }
    return render(request, "distribution/leases.html", facts, status=422 if form.wrong else 200)


def in_reach(user: Any, permission: str = "device.see") -> QuerySet[Lease]:
    """Give the leases of the devices that `user` reaches, and those that hold something there."""
    areas = areas_of(user, permission)
    rows = Lease.objects.select_related("device__owner", "cycle")
    if any(len(str(area)) == 2 for area in areas):
        return rows
    held = LeaseRight.objects.filter(
        entitlement_id__in=Entitlement.objects.filter(within("village__code", areas)).values("pk")
    )
    serving = devices_of(user, permission).order_by()
    return rows.filter(Q(pk__in=held.values("lease_id")) | Q(device_id__in=serving.values("pk")))


def takers(user: Any) -> QuerySet[Device]:
    """Give the active devices that `user` may hand rights to."""
    active = devices_of(user, "device.manage").filter(state=DeviceState.ACTIVE)
    return active.order_by("owner__full_name", "short_id")


def _granted(request: StaffRequest, form: Form) -> Lease:
    device = takers(request.user).filter(short_id=form.get("device")).first()
    cycle = Cycle.objects.filter(code=form.get("cycle"), state="open").order_by("-pk").first()
    if device is None or cycle is None:
        raise NoSuchDeviceError(field="cycle" if device else "device")
    area = whole(form.get("area"))
    asked = [area] if area else None
    for place in asked or [row.area_id for row in device.areas.all()]:
        if not may(request.user, "device.manage", place):
            raise NotAllowedError(field="area")
    return grant(
        device,
        cycle=cycle,
        areas=asked,
        days=whole(form.get("days")) or 0,
        families=whole(form.get("families")),
        actor=request.user.actor,
        at=timezone.now(),
    )


def _asked(state: str, now: Any) -> Q:
    return {
        "berlaku": Q(state="live", not_after__gte=now),
        "lewat": Q(state="live", not_after__lt=now),
        "ditarik": Q(state="revoked"),
        "selesai": Q(state="closed"),
    }[state]


def _held() -> Subquery:
    """Count what a lease still holds."""
    left = LeaseRight.objects.filter(lease=OuterRef("pk"), ended_at__isnull=True).order_by()
    return Subquery(left.values("lease").annotate(n=Count("pk")).values("n"))
