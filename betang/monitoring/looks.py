"""Each look at a family's page is recorded: who looked, at whom, when (look.md, "Respect")."""

from datetime import datetime

from betang.core.actor import Actor
from betang.journal.record import record
from betang.registry.models import Household


def looked(household: Household, *, actor: Actor, at: datetime) -> None:
    """Record that `actor` opened the page of `household`."""
    record("household.looked", household.uuid, actor=actor, at=at, area=household.village_id)


def exported(household_count: int, *, actor: Actor, at: datetime, area: int | None) -> None:
    """Record that `actor` took a list of families out of the system."""
    record("households.exported", actor.uuid, actor=actor, at=at, area=area, count=household_count)
