"""Each look at a family is recorded: who looked, at whom or how many, when (look.md, "Respect").

A page of one family is a look at that family, whatever the page is called. A page of a list that
names families is one entry with their number: fifty entries a click would hide the looks that
matter. Where no name, face or evidence of a family is shown there is no look.
"""

from datetime import datetime
from uuid import UUID

from betang.core.actor import Actor
from betang.journal.record import record
from betang.registry.models import Household, HouseholdProposal


def looked(household: Household, *, page: str, actor: Actor, at: datetime) -> None:
    """Record that `actor` opened a page that shows `household`: its own, its card's or a case's."""
    record(
        "household.looked",
        household.uuid,
        actor=actor,
        at=at,
        area=household.village_id,
        page=page,
    )


def registration_looked(proposal: HouseholdProposal, *, actor: Actor, at: datetime) -> None:
    """Record that `actor` saw what was told of a family registered in the field."""
    record("registration.looked", proposal.uuid, actor=actor, at=at, area=proposal.village_id)


def listed(count: int, *, searched: bool, actor: Actor, at: datetime, area: int | None) -> None:
    """Record that `actor` saw the names of `count` families on a page of a list.

    `searched` says that somebody was looked for by name or number, not what was typed.
    """
    if count:
        record(
            "households.listed",
            actor.uuid,
            actor=actor,
            at=at,
            area=area,
            count=count,
            searched=searched,
        )


def exported(count: int, *, actor: Actor, at: datetime, area: int | None) -> None:
    """Record that `actor` takes a list of `count` families out of the system.

    Before the first row leaves: a download that breaks off has shown what it has shown.
    """
    record("households.exported", actor.uuid, actor=actor, at=at, area=area, count=count)


def findings_exported(batch: UUID, count: int, *, actor: Actor, at: datetime) -> None:
    """Record that `actor` takes the findings about an incoming list out, before they leave."""
    record("findings.exported", batch, actor=actor, at=at, count=count)
