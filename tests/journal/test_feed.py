"""The feed gives every entry a position, once, in an order that readers can follow."""

import threading

import pytest
from django.db import connection, transaction

from betang.core.identifiers import new_uuid
from betang.journal import feed
from betang.journal.kinds import declare
from betang.journal.record import record
from tests.conftest import PATIENCE_S

declare({"test.happened": "Only in tests."})


def happen(actor, at, **facts):
    record("test.happened", new_uuid(), actor=actor, at=at, **facts)


@pytest.mark.django_db
class TestMove:
    def test_of_an_empty_outbox_does_nothing(self):
        assert feed.move() == feed.Moved(0, 0)
        assert feed.last_position() == 0

    def test_numbers_without_gaps_and_empties_the_outbox(self, budi, noon):
        for n in range(5):
            happen(budi, noon, n=n)

        assert feed.move() == feed.Moved(5, 5)
        assert not feed.waiting()
        assert [(e.position, e.facts["n"]) for e in feed.after(0)] == [(n + 1, n) for n in range(5)]

    def test_goes_on_where_the_last_move_ended(self, budi, noon):
        happen(budi, noon)
        feed.move()
        happen(budi, noon)

        assert feed.move() == feed.Moved(1, 2)
        assert [entry.position for entry in feed.after(1)] == [2]


@pytest.mark.django_db(transaction=True)
class TestAReader:
    def test_does_not_lose_an_entry_whose_transaction_ended_late(self, budi, noon):
        """The trap of `id > last`: the first identifier commits after the second was read."""
        written, finish = threading.Event(), threading.Event()

        def slow():
            with transaction.atomic():
                happen(budi, noon, who="slow")
                written.set()
                finish.wait(PATIENCE_S)
            connection.close()

        thread = threading.Thread(target=slow)
        thread.start()
        written.wait(PATIENCE_S)
        happen(budi, noon, who="quick")
        feed.move()
        seen = feed.after(0)

        finish.set()
        thread.join()
        feed.move()
        seen += feed.after(seen[-1].position)

        assert [entry.facts["who"] for entry in seen] == ["quick", "slow"]

    def test_of_the_same_name_waits_until_the_first_has_advanced(self, budi, noon):
        happen(budi, noon)
        feed.move()
        taken, order = threading.Event(), []

        def second():
            taken.wait(PATIENCE_S)
            with transaction.atomic():
                order.append(("second", feed.position_of("watch")))
            connection.close()

        thread = threading.Thread(target=second)
        thread.start()
        with transaction.atomic():
            position = feed.position_of("watch")
            taken.set()
            entries = feed.after(position)
            feed.advance("watch", entries[-1].position)
            order.append(("first", position))
        thread.join()

        assert order == [("first", 0), ("second", 1)]


@pytest.mark.django_db(transaction=True)
def test_of_two_movers_at_once_the_second_does_nothing(budi, noon):
    happen(budi, noon)
    results = []

    def other():
        results.append(feed.move())
        connection.close()

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [feed.MOVER_LOCK])
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()

    assert results == [feed.Moved(0, 0)]
    assert feed.move().entries == 1
