"""Families registered in the field: what was told, who they may be already, and the decision."""

import re
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from betang.accounts.access import areas_of, covers, may, within
from betang.accounts.models import Device
from betang.core.errors import NotAllowedError
from betang.core.identity.nik import mask
from betang.keys import blobs
from betang.keys.sealing import open_sealed
from betang.monitoring import board
from betang.monitoring.looks import listed, registration_looked
from betang.registry.decide_proposal import REASONS, TwinError
from betang.registry.models import Household, HouseholdProposal
from betang.registry.told import Told
from betang.registry.twins import TWINS_MAX, Twin, other_proposals, twins_of
from betang.sync.decide_proposal import accept_proposal, refuse_proposal, say_known, told_of
from betang.web.guard import StaffRequest, rule
from betang.web.registry.households import DWELLINGS, RELATIONS
from betang.web.shell.asked import Form, act
from betang.web.shell.listing import Column, ordered
from betang.web.shell.paging import page_of
from betang.web.shell.people import who

COLUMNS = (
    Column("kapan", "Didaftarkan", ("-at",)),
    Column("nomor", "Nomor sementara", ("provisional",)),
    Column("kepala", "Kepala keluarga", ("head_name",)),
    Column("desa", "Desa atau kelurahan", ("village_id",)),
    Column("keadaan", "Keadaan", ("state",)),
)
WHY = {
    "nik": "NIK seorang anggotanya sama",
    "family_number": "nomor KK-nya sama",
    "name": "nama kepalanya mirip, di desa yang sama",
}
NUMBERS = {
    "again": "Nomor ini sudah dipakai gawai itu untuk keluarga lain.",
    "foreign": "Nomor ini tidak pernah diberikan kepada gawai itu.",
}
SAID = {
    "accept": "Keluarga masuk daftar. Petugas membaca kabarnya saat HP-nya tersambung.",
    "refuse": "Pendaftaran ditolak. Petugas membaca alasannya saat HP-nya tersambung.",
    "known": "Tercatat sebagai keluarga yang sudah ada.",
}


@rule("registration.see")
def registrations(request: StaffRequest) -> HttpResponse:
    """List the families registered in one's own areas, those that wait unless asked otherwise."""
    own = _own(request)
    state = request.GET.get("keadaan", "waiting")
    rows = own if state == "semua" else own.filter(state=state)
    rows, heads = ordered(request, rows, COLUMNS)
    page = page_of(request, rows)
    with transaction.atomic():
        listed(len(page), searched=False, actor=request.user.actor, at=timezone.now(), area=None)
    facts = {
        "title": "Pendaftaran lapangan",
        "lead": "Keluarga yang didaftarkan petugas tanpa sinyal; kantor memeriksa dan memutuskan.",
        "crumbs": [("/keluarga/", "Keluarga")],
        "page": page,
        "whole": own.count(),
        "heads": heads,
        "names": board.names(),
        "states": HouseholdProposal.State.choices,
        "state": state,
    }
    return render(request, "registry/registrations.html", facts)


@rule("registration.see")
def registration(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Show one family as it was told, with probable twins, and record who looked.

    A POST accepts it, refuses it, or says which family it is already.
    """
    shown, form = get_object_or_404(_own(request), uuid=uuid), Form(request)
    with transaction.atomic():
        told = told_of(shown)
        twins = twins_of(shown)
    may_decide = may(request.user, "registration.decide", shown.village_id)
    if request.method == "POST":
        if not may_decide:
            raise NotAllowedError
        said = SAID.get(form.get("act"), SAID["refuse"])
        if act(request, lambda: _decide(request, shown, form, twins), said, form=form):
            return redirect("registration", uuid)
        shown.refresh_from_db()
    areas = areas_of(request.user, "household.see")
    with transaction.atomic():
        now = timezone.now()
        registration_looked(shown, actor=request.user.actor, at=now)
        seen = sum(1 for twin in twins if _reaches(areas, twin.household))
        listed(seen, searched=True, actor=request.user.actor, at=now, area=shown.village_id)
    device = Device.objects.select_related("owner").filter(uuid=shown.device).first()
    facts = {
        "title": shown.head_name or f"Pendaftaran {shown.provisional}",
        "crumbs": [("/keluarga/", "Keluarga"), ("/pendaftaran/", "Pendaftaran lapangan")],
        "shown": shown,
        "form": form,
        "names": board.names(),
        "device": device,
        "may_see_device": may(request.user, "device.see"),
        "told": told,
        "people": _people(told),
        "dwelling": DWELLINGS.get(shown.dwelling or ""),
        "number_fault": NUMBERS.get(shown.number_state),
        "photos": range(len(shown.photos)),
        "twins": [_twin(twin, areas) for twin in twins],
        "others": other_proposals(shown).filter(_within_own(request))[:TWINS_MAX],
        "may_decide": may_decide and shown.state == "waiting",
        "own_registration": shown.proposed_by_person == request.user.person,
        "reasons": REASONS.items(),
        "reason": REASONS.get(shown.reason),
        "note": open_sealed(bytes(shown.note_sealed)).decode() if shown.note_sealed else "",
        "decider": who(shown.decided_by_person) if shown.decided_by_person else None,
        "household_reached": shown.household and _reaches(areas, shown.household),
    }
    return render(request, "registry/registration.html", facts, status=422 if form.wrong else 200)


@rule("registration.see")
def photo(request: StaffRequest, uuid: UUID, place: int) -> HttpResponse:
    """Show one photo of a registration, once the phone has sent it; no cache keeps it.

    Raises `BlobMissingError` until then.
    """
    shown = get_object_or_404(_own(request), uuid=uuid)
    if place >= len(shown.photos):
        raise Http404
    content = blobs.fetch(bytes(shown.photos[place]))
    with transaction.atomic():
        registration_looked(shown, actor=request.user.actor, at=timezone.now())
    return HttpResponse(content, content_type="image/jpeg", headers={"Cache-Control": "no-store"})


def _within_own(request: StaffRequest) -> Q:
    return within("village__code", areas_of(request.user, "registration.see"))


def _own(request: StaffRequest) -> QuerySet[HouseholdProposal]:
    return HouseholdProposal.objects.filter(_within_own(request)).select_related("household")


def _decide(request: StaffRequest, shown: HouseholdProposal, form: Form, twins: list[Twin]) -> bool:
    actor, now = request.user.actor, timezone.now()
    if form.get("act") == "accept":
        accept_proposal(shown, actor=actor, at=now)
    elif form.get("act") == "known":
        say_known(shown, _named(request, form, twins), actor=actor, at=now)
    else:
        refuse_proposal(shown, form.get("reason"), form.get("note"), actor=actor, at=now)
    return True


def _named(request: StaffRequest, form: Form, twins: list[Twin]) -> Household:
    """Give the household of the number that was typed: one's own, or one of the twins."""
    number = re.sub(r"[\s.-]", "", form.get("twin"))
    reached = within("village__code", areas_of(request.user, "household.see"))
    told = Q(pk__in=[twin.household.pk for twin in twins])
    found = Household.objects.filter(reached | told, number=number).first()
    if found is None:
        raise TwinError(field="twin")
    return found


def _reaches(areas: list[int], household: Household) -> bool:
    return any(covers(area, household.village_id) for area in areas)


def _twin(twin: Twin, areas: list[int]) -> dict[str, Any]:
    """Say who it may be; outside one's own areas the number alone, for the one who may look."""
    return {
        "household": twin.household,
        "why": WHY[twin.why],
        "reached": _reaches(areas, twin.household),
        "regency": twin.household.village_id // 1_000_000,
    }


def _people(told: Told | None) -> list[dict[str, Any]]:
    return [
        {
            "name": one.name,
            "relation": RELATIONS.get(one.relation, "–"),
            "born": one.born,
            "nik": f"············ {one.nik[-4:]}" if one.nik_read else mask(one.nik),
            "nik_fault": bool(one.nik) and not one.nik_read,
        }
        for one in (told.people if told else ())
    ]
