"""Reading an event without trust."""

from datetime import UTC, datetime
from uuid import UUID

import orjson
import pytest

from betang.core.event import envelope, kinds
from betang.core.event.said.benefits import Delivered
from betang.core.event.said.members import MalformedDataError

DEV = "7K3M9QXA"
WHOLE = {
    "v": 1, "dev": DEV, "seq": 1, "prev": "0" * 64, "id": str(UUID(int=1)),
    "type": "benefit.delivered", "at": "2026-11-12T07:32:00.000Z", "mono_ms": 0, "lease": None,
    "data": {},
}  # fmt: skip


def read(**changes):
    return envelope.read(orjson.dumps(WHOLE | changes), DEV)


class TestAPayloadWithoutAPlace:
    @pytest.mark.parametrize(
        ("changes", "problem"),
        [
            ({"dev": "OTHER000"}, "dev"),
            ({"seq": 0}, "seq"),
            ({"seq": True}, "seq"),
            ({"seq": 1.0}, "seq"),
            ({"seq": "1"}, "seq"),
            ({"seq": 2**53}, "seq"),
            ({"prev": "0" * 63}, "prev"),
            ({"prev": "G" * 64}, "prev"),
            ({"prev": None}, "prev"),
        ],
    )
    def test_is_told_by_its_first_wrong_member(self, changes, problem):
        event = read(**changes)

        assert (event.seq, event.problem) == (None, problem)

    @pytest.mark.parametrize("content", [b"", b"[]", b"null", b"\xff", b"{", b'{"a":1'])
    def test_may_be_no_json_at_all(self, content):
        assert envelope.read(content, DEV).problem == "json"


class TestAPayloadInItsPlace:
    @pytest.mark.parametrize(
        ("changes", "problem"),
        [
            ({"v": 2}, "v"),
            ({"type": "Benefit.Delivered"}, "type"),
            ({"type": 5}, "type"),
            ({"id": "1"}, "id"),
            ({"at": "2026-11-12T07:32:00"}, "at"),
            ({"at": "0001-01-01T00:00:00Z"}, "at"),
            ({"mono_ms": -1}, "mono_ms"),
            ({"lease": "x"}, "lease"),
            ({"data": []}, "data"),
        ],
    )
    def test_keeps_it_whatever_else_is_wrong(self, changes, problem):
        event = read(**changes)

        assert (event.seq, event.problem) == (1, problem)

    def test_comes_back_as_it_was_written(self):
        at = datetime(2026, 11, 12, 7, 32, tzinfo=UTC)
        content = envelope.payload(
            dev=DEV, seq=7, prev=bytes(32), id=UUID(int=5), type="lease.closed", at=at,
            data={"last_seq": 6}, mono_ms=9, lease=UUID(int=6),
        )  # fmt: skip

        event = envelope.read(content, DEV)

        assert event.problem is None
        assert (event.seq, event.at, event.lease) == (7, at, UUID(int=6))


class TestData:
    @pytest.mark.parametrize(
        ("kind", "data"),
        [
            ("benefit.delivered", {}),
            ("benefit.delivered", {"entitlement": str(UUID(int=1)), "collector": "thief"}),
            ("card.handed_over", {"card": "63000000000000", "collector": "head"}),
            ("card.handed_over", {"card": "62000000000001", "collector": "head", "taps": [{}]}),
            ("card.blocked", {"card": "62000000000001", "reason": "whim"}),
            ("household.geotagged", {"household": str(UUID(int=1)), "dwelling": "castle"}),
            ("household.registered", {"provisional": "a b", "village": "6201011001"}),
            ("stock.received", {"village": "6201011001", "cycle": str(UUID(int=1)), "items": []}),
            ("day.opened", {"day": "besok"}),
            ("day.closed", {"day": str(UUID(int=1)), "served": 3}),
            ("day.closed", {"day": str(UUID(int=1)), "served": -1, "absent": 0}),
            ("day.closed", {"day": str(UUID(int=1)), "served": 1, "absent": 0, "left": [{}]}),
            ("household.needs_home_delivery", {"household": str(UUID(int=1)), "reason": "lazy"}),
            ("lease.closed", {"lease": str(UUID(int=1)), "last_seq": -1}),
            ("problem.reported", {"code": "boredom"}),
        ],
    )
    def test_that_do_not_fit_are_refused(self, kind, data):
        with pytest.raises(MalformedDataError):
            kinds.read(kind, data)

    def test_of_an_unknown_kind_are_refused(self):
        with pytest.raises(kinds.UnknownKindError):
            kinds.read("what.ever", {})

    def test_of_a_delivery_are_read(self):
        said = kinds.read(
            "benefit.delivered",
            {
                "entitlement": str(UUID(int=1)), "collector": "representative", "part": 2,
                "point": {"lat": -2.2, "lng": 113.9, "accuracy_m": 8.5},
                "card": {"number": "62123456789701", "colour": "amber", "reason": "tap.only_one",
                         "taps": [{"uid": "04a1b2c3d4e5f6", "counter": 9, "mac": "0" * 16}]},
            },
        )  # fmt: skip

        assert isinstance(said, Delivered)
        assert said.part == 2
        assert said.card is not None
        assert said.card.taps[0].counter == 9
