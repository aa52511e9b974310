"""Receive a batch: one merge of what waits into households and members, all or nothing.

A KK number that is known is that household. Otherwise a head whose NIK is known as head of a
household that this batch does not name by KK is that household under a new KK number. Otherwise
it is new. Blank values never wipe known ones; whoever is not in the batch stays.
"""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from betang.registry import merge_sql, outside_aid
from betang.registry.incoming import tables
from betang.registry.models import Household

#: One receipt at a time: two merges at once could both make the same family new.
LOCK = "SELECT pg_advisory_xact_lock(62, 1)"


class Conflict(NamedTuple):
    """A row that cannot be received as it stands (docs/protocols/list.md)."""

    row: int
    code: str


class Received(NamedTuple):
    """What a merge did."""

    households_new: int
    households_changed: int
    households_unchanged: int
    members_new: int
    members_changed: int
    members_unchanged: int
    family_numbers_changed: int
    held: int
    digest: str
    #: Every conflict met, told in the report or not: the registry may have changed since.
    conflicts: list[Conflict]


def conflicts(batch: UUID) -> list[Conflict]:
    """Match the batch with the registry and say which rows do not fit; none in an empty one.

    `nik.elsewhere` and `family.waits` hold the row; `kk.changed` tells only. The match is made
    again at each call, since the registry may have changed.
    """
    if not Household.objects.exists():
        return []
    return _match(batch)


def receive(batch: UUID, *, at: datetime) -> Received:
    """Merge a batch, leaving out rows in conflict; the caller checked who may, and records it."""
    named = tables(batch)._asdict()
    with connection.cursor() as cursor:
        cursor.execute(LOCK)
        found = _match(batch)
        out = sorted({one.row for one in found if one.code != "kk.changed"})
        if out:
            cursor.execute("DELETE FROM {people} WHERE row = ANY(%s)".format(**named), [out])
            cursor.execute("DELETE FROM {homes} WHERE row = ANY(%s)".format(**named), [out])

        def run(statement: str, *parameters: UUID | datetime) -> int:
            cursor.execute(statement.format(**named), parameters)
            return int(cursor.rowcount)

        changed_numbers = run(merge_sql.KEEP_OLD_NUMBERS, at, batch)
        run(merge_sql.STEP_DOWN_HEADS)
        households_changed = run(merge_sql.UPDATE_HOUSEHOLDS, batch)
        households_new = run(merge_sql.INSERT_HOUSEHOLDS, batch)
        members_changed = run(merge_sql.UPDATE_MEMBERS)
        members_changed += run(merge_sql.UPDATE_UNNUMBERED)
        members_new = run(merge_sql.INSERT_MEMBERS)
        run(merge_sql.REFRESH_FACTS)
        cursor.execute(merge_sql.COUNT.format(**named))
        homes, people = cursor.fetchone()
        cursor.execute(merge_sql.DIGEST.format(**named))
        (digest,) = cursor.fetchone()
    outside_aid.mark_batch(batch)
    return Received(
        households_new=households_new,
        households_changed=households_changed,
        households_unchanged=homes - households_new - households_changed,
        members_new=members_new,
        members_changed=members_changed,
        members_unchanged=people - members_new - members_changed,
        family_numbers_changed=changed_numbers,
        held=len(out),
        digest=digest or "",
        conflicts=found,
    )


def _match(batch: UUID) -> list[Conflict]:
    named = tables(batch)._asdict()
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS {match}".format(**named))
        cursor.execute(merge_sql.MATCH.format(**named))
        cursor.execute("ANALYZE {match}".format(**named))
        cursor.execute(merge_sql.CONFLICTS.format(**named))
        return [Conflict(int(row), str(code)) for row, code in cursor.fetchall()]
