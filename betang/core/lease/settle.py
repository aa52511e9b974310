"""How a claim on a right is settled: a pure function, the same for the server and its simulators.

docs/protocols/lease.md: the holder of the right delivers, once; a claim dated after the lease waits
for a decision; everybody else's claim is contested. Nobody is first by a device's clock.
"""

from enum import StrEnum


class Settled(StrEnum):
    """What becomes of a claim; the values are the codes of its decision."""

    COUNTS = "ok"
    UNKNOWN_RIGHT = "claim.unknown_right"
    CARD_REFUSED = "claim.card_refused"
    ALREADY_DELIVERED = "claim.already_delivered"
    CYCLE_CLOSED = "claim.cycle_closed"
    NOT_LEASED = "claim.not_leased"
    AFTER_LEASE = "claim.after_lease"


def settle(
    *,
    by_hand: bool,
    state: str,
    parts_left: int,
    part_taken: bool,
    cycle_open: bool,
    card_refused: bool,
    holds: bool,
    in_time: bool,
) -> Settled:
    """Settle one claim, in the order in which an official would give the reason.

    `holds`: the claiming device holds the right now. `in_time`: the claim is dated before the
    lease's end. `part_taken`: this part was counted before.
    """
    used = state == "delivered" or parts_left <= 0 or part_taken
    reasons = (
        (not by_hand or state in {"paid", "cancelled"}, Settled.UNKNOWN_RIGHT),
        (used, Settled.ALREADY_DELIVERED),
        (card_refused, Settled.CARD_REFUSED),
        (not cycle_open, Settled.CYCLE_CLOSED),
        (not holds, Settled.NOT_LEASED),
        (not in_time, Settled.AFTER_LEASE),
    )
    return next((reason for applies, reason in reasons if applies), Settled.COUNTS)
