"""The investigation of a card: every sighting in time and place, why it was flagged, what to do."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from betang.accounts.access import areas_of, may, within
from betang.areas.models import Area
from betang.cards.block import REASONS, block
from betang.cards.clones.investigate import conclude, false_alarms, investigate, sentence_of
from betang.cards.models import LIVE_STATES, Card, Investigation, Suspicion
from betang.cards.replace import replace
from betang.monitoring import board
from betang.monitoring.looks import looked
from betang.web.cards.cards import REASON_WORDS, NotSureError
from betang.web.cards.counter_chart import drawn_chart
from betang.web.cards.map import drawn_map
from betang.web.cards.sightings import Sighting, sightings
from betang.web.guard import StaffRequest, rule
from betang.web.shell.asked import Form, act
from betang.web.shell.listing import Column, ordered
from betang.web.shell.paging import page_of
from betang.web.shell.people import who

COLUMNS = (
    Column("kapan", "Dibuka", ("-opened_at",)),
    Column("kartu", "Kartu", ("card__number",)),
    Column("desa", "Desa atau kelurahan", ("card__village_id",)),
    Column("sebab", "Sebab", ("cause",)),
)
RULE_WORDS = dict(Suspicion.Rule.choices)
#: What each rule means, and why it is not the family's ordinary use.
RULE_MEANS = {
    "tap_twice": "Satu tempelan hanya dapat dibaca satu HP. Di sini HP lain memutarnya ulang.",
    "tap_forged": "Tanda dari cip ini tidak dibuat oleh cip program.",
    "tap_other_card": "Kode QR dan cip yang ditunjukkan bersama berasal dari dua kartu.",
    "counter_down": "Cip hanya menghitung naik. Tempelan kedua direkam sebelum yang pertama, lalu "
    "dipakai sesudahnya.",
    "two_places": "Tidak ada jalan atau sungai yang ditempuh secepat itu.",
    "shown_after_end": "Kartu sudah dicabut ketika ditunjukkan.",
    "sample": "Penyerahan oleh HP tanpa pembaca cip; diundi untuk diperiksa.",
}
#: Replacing is for a card that its family still needs: copied or misused, not given back.
REPLACEABLE = frozenset({"active", "in_custody", "blocked"})


@rule("investigation.see")
def investigations(request: StaffRequest) -> HttpResponse:
    """List the investigations of one's own areas, the open ones unless asked otherwise."""
    areas = areas_of(request.user, "investigation.see")
    own = Investigation.objects.filter(within("card__village__code", areas))
    state = request.GET.get("keadaan", "open")
    rows = own.filter(state=state) if state in Investigation.State.values else own
    whole = rows.count()
    cause = request.GET.get("sebab", "")
    if cause in Investigation.Cause.values:
        rows = rows.filter(cause=cause)
    rows, heads = ordered(request, rows.select_related("card"), COLUMNS)
    page = page_of(request, rows)
    facts = {
        "title": "Penelusuran kartu",
        "crumbs": [("/kartu/", "Kartu")],
        "lead": "Kartu yang dicurigai disalin, dipakai orang lain, atau terpilih sebagai contoh.",
        "page": page,
        "whole": whole,
        "heads": heads,
        "names": board.names(),
        "state": state,
        "causes": Investigation.Cause.choices,
        "rules": _rules_of(list(page)),
        "alarms": [{**row, "words": RULE_WORDS[row["rule"]]} for row in false_alarms()],
    }
    return render(request, "cards/investigations.html", facts)


@rule("investigation.see")
def investigation(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Show what was seen of one card, and record who looked.

    A POST opens an investigation, closes it with a finding, or blocks or replaces the card.
    """
    areas = areas_of(request.user, "investigation.see")
    own = Card.objects.filter(within("village__code", areas)).select_related("household")
    shown = get_object_or_404(own, uuid=uuid)
    form = Form(request)
    if request.method == "POST" and _acted(request, shown, form):
        return redirect("investigation", uuid)
    with transaction.atomic():
        looked(shown.household, page="card", actor=request.user.actor, at=timezone.now())
    shown.refresh_from_db()  # a refused act may have changed what we hold in memory
    facts = _facts(request, shown)
    return render(
        request,
        "cards/investigation.html",
        {**facts, "form": form},
        status=422 if form.wrong else 200,
    )


def _acted(request: StaffRequest, shown: Card, form: Form) -> bool:
    """Do what the form asks, where this account may; say whether it was done."""
    asked, now, actor = form.get("act"), timezone.now(), request.user.actor
    open_now = Investigation.objects.filter(card=shown, state="open").first()
    may_close = may(request.user, "investigation.close", shown.village_id)
    may_block = may(request.user, "card.block", shown.village_id)
    if asked == "open" and may_close:

        def opening() -> Investigation:
            return investigate(shown, actor=actor, at=now)

        return bool(act(request, opening, "Penelusuran dibuka.", form=form))
    if asked == "close" and may_close and open_now:

        def closing() -> Investigation:
            return conclude(
                open_now,
                finding=form.get("finding"),
                sentence=form.get("sentence"),
                actor=actor,
                at=now,
            )

        return bool(act(request, closing, "Penelusuran selesai. Terima kasih.", form=form))
    if asked in {"block", "replace"} and may_block:

        def ending() -> Card:
            if form.get(f"sure_{asked}") != "yes":
                raise NotSureError(field=f"sure_{asked}")
            if asked == "replace":
                return replace(shown.number, actor=actor, at=now)
            return block(shown.number, reason=form.get("reason"), actor=actor, at=now)

        said = {
            "block": "Kartu diblokir. Daftar pencabutan ikut diperbarui.",
            "replace": "Kartu pengganti dipesan, dan kartu ini dicabut.",
        }[asked]
        return bool(act(request, ending, said, form=form))
    return False


def _facts(request: StaffRequest, shown: Card) -> dict[str, Any]:
    """Gather what the page shows."""
    names = board.names()
    suspicions = list(
        Suspicion.objects.filter(card=shown).select_related("first", "second").order_by("-at")
    )
    seen = sightings(shown, suspicions, names)
    places = {one.row.pk: one for one in seen}
    rounds = list(Investigation.objects.filter(card=shown).order_by("-opened_at"))
    may_close = may(request.user, "investigation.close", shown.village_id)
    may_block = may(request.user, "card.block", shown.village_id)
    return {
        "title": f"Penelusuran kartu {shown.number}",
        "crumbs": [("/kartu/", "Kartu"), ("/kartu/telusur/", "Penelusuran")],
        "card": shown,
        "names": names,
        "seen": list(reversed(seen)),
        "map": drawn_map(seen, names, _home(shown)),
        "chart": drawn_chart(seen),
        "suspicions": [_told(suspicion, places) for suspicion in suspicions],
        "open": next((one for one in rounds if one.state == "open"), None),
        "closed": [
            {"one": one, "sentence": sentence_of(one), "who": who(one.closed_by_person)}
            for one in rounds
            if one.state == "closed"
        ],
        "findings": Investigation.Finding.choices,
        "may_close": may_close,
        "may_block": may_block and shown.state in LIVE_STATES,
        "may_replace": may_block and shown.state in REPLACEABLE,
        "reasons": [(reason, REASON_WORDS.get(reason, reason)) for reason in REASONS],
        "reason_words": REASON_WORDS,
    }


def _told(suspicion: Suspicion, places: dict[int, Sighting]) -> dict[str, Any]:
    """Lay one suspicion out: what it says, and its evidences side by side, the earlier first."""
    pair = [places.get(pk) for pk in (suspicion.first_id, suspicion.second_id) if pk]
    return {
        "words": suspicion.get_rule_display(),
        "means": RULE_MEANS.get(suspicion.rule, ""),
        "at": suspicion.at,
        "pair": [one for one in pair if one],
        "blocked": REASON_WORDS.get(str(suspicion.facts.get("blocked_reason", "")), ""),
    }


def _home(shown: Card) -> tuple[float, float] | None:
    """Give the point of the card's own village, where it is known."""
    village = Area.objects.filter(code=shown.village_id).first()
    if village is None or village.lat is None or village.lng is None:
        return None
    return village.lat, village.lng


def _rules_of(page: list[Investigation]) -> dict[int, str]:
    """Give the words of the rules that saw something, for each investigation of a page."""
    told: dict[int, list[str]] = {}
    rows = Suspicion.objects.filter(investigation__in=page).values("investigation", "rule")
    for row in rows.annotate(last=Max("at")).order_by("last"):
        told.setdefault(row["investigation"], []).append(RULE_WORDS[row["rule"]])
    return {key: "; ".join(words) for key, words in told.items()}
