"""Card designs: the versions, one version, two side by side, and the decisions about them."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from betang.accounts.access import may
from betang.cards.design import current, first, load
from betang.cards.design.check import at_once, look_of
from betang.cards.design.decide import approve, retire, send_back
from betang.cards.design.in_use import DesignUnknownError
from betang.cards.design.render import png, rendered
from betang.cards.design.sample import sample_face
from betang.cards.design.version import FIRST_UUID, Design
from betang.cards.models import DesignVersion, PrintRun
from betang.programmes.models import Programme
from betang.web.cards.design_editor import begun, edited, editor
from betang.web.cards.design_sample import chosen_face
from betang.web.guard import StaffRequest, rule
from betang.web.shell.asked import Form, act
from betang.web.shell.people import who

CRUMBS = [("/kartu/", "Kartu"), ("/kartu/desain/", "Rancangan kartu")]
#: Sides as addresses name them.
SIDES = {"depan": 0, "belakang": 1}
#: Widths in dots that pictures are asked for.
WIDTHS = {"kecil": 480, "besar": 1011}
DECIDED = {
    "approve": "Rancangan disetujui. Kartu yang dicetak mulai sekarang memakai rancangan ini.",
    "return": "Rancangan dikembalikan sebagai draf.",
    "retire": "Rancangan tidak dipakai lagi untuk cetakan baru.",
}


@rule("design.see")
def designs(request: StaffRequest) -> HttpResponse:
    """List the versions of the card's design; a POST begins a draft from one of them."""
    form = Form(request)
    may_edit = may(request.user, "design.edit")
    if request.method == "POST" and may_edit:
        version = begun(request, form)
        if version:
            return redirect("design", version.uuid)
    used = dict.fromkeys(PrintRun.objects.values_list("design", flat=True), True)
    in_use = current(_programme())
    versions = DesignVersion.objects.exclude(state="discarded").order_by("-made_at", "-pk")
    facts = {
        "title": "Rancangan kartu",
        "lead": "Rancangan diubah sebagai draf, diusulkan satu orang, dan disetujui orang lain.",
        "crumbs": CRUMBS[:1],
        "form": form,
        "in_use": in_use,
        "versions": versions,
        "first": first(),
        "used": used,
        "may_edit": may_edit,
    }
    return render(request, "cards/designs.html", facts, status=422 if form.wrong else 200)


@rule("design.see")
def design(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Show one version; a draft is edited here by who may."""
    shown, version = _shown(uuid)
    drafting = version is not None and version.state == "draft"
    if version and drafting and may(request.user, "design.edit"):
        if request.method == "POST":
            return edited(request, version)
        return editor(request, version, Form(request))
    return _view(request, shown, version, Form(request))


@rule("design.see")
def compare(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Show a version beside the one in use."""
    shown, version = _shown(uuid)
    facts = {
        "title": f"Bandingkan {shown.name}",
        "crumbs": [*CRUMBS, (f"/kartu/desain/{uuid}/", shown.name)],
        "shown": shown,
        "version": version,
        "in_use": current(_programme(version)),
    }
    return render(request, "cards/design_compare.html", facts)


@never_cache
@rule("design.see")
def picture(request: StaffRequest, uuid: UUID, side: str, size: str) -> HttpResponse:
    """Give one side of a version as a picture, always marked CONTOH."""
    if side not in SIDES or size not in WIDTHS:
        raise Http404
    shown, version = _shown(uuid)
    face = chosen_face(request) if size == "besar" else sample_face()
    look = look_of(shown, version.programme if version else None, sample=True)
    pixels = rendered(look, [face])[0][SIDES[side]]
    return HttpResponse(png(pixels, width=WIDTHS[size]), content_type="image/png")


@require_POST
@rule("design.approve")
def decide(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Approve, send back or retire, as the second person."""
    version = get_object_or_404(DesignVersion, uuid=uuid)
    form = Form(request)
    actor, at = request.user.actor, timezone.now()
    doing = {
        "approve": lambda: approve(version, actor=actor, at=at),
        "return": lambda: send_back(version, reason=form.get("reason"), actor=actor, at=at),
        "retire": lambda: retire(version, actor=actor, at=at),
    }.get(form.get("act"))
    if doing is None:
        raise Http404
    if act(request, doing, DECIDED[form.get("act")], form=form):
        return redirect("design", uuid)
    return _view(request, *_shown(uuid), form)


@require_POST
@rule("design.edit")
def take_back(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Make one's own proposal a draft again."""
    version = get_object_or_404(
        DesignVersion, uuid=uuid, proposed_by_person=request.user.person, state="proposed"
    )
    act(
        request,
        lambda: send_back(version, reason="", actor=request.user.actor, at=timezone.now()),
        "Usulan ditarik; rancangan menjadi draf lagi.",
    )
    return redirect("design", uuid)


def _view(
    request: StaffRequest, shown: Design, version: DesignVersion | None, form: Form
) -> HttpResponse:
    look = look_of(shown, version.programme if version else None, sample=False)
    facts: dict[str, Any] = {
        "title": shown.name,
        "crumbs": CRUMBS,
        "form": form,
        "shown": shown,
        "version": version,
        "in_use": current(_programme(version)),
        "findings": at_once(look) if version and version.state != "retired" else [],
        "runs": PrintRun.objects.filter(design=shown.name).count(),
        "maker": who(version.made_by_person) if version else None,
        "proposer": who(version.proposed_by_person) if version else None,
        "approver": who(version.approved_by_person) if version else None,
        "own": version is not None and version.proposed_by_person == request.user.person,
        "may_edit": may(request.user, "design.edit"),
        "may_approve": may(request.user, "design.approve"),
    }
    return render(request, "cards/design.html", facts, status=422 if form.wrong else 200)


def _shown(uuid: UUID) -> tuple[Design, DesignVersion | None]:
    """Give a version as it is printed, and its row; the first design has none."""
    if uuid == FIRST_UUID:
        return first(), None
    version = DesignVersion.objects.select_related("programme").filter(uuid=uuid).first()
    if version is None:
        raise DesignUnknownError
    return load(uuid), version


def _programme(version: DesignVersion | None = None) -> Programme | None:
    if version is not None and version.programme is not None:
        return version.programme
    return Programme.objects.order_by("pk").first()
