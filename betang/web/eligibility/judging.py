"""Judging by a page: asked for by a clerk, done by the worker, read by indicator and by family."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from betang.accounts.access import PROVINCE, areas_of, may, within
from betang.core.errors import FieldsError
from betang.eligibility.ask import ask_judging
from betang.eligibility.compare import Comparison, compare
from betang.eligibility.explain import latest_run, rules_of
from betang.eligibility.models import Assessment, Decree, Emptying, Run
from betang.eligibility.results import tally
from betang.eligibility.retain import is_emptied
from betang.errands.ask import latest
from betang.errands.models import Errand
from betang.monitoring import board
from betang.programmes.models import Cycle, Programme, RuleSet
from betang.programmes.rule_sets import rules_in_force
from betang.web.guard import StaffRequest, rule
from betang.web.shell.asked import Form, act, named, whole
from betang.web.shell.errands import Shown, part, shown
from betang.web.shell.listing import Column, ordered
from betang.web.shell.paging import page_of

#: A comparison of two runs never changes; it takes a second to make for 300,000 families.
COMPARISON_KEPT_S = 86_400
#: So long the page tells first that a judging came to its end; then it is a line of the list.
NEWS_FOR = timedelta(minutes=30)
#: What an answer of an indicator is called in the address bar, and in the row.
ANSWERS: dict[str, bool | None] = {"ya": True, "tidak": False, "belum": None}
DECISIONS = {"layak": 1, "tidak-layak": 0, "belum": -1}
#: The route that answers how far a judging is.
PROGRESS = "judging_progress"
#: Families on a page: two screens of a clerk.
FAMILIES_SHOWN = 50
RUN_COLUMNS = (Column("kapan", "Dinilai", ("-id",)),)


class NoChoiceError(FieldsError):
    """The form named no rule set, or one of another programme."""

    code = "run.no_choice"
    sentence = "Aturan ini bukan aturan program yang dipilih."
    do = "Pilih aturan dari program yang sama."


@rule("rules.see")
def judgings(request: StaffRequest) -> HttpResponse:
    """Show what is being judged, what was, and the form that asks for it."""
    return _page(request, Form(request))


@require_POST
@rule("rules.propose")
def start(request: StaffRequest) -> HttpResponse:
    """Ask for a judging of all households."""
    form = Form(request)

    def doing() -> Errand:
        wanted, chosen = named(form.get("rule_set")), named(form.get("cycle"))
        rule_set = (
            RuleSet.objects.filter(uuid=wanted, programme__code=form.get("programme")).first()
            if wanted
            else None
        )
        if rule_set is None:
            raise NoChoiceError(field="rule_set")
        cycle = Cycle.objects.filter(uuid=chosen).first() if chosen else None
        return ask_judging(rule_set, cycle, actor=request.user.actor, at=timezone.now())

    if act(request, doing, "Penilaian diminta; hasilnya tampil di halaman ini.", form=form):
        return redirect("judgings")
    return _page(request, form)


@rule("rules.see")
def progress(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Answer how far a judging is."""
    errand = get_object_or_404(Errand, uuid=uuid, kind=Errand.Kind.JUDGE)
    return part(request, shown(errand, PROGRESS))


@rule("rules.see")
def run(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Show what a run says: in numbers, by indicator, beside the run before, and by family."""
    made = get_object_or_404(Run.objects.select_related("rule_set__programme", "cycle"), uuid=uuid)
    areas = areas_of(request.user, "rules.see")
    emptied = Emptying.objects.filter(run=made).first()
    counts, indicators = _numbers(made, areas, rows_kept=emptied is None)
    facts: dict[str, Any] = {
        "title": f"Penilaian {timezone.localtime(made.at):%d.%m.%Y %H.%M}",
        "crumbs": [("/aturan/", "Aturan dan SK"), ("/penilaian/", "Penilaian")],
        "run": made,
        "emptied": emptied,
        "is_latest": latest_run(made.rule_set.programme) == made,
        "scope": None if PROVINCE in areas else [board.names().get(code, code) for code in areas],
        "counts": counts,
        "indicators": indicators,
        "decrees": Decree.objects.filter(run=made).order_by("-proposed_at"),
        "names": board.names(),
    }
    former = _former(made)
    if former and emptied is None and PROVINCE in areas:
        compared = _comparison(former, made)
        facts |= {
            "former": former,
            "comparison": compared,
            "moved": [
                each
                for each in compared.indicators
                if each.became_true or each.became_false or each.became_unknown
            ],
        }
    if emptied is None and may(request.user, "household.see"):
        facts |= _families(request, made, former, indicators)
    return render(request, "eligibility/run.html", facts)


def _page(request: StaffRequest, form: Form) -> HttpResponse:
    programmes = list(Programme.objects.order_by("code"))
    today = timezone.localdate()
    in_force = {rules_in_force(each, today) for each in programmes}
    runs = Run.objects.select_related("rule_set__programme", "cycle")
    runs, _ = ordered(request, runs, RUN_COLUMNS)
    errands = [shown(each, PROGRESS) for each in _latest(programmes)]
    page = page_of(request, runs)
    facts = {
        "title": "Penilaian kelayakan",
        "lead": "Setiap keluarga dinilai dengan aturan yang disetujui; setiap putusan menyebut "
        "alasannya. Penilaian belum menetapkan siapa pun: itu dilakukan SK.",
        "crumbs": [("/aturan/", "Aturan dan SK")],
        "form": form,
        "programmes": programmes,
        "rule_sets": [
            (each, each in in_force, each.valid_from > today)
            for each in RuleSet.objects.filter(state=RuleSet.State.APPROVED)
            .select_related("programme")
            .order_by("-valid_from")
        ],
        "cycles": Cycle.objects.exclude(state=Cycle.State.CLOSED)
        .select_related("programme")
        .order_by("-opens_on"),
        "errands": errands,
        "finished": [each for each in errands if _has_just_ended(each)],
        "shown": next((each for each in errands if each.is_open), None),
        "page": page,
        "emptied": set(
            Emptying.objects.filter(run__in=[each.pk for each in page]).values_list(
                "run_id", flat=True
            )
        ),
        "decrees": _decrees_of([each.pk for each in page]),
        "may_judge": may(request.user, "rules.propose"),
    }
    return render(request, "eligibility/judgings.html", facts, status=422 if form.wrong else 200)


def _latest(programmes: Iterable[Programme]) -> list[Errand]:
    found = (latest(Errand.Kind.JUDGE, each.uuid) for each in programmes)
    return [each for each in found if each]


def _has_just_ended(each: Shown) -> bool:
    ended = each.errand.ended_at
    done = each.errand.state == Errand.State.DONE
    return done and ended is not None and timezone.now() - ended < NEWS_FOR


def _decrees_of(runs: list[int]) -> dict[int, list[Decree]]:
    found: dict[int, list[Decree]] = {}
    standing = Decree.objects.exclude(state=Decree.State.WITHDRAWN)
    for each in standing.filter(run__in=runs).order_by("id"):
        found.setdefault(each.run_id, []).append(each)
    return found


def _numbers(
    made: Run, areas: list[int], *, rows_kept: bool
) -> tuple[dict[str, int], list[dict[str, Any]]]:
    """Give the counts of a run where the viewer works, and each indicator with its answers."""
    rules = rules_of(made.rule_set).indicators if made.rule_set.compiled else []
    counts, answers = made.counts, made.indicator_counts
    if rows_kept and (PROVINCE not in areas or not answers):
        own = tally(made.pk, [each.name for each in rules], None if PROVINCE in areas else areas)
        counts, answers = own.counts, own.indicators
    return counts, [
        {
            "name": each.name,
            "label": each.label,
            "role": each.role,
            "answers": list(zip(ANSWERS, answers[each.name], strict=True)),
        }
        for each in rules
        if each.name in answers
    ]


def _former(made: Run) -> Run | None:
    """Give the run of the same programme before this one, if its rows are still there."""
    earlier = Run.objects.select_related("rule_set").filter(
        rule_set__programme=made.rule_set.programme, pk__lt=made.pk
    )
    former = earlier.order_by("-id").first()
    return former if former and not is_emptied(former) else None


def _comparison(former: Run, made: Run) -> Comparison:
    name = f"comparison:{former.uuid}:{made.uuid}"
    kept: Comparison | None = cache.get(name)
    if kept is None:
        kept = compare(former, made)
        cache.set(name, kept, COMPARISON_KEPT_S)
    return kept


def _families(
    request: StaffRequest, made: Run, former: Run | None, indicators: list[dict[str, Any]]
) -> dict[str, Any]:
    """Give the families of the run that the viewer may see, as the address bar filters them."""
    own = Assessment.objects.filter(
        within("village_id", areas_of(request.user, "household.see")), run=made
    )
    rows: QuerySet[Any] = own.select_related("household")
    decision = DECISIONS.get(request.GET.get("putusan", ""))
    if decision is not None:
        rows = rows.filter(decision=decision)
    places = {each["name"]: place for place, each in enumerate(indicators)}
    place = places.get(request.GET.get("indikator", ""))
    said = request.GET.get("jawaban", "")
    if place is not None and said in ANSWERS:
        answer = ANSWERS[said]
        asked = (
            {f"indicators__{place}__isnull": True}
            if answer is None
            else {f"indicators__{place}": answer}
        )
        rows = rows.filter(**asked)
    changed = request.GET.get("berubah") == "1" and former is not None
    if changed:
        before = Assessment.objects.filter(run=former, household=OuterRef("household"))
        rows = rows.annotate(before=Subquery(before.values("decision")[:1])).exclude(
            before=F("decision")
        )
    asked_for = decision is not None or (place is not None and said in ANSWERS) or changed
    after = whole(request.GET.get("setelah", "")) or 0
    page = list(rows.filter(household_id__gt=after).order_by("household_id")[: FAMILIES_SHOWN + 1])
    return {
        "families": page[:FAMILIES_SHOWN],
        "further": page[FAMILIES_SHOWN - 1].household_id if len(page) > FAMILIES_SHOWN else None,
        "found": rows.count(),
        "own": own.count() if asked_for else None,
        "asked_for": asked_for,
        "changed": changed,
        "answers": [("ya", "ya"), ("tidak", "tidak"), ("belum", "belum diketahui")],
    }
