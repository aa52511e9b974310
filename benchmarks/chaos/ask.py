"""Asking the database of a run."""

from typing import Any

from django.db import connection


def rows(sql: str, *given: Any) -> list[Any]:
    """Give the rows of a query."""
    with connection.cursor() as cursor:
        cursor.execute(sql, list(given) or None)
        found: list[Any] = cursor.fetchall()
        return found


def one(sql: str, *given: Any) -> Any:
    """Give one value."""
    return rows(sql, *given)[0][0]
