"""A failing plan is cut down to what makes it fail, and the small one fails when it is played."""

from pathlib import Path

import pytest

from sandbox.chaos import plan as plans
from sandbox.chaos.shrink import shrink
from tests.chaos.conftest import Chaos

SMALL = {"devices": 12, "households": 240, "days": 3}


class TestShrinking:
    def test_leaves_a_plan_alone_that_fails_only_whole(self):
        plan = plans.draw(4, **SMALL)

        assert shrink(plan, lambda tried: tried == plan) == plan

    def test_finds_the_two_faults_that_fail_together(self):
        plan = plans.draw(4, **SMALL)
        wanted = {plan.faults[5], plan.faults[-3]}

        small = shrink(plan, lambda tried: wanted <= set(tried.faults))

        assert set(small.faults) == wanted

    def test_needs_no_fault_where_honest_work_alone_fails(self):
        small = shrink(plans.draw(4, **SMALL), lambda tried: True)

        assert (small.devices, small.days, list(small.faults)) == (2, 1, [])

    @pytest.mark.server
    def test_gives_a_plan_file_that_fails_again(self, chaos: Chaos, tmp_path: Path):
        plan = plans.draw(3, devices=2, households=20, days=1, mutant="counter_not_raised")
        path = tmp_path / "plan.json"
        path.write_bytes(plan.only(plan.faults[:3]).as_bytes())

        code, said, _ = chaos("--replay", str(path), "--shrink")
        assert code == 1, said
        small = plans.read(path.with_suffix(".small.json"))
        assert len(small.faults) < 2

        code, said, _ = chaos("--replay", str(path.with_suffix(".small.json")))
        assert code == 1, said
        assert "BROKEN the_counter_is_the_highest_tap" in said
