"""Rule sets and decrees: what makes a family eligible, and the list that a decree fixes."""

from datetime import date
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from betang.accounts.access import may
from betang.accounts.models import User
from betang.areas.models import Area
from betang.core.errors import FieldsError, NotAllowedError
from betang.eligibility import decree as decrees
from betang.eligibility.models import Decree, Run
from betang.monitoring import board
from betang.programmes.models import Programme, RuleSet
from betang.programmes.rule_sets import approve_rules, default_rules, propose_rules, withdraw_rules
from betang.registry.facts import FACTS
from betang.web.guard import StaffRequest, rule
from betang.web.shell.asked import Form, act, whole
from betang.web.shell.people import who

#: Runs shown; older ones stay in the journal.
RUNS_SHOWN = 10


class DateFormError(FieldsError):
    """The date of a decree was not written as a date."""

    code = "form.date"
    sentence = "Tanggal SK belum lengkap."
    do = "Pilih tanggal dari kalender."


class NoRunError(FieldsError):
    """There is no such run or area."""

    code = "decree.no_run"
    sentence = "Penilaian atau wilayah ini tidak ditemukan."
    do = "Pilih penilaian dan wilayah dari daftar."


@rule("rules.see")
def rules_and_decrees(request: StaffRequest) -> HttpResponse:
    """Show rule sets, runs and decrees in the order in which they follow each other."""
    return _page(request, Form(request))


@rule("rules.propose")
def propose(request: StaffRequest) -> HttpResponse:
    """Propose a rule text."""
    form = Form(request)
    programmes = Programme.objects.order_by("code")
    if request.method == "POST":
        programme = get_object_or_404(Programme, code=form.get("programme"))
        proposed = act(
            request,
            lambda: propose_rules(
                programme,
                form.typed.get("text", ""),
                facts=FACTS,
                actor=request.user.actor,
                at=timezone.now(),
            ),
            "Aturan diusulkan. Orang kedua menyetujuinya sebelum dipakai menilai.",
            form=form,
        )
        if proposed:
            return redirect("rule_set", proposed.uuid)
    facts = {
        "title": "Usulkan aturan",
        "crumbs": [("/aturan/", "Aturan dan SK")],
        "form": form,
        "programmes": programmes,
        "text": form.typed.get("text") or default_rules(),
        "facts": FACTS.items(),
    }
    return render(request, "eligibility/propose.html", facts, status=422 if form.wrong else 200)


@rule("rules.see")
def rule_set(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Show one rule text."""
    shown = get_object_or_404(RuleSet.objects.select_related("programme"), uuid=uuid)
    facts = {
        "title": shown.name,
        "crumbs": [("/aturan/", "Aturan dan SK")],
        "shown": shown,
        "proposer": who(shown.proposed_by_person),
        "approver": who(shown.approved_by_person),
        "own": request.user.person == shown.proposed_by_person,
        "may_approve": may(request.user, "rules.approve"),
        "may_withdraw": _may_withdraw_rules(request, shown),
        "withdrawer": who(shown.withdrawn_by_person),
        "indicators": shown.compiled.get("indicators", []),
    }
    return render(request, "eligibility/rule_set.html", facts)


@require_POST
@rule("rules.approve")
def approve(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Approve a rule text, as the second person."""
    shown = get_object_or_404(RuleSet, uuid=uuid)
    act(
        request,
        lambda: approve_rules(shown, facts=FACTS, actor=request.user.actor, at=timezone.now()),
        "Aturan disetujui dan tidak dapat diubah lagi.",
    )
    return redirect("rule_set", uuid)


@require_POST
@rule("rules.see")
def withdraw(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Take a proposed rule text back: its proposer, or who may approve."""
    shown = get_object_or_404(RuleSet, uuid=uuid)
    if not _may_withdraw_rules(request, shown):
        raise NotAllowedError
    act(
        request,
        lambda: withdraw_rules(shown, actor=request.user.actor, at=timezone.now()),
        "Usulan aturan ditarik. Teksnya dapat diusulkan lagi.",
    )
    return redirect("rule_set", uuid)


@require_POST
@rule("rules.propose")
def propose_decree(request: StaffRequest) -> HttpResponse:
    """Propose a decree over a run."""
    form = Form(request)

    def doing() -> Decree:
        run = Run.objects.filter(pk=whole(form.get("run")) or 0).first()
        area = Area.objects.filter(pk=whole(form.get("area")) or 0).first()
        if run is None or area is None:
            raise NoRunError(field="run")
        try:
            on_date = date.fromisoformat(form.get("on_date"))
        except ValueError as error:
            raise DateFormError(field="on_date") from error
        return decrees.propose(
            run,
            area=area,
            number=form.get("number"),
            on_date=on_date,
            actor=request.user.actor,
            at=timezone.now(),
        )

    if act(request, doing, "SK diusulkan. Orang kedua menyetujuinya.", form=form):
        return redirect("rules")
    return _page(request, form)


@require_POST
@rule("decree.approve")
def approve_decree(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Approve a decree: its families are enrolled."""
    shown = get_object_or_404(Decree, uuid=uuid)
    if not may(request.user, "decree.approve", shown.area_id):
        raise NotAllowedError
    act(
        request,
        lambda: decrees.approve(shown, actor=request.user.actor, at=timezone.now()),
        "SK disetujui; keluarganya sudah ditetapkan sebagai penerima.",
    )
    return redirect("rules")


@require_POST
@rule("rules.see")
def withdraw_decree(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Take a proposed decree back: its proposer, or who may approve it there."""
    shown = get_object_or_404(Decree, uuid=uuid)
    if not _may_withdraw_decree(request, shown):
        raise NotAllowedError
    act(
        request,
        lambda: decrees.withdraw(shown, actor=request.user.actor, at=timezone.now()),
        "Usulan SK ditarik. Nomornya dapat dipakai lagi.",
    )
    return redirect("rules")


def _may_withdraw_rules(request: StaffRequest, shown: RuleSet) -> bool:
    own = shown.proposed_by_person == request.user.person and may(request.user, "rules.propose")
    return own or may(request.user, "rules.approve")


def _may_withdraw_decree(request: StaffRequest, shown: Decree) -> bool:
    own = shown.proposed_by_person == request.user.person and may(request.user, "rules.propose")
    return own or may(request.user, "decree.approve", shown.area_id)


def _page(request: StaffRequest, form: Form) -> HttpResponse:
    people = {user.person: user.full_name for user in User.objects.all()}
    names = board.names()
    listed = list(Decree.objects.select_related("programme", "run").order_by("-proposed_at"))
    facts = {
        "title": "Aturan dan SK",
        "lead": "Aturan menilai, SK menetapkan. Keduanya diusulkan satu orang dan disetujui "
        "orang lain.",
        "form": form,
        "rule_sets": RuleSet.objects.select_related("programme").order_by("-valid_from"),
        "runs": Run.objects.select_related("rule_set").order_by("-id")[:RUNS_SHOWN],
        "decrees": [(each, _may_withdraw_decree(request, each)) for each in listed],
        "people": people,
        "person": request.user.person,
        "names": {62: "Provinsi", **names},
        "places": [(62, "Provinsi"), *[(c, n) for c, n in names.items() if c < 10_000]],
        "may_propose": may(request.user, "rules.propose"),
        "may_approve_decree": may(request.user, "decree.approve"),
    }
    return render(request, "eligibility/rules.html", facts, status=422 if form.wrong else 200)
