"""A day at a point for the field's tests, made by hand: no plan stands between test and table."""

from datetime import date, time, timedelta

from django.utils import timezone

from betang.areas.models import DistributionPoint
from betang.core.clock import WIB
from betang.core.identifiers import new_uuid
from betang.distribution.models import Day, Invitation
from betang.registry.models import Household
from tests.sync.world import World


def today() -> date:
    """Give the date on the wall there."""
    return timezone.now().astimezone(WIB).date()


def make_point(village: int, name: str = "Balai Desa") -> DistributionPoint:
    """Make a point in `village`."""
    return DistributionPoint.objects.create(uuid=new_uuid(), name=name, village_id=village)


def make_day(world: World, village: int, *, after: int = 0, name: str = "Balai Desa") -> Day:
    """Invite every family of `village` to a day `after` days from today, ten minutes apart."""
    day = Day.objects.create(
        point=make_point(village, name),
        cycle=world.cycle,
        held_on=today() + timedelta(days=after),
        opens=time(8),
        closes=time(15),
    )
    families = Household.objects.filter(village_id=village).order_by("pk")
    made = Invitation.objects.bulk_create(
        Invitation(
            day=day, cycle=world.cycle, household=one, queue=n, slot=time(8 + n // 6, n % 6 * 10)
        )
        for n, one in enumerate(families, start=1)
    )
    Day.objects.filter(pk=day.pk).update(last_queue=len(made))
    return day
