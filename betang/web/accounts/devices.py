"""Devices: a code to enrol one, six words to confirm it, and how long it has been silent."""

from base64 import urlsafe_b64encode
from hashlib import sha256
from uuid import UUID

import zxingcpp
from django.conf import settings
from django.db.models import Count, OuterRef, Q, Subquery
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from betang.accounts.access import areas_of, may
from betang.accounts.devices import (
    CODE_MINUTES,
    confirm,
    issue_code,
    reinstate,
    revoke,
    suspend,
    words_of,
)
from betang.accounts.models import Device, DeviceState, User
from betang.core.errors import FieldsError, NotAllowedError
from betang.distribution.models import Lease, LeaseRight
from betang.keys import signer
from betang.monitoring import board
from betang.sync.models import Decision, DeviceCursor
from betang.sync.propose import confirm_act, propose_act, return_act
from betang.web.accounts.chain import chain_of
from betang.web.accounts.reach import devices_of
from betang.web.guard import StaffRequest, rule
from betang.web.shell.asked import Form, act, whole
from betang.web.shell.listing import Column, ordered
from betang.web.shell.paging import page_of

COLUMNS = (
    Column("kabar", "Kabar terakhir", ("last_seen_at",)),
    Column("gawai", "Gawai", ("short_id",)),
    Column("petugas", "Petugas", ("owner__full_name",)),
    Column("keadaan", "Keadaan", ("state", "short_id")),
)
#: Decisions shown on a device's page, the newest first.
DECISIONS_SHOWN = 20


#: Reasons that the system gives itself; people write theirs in words.
REASONS = {"fork": "rantai catatannya bercabang: diduga digandakan atau dipulihkan"}

CHAIN_SAID = {
    "propose": "Usulan tercatat dan menunggu orang kedua.",
    "confirm": "Sudah dilaksanakan.",
    "return": "Usulan dikembalikan.",
}


class NotAFacilitatorError(FieldsError):
    """The account has no role in the field."""

    code = "device.owner"
    sentence = "Akun ini tidak mempunyai peran di lapangan."
    do = "Pilih petugas lapangan dari daftar."


class StopReasonError(FieldsError):
    """The reason is missing."""

    code = "device.no_reason"
    sentence = "Tulis alasannya."
    do = "Contoh: HP hilang di perjalanan ke Tumbang Malahoi."


@rule("device.see")
def devices(request: StaffRequest) -> HttpResponse:
    """List the devices of one's own areas with their lag."""
    own = devices_of(request.user)
    rows = own
    state = request.GET.get("keadaan", "")
    if state in DeviceState.values:
        rows = rows.filter(state=state)
    words = request.GET.get("cari", "").strip()
    if words:
        rows = rows.filter(Q(short_id__istartswith=words) | Q(owner__full_name__icontains=words))
    rows, heads = ordered(request, rows, COLUMNS)
    live = LeaseRight.objects.filter(
        lease__device=OuterRef("pk"), lease__state="live", ended_at__isnull=True
    )
    counted = live.order_by().values("lease__device").annotate(n=Count("id")).values("n")
    rows = rows.annotate(rights=Subquery(counted))
    facts = {
        "title": "Gawai petugas",
        "lead": "Setiap gawai memegang kunci sendiri dan dapat dihentikan kapan saja.",
        "page": page_of(request, rows),
        "whole": own.count() if state or words else None,
        "heads": heads,
        "states": DeviceState.choices,
        "now": timezone.now(),
        "may_manage": may(request.user, "device.manage"),
    }
    return render(request, "accounts/devices.html", facts)


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
        "picture": _picture(_address(code)) if code else None,
        "address": _address(code) if code else None,
    }
    return render(request, "accounts/new_code.html", facts, status=422 if form.wrong else 200)


@rule("device.see")
def device(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Show one device: its words, areas, leases, chain and decisions."""
    return _device_page(
        request, get_object_or_404(devices_of(request.user), uuid=uuid), Form(request)
    )


@require_POST
@rule("device.manage")
def confirm_it(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Confirm a device whose six words were read from its screen."""
    shown = get_object_or_404(devices_of(request.user, "device.manage"), uuid=uuid)
    form = Form(request)
    chosen = [code for code in map(whole, request.POST.getlist("area")) if code]
    if not all(may(request.user, "device.manage", area) for area in chosen):
        raise NotAllowedError
    done = act(
        request,
        lambda: confirm(
            shown,
            words=form.get("words").split(),
            areas=chosen,
            actor=request.user.actor,
            at=timezone.now(),
        ),
        "Gawai disahkan. Gawai dapat mengambil datanya sekarang.",
        form=form,
    )
    return redirect("device", uuid) if done else _device_page(request, shown, form)


@require_POST
@rule("device.manage")
def stop_it(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Suspend, reinstate or revoke a device, with a reason."""
    shown = get_object_or_404(devices_of(request.user, "device.manage"), uuid=uuid)
    form = Form(request)

    def doing() -> Device:
        actor, now = request.user.actor, timezone.now()
        if form.get("act") == "reinstate":
            return reinstate(shown, actor=actor, at=now)
        if not form.get("reason"):
            raise StopReasonError(field="reason")
        stop = revoke if form.get("act") == "revoke" else suspend
        return stop(shown, reason=form.get("reason"), actor=actor, at=now)

    done = act(request, doing, "Keadaan gawai sudah diubah.", form=form)
    return redirect("device", uuid) if done else _device_page(request, shown, form)


@require_POST
@rule("device.manage")
def decide_chain(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Propose an act about a device's chain, confirm another person's, or send it back."""
    shown = get_object_or_404(devices_of(request.user, "device.manage"), uuid=uuid)
    form = Form(request)
    doing_now = form.get("do")

    def doing() -> object:
        actor, now = request.user.actor, timezone.now()
        if doing_now == "confirm":
            return confirm_act(shown, actor=actor, at=now)
        if doing_now == "return":
            return return_act(shown, actor=actor, at=now)
        return propose_act(
            shown, form.get("act"), reason=form.get("chain_reason"), actor=actor, at=now
        )

    done = act(request, doing, CHAIN_SAID.get(doing_now, CHAIN_SAID["propose"]), form=form)
    if "reason" in form.wrong:  # the form that stops a device has a reason of its own
        form.wrong["chain_reason"] = form.wrong.pop("reason")
    return redirect("device", uuid) if done is not None else _device_page(request, shown, form)


def _device_page(request: StaffRequest, shown: Device, form: Form) -> HttpResponse:
    names = board.names()
    leases = Lease.objects.filter(device=shown).select_related("cycle").order_by("-issued_at")
    told = Decision.objects.filter(device=shown)
    facts = {
        "title": f"Gawai {shown.short_id}",
        "crumbs": [("/gawai/", "Gawai petugas")],
        "device": shown,
        "form": form,
        "names": names,
        "words": words_of(shown),
        "areas": [names.get(row.area_id, "Provinsi") for row in shown.areas.all()],
        "owner_areas": [(area, names.get(area, "Provinsi")) for area in areas_of(shown.owner)],
        "leases": leases[:10],
        "chain": chain_of(shown, request.user),
        "cursor": DeviceCursor.objects.filter(device=shown).first(),
        "accepted": told.filter(outcome="accepted").count(),
        "decisions": told.exclude(outcome="accepted").order_by("-id")[:DECISIONS_SHOWN],
        "reason": REASONS.get(shown.state_reason, shown.state_reason),
        "now": timezone.now(),
        "may_manage": may(request.user, "device.manage"),
    }
    return render(request, "accounts/device.html", facts, status=422 if form.wrong else 200)


def _address(code: str) -> str:
    """Write the enrolment address of docs/protocols/device.md, section 4."""
    _kid, public = signer.current("enrolment")
    keyhash = urlsafe_b64encode(sha256(public).digest()).rstrip(b"=").decode()
    return f"{settings.ORIGIN}/lapangan/#enrol={code}.{keyhash}"


def _picture(text: str) -> SafeString:
    """Draw a QR as SVG, in the page itself: the code is in no address and no file."""
    barcode = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode)
    svg: str = barcode.to_svg(add_quiet_zones=True)
    return mark_safe(svg[svg.index("<svg") :])  # noqa: S308 - made by the library from our own text
