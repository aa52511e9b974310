"""Close a cycle, and say so in the journal.

It stands here until `distribution` has an act of its own that also gives back what is left over:
`programmes.close_cycle` moves the state and leaves the entry to its caller.
"""

from datetime import datetime

from betang.core.actor import Actor
from betang.journal.record import record
from betang.programmes.cycles import close_cycle
from betang.programmes.models import Cycle


def end_cycle(cycle: Cycle, *, actor: Actor, at: datetime) -> Cycle:
    """Close `cycle`: nothing is due in it any more. Raises `CycleStateError`."""
    close_cycle(cycle)
    record("cycle.closed", cycle.uuid, actor=actor, at=at, cycle=cycle.code)
    return cycle
