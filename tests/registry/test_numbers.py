"""The pool of provisional numbers: each leased to one device, used once, never invented."""

import threading
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from betang.core.actor import Actor, ActorKind
from betang.core.identity.provisional_number import RANGE, provisional_number
from betang.journal.models import Entry
from betang.registry.models import ProvisionalNumber
from betang.registry.numbers import Use, free_numbers, top_up, use_numbers
from tests.conftest import PATIENCE_S


def device() -> Actor:
    return Actor(ActorKind.DEVICE, uuid4(), uuid4())


class TestTopUp:
    def test_gives_no_number_twice_to_devices_that_ask_at_once(self, transactional_db, noon):
        """Two connections for one device and two for others: real threads, real commits."""
        one, other = device(), device()
        ready = threading.Barrier(4)
        answers: list[list[str]] = []

        def ask(actor: Actor) -> None:
            try:
                ready.wait(PATIENCE_S)
                with transaction.atomic():
                    answers.append(top_up(actor, wanted=40, at=noon))
            finally:
                connection.close()

        threads = [threading.Thread(target=ask, args=(who,)) for who in (one, one, other, device())]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE_S)

        assert len(answers) == 4
        numbers = list(ProvisionalNumber.objects.values_list("number", flat=True))
        assert len(numbers) == len(set(numbers)) == 120
        assert len(free_numbers(one.uuid)) == 40
        assert not set(free_numbers(one.uuid)) & set(free_numbers(other.uuid))

    def test_leases_nothing_while_enough_are_free(self, db, noon):
        actor = device()
        held = top_up(actor, wanted=5, at=noon)

        again = top_up(actor, wanted=5, at=noon)

        assert again == held
        assert Entry.objects.filter(kind="registration.numbers_leased").count() == 1

    def test_replaces_what_was_used(self, db, noon):
        actor = device()
        first = top_up(actor, wanted=3, at=noon)
        use_numbers(actor.uuid, [Use(b"a" * 32, first[0])], at=noon)

        now = top_up(actor, wanted=3, at=noon)

        assert len(now) == 3
        assert first[0] not in now
        assert now[:2] == first[1:]

    def test_of_none_wanted_gives_none(self, db, noon):
        assert top_up(device(), wanted=0, at=noon) == []


class TestUseNumbers:
    def test_marks_a_number_of_another_device_and_leaves_it_free(self, db, noon):
        mine, theirs = device(), device()
        (number,) = top_up(theirs, wanted=1, at=noon)

        marks = use_numbers(mine.uuid, [Use(b"a" * 32, number)], at=noon)

        assert marks == {b"a" * 32: "foreign"}
        assert free_numbers(theirs.uuid) == [number]

    def test_marks_a_number_that_nobody_leased(self, db, noon):
        marks = use_numbers(device().uuid, [Use(b"a" * 32, "X-1")], at=noon)

        assert marks == {b"a" * 32: "foreign"}

    def test_of_two_families_with_one_number_the_first_has_it(self, db, noon):
        actor = device()
        (number,) = top_up(actor, wanted=1, at=noon)
        together = [Use(b"a" * 32, number), Use(b"b" * 32, number)]

        marks = use_numbers(actor.uuid, together, at=noon)
        later = use_numbers(actor.uuid, [Use(b"c" * 32, number)], at=noon)

        assert marks == {b"a" * 32: "own", b"b" * 32: "again"}
        assert later == {b"c" * 32: "again"}


class TestTheDatabase:
    def test_refuses_a_number_twice(self, db, noon):
        top_up(device(), wanted=1, at=noon)
        row = ProvisionalNumber.objects.get()

        with pytest.raises(IntegrityError), transaction.atomic():
            ProvisionalNumber.objects.create(number=row.number, device=uuid4(), leased_at=noon)

    def test_makes_the_numbers_that_python_makes(self, db):
        serials = [1, 2, 17, 8_999_999, RANGE]
        with connection.cursor() as cursor:
            cursor.execute("SELECT registry_provisional_number(s) FROM unnest(%s::bigint[]) s",
                           [serials])  # fmt: skip
            made = [number for (number,) in cursor.fetchall()]

        assert made == [provisional_number(serial) for serial in serials]
