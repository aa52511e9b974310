"""One device: its words, areas, leases, chain and history; confirming, assigning, stopping it."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from betang.accounts.access import areas_of, may
from betang.accounts.devices import (
    assign,
    confirm,
    order_wipe,
    reinstate,
    revoke,
    suspend,
    words_of,
)
from betang.accounts.models import Device
from betang.core.errors import FieldsError, NotAllowedError
from betang.distribution.models import Lease
from betang.monitoring import board, lagging
from betang.sync.models import Decision, DeviceCursor
from betang.sync.propose import confirm_act, propose_act, return_act
from betang.web.accounts.chain import chain_of
from betang.web.accounts.device_history import history_of
from betang.web.accounts.reach import devices_of
from betang.web.guard import StaffRequest, rule
from betang.web.shell.asked import Form, act, whole

#: Decisions shown on a device's page, the newest first.
DECISIONS_SHOWN = 20
#: Reasons that the system gives itself; people write theirs in words.
REASONS = {"fork": "rantai catatannya bercabang: diduga digandakan atau dipulihkan"}

CHAIN_SAID = {
    "propose": "Usulan tercatat dan menunggu orang kedua.",
    "confirm": "Sudah dilaksanakan.",
    "return": "Usulan dikembalikan.",
}
STOPS = {"revoke": revoke, "suspend": suspend, "wipe": order_wipe}


class StopReasonError(FieldsError):
    """The reason is missing."""

    code = "device.no_reason"
    sentence = "Tulis alasannya."
    do = "Contoh: HP hilang di perjalanan ke Tumbang Malahoi."


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
    chosen = chosen_areas(request)
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
def assign_it(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Replace the areas of a device."""
    shown = get_object_or_404(devices_of(request.user, "device.manage"), uuid=uuid)
    form = Form(request)
    chosen = chosen_areas(request)

    def doing() -> bool:
        assign(shown, areas=chosen, actor=request.user.actor, at=timezone.now())
        return True

    done = act(request, doing, "Wilayah gawai sudah diubah.", form=form)
    return redirect("device", uuid) if done else _device_page(request, shown, form)


def chosen_areas(request: StaffRequest) -> list[int]:
    """Give the areas that were ticked or typed; refuse those that the account does not manage."""
    typed = [*request.POST.getlist("area"), *request.POST.get("more", "").replace(",", " ").split()]
    chosen = [code for code in map(whole, typed) if code]
    if not all(may(request.user, "device.manage", area) for area in chosen):
        raise NotAllowedError
    return chosen


@require_POST
@rule("device.manage")
def stop_it(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Suspend, revoke or wipe a device, with a reason, or take it up again."""
    shown = get_object_or_404(devices_of(request.user, "device.manage"), uuid=uuid)
    form = Form(request)

    def doing() -> Device:
        actor, now = request.user.actor, timezone.now()
        if form.get("act") == "reinstate":
            return reinstate(shown, actor=actor, at=now)
        if not form.get("reason"):
            raise StopReasonError(field="reason")
        stop = STOPS.get(form.get("act"), suspend)
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
    names, now = board.names(), timezone.now()
    own_areas = [row.area_id for row in shown.areas.order_by("area_id")]
    leases = Lease.objects.filter(device=shown).select_related("cycle").order_by("-issued_at")
    told = Decision.objects.filter(device=shown)
    facts = {
        "title": f"Gawai {shown.short_id}",
        "crumbs": [("/gawai/", "Gawai petugas")],
        "device": shown,
        "form": form,
        "names": names,
        "words": words_of(shown),
        "areas": [names.get(area, "Provinsi") for area in own_areas],
        "area_codes": own_areas,
        "areas_inside": " ".join(
            str(area) for area in own_areas if area not in areas_of(shown.owner)
        ),
        "owner_areas": [(area, names.get(area, "Provinsi")) for area in areas_of(shown.owner)],
        "leases": leases[:10],
        "chain": chain_of(shown, request.user),
        "cursor": DeviceCursor.objects.filter(device=shown).first(),
        "accepted": told.filter(outcome="accepted").count(),
        "decisions": told.exclude(outcome="accepted").order_by("-id")[:DECISIONS_SHOWN],
        "reason": REASONS.get(shown.state_reason, shown.state_reason),
        "wrong": lagging.problems_of([shown.pk], at=now)[shown.pk],
        "history": history_of(shown),
        "successor": shown.successors.order_by("-pk").first(),
        "now": now,
        "may_manage": may(request.user, "device.manage"),
    }
    return render(request, "accounts/device.html", facts, status=422 if form.wrong else 200)
