"""Replace a phone in ten minutes: one page that leads from the old device to the new one.

Lost, stolen, dead or broken: the old one is stopped, a code is shown for the new one, its words are
compared, what the old one held moves over (two persons), and what may be missing is told.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, Subquery
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from betang.accounts.access import may
from betang.accounts.devices import CODE_MINUTES, confirm, issue_code, revoke
from betang.accounts.models import Device, DeviceState, User
from betang.cards import custody
from betang.cards.models import Card
from betang.core.errors import FieldsError, NotAllowedError, RefusedError
from betang.distribution import move
from betang.distribution.lease import DAYS
from betang.distribution.models import Lease, LeaseMove, LeaseRight
from betang.monitoring import board
from betang.sync.models import DeviceCursor, FieldEvent
from betang.web.accounts.device import StopReasonError
from betang.web.accounts.devices import address_of, picture_of
from betang.web.accounts.reach import devices_of
from betang.web.guard import StaffRequest, rule
from betang.web.shell.asked import Form, act

HAPPENED = {
    "hilang": "Hilang atau dicuri",
    "mati": "Mati, tidak dapat dihidupkan",
    "rusak": "Rusak, tidak dapat dipakai melayani",
    "ganti": "Masih hidup, diganti HP lain",
}
SAID = {
    "stop": "Gawai lama dicabut.",
    "code": "Kode dibuat. Kode hanya ditampilkan sekali.",
    "confirm": "Gawai baru disahkan.",
    "move": "Pemindahan diusulkan dan menunggu orang kedua.",
    "agree": "Penugasan dipindahkan. Gawai baru menerimanya pada sinkronisasi berikutnya.",
    "return": "Usulan dikembalikan.",
    "cards": "Kartu dialihkan kepada gawai baru.",
}


class NoSuccessorError(RefusedError):
    """The new device is not there yet, or not confirmed."""

    code = "device.no_successor"
    sentence = "Gawai penggantinya belum didaftarkan atau belum disahkan."
    do = "Selesaikan langkah sebelumnya lebih dahulu."


class NothingToMoveError(RefusedError):
    """No lease of the old device is left to move, or no proposal waits."""

    code = "device.nothing_to_move"
    sentence = "Tidak ada penugasan yang dapat dipindahkan pada langkah ini."
    do = "Muat ulang halaman ini."


class HappenedError(FieldsError):
    """Nobody said what happened to the old device."""

    code = "device.happened"
    sentence = "Pilih apa yang terjadi dengan gawai lama."
    do = "Pilih satu jawaban pada daftar."


@never_cache
@rule("device.manage")
def replace(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Lead through the replacement of one device; each POST is one step of it."""
    old = get_object_or_404(devices_of(request.user, "device.manage"), uuid=uuid)
    form, code = Form(request), None
    if request.method == "POST":
        step = form.get("step")
        done = act(request, lambda: _step(request, old, step, form), SAID.get(step, ""), form=form)
        if done and step != "code":
            return redirect("replace_device", uuid)
        code = done if step == "code" else None
        old.refresh_from_db()
    facts = _facts(request, old) | {
        "form": form,
        "picture": picture_of(str(code)) if code else None,
        "address": address_of(str(code)) if code else None,
    }
    return render(request, "accounts/replace.html", facts, status=422 if form.wrong else 200)


def _step(request: StaffRequest, old: Device, step: str, form: Form) -> object:
    actor, now = request.user.actor, timezone.now()
    if step == "stop":
        return _stop(request, old, form)
    if step == "code":
        return issue_code(old.owner, replaces=old, actor=actor, at=now)
    new = _successor(old)
    if new is None or (step != "confirm" and new.state != DeviceState.ACTIVE):
        raise NoSuccessorError
    if step == "confirm":
        areas = [row.area_id for row in old.areas.all()]
        if not all(may(request.user, "device.manage", area) for area in areas):
            raise NotAllowedError
        words = form.get("words").split()
        return confirm(new, words=words, areas=areas, actor=actor, at=now)
    if step == "cards":
        if not may(request.user, "card.keep"):
            raise NotAllowedError
        return custody.entrust_numbers(new.uuid, _cards_of(old), actor=actor, at=now)
    return _move(request, old, new, step, form)


def _stop(request: StaffRequest, old: Device, form: Form) -> Device:
    """End the old device; it is told to wipe itself, should it ever speak again."""
    happened = HAPPENED.get(form.get("happened"))
    if happened is None:
        raise HappenedError(field="happened")
    if not form.get("reason"):
        raise StopReasonError(field="reason")
    reason = f"{happened}: {form.get('reason')}"
    return revoke(old, reason=reason, actor=request.user.actor, at=timezone.now())


def _move(request: StaffRequest, old: Device, new: Device, step: str, form: Form) -> object:
    """Propose, agree to, or send back the move of everything that the old device still holds."""
    actor, now = request.user.actor, timezone.now()
    done: list[Any] = []
    for lease in _leases(old):
        proposed = move.waiting_for(lease)
        if step == "agree" and proposed is not None:
            done.append(move.confirm_move(lease, actor=actor, at=now))
        elif step == "return" and proposed is not None:
            done.append(move.return_move(lease, actor=actor, at=now))
        elif step == "move" and proposed is None:
            days = max(1, min(DAYS, -((now - lease.not_after) // timedelta(days=1))))
            made = move.propose_move(
                lease, new, reason=form.get("move_reason"), days=days, actor=actor, at=now
            )
            done.append(made)
    if not done:
        raise NothingToMoveError
    return done


def _facts(request: StaffRequest, old: Device) -> dict[str, Any]:
    """Put together where the replacement stands: which step is next, and what each one needs."""
    new, names = _successor(old), board.names()
    leases = list(_leases(old))
    waiting = [one for one in map(move.waiting_for, leases) if one is not None]
    areas = [row.area_id for row in old.areas.order_by("area_id")]
    stopped = old.state == DeviceState.REVOKED
    ready = new is not None and new.state == DeviceState.ACTIVE
    cards = len(_cards_of(old))
    return {
        "title": f"Ganti gawai {old.short_id}",
        "crumbs": [("/gawai/", "Gawai petugas"), (f"/gawai/{old.uuid}/", f"Gawai {old.short_id}")],
        "old": old,
        "new": new,
        "happened": HAPPENED,
        "minutes": CODE_MINUTES,
        "areas": [names.get(area, "Provinsi") for area in areas],
        "stopped": stopped,
        "ready": ready,
        "leases": leases,
        "held": sum(getattr(lease, "held", 0) for lease in leases),
        "moved": Lease.objects.filter(device=new, state="live").count() if new else 0,
        "cards": cards,
        "may_cards": may(request.user, "card.keep"),
        "missing": _missing(old),
        "done": stopped and ready and not leases and not cards,
        "now": timezone.now(),
    } | _proposal(request, waiting)


def _proposal(request: StaffRequest, waiting: list[LeaseMove]) -> dict[str, Any]:
    first = waiting[0] if waiting else None
    return {
        "waiting": len(waiting),
        "proposer": first and User.objects.filter(person=first.proposed_by_person).first(),
        "move_reason": move.reason_of(first) if first else "",
        "own": any(one.proposed_by_person == request.user.person for one in waiting),
    }


def _missing(old: Device) -> dict[str, Any]:
    """Say what of the old device's records is known to be missing, or may be."""
    cursor = DeviceCursor.objects.filter(device=old).first()
    held = FieldEvent.objects.filter(device=old, state="held").order_by("seq").first()
    applied = cursor.applied_seq if cursor else 0
    return {
        "applied": applied,
        "gap": (applied + 1, held.seq - 1) if held and held.seq else None,
        "waiting": FieldEvent.objects.filter(device=old, state="waiting").count(),
    }


def _successor(old: Device) -> Device | None:
    """Give the device that takes the place of `old`: the last that was not stopped again."""
    found = old.successors.exclude(state=DeviceState.REVOKED).select_related("owner")
    return found.order_by("-pk").first()


def _leases(old: Device) -> Any:
    """Give the leases by which the old device still holds something, with how much."""
    left = LeaseRight.objects.filter(lease=OuterRef("pk"), ended_at__isnull=True).order_by()
    held = Subquery(left.values("lease").annotate(n=Count("pk")).values("n"))
    rows = Lease.objects.filter(device=old, state__in=["live", "revoked"]).select_related("cycle")
    return rows.annotate(held=held).filter(held__gt=0).order_by("pk")


def _cards_of(old: Device) -> list[str]:
    found = Card.objects.filter(custodian_device=old.uuid, state="in_custody").order_by("pk")
    return list(found.values_list("number", flat=True))
