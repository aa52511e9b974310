"""Ask for a judging: the worker does it, the page shows how far it is."""

from datetime import datetime

from betang.core.actor import Actor
from betang.eligibility.assess import check_choice
from betang.eligibility.models import Run
from betang.errands.ask import ask
from betang.errands.models import Errand
from betang.programmes.models import Cycle, RuleSet


def ask_judging(rule_set: RuleSet, cycle: Cycle | None, *, actor: Actor, at: datetime) -> Errand:
    """Put the judging of all households by `rule_set` before the worker; one a programme at a time.

    Raises `UnderWayError`, and what `check_choice` raises, so that the answer comes at once.
    """
    check_choice(rule_set, cycle, at=at)
    chosen = {"rule_set": str(rule_set.uuid), "cycle": str(cycle.uuid) if cycle else None}
    return ask(Errand.Kind.JUDGE, rule_set.programme.uuid, asked=chosen, actor=actor, at=at)


def choice_of(errand: Errand) -> tuple[RuleSet, Cycle | None]:
    """Give the rule set and the cycle that an errand was asked for."""
    rule_set = RuleSet.objects.select_related("programme").get(uuid=errand.asked["rule_set"])
    cycle = Cycle.objects.filter(uuid=errand.asked["cycle"]).first()
    return rule_set, cycle


def told_of(run: Run) -> dict[str, object]:
    """Say what came of a judging, for the errand."""
    return {"run": str(run.uuid), **run.counts}
