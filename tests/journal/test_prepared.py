"""Hot statements, prepared on the server."""

import pytest
from django.db import connection, transaction
from django.db.utils import DataError

from betang.journal.prepared import array_text, fetch

STATEMENT = "SELECT 1 / n FROM unnest(%s::int[]) AS g(n)"


def prepared() -> list[str]:
    return [text for (text,) in fetch("SELECT statement FROM pg_prepared_statements")]


@pytest.mark.django_db
class TestFetch:
    def test_fails_with_an_error_of_djangos_and_works_again_after_it(self):
        with pytest.raises(DataError), transaction.atomic():
            fetch(STATEMENT, array_text([0]))

        assert fetch(STATEMENT, array_text([1])) == [(1,)]

    def test_is_parsed_once_a_connection(self):
        for _ in range(3):
            fetch(STATEMENT, array_text([1]))

        assert sum("1 / n" in text for text in prepared()) == 1

    def test_leaves_what_django_runs_itself_unprepared(self):
        fetch(STATEMENT, array_text([1]))

        for _ in range(10):
            with connection.cursor() as cursor:
                cursor.execute("SELECT 2 AS by_django")

        assert not any("by_django" in text for text in prepared())
