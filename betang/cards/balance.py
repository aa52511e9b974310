"""What the book of cards says, by place and state, and whether the cards themselves agree.

A balance is a sum over postings; the check counts the cards and compares, place by place.
"""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from betang.cards.models import LIVE_STATES
from betang.core.actor import Actor
from betang.core.identifiers import new_uuid
from betang.journal.record import record

BALANCES = """
SELECT p.kind, p.area, p.device, p.transfer, s.state, s.amount
FROM (SELECT place_id, state, sum(amount)::bigint AS amount FROM cards_posting
      GROUP BY place_id, state HAVING sum(amount) <> 0) s
JOIN cards_place p ON p.id = s.place_id
ORDER BY p.kind, p.area NULLS FIRST, p.id, s.state
"""
DIFFERENCES = """
WITH book AS (
    SELECT place_id, state, sum(amount)::bigint AS amount FROM cards_posting p
    WHERE EXISTS (SELECT FROM cards_place q WHERE q.id = p.place_id
                  AND q.kind NOT IN ('press', 'taken_over'))
    GROUP BY place_id, state
), counted AS (
    SELECT place_id, state, count(*) AS amount FROM cards_card
    WHERE place_id IS NOT NULL GROUP BY place_id, state
)
SELECT p.kind, p.area, p.device, p.transfer, d.state, d.book, d.counted FROM (
    SELECT place_id, state, coalesce(b.amount, 0) AS book, coalesce(c.amount, 0) AS counted
    FROM book b FULL JOIN counted c USING (place_id, state)
) d JOIN cards_place p ON p.id = d.place_id WHERE d.book <> d.counted
ORDER BY p.kind, p.area NULLS FIRST, p.id, d.state
"""
# A device's card whose place is another, or the other way round.
ASTRAY = """
SELECT count(*) FROM cards_card c JOIN cards_place p ON p.id = c.place_id
WHERE c.state = 'in_custody' AND c.custodian_device IS DISTINCT FROM p.device
"""


class Line(NamedTuple):
    """So many cards in one state at one place."""

    kind: str
    area: int | None
    device: UUID | None
    transfer: UUID | None
    state: str
    amount: int


class Difference(NamedTuple):
    """The book says one number, the cards another: there must never be one."""

    kind: str
    area: int | None
    device: UUID | None
    transfer: UUID | None
    state: str
    book: int
    counted: int


class Sum(NamedTuple):
    """The one line that must add up: printed = stock + handed over + spoilt + otherwise ended."""

    printed: int
    in_stock: int
    on_the_way: int
    with_devices: int
    with_families: int
    spoilt: int
    returned: int
    blocked: int
    replaced: int
    taken_over: int

    @property
    def ended(self) -> int:
        """Count the cards that are out of use, wherever they lie."""
        return self.spoilt + self.returned + self.blocked + self.replaced

    @property
    def adds_up(self) -> bool:
        """Say whether every card that was printed or taken over is accounted for."""
        return self.printed + self.taken_over == sum(self[1:9])


def balances() -> list[Line]:
    """Sum every place and state that holds something."""
    with connection.cursor() as cursor:
        cursor.execute(BALANCES)
        return [Line(*row) for row in cursor.fetchall()]


def summed(lines: list[Line]) -> Sum:
    """Add the lines up into the one that must hold."""

    def of(kinds: set[str] | None, *states: str) -> int:
        return sum(
            line.amount
            for line in lines
            if line.state in states
            and line.kind not in {"press", "taken_over"}
            and (kinds is None or line.kind in kinds)
        )

    offices = {"bureau", "province", "regency", "village", "family"}
    waiting = tuple(state for state in LIVE_STATES if state != "active")
    return Sum(
        printed=-sum(line.amount for line in lines if line.kind == "press"),
        in_stock=of(offices, *waiting),
        on_the_way=of({"transit"}, *waiting),
        with_devices=of({"device"}, *waiting),
        with_families=of(None, "active"),
        spoilt=of(None, "spoilt"),
        returned=of(None, "returned"),
        blocked=of(None, "blocked"),
        replaced=of(None, "replaced"),
        taken_over=-sum(line.amount for line in lines if line.kind == "taken_over"),
    )


def differences() -> list[Difference]:
    """Find where the book and the cards disagree, without trusting the triggers: always empty."""
    with connection.cursor() as cursor:
        cursor.execute(DIFFERENCES)
        return [Difference(*row) for row in cursor.fetchall()]


def astray() -> int:
    """Count cards in custody whose device and place say different things: always none."""
    with connection.cursor() as cursor:
        cursor.execute(ASTRAY)
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def check(*, actor: Actor, at: datetime) -> int:
    """Compare the book with the cards, and tell the journal where they differ; give in how many.

    An alert follows from the entry.
    """
    wrong = len(differences()) + astray()
    if wrong or not summed(balances()).adds_up:
        record("cards.book_differs", new_uuid(), actor=actor, at=at, area=62, count=wrong or 1)
    return wrong
