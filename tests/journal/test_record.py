"""Recording what an act did."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import DatabaseError

from betang.core.identifiers import new_uuid
from betang.journal.kinds import UndeclaredKindError, declare
from betang.journal.models import Entry, Outbox
from betang.journal.record import Happening, record, record_many

declare({"test.happened": "Only in tests."})
pytestmark = pytest.mark.django_db


class TestRecord:
    def test_refuses_a_kind_that_nobody_declares(self, budi, noon):
        with pytest.raises(UndeclaredKindError):
            record("nobody.declared", new_uuid(), actor=budi, at=noon)

        assert not Entry.objects.exists()

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE journal_entry SET kind = 'x'",
            "DELETE FROM journal_entry",
            "TRUNCATE journal_entry CASCADE",
        ],
    )
    def test_is_final_even_for_the_owner_of_the_table(self, budi, noon, statement):
        record("test.happened", new_uuid(), actor=budi, at=noon)

        with pytest.raises((DatabaseError, IntegrityError)), transaction.atomic():
            connection.cursor().execute(statement)

        assert Entry.objects.count() == 1

    def test_keeps_who_when_where_and_what(self, budi, noon):
        subject = new_uuid()

        record("test.happened", subject, actor=budi, at=noon, area=6201011001, count=3)

        entry = Entry.objects.get()
        assert (entry.kind, entry.subject, entry.at) == ("test.happened", subject, noon)
        assert (entry.actor_uuid, entry.person) == (budi.uuid, budi.person)
        assert (entry.area, entry.facts) == (6201011001, {"count": 3})
        assert Outbox.objects.get().entry_id == entry.id

    def test_many_are_one_statement(self, budi, noon, django_assert_num_queries):
        rows = [Happening(new_uuid(), budi, noon, None, {"n": n}) for n in range(100)]

        with django_assert_num_queries(1):
            record_many("test.happened", rows)

        assert [entry.facts["n"] for entry in Entry.objects.order_by("id")] == list(range(100))

    def test_none_is_nothing(self):
        record_many("test.happened", [])

        assert not Entry.objects.exists()
