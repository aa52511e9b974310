"""The world of the field's tests."""

import pytest

from betang.core.actor import Actor
from tests.sync.world import World, make_world


@pytest.fixture
def world(db: None, keys: None, budi: Actor, wati: Actor) -> World:
    """Three villages of six families, an open cycle, a facilitator."""
    return make_world(budi, wati)
