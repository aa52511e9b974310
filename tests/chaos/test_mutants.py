"""A rule broken on purpose is caught by the small run: the harness can fail."""

from pathlib import Path

import pytest

from sandbox.chaos.plan import Fault, Plan
from tests.chaos.conftest import Chaos

#: A fault's number from which seed 1 draws a week without signal.
AWAY_A_WEEK = 3
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


@pytest.mark.server
@pytest.mark.parametrize(("mutant", "code"), [("", 0), ("giver_keeps_the_right", 1)])
def test_a_right_that_was_handed_on_stands_in_one_lease(
    chaos: Chaos, tmp_path: Path, mutant: str, code: int
):
    handed = [Fault(600 + n, "hand_over_by_qr", 0, 1 + n % 2, n) for n in range(4)]
    path = tmp_path / "plan.json"
    path.write_bytes(Plan(1, 3, 60, 2, handed, mutant, field=True).as_bytes())

    ended, said, _ = chaos("--replay", str(path))

    assert ended == code, said
    assert ("BROKEN a_giver_keeps_nothing" in said) is bool(code), said
    assert ("BROKEN a_right_has_one_lease" in said) is bool(code), said


@pytest.mark.server
@pytest.mark.parametrize(("mutant", "code"), [("", 0), ("lease_shortened", 1)])
def test_a_lease_renewed_for_fewer_days_while_its_phone_is_away_loses_nothing_honest(
    chaos: Chaos, tmp_path: Path, mutant: str, code: int
):
    away = Fault(1_500, "partition", 0, 1, AWAY_A_WEEK)
    renewed = Fault(1_510, "renew_briefly", 0, 1, 0)
    path = tmp_path / "plan.json"
    path.write_bytes(Plan(1, 2, 60, 6, [away, renewed], mutant).as_bytes())

    ended, said, _ = chaos("--replay", str(path))

    assert ended == code, said
    assert ("BROKEN nothing_honest_is_lost" in said) is bool(code), said
