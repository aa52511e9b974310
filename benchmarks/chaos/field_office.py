"""The desks that the field's own faults need: days at points, registered families, hand-overs."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

from django.utils import timezone

from benchmarks.chaos.ask import rows
from benchmarks.chaos.office import TWO, WHY, Desk
from benchmarks.chaos.world import CLERK
from betang.accounts.models import Device
from betang.core.clock import WIB
from betang.distribution import change_day
from betang.distribution.day_models import Day
from betang.distribution.plan import Shape, Wave, plan_days
from betang.programmes.models import Cycle
from betang.registry.models import Household, HouseholdProposal
from betang.sync import decide_proposal, supervise
from betang.sync.models import FieldEvent

PROVINCE = 62
#: What an office answers on one morning, of what waits.
ANSWERED = 0.4
#: The world wrote its families by hand, under the numbers that the registry would give next.
SKIP_USED = """
SELECT count(nextval('registry_household_serial'))
FROM generate_series(1, (SELECT count(*) FROM registry_household))
"""


@dataclass
class FieldDesk(Desk):
    """All desks, with those of the days, the registrations and the hand-overs."""

    per_day: int = 0

    # --- days at points -----------------------------------------------------------------------

    def plan_days(self, *, per_day: int = 0) -> str:
        """Plan days from today on for who is invited nowhere."""
        if not self.per_day:
            rows(SKIP_USED)
        self.per_day = self.per_day or per_day
        shape = Shape(per_day=self.per_day, sundays=True)
        today = _today()
        with self._tried() as told:
            plan_days(
                Cycle.objects.get(), [Wave(PROVINCE, today)], shape, today=today,
                actor=CLERK, at=timezone.now(),
            )  # fmt: skip
        return told[0] if told else ""

    def cancel_day(self, day: str) -> str:
        """Cancel a day that nobody opened."""
        found = _day(day)
        with self._tried() as told:
            change_day.cancel_day(found, reason="flood", actor=CLERK, at=timezone.now())
        return told[0] if told else ""

    def move_day(self, day: str, by: int) -> str:
        """Move a day that nobody opened."""
        found = _day(day)
        to_on = found.held_on + timedelta(days=by)
        given: dict[str, Any] = {"today": _today(), "actor": CLERK, "at": timezone.now()}
        with self._tried() as told:
            change_day.move_day(found, to_on=to_on, reason="road", **given)
        return told[0] if told else ""

    def invite(self, household: str, day: str) -> str:
        """Give a family a place in another day."""
        family = Household.objects.get(uuid=household)
        with self._tried() as told:
            change_day.invite(family, _day(day), actor=CLERK, at=timezone.now())
        return told[0] if told else ""

    # --- what the field asked for -------------------------------------------------------------

    def answer(self, *, draw: float) -> None:
        """Decide some families that were registered and every hand-over that waits; plan again."""
        if 0 < draw < 0.3:
            self.plan_days()
        self._hand_overs(draw)
        waiting = HouseholdProposal.objects.filter(state="waiting").order_by("pk")
        for proposal in waiting:
            random = Random(f"{draw}:{proposal.pk}")
            if random.random() < ANSWERED:
                self._decide(proposal, random)

    def _hand_overs(self, draw: float) -> None:
        """Release or refuse, by two persons, what a receiver told of a giver that was stopped."""
        asked = FieldEvent.objects.filter(type="lease.received", state="waiting")
        for pk in sorted(set(asked.values_list("device_id", flat=True))):
            device = Device.objects.select_related("owner").get(pk=pk)
            yes = Random(f"{draw}:{pk}").random() < 0.5
            act = supervise.release_waiting if yes else supervise.refuse_waiting
            with self._tried():
                act(device, reason=WHY, **TWO, at=timezone.now())

    def _decide(self, proposal: HouseholdProposal, random: Random) -> None:
        """Accept, refuse, or say which family it is; what cannot be accepted is known already."""
        by: dict[str, Any] = {"actor": CLERK, "at": timezone.now()}
        acts: list[Callable[[], object]] = [
            lambda: decide_proposal.accept_proposal(proposal, **by),
            lambda: decide_proposal.refuse_proposal(proposal, "not_found", "", **by),
            lambda: decide_proposal.say_known(proposal, _some_family(proposal), **by),
        ]
        with self._tried() as told:
            random.choices(acts, [3, 1, 1])[0]()
        if told:
            with self._tried():
                decide_proposal.say_known(proposal, _some_family(proposal), **by)


def _some_family(proposal: HouseholdProposal) -> Household:
    """Give a family of the same village."""
    there = Household.objects.filter(village=proposal.village, state="active")
    found = there.order_by("pk").first()
    assert found
    return found


def _day(uuid: str) -> Day:
    return Day.objects.select_related("point", "cycle").get(uuid=uuid)


def _today() -> Any:
    return timezone.now().astimezone(WIB).date()
