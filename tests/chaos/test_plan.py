"""A plan is drawn from its seed alone, and can be cut without moving what is left."""

from hashlib import sha256
from pathlib import Path

import orjson

from sandbox.chaos import plan as plans
from sandbox.chaos.faults import FAULTS

SMALL = {"devices": 12, "households": 240, "days": 3}
#: The faults of seed 7 as they were drawn when the full run of fifty seeds began.
SEVEN = "80f8d4cb696cd91815eec001afcfd08d177c0f4ff9498499d1cac41db264bbca"


class TestAPlan:
    def test_is_the_same_from_the_same_seed_and_another_from_another(self):
        assert plans.draw(7, **SMALL) == plans.draw(7, **SMALL)
        assert plans.draw(7, **SMALL).faults != plans.draw(8, **SMALL).faults

    def test_is_read_back_from_its_file_as_it_was(self, tmp_path: Path):
        plan = plans.draw(7, **SMALL, mutant="conflict_dropped", field=True)
        path = tmp_path / "plan.json"
        path.write_bytes(plan.as_bytes())

        assert plans.read(path) == plan

    def test_knows_every_kind_of_fault_and_draws_each_within_a_few_seeds(self):
        faults = [f for seed in range(8) for f in plans.draw(seed, **SMALL, field=True).faults]

        assert {fault.kind for fault in faults} == set(plans.kinds_of(field=True)) == set(FAULTS)

    def test_has_the_faults_of_the_field_only_where_they_are_asked_for(self):
        drawn = {fault.kind for seed in range(8) for fault in plans.draw(seed, **SMALL).faults}

        assert drawn == set(plans.WEIGHTS)

    def test_of_a_seed_that_was_played_before_there_was_a_field_is_what_it_was(self):
        known = plans.draw(7, **SMALL)

        assert sha256(repr([tuple(fault) for fault in known.faults]).encode()).hexdigest() == SEVEN

    def test_that_was_written_before_there_was_a_field_is_read_as_one_without(self, tmp_path: Path):
        plan = plans.draw(7, **SMALL)
        told = orjson.loads(plan.as_bytes())
        del told["field"]
        path = tmp_path / "plan.json"
        path.write_bytes(orjson.dumps(told))

        assert plans.read(path) == plan

    def test_of_fewer_devices_names_none_that_is_not_there(self):
        plan = plans.draw(7, **SMALL)
        smaller = plan.smaller(devices=4, days=2)

        assert (smaller.devices, smaller.households, smaller.days) == (4, 80, 2)
        assert smaller.faults
        assert all(max(fault.device, fault.other) < 4 for fault in smaller.faults)
        assert set(smaller.faults) < set(plan.faults)

    def test_leaves_most_devices_a_life(self):
        for seed in range(20):
            faults = plans.draw(seed, **SMALL).faults
            ended = {fault.device for fault in faults if fault.kind in plans.ENDING}

            assert len(ended) <= 4
