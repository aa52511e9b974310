"""The board's figures are the tallies: what is unknown stays unknown, zero is a number."""

from datetime import UTC, datetime, timedelta

import pytest

from betang.monitoring import board
from betang.monitoring.board import OnPhones, Village
from betang.web.monitoring.longhouse import ROOM, height, room
from betang.web.templatetags.betang import share
from tests.sync.world import VILLAGES, World, make_world

NOW = datetime(2026, 11, 12, 5, tzinfo=UTC)


@pytest.fixture
def world(db, keys, budi, wati) -> World:
    return make_world(budi, wati)


def village(code=6203011001, **known) -> Village:
    given = dict.fromkeys(Village._fields) | {"code": code} | known
    return Village(**given)


class TestVillages:
    def test_nothing_is_shown_without_areas(self, world):
        assert board.villages(world.cycle.pk, []) == []

    def test_another_regency_is_left_out(self, world):
        codes = [row.code for row in board.villages(world.cycle.pk, [6201])]

        assert codes == [code for code in VILLAGES if str(code).startswith("6201")]

    def test_a_cycle_that_was_not_opened_is_unknown_not_zero(self, world):
        rows = board.villages(None, [62])

        assert {row.due for row in rows} == {None}
        assert board.total(rows).served is None

    def test_a_delivery_is_counted_in_the_same_transaction(self, world):
        phone = world.leased()
        phone.deliver(world.rights(VILLAGES[0])[0])
        phone.push()

        rows = {row.code: row for row in board.villages(world.cycle.pk, [62])}

        assert rows[VILLAGES[0]].served == 1
        assert board.total(rows.values()).served == 1
        assert rows[VILLAGES[1]].served == 0

    def test_rights_in_phones_are_told_by_village(self, world):
        world.leased(areas=(6201,))

        held = board.on_phones(world.cycle.pk, [62])

        assert {code: each.rights for code, each in held.items()} == {
            VILLAGES[0]: 6,
            VILLAGES[1]: 6,
        }


class TestHeight:
    def test_one_family_shows_and_the_last_one_fills(self):
        assert height(0, 200) == height(None, 200) == height(3, 0) == 0
        assert height(1, 2000) > 0.5
        assert height(1999, 2000) < ROOM
        assert height(2000, 2000) == ROOM

    def test_a_share_never_rounds_up_to_a_whole(self):
        assert share(99_999, 100_000) == "99,9 %"
        assert share(100_000, 100_000) == "100 %"
        assert share(0, 5) == "0 %"
        assert share(None, 5) == share(5, None) == "–"


class TestRoom:
    def test_the_states_differ_by_more_than_colour(self):
        silent = OnPhones(5, NOW - timedelta(days=2))
        states = [
            village(6203011001),
            village(6203011002, due=0, issued=0, served=0),
            village(6203011003, due=10, served=5, issued=10),
            village(6203011004, due=10, served=2, issued=10, contested=1),
        ]

        drawn = room(6203, states, {6203011003: silent}, at=NOW).drawing

        for code, words in {
            6203011001: "cell unknown",
            6203011002: "cell nothing",
            6203011003: "cell old",
            6203011004: "cell alarm",
        }.items():
            assert f'id="v{code}" class="{words}"' in drawn
