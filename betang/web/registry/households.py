"""Families: found within one's own areas; each look at one is recorded."""

import re
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from betang.accounts.access import areas_of, may, within
from betang.cards.models import LIVE_STATES, Card
from betang.distribution.models import Delivery, Entitlement, Invitation
from betang.eligibility.explain import decision_sentence, explain, latest_assessment
from betang.eligibility.models import Enrolment
from betang.keys.sealing import open_sealed
from betang.monitoring import board
from betang.monitoring.looks import exported, listed, looked
from betang.payments.models import BankAccount, Disbursement
from betang.programmes.models import Programme
from betang.registry.follow_up import WAYS
from betang.registry.models import Household, Member
from betang.web.guard import StaffRequest, rule
from betang.web.registry.follow_ups import of_household
from betang.web.registry.portraits import state_of
from betang.web.shell.asked import whole
from betang.web.shell.listing import Column, export, ordered
from betang.web.shell.paging import page_of

DWELLINGS = {
    "own": "milik sendiri",
    "rent": "sewa",
    "shared": "menumpang",
    "river": "rumah lanting, di atas air",
    "camp": "barak pekerja",
    "none": "tanpa tempat tinggal tetap",
}
PRESENCES = {"alive": "", "deceased": "meninggal", "moved": "pindah"}
RELATIONS = {
    "head": "kepala keluarga",
    "spouse": "suami atau istri",
    "child": "anak",
    "child_in_law": "menantu",
    "grandchild": "cucu",
    "parent": "orang tua",
    "parent_in_law": "mertua",
    "relative": "famili lain",
    "other": "lainnya",
}
GRADES = {
    "good": ("green", "baik"),
    "fair": ("green", "cukup"),
    "poor": ("amber", "kurang teliti"),
    "doubtful": ("amber", "meragukan"),
}
COLUMNS = (
    Column("nomor", "Nomor keluarga", ("number",)),
    Column("kepala", "Kepala keluarga", ("head_name",)),
    Column("desa", "Desa atau kelurahan", ("village_id",)),
    Column("jiwa", "Jiwa", ("size",), numeric=True),
    Column("desil", "Desil", ("decile",), numeric=True),
)


@rule("household.see")
def households(request: StaffRequest) -> HttpResponse | StreamingHttpResponse:
    """List the families of one's own areas, found by number or name; record how many were seen."""
    areas = areas_of(request.user, "household.see")
    own = Household.objects.filter(within("village__code", areas))
    rows, asked = _filtered(request, own)
    rows, heads = ordered(request, rows, COLUMNS)
    names = board.names()
    if request.GET.get("bentuk") == "csv":
        return _csv(request, rows, names)
    live = Card.objects.filter(household=OuterRef("pk"), state__in=LIVE_STATES)
    enrolled = Enrolment.objects.filter(household=OuterRef("pk"), until_on__isnull=True)
    rows = rows.annotate(
        card_state=Subquery(live.values("state")[:1]),
        enrolled=Subquery(enrolled.values("from_on")[:1]),
    )
    page = page_of(request, rows)
    with transaction.atomic():
        listed(
            len(page),
            searched=bool(request.GET.get("cari")),
            actor=request.user.actor,
            at=timezone.now(),
            area=_asked_area(request),
        )
    facts = {
        "title": "Keluarga",
        "lead": "Keluarga di wilayah Anda. Setiap halaman keluarga yang dibuka tercatat.",
        "page": page,
        "whole": own.count() if asked else None,
        "heads": heads,
        "names": names,
        "areas": _areas(names, areas),
        "dwellings": DWELLINGS.items(),
        "may_registrations": may(request.user, "registration.see"),
        "card_states": dict(Card.State.choices),
    }
    return render(request, "registry/households.html", facts)


@rule("household.see")
def household(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Show one family, and record who looked."""
    areas = areas_of(request.user, "household.see")
    shown = get_object_or_404(Household.objects.filter(within("village__code", areas)), uuid=uuid)
    with transaction.atomic():
        looked(shown, page="household", actor=request.user.actor, at=timezone.now())
    names = board.names()
    entitlements = Entitlement.objects.filter(household=shown).select_related("benefit", "cycle")
    facts = {
        "title": shown.head_name,
        "crumbs": [("/keluarga/", "Keluarga")],
        "shown": shown,
        "names": names,
        "district": shown.village_id // 10_000,
        "regency": shown.village_id // 1_000_000,
        "dwelling": DWELLINGS.get(shown.dwelling or ""),
        "grade": GRADES.get(shown.home_grade or ""),
        "members": _members(shown),
        "custodian_contact": _contact(shown),
        "follow_ups": of_household(shown),
        "ways": WAYS.items(),
        "may_close": may(request.user, "case.decide", shown.village_id),
        "portrait": state_of(shown),
        "may_portrait": may(request.user, "portrait.see", shown.village_id),
        "judged": _judged(shown),
        "enrolments": Enrolment.objects.filter(household=shown).select_related(
            "programme", "decree"
        ),
        "cards": Card.objects.filter(household=shown).order_by("-issue"),
        "may_cards": may(request.user, "card.see", shown.village_id),
        "entitlements": entitlements.order_by("-cycle__opens_on", "benefit_id"),
        "invitations": Invitation.objects.filter(household=shown, ended=None)
        .select_related("day__point", "cycle")
        .order_by("-day__held_on"),
        "may_days": may(request.user, "day.see", shown.village_id),
        "deliveries": Delivery.objects.filter(entitlement__household=shown)
        .select_related("entitlement__benefit")
        .order_by("-at"),
        "account": BankAccount.objects.filter(household=shown).first(),
        "disbursements": Disbursement.objects.filter(entitlement__household=shown),
    }
    return render(request, "registry/household.html", facts)


def _contact(shown: Household) -> str:
    """Open how to reach who takes messages for the family; '' where nobody told."""
    sealed = shown.custodian_contact_sealed
    return open_sealed(bytes(sealed)).decode() if sealed else ""


def _filtered(request: StaffRequest, rows: QuerySet[Household]) -> tuple[QuerySet[Household], bool]:
    """Narrow by what the address bar asks; say whether anything was asked."""
    words = request.GET.get("cari", "").strip()
    digits = re.sub(r"[\s.-]", "", words)
    if digits.isdigit() and len(digits) == 14:
        rows = rows.filter(number=digits[2:12])  # somebody typed the card's number
    elif digits.isdigit() and len(digits) >= 4:
        rows = rows.filter(number__startswith=digits[:10])
    elif words:
        rows = rows.filter(head_name__icontains=words)
    area = _asked_area(request)
    if area:
        rows = rows.filter(within("village__code", [area]))
    dwelling = request.GET.get("tinggal", "")
    if dwelling in DWELLINGS:
        rows = rows.filter(dwelling=dwelling)
    point = request.GET.get("titik", "")
    if point in {"ada", "belum"}:
        rows = rows.filter(Q(home_lat__isnull=point == "belum"))
    return rows, bool(words or area or dwelling or point)


def _asked_area(request: StaffRequest) -> int | None:
    """Read the code of a regency, district or village from the address; None for anything else."""
    area = whole(request.GET.get("wilayah", ""))
    return area if area and len(str(area)) in {4, 6, 10} else None


def _csv(
    request: StaffRequest, rows: QuerySet[Household], names: dict[int, str]
) -> StreamingHttpResponse:
    """Give all that is found as a file. No more rows leave than are recorded."""
    count = rows.count()
    with transaction.atomic():
        exported(count, actor=request.user.actor, at=timezone.now(), area=_asked_area(request))
    columns = ("number", "head_name", "village_id", "size", "decile")
    taken = rows.values_list(*columns, named=True)[:count]
    titles = ("nomor_keluarga", "kepala_keluarga", "kode_desa", "desa", "jiwa", "desil")
    return export(
        "keluarga",
        titles,
        taken,
        lambda row: (
            row.number, row.head_name, row.village_id, names.get(row.village_id, ""), row.size,
            row.decile,
        ),
    )  # fmt: skip


def _areas(names: dict[int, str], areas: list[int]) -> list[tuple[int, str]]:
    """Give the regencies and districts of one's own areas, for the filter."""
    prefixes = tuple(str(area) for area in areas)
    return [
        (code, name)
        for code, name in names.items()
        if code < 1_000_000 and (str(code).startswith(prefixes) or prefixes == ("62",))
    ]


def _members(shown: Household) -> list[dict[str, Any]]:
    """Give the members with their NIK masked: the last four digits, as on the phone."""
    members = Member.objects.filter(household=shown).order_by("-is_head", "birth_on", "pk")
    return [
        {
            "name": member.name,
            "nik": f"············ {member.nik_last4}" if member.nik_last4 else None,
            "birth_on": member.birth_on,
            "sex": {"L": "laki-laki", "P": "perempuan"}.get(member.sex or ""),
            "relation": RELATIONS.get(member.relation, member.relation),
            "is_head": member.is_head,
            "presence": PRESENCES.get(member.presence, member.presence),
        }
        for member in members
    ]


def _judged(shown: Household) -> list[dict[str, Any]]:
    """Give the newest judgement of each programme with its reasons."""
    judged = []
    for programme in Programme.objects.all():
        assessment = latest_assessment(shown, programme)
        if assessment is None:
            continue
        judged.append(
            {
                "programme": programme,
                "run": assessment.run,
                "decision": assessment.decision,
                "sentence": decision_sentence(assessment),
                "answers": explain(assessment),
            }
        )
    return judged
