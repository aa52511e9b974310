"""A family without its card: one guided page from who came to the new card in hand."""

from uuid import UUID

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from betang.accounts.access import areas_of, may, within
from betang.cards import visit as visits
from betang.cards.models import Card, ReplacementVisit
from betang.core.errors import FieldsError, NotAllowedError
from betang.monitoring import board
from betang.monitoring.looks import looked
from betang.registry.models import Member
from betang.web.guard import StaffRequest, rule
from betang.web.shell.asked import Form, act, named, whole
from betang.web.shell.people import who

#: A photo of a person at a desk, as a phone takes it; more is not one.
PHOTO_BYTES_MAX = 5 * 1024 * 1024


class PhotoError(FieldsError):
    """What was attached is no JPEG, or too large."""

    code = "visit.photo"
    sentence = "Fotonya bukan JPEG atau lebih dari 5 MB."
    do = "Ambil foto dengan kamera HP, atau kosongkan: foto tidak wajib."


@rule("card.block")
def replacements(request: StaffRequest) -> HttpResponse:
    """List the visits that go on, so that each can be found again."""
    areas = areas_of(request.user, "card.block")
    own = ReplacementVisit.objects.filter(within("new__village__code", areas), state="open")
    facts = {
        "title": "Kartu pengganti",
        "lead": "Keluarga yang datang tanpa kartu dan belum memegang kartu barunya.",
        "crumbs": [("/kartu/", "Kartu")],
        "visits": own.select_related("old", "new").order_by("-opened_at")[:200],
        "names": board.names(),
    }
    return render(request, "cards/replacements.html", facts)


@rule("card.block")
def begin_replacement(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Ask who came and how he is known; a POST kills the old card and orders the new one."""
    areas = areas_of(request.user, "card.block")
    own = Card.objects.filter(within("village__code", areas)).select_related("household")
    card, form = get_object_or_404(own, uuid=uuid), Form(request)
    running = ReplacementVisit.objects.filter(household=card.household, state="open").first()
    if running:
        return redirect("replacement", running.uuid)
    if request.method == "POST":

        def doing() -> ReplacementVisit:
            return visits.open_visit(
                card.number,
                reason=form.get("reason"),
                checked=form.get("checked"),
                asked_by=named(form.get("asked_by")),
                photo=_photo(request),
                actor=request.user.actor,
                at=timezone.now(),
            )

        said = "Kartu lama sudah tidak berlaku; kartu baru dipesan."
        done = act(request, doing, said, form=form)
        if done:
            return redirect("replacement", done.uuid)
    with transaction.atomic():
        looked(card.household, page="card", actor=request.user.actor, at=timezone.now())
    facts = {
        "title": "Ganti kartu keluarga",
        "crumbs": [("/kartu/", "Kartu"), (f"/kartu/{card.uuid}/", f"Kartu {card.number}")],
        "card": card,
        "members": Member.objects.filter(household=card.household, presence="alive").order_by("id"),
        "reasons": list(visits.REASONS.items()),
        "checks": ReplacementVisit.Checked.choices,
        "names": board.names(),
        "form": form,
    }
    return render(request, "cards/replace.html", facts, status=422 if form.wrong else 200)


@rule("card.block")
def replacement(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Show how far a visit is and what comes next; a POST does it."""
    areas = areas_of(request.user, "card.block")
    own = ReplacementVisit.objects.filter(within("new__village__code", areas))
    rows = own.select_related("old", "new", "household")
    shown, form = get_object_or_404(rows, uuid=uuid), Form(request)
    if request.method == "POST":
        if act(request, lambda: _step(request, shown, form), "Tercatat.", form=form):
            return redirect("replacement", uuid)
        shown = rows.get(uuid=uuid)
    with transaction.atomic():
        looked(shown.household, page="card", actor=request.user.actor, at=timezone.now())
    facts = {
        "title": f"Kartu pengganti {shown.household.head_name}",
        "crumbs": [("/kartu/", "Kartu"), ("/kartu/pengganti/", "Kartu pengganti")],
        "visit": shown,
        "asked": (Member.objects.filter(uuid=shown.asked_by).first() if shown.asked_by else None),
        "reason": visits.REASONS.get(shown.reason, shown.reason),
        "opener": who(shown.opened_by_person),
        "names": board.names(),
        "form": form,
        "is_open": shown.state == "open",
    }
    return render(request, "cards/replacement.html", facts, status=422 if form.wrong else 200)


def _step(request: StaffRequest, shown: ReplacementVisit, form: Form) -> object:
    actor, now = request.user.actor, timezone.now()
    if form.get("act") == "made":
        office = whole(form.get("office")) or shown.new.village_id // 1_000_000
        if not may(request.user, "card.keep", office):
            raise NotAllowedError
        return visits.made_here(shown, actor=actor, at=now, office=office)
    if form.get("act") == "leave":
        return visits.leave(shown, actor=actor, at=now)
    return visits.finish(shown, actor=actor, at=now)


def _photo(request: StaffRequest) -> bytes | None:
    file = request.FILES.get("photo")
    if file is None:
        return None
    content = file.read(PHOTO_BYTES_MAX + 1)
    if len(content) > PHOTO_BYTES_MAX or not content.startswith(b"\xff\xd8\xff"):
        raise PhotoError(field="photo")
    return bytes(content)
