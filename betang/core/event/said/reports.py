"""What went wrong, and what a family complains about: `problem.reported`, `grievance.opened`."""

from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from betang.core.event.said import members

#: More than anybody asked of a family; a typing mistake in an amount of money.
LEVY_RUPIAH_MAX = 100_000_000
PROBLEMS = frozenset({"goods_short", "goods_damaged", "family_absent", "device", "safety", "other"})
GRIEVANCES = frozenset({"complaint", "levy", "objection"})
#: Who asked a family for money.
ASKED_BY = ("village_officer", "neighbourhood", "companion", "agent", "seller", "other", "unknown")


class Reported(NamedTuple):
    """`problem.reported` and `grievance.opened`."""

    code: str
    household: UUID | None
    village: int | None
    amount_rupiah: int | None = None
    asked_by: str | None = None
    on: date | None = None
    anonymous: bool = False


def _problem(data: dict[str, Any]) -> Reported:
    return Reported(
        members.one_of(data, "code", PROBLEMS),
        members.optional_uuid(data, "household"),
        members.village(data),
    )


def _grievance(data: dict[str, Any]) -> Reported:
    amount = data.get("amount_rupiah")
    return Reported(
        code=members.one_of(data, "kind", GRIEVANCES),
        household=members.optional_uuid(data, "household"),
        village=int(members.text(data, "village", members.VILLAGE)),
        amount_rupiah=(
            None if amount is None else members.whole(amount, "amount_rupiah", 0, LEVY_RUPIAH_MAX)
        ),
        asked_by=members.optional_among(data, "asked_by", ASKED_BY),
        on=members.day(data),
        anonymous=members.flag(data, "anonymous"),
    )


READERS: dict[str, Callable[[dict[str, Any]], Reported]] = {
    "problem.reported": _problem,
    "grievance.opened": _grievance,
}
