"""Every kind of fault by its name; `plan.py` says how often each comes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sandbox.chaos import broken, handing, people, points, registering
from sandbox.chaos.plan import kinds_of

if TYPE_CHECKING:
    from random import Random

    from sandbox.chaos.plan import Fault
    from sandbox.chaos.play import Play

Act = Callable[["Play", "Fault", "Random"], str]

ROOMS = (broken, people, handing, points, registering)

FAULTS: dict[str, Act] = {
    kind: next(getattr(room, kind) for room in ROOMS if hasattr(room, kind))
    for kind in kinds_of(field=True)
}
