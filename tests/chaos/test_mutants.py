"""A rule broken on purpose is caught by the small run: the harness can fail."""

import pytest

from tests.chaos.conftest import Chaos

#: Which rule is broken, and which checks must say so.
CAUGHT = {
    "lease_not_exclusive": {"a_right_has_one_lease"},
    "acknowledged_by_batch": {"no_acknowledged_event_is_lost", "nothing_honest_is_lost"},
    "conflict_dropped": {"no_claim_is_dropped"},
    "counter_not_raised": {"the_counter_is_the_highest_tap"},
}


@pytest.mark.server
@pytest.mark.parametrize("mutant", CAUGHT)
def test_a_broken_rule_is_caught_and_its_plan_is_kept(chaos: Chaos, mutant: str):
    size = ("--devices", "8", "--households", "120", "--days", "2")
    code, said, results = chaos(*size, "--seeds", "1", "--first", "3", "--mutant", mutant)

    assert code == 1, said
    assert results == [], "what a mutant did is no result"
    assert all(f"BROKEN {rule}" in said for rule in CAUGHT[mutant]), said
    assert "--replay" in said
