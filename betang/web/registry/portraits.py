"""The family's photo: on a page of its own, so that who opens a family does not see a face unasked.

Auditors read that it is there and who looked, not the face.
"""

from uuid import UUID

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from betang.accounts.access import areas_of, may, within
from betang.accounts.models import Device
from betang.core.errors import NotAllowedError
from betang.monitoring import board
from betang.monitoring.looks import looked
from betang.registry.models import Household, Portrait
from betang.registry.portraits import REASONS, picture_of, reject, shown_of
from betang.web.guard import StaffRequest, rule
from betang.web.shell.asked import Form, act, named

STATES = {
    "waiting": ("grey", "Foto diambil, belum diterima dari HP"),
    "shown": ("green", "Ada foto"),
    "replaced": ("grey", "Diganti yang lebih baru"),
    "rejected": ("amber", "Foto terakhir ditolak dan dihapus"),
    "unreadable": ("amber", "Foto terakhir tidak terbaca"),
    "ended": ("grey", "Foto terakhir dihapus"),
}


def state_of(household: Household) -> tuple[str, str, Portrait] | None:
    """Say in a colour and words how it stands with a household's photo; None: there never was one.

    A newer one that waits or failed says nothing of one that stands.
    """
    last = Portrait.objects.filter(household=household).order_by("-consented_at", "-pk").first()
    portrait = shown_of(household) or last
    return (*STATES[portrait.state], portrait) if portrait else None


@rule("portrait.see")
def portrait(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Show the household's photo, and record who looked. A POST rejects it, with a reason."""
    household = _own(request, uuid)
    may_decide = may(request.user, "portrait.decide", household.village_id)
    form, shown = Form(request), shown_of(household)
    if request.method == "POST":
        if not may_decide:
            raise NotAllowedError
        # The one that the page showed: it may be another by now.
        meant = get_object_or_404(Portrait, household=household, uuid=named(form.get("portrait")))
        if act(
            request,
            lambda: reject(
                meant,
                form.get("reason"),
                confirmed=form.get("confirm") == "yes",
                actor=request.user.actor,
                at=timezone.now(),
            ),
            "Foto ditolak dan dihapus. Di HP petugas foto ini hilang saat tersambung.",
            form=form,
        ):
            return redirect("portrait", uuid)
        shown = shown_of(household)
    with transaction.atomic():
        looked(household, page="portrait", actor=request.user.actor, at=timezone.now())
    device = (
        Device.objects.select_related("owner").filter(uuid=shown.device).first() if shown else None
    )
    facts = {
        "title": "Foto keluarga",
        "crumbs": [("/keluarga/", "Keluarga"), (f"/keluarga/{uuid}/", household.head_name)],
        "household": household,
        "names": board.names(),
        "shown": shown,
        "state": state_of(household),
        "device": device,
        "may_decide": may_decide,
        "reasons": REASONS.items(),
        "form": form,
    }
    return render(request, "registry/portrait.html", facts, status=422 if form.wrong else 200)


@rule("portrait.see")
def picture(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Give the picture itself; each time is a look of its own, and no cache keeps it.

    Raises `NotShownError` where none stands.
    """
    household = _own(request, uuid)
    content = picture_of(shown_of(household) or Portrait())
    with transaction.atomic():
        looked(household, page="portrait_picture", actor=request.user.actor, at=timezone.now())
    return HttpResponse(content, content_type="image/webp", headers={"Cache-Control": "no-store"})


def _own(request: StaffRequest, uuid: UUID) -> Household:
    areas = areas_of(request.user, "portrait.see")
    return get_object_or_404(Household.objects.filter(within("village__code", areas)), uuid=uuid)
