"""Cases: what a person must look at and decide, with the evidence of both sides."""

from datetime import date
from uuid import UUID

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from betang.accounts.access import areas_of, may, within
from betang.accounts.models import Device, User
from betang.core.clock import day
from betang.core.money import rupiah
from betang.distribution.models import Delivery
from betang.grievances.decide import TAKES_TWO, assign, give_back, note, outcomes_of
from betang.grievances.models import Case, Step
from betang.keys.sealing import open_sealed
from betang.monitoring import board
from betang.monitoring.looks import looked
from betang.sync.decide_case import confirm_case, decide_case
from betang.sync.read_said import open_attachment
from betang.web.guard import StaffRequest, rule
from betang.web.shell.asked import Form, act
from betang.web.shell.listing import Column, ordered
from betang.web.shell.paging import page_of

COLUMNS = (
    Column("kapan", "Dibuka", ("-opened_at",)),
    Column("jenis", "Kasus", ("kind",)),
    Column("desa", "Desa atau kelurahan", ("village_id",)),
    Column("keadaan", "Keadaan", ("state",)),
)
OUTCOME_WORDS = {
    "upheld": "Benar: keluhan atau sengketanya terbukti",
    "dismissed": "Tidak terbukti",
    "unclear": "Tidak dapat dipastikan",
}
#: Of a contested delivery: what becomes of it.
CLAIM_WORDS = {
    "upheld": "Benar: penyerahan ini dihitung (dua orang)",
    "replaced": "Menggantikan: penyerahan ini dihitung, yang terhitung dibatalkan (dua orang)",
    "dismissed": "Tidak benar: penyerahan ini tidak dihitung",
    "unclear": "Tidak dapat dipastikan: penyerahan ini tidak dihitung",
}
#: Why a delivery did not count by itself.
WHY = {
    "claim.already_delivered": "Bantuan ini sudah dihitung sebelumnya.",
    "claim.not_leased": "Bantuan ini tidak ditugaskan ke gawai yang mencatatnya.",
    "claim.after_lease": "Dicatat setelah penugasan gawainya berakhir.",
    "claim.card_refused": "Kartu yang ditunjukkan tidak sah untuk keluarga ini.",
    "claim.cycle_closed": "Tahap penyalurannya sudah ditutup.",
}
#: Who asked for money, as the phone tells it.
ASKED_BY = {
    "village_officer": "perangkat desa atau kelurahan",
    "neighbourhood": "pengurus RT atau RW",
    "companion": "pendamping",
    "agent": "agen atau e-warong",
    "seller": "pedagang atau pengepul",
    "other": "orang lain",
    "unknown": "tidak diketahui",
}
PROPOSED = "Usulan putusan tercatat. Orang kedua menyetujuinya di halaman ini."


@rule("case.see")
def cases(request: StaffRequest) -> HttpResponse:
    """List the cases of one's own areas, the undecided ones unless asked otherwise."""
    areas = areas_of(request.user, "case.see")
    own = Case.objects.filter(within("village__code", areas))
    state = request.GET.get("keadaan", "terbuka")
    rows = own.filter(state="resolved") if state == "selesai" else own.exclude(state="resolved")
    whole = rows.count()
    kind = request.GET.get("jenis", "")
    if kind in Case.Kind.values:
        rows = rows.filter(kind=kind)
    rows, heads = ordered(request, rows, COLUMNS)
    facts = {
        "title": "Kasus",
        "lead": "Penyerahan yang disengketakan dan pengaduan; diputus orang dengan alasan.",
        "page": page_of(request, rows),
        "whole": whole,
        "heads": heads,
        "names": board.names(),
        "kinds": Case.Kind.choices,
        "state": state,
    }
    return render(request, "grievances/cases.html", facts)


@rule("case.see")
def case(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Show one case with both evidences, and record who looked.

    A POST takes it, notes upon it, decides it, or answers a decision that another proposed.
    """
    areas = areas_of(request.user, "case.see")
    own = Case.objects.filter(within("village__code", areas)).select_related("household")
    shown = get_object_or_404(own, uuid=uuid)
    form = Form(request)
    may_decide = may(request.user, "case.decide", shown.village_id)
    if request.method == "POST" and may_decide:

        def doing() -> Case | Step:
            actor, now = request.user.actor, timezone.now()
            if form.get("act") == "take":
                return assign(shown, request.user.person, actor=actor, at=now)
            if form.get("act") == "note":
                return note(shown, form.get("text"), actor=actor, at=now)
            if form.get("act") == "confirm":
                return confirm_case(shown, actor=actor, at=now)
            if form.get("act") == "give_back":
                return give_back(shown, form.get("text"), actor=actor, at=now)
            return decide_case(shown, form.get("outcome"), form.get("text"), actor=actor, at=now)

        proposed = form.get("act") == "resolve" and form.get("outcome") in TAKES_TWO
        waits = proposed and shown.kind == Case.Kind.CONTESTED_DELIVERY
        if act(request, doing, PROPOSED if waits else "Tercatat.", form=form):
            return redirect("case", uuid)
    may_see_family = may(request.user, "household.see", shown.village_id)
    if shown.household is not None and may_see_family:
        with transaction.atomic():
            looked(shown.household, page="case", actor=request.user.actor, at=timezone.now())
    people = {user.person: user.full_name for user in User.objects.all()}
    shown.refresh_from_db()  # a refused act may have changed what we hold in memory
    words = CLAIM_WORDS if shown.kind == Case.Kind.CONTESTED_DELIVERY else OUTCOME_WORDS
    facts = {
        "title": shown.get_kind_display(),
        "crumbs": [("/kasus/", "Kasus")],
        "case": shown,
        "form": form,
        "names": board.names(),
        "may_decide": may_decide and shown.state != "resolved",
        "may_see_family": may_see_family,
        "outcomes": [(name, words[name]) for name in outcomes_of(shown)],
        "outcome": words.get(shown.outcome, shown.outcome),
        "told": _told(shown),
        "why": WHY.get(str(shown.facts.get("code", ""))),
        "proposed": words.get(shown.proposed_outcome),
        "proposer": people.get(shown.proposed_by_person) if shown.proposed_by_person else None,
        "own_proposal": shown.proposed_by_person == request.user.person,
        "holder": people.get(shown.assigned_person) if shown.assigned_person else None,
        "deliveries": _evidence(shown),
        "devices": {device.uuid: device for device in Device.objects.select_related("owner")},
        "steps": [
            {
                "at": step.at,
                "kind": step.get_kind_display(),
                "who": people.get(step.person) if step.person else None,
                "text": open_sealed(bytes(step.note_sealed)).decode() if step.note_sealed else "",
            }
            for step in Step.objects.filter(case=shown).order_by("id")
        ],
    }
    return render(request, "grievances/case.html", facts, status=422 if form.wrong else 200)


def _told(shown: Case) -> list[tuple[str, str]]:
    """Say what a companion told of a levy beyond his own words."""
    facts, told = shown.facts, []
    if facts.get("amount_rupiah") is not None:
        told.append(("Jumlah yang diminta", rupiah(int(facts["amount_rupiah"]))))
    if facts.get("asked_by"):
        told.append(("Yang meminta", ASKED_BY.get(str(facts["asked_by"]), "–")))
    if facts.get("on"):
        told.append(("Hari kejadian", day(date.fromisoformat(str(facts["on"])))))
    if facts.get("anonymous"):
        told.append(("Keluarga", "minta tidak disebut"))
    if facts.get("attachment"):
        note = open_attachment(bytes.fromhex(str(facts["attachment"]))).get("note")
        if isinstance(note, str) and note:
            told.append(("Yang diceritakan petugas", note))
    return told


def _evidence(shown: Case) -> list[Delivery]:
    """Give every delivery of the right that the case is about, the counted one first."""
    contested = Delivery.objects.filter(uuid=shown.subject).first()
    if contested is None:
        return []
    rows = Delivery.objects.filter(entitlement_id=contested.entitlement_id)
    return list(rows.select_related("entitlement__benefit").order_by("-counted", "at"))
