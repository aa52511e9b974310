"""Run a hot statement prepared on the server: it is parsed and planned once a connection.

Django writes values into the text of a statement, so that each is parsed and planned anew; for a
statement of two pages that costs more than its rows. Used where a statement runs for each batch.
"""

import sys
from collections.abc import Iterable
from typing import Any

from django.db import connection
from psycopg import Cursor

#: Django gives its connections no threshold, and then psycopg prepares nothing, told to or not.
#: With one that nothing reaches, it prepares what it is told to and nothing else.
ONLY_WHEN_TOLD = sys.maxsize


def fetch(statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """Run `statement` with `%s` parameters in the caller's transaction, and give its rows.

    Database errors are Django's, as from its own cursor. Many values travel as one JSON text or one
    array text (`array_text`): writing a list element by element costs more than reading it there.
    """
    if connection.queries_logged:  # somebody counts statements: go where they are counted
        with connection.cursor() as plain:
            plain.execute(statement, parameters)
            return plain.fetchall() if plain.description else []
    connection.ensure_connection()
    connection.connection.prepare_threshold = ONLY_WHEN_TOLD
    with connection.wrap_database_errors, Cursor(connection.connection) as cursor:
        cursor.execute(statement, parameters, prepare=True)
        # Asked of the result itself: `description` would make an object of each column.
        return cursor.fetchall() if cursor.pgresult and cursor.pgresult.nfields else []


def array_text(values: Iterable[Any]) -> str:
    """Write plain values (numbers, UUIDs, digits) as an array literal; the statement casts it.

    Values with commas, quotes, braces or backslashes do not belong here.
    """
    return "{" + ",".join(map(str, values)) + "}"
