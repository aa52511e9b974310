"""Open a cycle: each enrolled household is due each benefit of the programme, once.

One statement beside the data. It may run again on an open cycle: households that were enrolled
since get theirs, nothing else changes.
"""

from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from betang.core.actor import Actor
from betang.core.errors import RefusedError
from betang.core.identifiers import new_uuid
from betang.journal.record import record
from betang.ledger.chart import open_chart
from betang.ledger.post import Goods, supply_goods
from betang.programmes.cycles import begin_cycle
from betang.programmes.models import Benefit, Cycle

#: The rows are written in the order of villages, so that a block-range index finds a village.
#: A UUIDv7 is made of the run's own first 15 characters (time, version), a counter of 24 bits (RFC
#: 9562, section 6.2, method 1) and 48 random ones: in order, so that its index is written in order.
OPEN = """
WITH due AS (
    INSERT INTO distribution_entitlement (uuid, household_id, cycle_id, benefit_id, village_id,
        channel, amount_rupiah, parts_allowed, parts_delivered, state)
    SELECT (%(prefix)s || lpad(to_hex(d.n >> 12 & 4095), 3, '0') || '-8'
            || lpad(to_hex(d.n & 4095), 3, '0') || substr(gen_random_uuid()::text, 24))::uuid,
           d.household, %(cycle)s, d.benefit, d.village, d.channel, d.amount_rupiah, 1, 0, 'open'
    FROM (
        SELECT h.id AS household, b.id AS benefit, h.village_id AS village, b.channel,
               b.amount_rupiah, row_number() OVER (ORDER BY h.village_id, h.id) AS n
        FROM eligibility_enrolment e
        JOIN registry_household h ON h.id = e.household_id
        JOIN programmes_benefit b ON b.programme_id = %(programme)s
        WHERE e.programme_id = %(programme)s AND e.until_on IS NULL AND h.state = 'active'
    ) d
    ORDER BY d.n
    ON CONFLICT (household_id, cycle_id, benefit_id) DO NOTHING
    RETURNING household_id, benefit_id, village_id, channel
), tallied AS (
    INSERT INTO distribution_villagetally AS t (village_id, cycle_id, due, bank_due)
    SELECT village_id, %(cycle)s, count(*) FILTER (WHERE channel = 'hand'),
           count(*) FILTER (WHERE channel = 'bank')
    FROM due GROUP BY village_id ORDER BY village_id
    ON CONFLICT (village_id, cycle_id) DO UPDATE
        SET due = t.due + excluded.due, bank_due = t.bank_due + excluded.bank_due
    RETURNING 1
)
SELECT count(*), count(*) FILTER (WHERE channel = 'hand'), (SELECT count(*) FROM tallied),
       encode(sha256(coalesce(string_agg(int8send(household_id) || int8send(benefit_id), ''::bytea
                                         ORDER BY household_id, benefit_id), '')), 'hex')
FROM due
"""


class CycleClosedError(RefusedError):
    """The cycle was closed: nothing is due in it any more."""

    code = "cycle.closed"
    sentence = "Tahap {cycle} sudah ditutup."
    do = "Buka tahap berikutnya untuk penyaluran baru."


class NobodyEnrolledError(RefusedError):
    """No household is enrolled in the programme."""

    code = "cycle.nobody_enrolled"
    sentence = "Belum ada keluarga yang ditetapkan untuk program ini."
    do = "Tetapkan penerima lewat SK lebih dahulu, lalu buka tahapnya."


class Opened(NamedTuple):
    """What opening a cycle made: entitlements in all, by hand, by bank, villages, their digest."""

    entitlements: int
    hand: int
    bank: int
    villages: int
    digest: str


def open_cycle(cycle: Cycle, *, actor: Actor, at: datetime) -> Opened:
    """Give every enrolled household its entitlements of `cycle`.

    Records one entry with the counts and the SHA-256 over (household, benefit) in order. Raises
    `CycleClosedError` or, when the cycle stays empty, `NobodyEnrolledError`.
    """
    cycle.refresh_from_db(fields=["state"])
    if cycle.state == Cycle.State.CLOSED:
        raise CycleClosedError(cycle=cycle.code)
    if cycle.state == Cycle.State.PLANNED:
        begin_cycle(cycle)
    given: dict[str, Any] = {
        "prefix": str(new_uuid())[:15],
        "cycle": cycle.pk,
        "programme": cycle.programme_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(OPEN, given)
        count, hand, villages, digest = cursor.fetchone() or (0, 0, 0, "")
        # What was just written is not in the block-range index yet, and every lease looks there.
        cursor.execute("SELECT distribution_summarize()")
        if not count:
            cursor.execute(
                "SELECT 1 FROM distribution_entitlement WHERE cycle_id = %s LIMIT 1", [cycle.pk]
            )
            if cursor.fetchone() is None:
                raise NobodyEnrolledError
    opened = Opened(count, hand, count - hand, villages, digest)
    _stock(cycle, hand, actor=actor, at=at)
    facts = opened._asdict()
    record("cycle.opened", cycle.uuid, actor=actor, at=at, area=None, cycle=cycle.code, **facts)
    return opened


def _stock(cycle: Cycle, hand: int, *, actor: Actor, at: datetime) -> None:
    """Bring the goods of `hand` parcels into the books: what is due was bought."""
    benefits = Benefit.objects.filter(programme_id=cycle.programme_id, channel="hand")
    families = hand // len(benefits) if benefits else 0
    wanted: dict[str, int] = {}
    for benefit in benefits:
        for goods in benefit.goods:
            wanted[goods["item"]] = wanted.get(goods["item"], 0) + goods["quantity"] * families
    open_chart(wanted, actor=actor, at=at)
    transaction = new_uuid()
    supply_goods(
        Goods(transaction, item, quantity, at, cycle.uuid)
        for item, quantity in wanted.items()
        if quantity
    )
