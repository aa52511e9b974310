"""Identifiers, time, money and refusals."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from betang.core import clock, money
from betang.core.actor import SYSTEM, ActorKind
from betang.core.errors import NotFoundError, RefusedError
from betang.core.identifiers import new_uuid
from betang.refusals import body, line


class TestNewUuid:
    def test_is_version_seven_of_the_right_variant(self):
        made = new_uuid()

        assert (made.version, made.variant) == (7, "specified in RFC 4122")

    def test_is_never_the_same(self):
        assert len({new_uuid() for _ in range(10_000)}) == 10_000

    def test_carries_its_millisecond(self):
        before = datetime.now(UTC).timestamp()

        assert abs((new_uuid().int >> 80) / 1000 - before) < 5


class TestTheWire:
    @pytest.mark.parametrize(
        "text", ["2026-11-12T07:32:00", "yesterday", "", "2026-11-12T07:32:00+07:00", "Z" * 40]
    )
    def test_refuses_what_is_not_utc(self, text):
        with pytest.raises(ValueError, match=r"UTC|isoformat"):
            clock.from_wire(text)

    def test_refuses_a_moment_without_a_zone(self):
        with pytest.raises(ValueError, match="zone"):
            clock.to_wire(datetime(2026, 11, 12))  # noqa: DTZ001

    @given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2999, 1, 1)))  # noqa: DTZ001
    def test_reads_what_it_wrote_to_the_millisecond(self, naive):
        at = naive.replace(tzinfo=UTC, microsecond=naive.microsecond // 1000 * 1000)

        assert clock.from_wire(clock.to_wire(at)) == at


class TestPeopleRead:
    def test_dates_and_times_in_their_zone(self):
        at = datetime(2026, 11, 12, 7, 32, tzinfo=UTC)

        assert clock.moment(at) == "12 November 2026 14.32 WIB"
        assert clock.day(date(2026, 3, 1)) == "1 Maret 2026"

    @pytest.mark.parametrize(
        ("amount", "text"), [(250_000, "Rp250.000"), (0, "Rp0"), (-1_234_567, "-Rp1.234.567")]
    )
    def test_whole_rupiah(self, amount, text):
        assert money.rupiah(amount) == text


class TestARefusal:
    class TooLateError(RefusedError):
        code = "test.too_late"
        sentence = "Sudah lewat {days} hari."
        do = "Datang lagi pada {days} hari berikutnya."

    def test_becomes_a_body_with_the_field_only_when_one_is_wrong(self):
        assert "field" not in body(NotFoundError())
        assert body(self.TooLateError(field="on", days=3)) == {
            "code": "test.too_late",
            "sentence": "Sudah lewat 3 hari.",
            "do": "Datang lagi pada 3 hari berikutnya.",
            "field": "on",
        }

    def test_becomes_two_lines_on_a_terminal(self):
        assert line(self.TooLateError(days=3)).splitlines()[0] == "Sudah lewat 3 hari."
        assert "(on)" in line(self.TooLateError(field="on", days=3))


def test_the_system_acts_without_a_person():
    assert (SYSTEM.kind, SYSTEM.person) == (ActorKind.SYSTEM, None)
