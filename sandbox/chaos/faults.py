"""Every kind of fault by its name; `plan.py` says how often each comes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sandbox.chaos import broken, people
from sandbox.chaos.plan import WEIGHTS

if TYPE_CHECKING:
    from random import Random

    from sandbox.chaos.plan import Fault
    from sandbox.chaos.play import Play

Act = Callable[["Play", "Fault", "Random"], str]

FAULTS: dict[str, Act] = {
    kind: getattr(broken, kind, None) or getattr(people, kind) for kind in WEIGHTS
}
