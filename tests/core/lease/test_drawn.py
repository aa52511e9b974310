"""Which deliveries are asked about first, against `vectors/drawn.json`, the phone's twin's too."""

import json
from pathlib import Path
from uuid import UUID

import pytest

from betang.core.identifiers import new_uuid
from betang.core.lease.drawn import SHARE, is_drawn

VECTORS = json.loads((Path(__file__).parents[3] / "vectors" / "drawn.json").read_text())


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["entitlement"][:8])
def test_is_drawn_as_everywhere(case: dict):
    assert is_drawn(UUID(case["lease"]), UUID(case["entitlement"])) is case["drawn"]


def test_the_share_is_what_it_says():
    lease, many = UUID(VECTORS["cases"][0]["lease"]), 40_000

    drawn = sum(is_drawn(lease, UUID(int=7 << 76 | 1 << 63 | n)) for n in range(many))

    assert abs(drawn / many - SHARE) < 0.005


def test_another_lease_draws_others():
    rights = [new_uuid() for _ in range(2_000)]
    one, two = new_uuid(), new_uuid()

    assert {r for r in rights if is_drawn(one, r)} != {r for r in rights if is_drawn(two, r)}
