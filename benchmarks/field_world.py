"""Families with rights at size, for the benchmarks of the field, written by SQL alone.

Areas, households, enrolments come straight from `generate_series`; what is measured is what
the program does with them.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg

from benchmarks.promised import make_decree, make_programme
from betang import cluster
from betang.core.actor import Actor, ActorKind
from betang.core.identity.household_number import household_number
from betang.programmes.models import Cycle

VILLAGES = 1_571
CLERK_PERSON, SECOND_PERSON = UUID(int=2), UUID(int=4)
CLERK = Actor(ActorKind.STAFF, UUID(int=1), CLERK_PERSON)
SECOND = Actor(ActorKind.STAFF, UUID(int=3), SECOND_PERSON)

AREAS = """
INSERT INTO areas_area (code, level, parent_id, name, kind) VALUES (62, 1, NULL, 'P', 'provinsi')
    ON CONFLICT DO NOTHING;
INSERT INTO areas_area (code, level, parent_id, name, kind)
    SELECT 6201 + n, 2, 62, 'K' || n, 'kabupaten' FROM generate_series(0, 13) n
    ON CONFLICT DO NOTHING;
INSERT INTO areas_area (code, level, parent_id, name, kind)
    SELECT (6201 + n % 14) * 100 + 1 + n / 14, 3, 6201 + n % 14, 'C' || n, 'kecamatan'
    FROM generate_series(0, 135) n ON CONFLICT DO NOTHING;
INSERT INTO areas_area (code, level, parent_id, name, kind)
    SELECT ((6201 + d % 14) * 100 + 1 + d / 14)::bigint * 10000 + 1001 + n / 136, 4,
           (6201 + d % 14) * 100 + 1 + d / 14, 'D' || n, 'desa'
    FROM generate_series(0, 1570) n, LATERAL (SELECT n % 136 AS d) x ON CONFLICT DO NOTHING;
"""

GOODS = [
    {"item": "beras", "quantity": 5, "unit": "kg"},
    {"item": "minyak goreng", "quantity": 1, "unit": "liter"},
    {"item": "gula", "quantity": 1, "unit": "kg"},
]

#: As lists arrive: village after village.
HOUSEHOLDS = """
INSERT INTO registry_household (uuid, number, village_id, head_name, address, rt, rw, anchor,
    conditions, state, members_alive, has_pkh, has_sembako, has_bltdd)
SELECT gen_random_uuid(), g.number, v.code, 'Warga ' || g.n, '', '', '', '', '{}',
       'active', 1, false, false, false
FROM unnest(%(numbers)s::text[]) WITH ORDINALITY AS g(number, n)
JOIN (SELECT code, row_number() OVER (ORDER BY code) - 1 AS k FROM areas_area WHERE level = 4) v
  ON v.k = (g.n - 1) * %(villages)s / %(count)s
"""

ENROLMENTS = """
INSERT INTO eligibility_enrolment (uuid, household_id, programme_id, decree_id, from_on)
SELECT gen_random_uuid(), id, %(programme)s, %(decree)s, %(on)s FROM registry_household
"""

#: A card for every family, in its hands.
CARDS = """
INSERT INTO cards_card (uuid, number, household_id, issue, village_id, state, counter,
    public_counter, key_version, qr, issued_at, expires_on, handed_over_at, handed_over_by,
    blocked_reason, place_id)
SELECT gen_random_uuid(), '62' || h.number || '01', h.id, 1, h.village_id, 'active', 0, 0, 1, '',
       now(), '2031-01-01', now(), gen_random_uuid(), '', cards_place_of('family', village_id, NULL)
FROM registry_household h
"""


def owner() -> psycopg.Connection[Any]:
    """Connect as the owner of the tables: floors make tables of their own."""
    given = cluster.django_database("owner")
    return psycopg.connect(
        dbname=given["NAME"],
        user=given["USER"],
        host=given["HOST"],
        port=given["PORT"],
        autocommit=True,
    )


def analyse_what_is_filled(connection: psycopg.Connection[Any]) -> None:
    """Give the planner the statistics of a running system.

    Not of tables that are still empty: told that they hold nothing, sessions would plan to scan
    them whole, and go on doing so as they fill.
    """
    tables = connection.execute(
        "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' "
        "AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0"
    ).fetchall()
    for (table,) in tables:
        connection.execute(f"VACUUM (ANALYZE) {table}")


def make(households: int, *, at: datetime, villages: int = VILLAGES) -> Cycle:
    """Make a programme with two benefits and `households` enrolled families in the first villages.

    A small world of few villages is a small part of the province; of all, a thin one.
    """
    cycle = make_programme(GOODS)
    with owner() as connection:
        connection.execute(AREAS)
        decree = make_decree(
            cycle.programme, proposer=CLERK, approver=SECOND, at=at, count=households
        )
        numbers = [household_number(n) for n in range(1, households + 1)]
        placed = {"numbers": numbers, "count": households, "villages": villages}
        connection.execute(HOUSEHOLDS, placed)
        given = {"programme": cycle.programme_id, "decree": decree.pk, "on": at.date()}
        connection.execute(ENROLMENTS, given)
        connection.execute("VACUUM (ANALYZE) registry_household")
        connection.execute("VACUUM (ANALYZE) eligibility_enrolment")
    return cycle
