"""Often enough is too often: counted once for all processes, and not undone by a refusal."""

import threading
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection, transaction

from betang.accounts import attempts
from betang.accounts.attempts import Limit, count, forget_old, give_back
from betang.accounts.models import Attempt
from tests.conftest import PATIENCE_S

THREE = Limit("three an hour", 3, 3_600)
TWO = Limit("two an hour", 2, 3_600)


class TestCount:
    def test_refuses_the_fourth_of_three(self, db, noon):
        told = [count((THREE, "sari"), at=noon) for _ in range(5)]

        assert told == [None, None, None, THREE, THREE]

    def test_refuses_what_no_window_could_hold(self, db, noon):
        assert count((THREE, "sari"), at=noon, amount=4) is THREE
        assert not Attempt.objects.exists()

    def test_refuses_the_amount_that_would_go_over_and_lets_a_smaller_one_pass(self, db, noon):
        count((THREE, "sari"), at=noon, amount=2)

        assert count((THREE, "sari"), at=noon, amount=2) is THREE
        assert count((THREE, "sari"), at=noon) is None

    def test_does_not_count_against_a_later_limit_what_an_earlier_one_refused(self, db, noon):
        for _ in range(5):
            count((TWO, "a card"), (THREE, "an address"), at=noon)

        assert count((THREE, "an address"), at=noon) is None
        assert count((THREE, "an address"), at=noon) is THREE

    def test_tells_the_later_limit_when_the_earlier_one_has_room(self, db, noon):
        told = [count((TWO, f"card {n}"), (THREE, "an address"), at=noon) for n in range(4)]

        assert told == [None, None, None, THREE]

    def test_is_for_each_name_and_each_limit(self, db, noon):
        for _ in range(3):
            count((THREE, "sari"), at=noon)

        assert count((THREE, "budi"), at=noon) is None
        assert count((TWO, "sari"), at=noon) is None

    def test_begins_again_when_the_window_has_ended(self, db, noon):
        for _ in range(4):
            count((THREE, "sari"), at=noon)

        assert count((THREE, "sari"), at=noon + timedelta(minutes=59)) is THREE
        later = [count((THREE, "sari"), at=noon + timedelta(hours=1)) for _ in range(4)]
        assert later == [None, None, None, THREE]

    def test_keeps_no_name_in_the_clear(self, db, noon):
        count((THREE, "203.0.113.7"), at=noon)

        with connection.cursor() as cursor:
            cursor.execute("SELECT a::text, key FROM accounts_attempt a")
            ((row, key),) = cursor.fetchall()
        assert "203.0.113.7" not in row
        assert b"203.0.113.7" not in bytes(key)
        assert len(key) == 32

    def test_takes_one_statement(self, db, noon, django_assert_num_queries):
        with django_assert_num_queries(1):
            count((TWO, "a card"), (THREE, "an address"), at=noon)

    def test_is_a_programmers_error_inside_a_transaction_that_a_refusal_rolls_back(self, db, noon):
        with pytest.raises(AssertionError, match="outside"), transaction.atomic():
            count((THREE, "sari"), at=noon)


@pytest.mark.django_db(transaction=True)
class TestManyProcesses:
    def test_of_twenty_at_once_on_connections_of_their_own_three_pass(self, noon):
        told, together = [], threading.Barrier(20)

        def ask():
            together.wait(PATIENCE_S)
            try:
                told.append(count((THREE, "sari"), at=noon))
            finally:
                connection.close()

        threads = [threading.Thread(target=ask) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE_S)

        assert len(told) == 20
        assert told.count(None) == 3

    def test_what_was_counted_is_there_for_another_connection_at_once(self, noon):
        count((THREE, "sari"), at=noon)
        seen = []

        def look():
            seen.append(Attempt.objects.count())
            connection.close()

        thread = threading.Thread(target=look)
        thread.start()
        thread.join(PATIENCE_S)

        assert seen == [1]

    def test_no_request_runs_in_a_transaction_as_a_whole(self):
        assert not connection.settings_dict["ATOMIC_REQUESTS"]

    def test_waits_for_no_disk(self):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT relpersistence FROM pg_class WHERE oid = 'accounts_attempt'::regclass"
            )
            assert cursor.fetchone()[0] in {"u", b"u"}


class TestGiveBack:
    def test_takes_back_one_and_never_more_than_there_is(self, db, noon):
        count((THREE, "sari"), at=noon)
        for _ in range(3):
            give_back((THREE, "sari"), (THREE, "nobody"))

        told = [count((THREE, "sari"), at=noon) for _ in range(4)]

        assert told == [None, None, None, THREE]


class TestForgetOld:
    def test_deletes_ended_windows_and_no_others(self, db, noon):
        count((THREE, "sari"), at=noon)
        count((THREE, "budi"), at=noon + timedelta(minutes=30))

        assert forget_old(at=noon + timedelta(hours=1)) == 1
        assert Attempt.objects.count() == 1


class TestAddressOf:
    def request(self, address, **headers):
        return SimpleNamespace(META={"REMOTE_ADDR": address}, headers=headers)

    def test_believes_no_header_without_a_proxy_of_ours(self):
        asked = self.request("203.0.113.7", **{"x-forwarded-for": "198.51.100.1"})

        assert attempts.address_of(asked) == "203.0.113.7"

    def test_believes_the_proxies_that_the_operator_named(self, settings):
        settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
        asked = self.request("127.0.0.1", **{"x-forwarded-for": "10.0.0.1, 198.51.100.1"})

        assert attempts.address_of(asked) == "198.51.100.1"

    @pytest.mark.parametrize("told", ["198.51.100.1", "unknown, 198.51.100.1"])
    def test_falls_back_on_the_connection_where_the_header_is_none_of_our_proxies(
        self, settings, told
    ):
        settings.ALLAUTH_TRUSTED_PROXY_COUNT = 2

        asked = self.request("203.0.113.7", **{"x-forwarded-for": told})

        assert attempts.address_of(asked) == "203.0.113.7"

    def test_takes_a_network_of_ipv6_for_one(self):
        one, two = (attempts.address_of(self.request(f"2001:db8:0:1::{n}")) for n in ("1", "ffff"))

        assert one == two
        assert one != attempts.address_of(self.request("2001:db8:0:2::1"))
