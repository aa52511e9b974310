"""Ask for a run to be drawn or sealed: the worker does it, the page shows how far it is."""

from datetime import datetime

from betang.cards.models import Bureau, PrintRun
from betang.cards.printing.release import may_release
from betang.cards.printing.runs import must_be
from betang.core.actor import Actor
from betang.errands.ask import ask
from betang.errands.models import Errand

State = PrintRun.State


def ask_drawing(run: PrintRun, *, check_all: bool, actor: Actor, at: datetime) -> Errand:
    """Put the drawing of a run, or of what is left of it, before the worker.

    Raises `NotNowError`, `UnderWayError`.
    """
    must_be(run, State.FROZEN, State.DRAWING)
    return ask(Errand.Kind.PRINT, run.uuid, asked={"check_all": check_all}, actor=actor, at=at)


def ask_release(run: PrintRun, bureau: Bureau, *, actor: Actor, at: datetime) -> Errand:
    """Put the sealing of a run before the worker, in the name of the second person.

    Raises what `release` would begin with, so that the answer comes at once.
    """
    may_release(run, bureau, actor=actor)
    return ask(Errand.Kind.PACK, run.uuid, asked={"bureau": str(bureau.uuid)}, actor=actor, at=at)
