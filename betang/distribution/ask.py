"""Ask for a cycle to be opened: the worker does it, since it writes a row for every right."""

from datetime import datetime

from betang.core.actor import Actor
from betang.distribution.open_cycle import CycleClosedError, NobodyEnrolledError
from betang.eligibility.models import Enrolment
from betang.errands.ask import ask
from betang.errands.models import Errand
from betang.programmes.models import Cycle


def ask_opening(cycle: Cycle, *, actor: Actor, at: datetime) -> Errand:
    """Put the opening of `cycle` before the worker; an open one takes in who was enrolled since.

    Raises `CycleClosedError`, `NobodyEnrolledError`, `UnderWayError`.
    """
    cycle.refresh_from_db(fields=["state"])
    if cycle.state == Cycle.State.CLOSED:
        raise CycleClosedError(cycle=cycle.code)
    enrolled = Enrolment.objects.filter(programme_id=cycle.programme_id, until_on__isnull=True)
    if not enrolled.exists():
        raise NobodyEnrolledError
    return ask(Errand.Kind.OPEN, cycle.uuid, asked={}, actor=actor, at=at)
