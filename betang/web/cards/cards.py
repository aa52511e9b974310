"""Cards: the list, one card's life, and blocking it with a reason."""

import re
from uuid import UUID

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from betang.accounts.access import areas_of, may, within
from betang.accounts.models import Device, User
from betang.cards.block import REASONS, block
from betang.cards.models import Card, Presentation
from betang.core.card.verdict_texts import TEXTS
from betang.core.errors import FieldsError
from betang.journal.models import Entry
from betang.monitoring import board
from betang.monitoring.looks import looked
from betang.web.guard import StaffRequest, rule
from betang.web.shell.asked import Form, act, whole
from betang.web.shell.listing import Column, ordered
from betang.web.shell.paging import page_of

COLUMNS = (
    Column("nomor", "Nomor kartu", ("number",)),
    Column("desa", "Desa atau kelurahan", ("village_id", "number")),
    Column("keadaan", "Keadaan", ("state", "number")),
    Column("diserahkan", "Diserahkan", ("handed_over_at",)),
)
REASON_WORDS = {
    "lost": "hilang",
    "stolen": "dicuri",
    "damaged": "rusak",
    "deceased": "penerima meninggal",
    "moved": "keluarga pindah",
    "misused": "disalahgunakan",
    "copied": "disalin atau ditiru",
}
#: What is told of a card in its timeline, besides its presentations.
TOLD = {
    "card.issued": "Kartu dibuat sebagai pengganti",
    "card.handed_over": "Kartu diserahkan kepada keluarga",
    "card.blocked": "Kartu diblokir",
    "card.replaced": "Kartu diganti",
    "card.returned": "Kartu dikembalikan",
    "card.spoilt": "Kartu rusak sebelum diserahkan",
    "card.found": "Kartu ditemukan dan dibawa ke kantor",
    "card.made": "Kartu dicetak di kantor dari blangko",
    "card.copied": "Salinan atau ulangan kartu ini ditolak",
}
ACTS = {"deliver": "penyerahan bantuan", "hand_over": "penyerahan kartu", "look": "pemeriksaan"}


class NotSureError(FieldsError):
    """The box that says one is sure was not ticked."""

    code = "card.not_sure"
    sentence = "Centang kotak ini bila Anda yakin."
    do = "Kartu yang diblokir tidak dapat diaktifkan lagi; hanya dapat diganti."


@rule("card.see")
def cards(request: StaffRequest) -> HttpResponse:
    """List the cards of one's own areas."""
    areas = areas_of(request.user, "card.see")
    own = Card.objects.filter(within("village__code", areas))
    rows = own
    digits = re.sub(r"[\s.-]", "", request.GET.get("cari", ""))
    if digits.isdigit():
        rows = rows.filter(number__startswith=digits[:14])
    state = request.GET.get("keadaan", "")
    if state in Card.State.values:
        rows = rows.filter(state=state)
    area = whole(request.GET.get("wilayah", ""))
    if area and len(str(area)) in {4, 6, 10}:
        rows = rows.filter(within("village__code", [area]))
    asked = bool(digits or state or area)
    rows, heads = ordered(request, rows, COLUMNS)
    facts = {
        "title": "Kartu",
        "lead": "Satu keluarga memegang paling banyak satu kartu yang berlaku.",
        "page": page_of(request, rows),
        "whole": own.count() if asked else None,
        "heads": heads,
        "names": board.names(),
        "states": Card.State.choices,
        "may_print": may(request.user, "print.see"),
        "may_see_designs": may(request.user, "design.see"),
        "may_investigate": may(request.user, "investigation.see"),
    }
    return render(request, "cards/cards.html", facts)


@rule("card.see")
def card(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Show one card and what was seen of it, and record who looked; a POST blocks it."""
    areas = areas_of(request.user, "card.see")
    own = Card.objects.filter(within("village__code", areas)).select_related("household", "place")
    shown = get_object_or_404(own, uuid=uuid)
    form = Form(request)
    may_block = may(request.user, "card.block", shown.village_id)
    if request.method == "POST" and may_block:

        def doing() -> Card:
            if form.get("sure") != "yes":
                raise NotSureError(field="sure")
            return block(
                shown.number,
                reason=form.get("reason"),
                actor=request.user.actor,
                at=timezone.now(),
            )

        if act(request, doing, "Kartu diblokir. Daftar pencabutan ikut diperbarui.", form=form):
            return redirect("card", uuid)
    may_see_family = may(request.user, "household.see", shown.village_id)
    if may_see_family:
        with transaction.atomic():
            looked(shown.household, page="card", actor=request.user.actor, at=timezone.now())
    facts = {
        "title": f"Kartu {shown.number}",
        "crumbs": [("/kartu/", "Kartu")],
        "card": shown,
        "form": form,
        "names": board.names(),
        "may_block": may_block and shown.state in {"ordered", "printed", "in_custody", "active"},
        "may_replace": may_block and shown.state in {"active", "blocked", "in_custody"},
        "may_see_family": may_see_family,
        "may_investigate": may(request.user, "investigation.see", shown.village_id),
        "reasons": [(reason, REASON_WORDS.get(reason, reason)) for reason in REASONS],
        "reason_words": REASON_WORDS,
        "custodian": _custodian(shown),
        "timeline": _timeline(shown),
    }
    return render(request, "cards/card.html", facts, status=422 if form.wrong else 200)


def _custodian(shown: Card) -> Device | None:
    """Give the device that carries the card."""
    if shown.custodian_device is None:
        return None
    return Device.objects.filter(uuid=shown.custodian_device).first()


def _timeline(shown: Card) -> list[dict[str, object]]:
    """Give what happened to the card and what was seen of it, the newest first."""
    devices = {device.uuid: device.short_id for device in Device.objects.all()}
    people = {user.uuid: user.full_name for user in User.objects.all()}
    lines: list[dict[str, object]] = [
        {"at": shown.issued_at, "words": "Kartu dibuat", "colour": "", "more": ""}
    ]
    entries = Entry.objects.filter(subject=shown.uuid, kind__in=TOLD).order_by("-id")[:100]
    lines += [
        {
            "at": entry.at,
            "words": TOLD[entry.kind],
            "colour": "red" if entry.kind in {"card.blocked", "card.copied"} else "",
            "more": people.get(entry.actor_uuid) or devices.get(entry.actor_uuid) or "",
        }
        for entry in entries
    ]
    lines += [
        {
            "at": seen.at,
            "words": f"Ditunjukkan untuk {ACTS.get(seen.act, seen.act)}"
            f" ({'daring' if seen.online else 'luring'})",
            "colour": "" if seen.colour == "green" else seen.colour,
            "more": " ".join(
                filter(None, (_said(seen.reason), devices.get(seen.device or shown.uuid)))
            ),
        }
        for seen in Presentation.objects.filter(card=shown).order_by("-at")[:100]
    ]
    return sorted(lines, key=lambda line: str(line["at"]), reverse=True)


def _said(reason: str) -> str:
    told = TEXTS.get(reason)
    return told.sentence if told else reason
