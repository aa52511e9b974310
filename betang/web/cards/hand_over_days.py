"""Days of handing over cards in bulk: the list with its progress, one day, opening and closing."""

from datetime import date
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from betang.accounts.access import areas_of, may, within
from betang.accounts.models import Device
from betang.cards import hand_over_day as days
from betang.cards.models import HandOverSession
from betang.core.errors import FieldsError, NotAllowedError
from betang.monitoring import board
from betang.web.cards.custody import CountTypedError, numbers_typed
from betang.web.guard import StaffRequest, rule
from betang.web.shell.asked import Form, act, whole
from betang.web.shell.paging import in_order, page_of
from betang.web.shell.people import who

REASONS = {
    "absent": "tidak hadir",
    "moved": "pindah",
    "deceased": "meninggal",
    "refused": "menolak",
    "data_wrong": "data salah",
    "damaged": "kartu rusak",
    "other": "lain-lain",
}


class DeviceTypedError(FieldsError):
    """No active device has this short id."""

    code = "session.device"
    sentence = "Tidak ada gawai aktif dengan kode itu."
    do = "Isi delapan huruf dan angka pada gawainya, misalnya 7K3M9QXA."


class DayTypedError(FieldsError):
    """The date cannot be read."""

    code = "session.day"
    sentence = "Tanggalnya tidak terbaca."
    do = "Pilih tanggal pada kalender."


@rule("card.see")
def hand_over_days(request: StaffRequest) -> HttpResponse:
    """List the days of one's areas with how far each is; a POST opens one."""
    areas, form = areas_of(request.user, "card.see"), Form(request)
    if request.method == "POST":
        done = act(request, lambda: _opened(request, form), "Hari penyerahan dibuka.", form=form)
        if done:
            return redirect("hand_over_day", done.uuid)
    own = HandOverSession.objects.filter(within("village__code", areas))
    page = page_of(request, in_order(own, ("-state", "-on")))  # open ones first
    listed = list(page.object_list)
    far = days.progress(listed)
    facts = {
        "title": "Penyerahan kartu",
        "lead": "Satu desa, satu hari, satu gawai. Ditutup hanya bila jumlah kartunya cocok.",
        "crumbs": [("/kartu/", "Kartu")],
        "page": page,
        "days": [(day, far[day.pk]) for day in listed],
        "names": board.names(),
        "devices": {device.uuid: device for device in Device.objects.select_related("owner")},
        "form": form,
        "may_keep": may(request.user, "card.keep"),
        "today": days.today(timezone.now()),
    }
    return render(request, "cards/hand_over_days.html", facts, status=422 if form.wrong else 200)


@rule("card.see")
def hand_over_day(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Show one day; a POST closes it with the count of what came back."""
    areas, form = areas_of(request.user, "card.see"), Form(request)
    own = HandOverSession.objects.filter(within("village__code", areas))
    shown = get_object_or_404(own, uuid=uuid)
    may_close = shown.state == "open" and may(request.user, "card.keep", shown.village_id)
    if request.method == "POST":

        def doing() -> HandOverSession:
            if not may_close:
                raise NotAllowedError
            counted = whole(form.get("counted"))
            if counted is None:
                raise CountTypedError(field="counted")
            return days.close_day(
                shown,
                counted=counted,
                lost=numbers_typed(form, "lost"),
                into=whole(form.get("into")) or shown.village_id // 1_000_000,
                actor=request.user.actor,
                at=timezone.now(),
            )

        if act(request, doing, "Hari penyerahan ditutup; jumlahnya cocok.", form=form):
            return redirect("hand_over_day", uuid)
    facts = {
        "title": f"Penyerahan kartu, {board.names().get(shown.village_id, '')}",
        "crumbs": [("/kartu/", "Kartu"), ("/kartu/penyerahan/", "Penyerahan kartu")],
        "day": shown,
        "far": days.progress([shown])[shown.pk],
        "out": len(shown.numbers),
        "reasons": [(REASONS.get(name, name), n) for name, n in days.reasons(shown)],
        "device": Device.objects.filter(uuid=shown.device).select_related("owner").first(),
        "opener": who(shown.opened_by_person),
        "closer": who(shown.closed_by_person),
        "form": form,
        "may_close": may_close,
    }
    return render(request, "cards/hand_over_day.html", facts, status=422 if form.wrong else 200)


def _opened(request: StaffRequest, form: Form) -> HandOverSession:
    village = whole(form.get("village")) or 0
    if not may(request.user, "card.keep", village or 62):
        raise NotAllowedError
    rows = Device.objects.select_related("owner").filter(state="active")
    device = rows.filter(short_id=form.get("device").upper()).first()
    if device is None:
        raise DeviceTypedError(field="device")
    try:
        on = date.fromisoformat(form.get("on"))
    except ValueError:
        raise DayTypedError(field="on") from None
    return days.open_day(
        device,
        village=village,
        on=on,
        invited=whole(form.get("invited")) or 0,
        actor=request.user.actor,
        at=timezone.now(),
        point=form.get("point"),
    )
