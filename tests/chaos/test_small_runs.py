"""A dozen devices through three days in which everything goes wrong: nothing is lost or doubled."""

import pytest

from tests.chaos.conftest import Chaos

SIZE = ("--devices", "12", "--households", "240", "--days", "3", "--field")


@pytest.mark.server
class TestADozenDevices:
    def test_keep_every_invariant_through_three_days_from_a_few_seeds(self, chaos: Chaos):
        code, said, results = chaos(*SIZE, "--seeds", "3")

        assert code == 0, said
        assert len(results) == 3
        for result in results:
            facts = result["facts"]
            assert facts["honest"] > 50, "too little was left to check"
            assert facts["counted"] > 100
            assert facts["living"] >= 5
        assert sum(result["facts"]["contested"] for result in results) > 10
        assert sum(result["facts"]["answers_lost"] for result in results) > 0
        assert sum(result["facts"]["signed_by_both"] for result in results) > 5
        assert sum(result["facts"]["handed_over_and_counted"] for result in results) > 10
        assert sum(result["facts"]["parts_closed"] for result in results) > 30
        assert sum(result["facts"]["registered"] for result in results) > 20
        assert all(result["field"] for result in results)

        code, again, _ = chaos(*SIZE, "--seeds", "3")
        assert code == 0
        assert "seed 1" not in again, "a seed that was done is not done again"
