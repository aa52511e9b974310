"""The world before the first day, made once for a size and kept as a template database.

Areas, families and their cards are written by SQL; the cycle, the cards and the keys come from the
acts that make them in production. Each run is a copy: `CREATE DATABASE ... TEMPLATE`.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from benchmarks.promised import make_decree, make_programme
from betang.accounts.models import Role, RoleGrant, User
from betang.cards import custody
from betang.cards.hand_over import HandOverRow, hand_over_many
from betang.cards.issue import issue_cards
from betang.cards.models import Card
from betang.core.actor import SYSTEM, Actor, ActorKind
from betang.core.identifiers import new_uuid
from betang.core.identity.household_number import household_number
from betang.distribution.open_cycle import open_cycle
from betang.keys.init import init

#: A Monday, midnight in Kalimantan. Not today: a clock that was overlooked would show.
START = datetime(2026, 3, 1, 17, tzinfo=UTC)
#: Long before: the grants of roles are read by the clock of the database.
LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)
#: This share of the families lives where no device has a lease.
FREE_SHARE = 0.02
GOODS = [
    {"item": "beras", "quantity": 5, "unit": "kg"},
    {"item": "gula", "quantity": 1, "unit": "kg"},
]
CLERK = Actor(ActorKind.STAFF, new_uuid(), new_uuid())
SECOND = Actor(ActorKind.STAFF, new_uuid(), new_uuid())
CARDS_AT_ONCE = 500

AREAS = """
INSERT INTO areas_area (code, level, parent_id, name, kind)
VALUES (62, 1, NULL, 'Provinsi', 'provinsi'), (6201, 2, 62, 'Kabupaten', 'kabupaten');
INSERT INTO areas_area (code, level, parent_id, name, kind)
SELECT 620100 + n, 3, 6201, 'Kecamatan ' || n, 'kecamatan'
FROM generate_series(1, 1 + %(villages)s / 90) n;
INSERT INTO areas_area (code, level, parent_id, name, kind)
SELECT (620101 + n / 90)::bigint * 10000 + 1001 + n %% 90, 4, 620101 + n / 90, 'Desa ' || n, 'desa'
FROM generate_series(0, %(villages)s - 1) n;
"""
HOUSEHOLDS = """
INSERT INTO registry_household (uuid, number, village_id, head_name, address, rt, rw, anchor,
    conditions, state, members_alive, has_pkh, has_sembako, has_bltdd)
SELECT gen_random_uuid(), g.number, v.code, 'Warga ' || g.n, '', '', '', '', '{}',
       'active', 1, false, false, false
FROM unnest(%(numbers)s::text[], %(places)s::int[]) WITH ORDINALITY AS g(number, place, n)
JOIN (SELECT code, row_number() OVER (ORDER BY code) - 1 AS k FROM areas_area WHERE level = 4) v
  ON v.k = g.place
ORDER BY v.code, g.n
"""
ENROLMENTS = """
INSERT INTO eligibility_enrolment (uuid, household_id, programme_id, decree_id, from_on)
SELECT gen_random_uuid(), id, %(programme)s, %(decree)s, %(on)s FROM registry_household
"""
#: Each twentieth family gets its parcel in two parts.
IN_PARTS = """
UPDATE distribution_entitlement SET parts_allowed = 2 WHERE channel = 'hand' AND id / 2 % 20 = 3
"""


def village(number: int) -> int:
    """Give the code of the village of device `number`; the last one is nobody's."""
    return (620101 + number // 90) * 10_000 + 1001 + number % 90


def make(devices: int, households: int) -> None:
    """Make the world in the database that the settings name, empty but migrated."""
    at = START - timedelta(days=1)
    init(actor=SYSTEM, at=at, cost=1024)
    free = max(3, int(households * FREE_SHARE))
    places = [n * devices // households for n in range(households)] + [devices] * free
    with transaction.atomic():
        cycle = make_programme(GOODS)
        count = households + free
        decree = make_decree(cycle.programme, proposer=CLERK, approver=SECOND, at=at, count=count)
        with connection.cursor() as cursor:
            cursor.execute(AREAS, {"villages": devices + 1})
            numbers = [household_number(n) for n in range(1, count + 1)]
            cursor.execute(HOUSEHOLDS, {"numbers": numbers, "places": places})
            given: dict[str, Any] = {"programme": cycle.programme_id, "decree": decree.pk}
            cursor.execute(ENROLMENTS, given | {"on": at.date()})
        open_cycle(cycle, actor=CLERK, at=at)
        with connection.cursor() as cursor:
            cursor.execute(IN_PARTS)
        _owners(devices)
    _cards(at)


def _owners(devices: int) -> None:
    assert CLERK.person
    owners = User.objects.bulk_create(
        User(username=f"petugas{n:04d}", full_name=f"Petugas {n}") for n in range(devices)
    )
    RoleGrant.objects.bulk_create(
        RoleGrant(
            user=owner,
            role=Role.FACILITATOR,
            area=None,
            proposed_by_person=CLERK.person,
            approved_by_person=SECOND.person,
            from_at=LONG_AGO,
        )
        for owner in owners
    )


def _cards(at: datetime) -> None:
    """Issue a card to every family and hand it over."""
    with transaction.atomic():
        issue_cards(actor=CLERK, at=at, virtual_chips=True)
        Card.objects.update(state="printed")
        custody.receive(actor=CLERK, at=at)
    numbers = list(Card.objects.values_list("number", flat=True))
    with transaction.atomic():
        for first in range(0, len(numbers), CARDS_AT_ONCE):
            hand_over_many(
                [
                    HandOverRow(one, None, CLERK, at)
                    for one in numbers[first : first + CARDS_AT_ONCE]
                ]
            )
