"""Prepare a payment order, and approve it as a second person."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from betang.core.actor import Actor
from betang.core.errors import NotAllowedError, NotFoundError, RefusedError, SamePersonError
from betang.core.identifiers import new_uuid
from betang.journal.record import record
from betang.ledger.balance import balance
from betang.ledger.chart import AID, BANK, OWED, TREASURY, open_chart
from betang.ledger.post import Posting, post_many
from betang.payments.models import Order
from betang.payments.reference import REFERENCE_SQL, SECOND
from betang.programmes.models import Cycle


class NothingToPrepareError(RefusedError):
    """No bank entitlement with a checked account waits in this cycle."""

    code = "payments.nothing_to_prepare"
    sentence = "Tidak ada bantuan tunai tahap {cycle} yang siap dibayar."
    do = "Periksa rekening yang belum cocok pada halaman «Rekening keluarga»."


class NotWaitingError(RefusedError):
    """The order was approved before."""

    code = "order.not_waiting"
    sentence = "Perintah pembayaran ini sudah disetujui."
    do = "Muat ulang daftar perintah pembayaran."


class OrderChangedError(RefusedError):
    """The list is not the one that was prepared."""

    code = "order.changed"
    sentence = "Isi perintah pembayaran berubah sejak disiapkan."
    do = "Jangan setujui. Laporkan kepada auditor: daftar ini diubah di luar sistem."


@dataclass(frozen=True, slots=True)
class Prepared:
    """An order, and how many families of the cycle it leaves out for want of a checked account."""

    order: Order
    again: int
    without_account: int


DIGEST_SQL = (
    "encode(sha256(convert_to(coalesce(string_agg(reference || ':' || amount_rupiah || ':'"
    " || account_id, E'\\n' ORDER BY reference), ''), 'UTF8')), 'hex')"
)
#: UUIDv7 inside a set-based insert: 48 bits of the act's time, then the random bits of a v4.
UUID_SQL = (
    "(lpad(to_hex((extract(epoch FROM %(at)s::timestamptz) * 1000)::bigint), 12, '0') || '7'"
    " || substr(replace(gen_random_uuid()::text, '-', ''), 14))::uuid"
)
INSERT = f"""
INSERT INTO payments_disbursement (uuid, order_id, entitlement_id, account_id, village_id,
    reference, amount_rupiah, state, tries, answer, bank_reference, reconciliation)
SELECT {UUID_SQL}, %(order)s, e.id, a.id, e.village_id, {REFERENCE_SQL}, e.amount_rupiah,
       'prepared', 0, '', '', ''
FROM distribution_entitlement e
JOIN programmes_cycle c ON c.id = e.cycle_id
JOIN registry_household h ON h.id = e.household_id
JOIN payments_bankaccount a ON a.household_id = e.household_id AND a.state = 'verified'
WHERE e.cycle_id = %(cycle)s AND e.channel = 'bank' AND e.state = 'open'
  AND NOT EXISTS (SELECT FROM payments_disbursement d WHERE d.entitlement_id = e.id)
ORDER BY e.id
"""
#: Refused by the bank, and the account corrected and checked since: the same payment once more.
AGAIN = f"""
UPDATE payments_disbursement d
SET order_id = %(order)s, state = 'prepared', reference = d.reference || '{SECOND}',
    account_id = a.id, answer = '', settled_at = NULL
FROM distribution_entitlement e, payments_bankaccount a
WHERE e.id = d.entitlement_id AND e.cycle_id = %(cycle)s AND a.household_id = e.household_id
  AND e.state = 'open' AND d.state = 'failed' AND d.reference !~ '{SECOND}$'
  AND a.state = 'verified' AND a.checked_at > d.settled_at
"""
WITHOUT = """
SELECT count(*) FROM distribution_entitlement e
WHERE e.cycle_id = %s AND e.channel = 'bank' AND e.state = 'open' AND NOT EXISTS (
    SELECT FROM payments_bankaccount a
    WHERE a.household_id = e.household_id AND a.state = 'verified')
"""


def prepare(cycle: Cycle, *, actor: Actor, at: datetime) -> Prepared:
    """Put every bank entitlement of `cycle` that can be paid and is not yet in an order.

    Failed payments whose account was corrected and checked since come along, with the suffix `-2`.
    Raises `NothingToPrepareError`.
    """
    if actor.person is None:
        raise NotAllowedError
    with connection.cursor() as cursor:
        # Two clerks at once: the second waits here, then finds nothing left to prepare.
        cursor.execute(
            "SELECT code FROM programmes_cycle WHERE id = %s FOR NO KEY UPDATE", [cycle.pk]
        )
        order = Order.objects.create(
            cycle=cycle, count=0, total_rupiah=0, digest="", prepared_by_person=actor.person,
            prepared_at=at,
        )  # fmt: skip
        given: dict[str, Any] = {"order": order.pk, "cycle": cycle.pk, "at": at}
        cursor.execute(AGAIN, given)
        again = cursor.rowcount
        cursor.execute(INSERT, given)
        order.count, order.total_rupiah, order.digest = _contents(order)
        if order.count == 0:
            raise NothingToPrepareError(cycle=cycle.code)
        order.save(update_fields=["count", "total_rupiah", "digest"])
        cursor.execute(WITHOUT, [cycle.pk])
        row = cursor.fetchone()
    record(
        "order.prepared", order.uuid, actor=actor, at=at, cycle=cycle.code, count=order.count,
        total_rupiah=order.total_rupiah, digest=order.digest,
    )  # fmt: skip
    return Prepared(order, again, row[0] if row else 0)


def find_order(uuid: UUID) -> Order:
    """Find an order. Raises `NotFoundError`."""
    order = Order.objects.filter(uuid=uuid).select_related("cycle").first()
    if order is None:
        raise NotFoundError
    return order


def approve(order: Order, *, actor: Actor, at: datetime) -> Order:
    """Release an order for sending; `actor` is another person than who prepared it.

    The same transaction books what is now owed to the families, and moves as much from the treasury
    to the source account as is missing there. Raises `SamePersonError`, `NotWaitingError`,
    `OrderChangedError`.
    """
    if actor.person is None:
        raise NotAllowedError
    if actor.person == order.prepared_by_person:
        raise SamePersonError
    approved = Order.objects.filter(pk=order.pk, state=Order.State.PREPARED).update(
        state=Order.State.APPROVED, approved_by_person=actor.person, approved_at=at
    )
    if not approved:
        raise NotWaitingError
    order.refresh_from_db()
    if _contents(order) != (order.count, order.total_rupiah, order.digest):
        raise OrderChangedError
    open_chart([], actor=actor, at=at)
    _move(AID, OWED, order.total_rupiah, order, "owed", at)
    _move(BANK, TREASURY, -balance(OWED) - balance(BANK), order, "funded", at)
    record(
        "order.approved", order.uuid, actor=actor, at=at, count=order.count,
        total_rupiah=order.total_rupiah,
    )  # fmt: skip
    return order


def _contents(order: Order) -> tuple[int, int, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*), coalesce(sum(amount_rupiah), 0)::bigint, {DIGEST_SQL}"
            " FROM payments_disbursement WHERE order_id = %s",
            [order.pk],
        )
        row = cursor.fetchone()
    assert row is not None
    return row[0], row[1], row[2]


def _move(to: str, source: str, amount: int, order: Order, kind: str, at: datetime) -> None:
    if amount <= 0:
        return
    transaction = new_uuid()
    post_many(
        [
            Posting(transaction, to, amount, at, order.uuid, kind),
            Posting(transaction, source, -amount, at, order.uuid, kind),
        ]
    )
