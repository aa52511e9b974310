"""Rules broken on purpose, to see that the harness notices: by the harness alone, from outside.

Each is a text of ours that is replaced in a process of the run, before it serves anybody; where
PostgreSQL guards the same rule, its guard is taken off the run's own database. Betang has no switch
for any of this.
"""

import os
from collections.abc import Callable
from typing import Any

VARIABLE = "CHAOS_MUTANT"


def _lease_not_exclusive() -> None:
    from betang.distribution import lease  # noqa: PLC0415

    free = lease.FREE.replace("e.state = 'open' AND e.holder_id IS NULL", "e.state = 'open'")
    assert free != lease.FREE
    lease.FREE = free


def _acknowledged_by_batch() -> None:
    """Store all of a batch but its last event, and answer `stored` for the whole."""
    from betang.sync import ingest  # noqa: PLC0415

    whole = ingest._in_one  # noqa: SLF001

    def most(arrived: Any, holder: Any, at: Any, *, park: bool = False) -> Any:
        if len(arrived) < 3 or any(event.event.seq is None for event in arrived):
            return whole(arrived, holder, at, park=park)
        *first, last = arrived
        report = whole(first, holder, at, park=park)
        forged = {
            "n": last.n,
            "seq": last.event.seq,
            "id": str(last.event.id),
            "sha256": last.sha256.hex(),
            "answer": "stored",
        }
        report.answers.append(forged)
        return report

    ingest._in_one = most  # noqa: SLF001


def _conflict_dropped() -> None:
    from betang.distribution import deliver  # noqa: PLC0415

    whole = deliver._store  # noqa: SLF001

    def winners(kept: Any, *rest: Any) -> Any:
        won = [one for one in kept if one[1].value == "ok"]
        return whole(won, *rest) if won else set()

    deliver._store = winners  # type: ignore[assignment]  # noqa: SLF001


def _counter_not_raised() -> None:
    from betang.cards import present  # noqa: PLC0415

    present.HIGH_WATER = present.HIGH_WATER + " AND false"


def _lease_shortened() -> None:
    """Let a renewal of fewer days shorten a lease, as it once did."""
    from betang.distribution import lease  # noqa: PLC0415

    vars(lease)["Greatest"] = lambda _, until: until


def _giver_keeps_the_right() -> None:
    """Give a right to the receiver of a hand-over and leave it with the giver as well."""
    from betang.distribution import hand_on  # noqa: PLC0415

    ends = "AND r.ended_at IS NULL\n)"
    shared = hand_on.TAKE.replace(ends, f"AND false {ends}")
    shared = shared.replace("SET holder_id = %(to)s", "SET holder_id = holder_id + 0 * %(to)s")
    assert shared.count("false") == 1
    assert "0 *" in shared
    hand_on.TAKE = shared


MUTANTS: dict[str, Callable[[], None]] = {
    "lease_not_exclusive": _lease_not_exclusive,
    "acknowledged_by_batch": _acknowledged_by_batch,
    "conflict_dropped": _conflict_dropped,
    "counter_not_raised": _counter_not_raised,
    "lease_shortened": _lease_shortened,
    "giver_keeps_the_right": _giver_keeps_the_right,
}
#: Guards of PostgreSQL that a mutant needs gone.
UNGUARD = {
    "lease_not_exclusive": "DROP INDEX one_live_lease_a_right",
    "giver_keeps_the_right": "DROP INDEX one_live_lease_a_right",
}


def break_rule() -> None:
    """Break the rule that the environment names, in this process."""
    name = os.environ.get(VARIABLE)
    if name:
        MUTANTS[name]()
