"""Devices: every one with its lag, version and what is wrong, the worst first; a code to enrol."""

import re
from base64 import urlsafe_b64encode
from datetime import datetime
from hashlib import sha256

import zxingcpp
from django.conf import settings
from django.db.models import Count, Min, OuterRef, Q, QuerySet, Subquery
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.cache import never_cache

from betang.accounts.access import areas_of, may
from betang.accounts.devices import CODE_MINUTES, issue_code
from betang.accounts.models import Device, DeviceArea, DeviceState, User
from betang.core.errors import FieldsError, NotAllowedError
from betang.distribution.models import Lease, LeaseRight
from betang.keys import signer
from betang.monitoring import board, lagging
from betang.web.accounts.reach import devices_of
from betang.web.guard import StaffRequest, rule
from betang.web.shell.asked import Form, act, whole
from betang.web.shell.listing import Column, ordered
from betang.web.shell.paging import page_of

COLUMNS = (
    Column("masalah", "Perhatian", ("-attention",)),
    Column("gawai", "Gawai", ("short_id",)),
    Column("petugas", "Petugas", ("owner__full_name",)),
    Column("keadaan", "Keadaan", ("state", "short_id")),
    Column("kabar", "Kabar terakhir", ("last_seen_at",)),
    Column("tertahan", "Belum terkirim", ("-unsent",), numeric=True),
    Column("versi", "Versi", ("app_number",)),
    Column("data", "Data keluarga", ("roster_at",)),
)
#: Areas of a device that are named in a row; the rest is a number.
AREAS_NAMED = 2


class NotAFacilitatorError(FieldsError):
    """The account has no role in the field."""

    code = "device.owner"
    sentence = "Akun ini tidak mempunyai peran di lapangan."
    do = "Pilih petugas lapangan dari daftar."


@rule("device.see")
def devices(request: StaffRequest) -> HttpResponse:
    """List the devices of one's own areas, what is wrong with each, the worst first."""
    own, now = devices_of(request.user), timezone.now()
    rows = _asked(request, own, now)
    rows, heads = ordered(request, lagging.with_attention(rows, at=now), COLUMNS)
    page = page_of(request, rows.annotate(rights=_rights(), until=_until()))
    shown = [device.pk for device in page]
    filters = ("keadaan", "masalah", "wilayah", "cari")
    names = board.names()
    facts = {
        "title": "Gawai petugas",
        "lead": "Setiap gawai memegang kunci sendiri dan dapat dihentikan kapan saja.",
        "page": page,
        "whole": own.count() if any(request.GET.get(name) for name in filters) else None,
        "heads": heads,
        "states": DeviceState.choices,
        "problems": lagging.PROBLEMS,
        "counted": lagging.counted(own, at=now),
        "wrong": lagging.problems_of(shown, at=now),
        "areas": _areas(shown, names),
        "regencies": [(code, name) for code, name in names.items() if len(str(code)) == 4],
        "now": now,
        "may_manage": may(request.user, "device.manage"),
    }
    return render(request, "accounts/devices.html", facts)


def _asked(request: StaffRequest, rows: QuerySet[Device], now: datetime) -> QuerySet[Device]:
    """Keep what the filter asks for."""
    state = request.GET.get("keadaan", "")
    if state in DeviceState.values:
        rows = rows.filter(state=state)
    problem = lagging.BY_NAME.get(request.GET.get("masalah", ""))
    if problem:
        rows = rows.filter(problem.where(now))
    area = whole(request.GET.get("wilayah", ""))
    if area:
        rows = rows.filter(pk__in=DeviceArea.objects.filter(_touches(area)).values("device_id"))
    words = request.GET.get("cari", "").strip()
    if words:
        rows = rows.filter(Q(short_id__istartswith=words) | Q(owner__full_name__icontains=words))
    return rows


def _touches(area: int) -> Q:
    """Match the areas of devices that lie in `area`, or that it lies in."""
    found = Q(area_id__in=[int(str(area)[:digits]) for digits in (2, 4, 6, 10)])
    for digits in (4, 6, 10):
        factor = 10 ** (digits - len(str(area)))
        if factor >= 1:
            found |= Q(area__code__range=(int(area * factor), int((area + 1) * factor) - 1))
    return found


def _rights() -> Subquery:
    """Count the rights that a device holds."""
    live = LeaseRight.objects.filter(
        lease__device=OuterRef("pk"), lease__state="live", ended_at__isnull=True
    )
    return Subquery(live.order_by().values("lease__device").annotate(n=Count("id")).values("n"))


def _until() -> Subquery:
    """Give when the first of a device's live leases ends."""
    live = Lease.objects.filter(device=OuterRef("pk"), state="live").order_by()
    return Subquery(live.values("device").annotate(first=Min("not_after")).values("first"))


def _areas(devices: list[int], names: dict[int, str]) -> dict[int, str]:
    """Name the areas of each of these devices, the first of them at least."""
    found: dict[int, list[str]] = {}
    rows = DeviceArea.objects.filter(device_id__in=devices).order_by("area_id")
    for device, area in rows.values_list("device_id", "area_id"):
        found.setdefault(device, []).append(names.get(area, "Provinsi"))
    return {device: _listed(several) for device, several in found.items()}


def _listed(names: list[str]) -> str:
    more = len(names) - AREAS_NAMED
    return ", ".join(names[:AREAS_NAMED]) + (f" dan {more} lagi" if more > 0 else "")


@never_cache
@rule("device.manage")
def new_code(request: StaffRequest) -> HttpResponse:
    """Make a single-use code for a facilitator's phone and show it as a QR, once."""
    form = Form(request)
    code: str | None = None
    facilitators = User.objects.filter(
        grants__role__in=("facilitator", "supervisor"),
        grants__approved_by_person__isnull=False,
        grants__until_at__isnull=True,
        is_active=True,
    ).distinct()
    if request.method == "POST":

        def doing() -> str:
            owner = facilitators.filter(username=form.get("facilitator").lower()).first()
            if owner is None:
                raise NotAFacilitatorError(field="facilitator")
            if not any(may(request.user, "device.manage", area) for area in areas_of(owner)):
                raise NotAllowedError(field="facilitator")
            return issue_code(owner, actor=request.user.actor, at=timezone.now())

        code = act(request, doing, "Kode dibuat. Kode hanya ditampilkan sekali.", form=form)
    facts = {
        "title": "Daftarkan gawai",
        "crumbs": [("/gawai/", "Gawai petugas")],
        "form": form,
        "facilitators": facilitators.order_by("full_name"),
        "minutes": CODE_MINUTES,
        "picture": picture_of(code) if code else None,
        "address": address_of(code) if code else None,
    }
    return render(request, "accounts/new_code.html", facts, status=422 if form.wrong else 200)


def address_of(code: str) -> str:
    """Write the enrolment address of docs/protocols/device.md, section 4."""
    _kid, public = signer.current("enrolment")
    keyhash = urlsafe_b64encode(sha256(public).digest()).rstrip(b"=").decode()
    return f"{settings.ORIGIN}/lapangan/#enrol={code}.{keyhash}"


def picture_of(code: str) -> SafeString:
    """Draw a code's QR as SVG, in the page itself: the code is in no address and no file."""
    barcode = zxingcpp.create_barcode(address_of(code), zxingcpp.BarcodeFormat.QRCode)
    svg: str = barcode.to_svg(add_quiet_zones=True)
    # The library gives its size in modules only: without a view box a module is one pixel.
    svg = re.sub(r'<svg width="(\d+)" height="(\d+)"', r'<svg viewBox="0 0 \1 \2"', svg, count=1)
    return mark_safe(svg[svg.index("<svg") :])  # noqa: S308 - made by the library from our own text
