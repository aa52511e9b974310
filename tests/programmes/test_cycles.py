"""A cycle is planned, opened and closed, in this order."""

from datetime import date

import pytest

from betang.programmes.create import create_programme
from betang.programmes.cycles import (
    CycleExistsError,
    CycleFormError,
    CycleStateError,
    begin_cycle,
    close_cycle,
    plan_cycle,
)
from betang.programmes.models import Cycle

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan(budi, noon):
    programme = create_programme(actor=budi, at=noon)

    def planned(code="202601", opens_on=date(2026, 2, 20), closes_on=date(2026, 3, 15)):
        return plan_cycle(
            programme,
            code=code,
            name="Tahap I",
            opens_on=opens_on,
            closes_on=closes_on,
            actor=budi,
            at=noon,
        )

    return planned


class TestACycle:
    @pytest.mark.parametrize("code", ["", "2026", "2026-1", "20260a", "2026011"])
    def test_is_refused_a_code_that_no_payment_reference_could_carry(self, plan, code):
        with pytest.raises(CycleFormError):
            plan(code=code)

    def test_is_refused_to_close_before_it_opens(self, plan):
        with pytest.raises(CycleFormError):
            plan(closes_on=date(2026, 2, 19))

    def test_is_refused_a_second_time(self, plan):
        plan()

        with pytest.raises(CycleExistsError):
            plan()

    def test_cannot_be_closed_before_it_was_opened_or_opened_twice(self, plan):
        cycle = plan()

        with pytest.raises(CycleStateError):
            close_cycle(cycle)
        begin_cycle(cycle)
        with pytest.raises(CycleStateError):
            begin_cycle(Cycle.objects.get(pk=cycle.pk))

    def test_goes_from_planned_to_open_to_closed(self, plan):
        cycle = plan()

        begin_cycle(cycle)
        close_cycle(cycle)

        assert Cycle.objects.get().state == "closed"
