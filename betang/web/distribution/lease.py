"""One lease: what is left in it, where; renewing, taking back, moving it to another device."""

from uuid import UUID

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from betang.accounts.access import may
from betang.accounts.models import User
from betang.core.errors import FieldsError
from betang.distribution import move
from betang.distribution.lease import DAYS, renew, revoke
from betang.distribution.models import Entitlement, Lease, LeaseRight
from betang.distribution.transfer import of_lease
from betang.journal.models import Entry
from betang.monitoring import board
from betang.web.distribution.leases import NoSuchDeviceError, in_reach, takers
from betang.web.guard import StaffRequest, rule
from betang.web.shell.asked import Form, act, whole

TOLD = {
    "lease.granted": "Penugasan diberikan",
    "lease.renewed": "Masa berlaku diperpanjang",
    "lease.revoked": "Penugasan ditarik dari kantor",
    "lease.closed": "Dikembalikan oleh gawai",
    "lease.move_proposed": "Pemindahan diusulkan",
    "lease.move_returned": "Usulan pemindahan dikembalikan",
    "lease.moved": "Dipindahkan ke gawai lain oleh dua orang",
    "lease.transferred": "Diserahkan ke gawai lain di lapangan",
    "lease.taken_over": "Diterima dari gawai lain di lapangan",
    "lease.transfer_signed": "Serah terima diakui kedua gawai",
}
ENDED = {
    "delivered": "Diserahkan",
    "closed": "Dikembalikan",
    "moved": "Dipindahkan",
    "override": "Dialihkan",
    "transferred": "Diteruskan di lapangan",
}
SAID = {
    "propose": "Usulan tercatat dan menunggu orang kedua.",
    "confirm": "Penugasan dipindahkan. Gawai baru menerimanya pada sinkronisasi berikutnya.",
    "return": "Usulan dikembalikan.",
}


class RevokeReasonError(FieldsError):
    """The reason is missing."""

    code = "lease.no_reason"
    sentence = "Tulis alasannya."
    do = "Contoh: petugas dipindahtugaskan."


@rule("device.see")
def lease(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Show one lease."""
    return _page(request, get_object_or_404(in_reach(request.user), uuid=uuid), Form(request))


@require_POST
@rule("device.manage")
def change_lease(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Renew a lease, or take it back with a reason."""
    shown = get_object_or_404(in_reach(request.user, "device.manage"), uuid=uuid)
    form, renewing = Form(request), request.POST.get("do") == "renew"

    def doing() -> Lease:
        actor, now = request.user.actor, timezone.now()
        if renewing:
            return renew(shown, days=whole(form.get("days")) or 0, actor=actor, at=now)
        if not form.get("reason"):
            raise RevokeReasonError(field="reason")
        return revoke(shown, reason=form.get("reason"), actor=actor, at=now)

    said = "Masa berlaku diperpanjang." if renewing else "Penugasan ditarik."
    done = act(request, doing, said, form=form)
    return redirect("lease", uuid) if done else _page(request, shown, form)


@require_POST
@rule("device.manage")
def move_lease(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Propose that another device takes a lease over, confirm it, or send the proposal back."""
    shown = get_object_or_404(in_reach(request.user, "device.manage"), uuid=uuid)
    form = Form(request)
    doing_now = form.get("do")

    def doing() -> object:
        actor, now = request.user.actor, timezone.now()
        if doing_now == "confirm":
            return move.confirm_move(shown, actor=actor, at=now)
        if doing_now == "return":
            return move.return_move(shown, actor=actor, at=now)
        to = takers(request.user).filter(short_id=form.get("device")).first()
        if to is None:
            raise NoSuchDeviceError(field="device")
        return move.propose_move(
            shown,
            to,
            reason=form.get("move_reason"),
            days=whole(form.get("move_days")) or 0,
            actor=actor,
            at=now,
        )

    done = act(request, doing, SAID.get(doing_now, SAID["propose"]), form=form)
    for name in ("reason", "days"):  # the other forms of the page have fields of these names
        if name in form.wrong:
            form.wrong[f"move_{name}"] = form.wrong.pop(name)
    return redirect("lease", uuid) if done is not None else _page(request, shown, form)


def _page(request: StaffRequest, shown: Lease, form: Form) -> HttpResponse:
    rights = LeaseRight.objects.filter(lease=shown)
    open_rights = rights.filter(ended_at__isnull=True)
    left = Entitlement.objects.filter(pk__in=open_rights.values("entitlement_id"))
    by_village = left.order_by("village_id").values_list("village_id").annotate(n=Count("pk"))
    ended = rights.filter(ended_at__isnull=False).order_by().values_list("end_reason")
    proposed = move.waiting_for(shown)
    proposer = proposed and User.objects.filter(person=proposed.proposed_by_person).first()
    names, manages = board.names(), may(request.user, "device.manage")
    facts = {
        "title": f"Penugasan {shown.device.short_id}",
        "crumbs": [("/penugasan/", "Penugasan luring")],
        "lease": shown,
        "form": form,
        "now": timezone.now(),
        "days": DAYS,
        "left": [(names.get(village, str(village)), n) for village, n in by_village],
        "left_count": sum(n for _, n in by_village),
        "ended": [(ENDED.get(why, why), n) for why, n in ended.annotate(n=Count("pk"))],
        "transfers": of_lease(shown),
        "told": _told(shown),
        "may_manage": manages,
        "devices": takers(request.user).exclude(pk=shown.device_id) if manages else [],
        "proposed": proposed,
        "proposer": proposer,
        "reason": move.reason_of(proposed) if proposed and manages else "",
        "own": proposed is not None and proposed.proposed_by_person == request.user.person,
    }
    return render(request, "distribution/lease.html", facts, status=422 if form.wrong else 200)


def _told(shown: Lease) -> list[tuple[Entry, str, str]]:
    """Give what happened to the lease, and who did it, the newest first."""
    people = {user.uuid: user.full_name for user in User.objects.all()}
    entries = Entry.objects.filter(subject=shown.uuid, kind__in=TOLD).order_by("-id")
    return [(entry, TOLD[entry.kind], people.get(entry.actor_uuid, "")) for entry in entries]
