"""Send approved disbursements to the bank, and find out what became of those sent before.

The order of things is what keeps a family from being paid twice:

1. one sender at a time (an advisory lock of the database session, gone when the process is);
2. what an earlier sender left `sent` or `unknown` is asked about first, under its own reference;
3. a chunk is marked `sent` and committed, and only then does the first request leave the house;
4. what the bank said is written with its consequences in one transaction.

A kill between 3 and 4 leaves rows `sent`: step 2 of the next run. The caller brings the transaction
and the clock, since a run is many transactions over minutes; it must be `atomic(durable=True)` or
the like, for inside an outer transaction nothing of this would hold.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from betang.core.actor import Actor
from betang.core.errors import RefusedError
from betang.core.identifiers import new_uuid
from betang.journal.record import record
from betang.keys.sealing import open_sealed
from betang.payments.attempt import WAIT_S, End, Job, Outcome, Stop, carry
from betang.payments.bank import Bank
from betang.payments.models import Order
from betang.payments.settle import settle

#: How many are marked sent together. At most twice as many are in the bank's hands: what a kill
#: leaves to be asked about.
CHUNK = 500
#: What was answered in this time is written in one transaction, while the threads go on: one slow
#: answer holds up nobody else's.
WRITE_EVERY_S = 0.25
#: The key of the advisory lock that makes the sender single (any constant of our own does).
SENDER_LOCK = 0x62_61_6E_6B
Transaction = Callable[[], AbstractContextManager[object]]


class SenderRunningError(RefusedError):
    """Another sender holds the lock."""

    code = "payments.sender_running"
    sentence = "Pengiriman pembayaran lain sedang berjalan."
    do = "Tunggu sampai selesai, lalu jalankan lagi bila masih ada yang belum terkirim."


@dataclass(slots=True)
class Sent:
    """What a run did."""

    run: UUID
    sent: int = 0
    asked: int = 0
    ends: dict[str, int] = field(default_factory=lambda: {end.value: 0 for end in End})
    stopped: str = ""
    messages: int = 0


COLUMNS = """d.id, d.uuid, d.entitlement_id, d.village_id, d.reference, d.amount_rupiah,
    a.number_sealed"""
#: Only to an account that is verified now: another payment may have failed on it since the order
#: was approved, and a file may have put another number in its place that nobody checked yet.
#: Chosen once (MATERIALIZED): a list that the join looks up again for each row would choose anew.
CLAIM = f"""
WITH chosen AS MATERIALIZED (
    SELECT d.id FROM payments_disbursement d
    JOIN payments_order o ON o.id = d.order_id AND o.state = 'approved'
    JOIN payments_bankaccount a ON a.id = d.account_id AND a.state = 'verified'
    WHERE d.state = 'prepared' AND d.order_id = coalesce(%s, d.order_id)
    ORDER BY d.id LIMIT %s FOR UPDATE OF d
), claimed AS (
    UPDATE payments_disbursement d SET state = 'sent', sent_at = %s, tries = tries + 1
    FROM chosen WHERE d.id = chosen.id
    RETURNING d.*
)
SELECT {COLUMNS} FROM claimed d JOIN payments_bankaccount a ON a.id = d.account_id ORDER BY d.id
"""
DOUBTFUL = f"""
SELECT {COLUMNS} FROM payments_disbursement d
JOIN payments_bankaccount a ON a.id = d.account_id
WHERE d.state IN ('sent', 'unknown') AND d.order_id = coalesce(%s, d.order_id) AND d.id > %s
ORDER BY d.id LIMIT %s
"""
#: Why a run stops early when its process is told to end.
HALTED = "halted"


def silent(done: int) -> None:
    """Show nothing: the default of those who run without a screen."""


def never() -> bool:
    """Let a run go on to its end: the default of those whom nobody stops."""
    return False


def waiting(order: Order | None = None) -> int:
    """Count the approved disbursements (of one order) that are not settled yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM payments_disbursement d"
            " JOIN payments_order o ON o.id = d.order_id AND o.state = 'approved'"
            " WHERE d.state IN ('prepared', 'sent', 'unknown')"
            " AND d.order_id = coalesce(%s, d.order_id)",
            [order.pk if order else None],
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def send(
    bank: Bank,
    *,
    actor: Actor,
    clock: Callable[[], datetime],
    transaction: Transaction,
    progress: Callable[[int], None] = silent,
    wait_s: float = WAIT_S,
    chunk: int = CHUNK,
    order: Order | None = None,
    halted: Callable[[], bool] = never,
) -> Sent:
    """Pay everything that is approved and settle everything that is in doubt, once each.

    With `order`, only what belongs to it. Raises `SenderRunningError`. Stops early, and says why in
    `stopped`, when the source account is empty, nobody at the bank answers, or `halted` says so.
    """
    run = Sent(new_uuid())
    stop = Stop(misses_max=2 * bank.connections)

    def carried(job: Job) -> Outcome:
        return carry(job, bank, stop, wait=time.sleep, wait_s=wait_s)

    def jobs() -> Iterator[list[Job]]:
        for found in _doubtful(chunk, order):
            run.asked += len(found)
            yield found
        while not stop:
            with transaction():
                claimed = _claim(run, chunk, order, actor=actor, at=clock())
            if not claimed:
                return
            yield claimed

    with _alone(), ThreadPoolExecutor(bank.connections, thread_name_prefix="bank") as threads:
        for outcomes in _carried_together(jobs(), carried, threads, chunk):
            with transaction():
                ends = settle(outcomes, actor=actor, at=clock())
            run.messages += sum(len(one.messages) for one in outcomes)
            for end, count in ends.items():
                run.ends[end] += count
            progress(len(outcomes))
            if halted():  # what is in hand comes back unasked, and is asked about by the next run
                stop.now(HALTED)
    run.stopped = stop.reason
    return run


def _carried_together(
    chunks: Iterator[list[Job]],
    carried: Callable[[Job], Outcome],
    threads: ThreadPoolExecutor,
    chunk: int,
) -> Iterator[list[Outcome]]:
    """Keep the threads busy with at most two chunks and give outcomes as they come."""
    pending: set[Future[Outcome]] = set()
    more = True
    while more or pending:
        while more and len(pending) <= chunk:
            found = next(chunks, None)
            more = found is not None
            pending |= {threads.submit(carried, job) for job in found or []}
        done, pending = wait(pending, timeout=WRITE_EVERY_S)
        if done:
            yield [future.result() for future in done]


def _claim(run: Sent, chunk: int, order: Order | None, *, actor: Actor, at: datetime) -> list[Job]:
    jobs = _jobs(CLAIM, [order.pk if order else None, chunk, at], asked_first=False)
    if jobs:
        run.sent += len(jobs)
        total = sum(job.amount_rupiah for job in jobs)
        record(
            "disbursement.sent", run.run, actor=actor, at=at, count=len(jobs), total_rupiah=total,
            first=jobs[0].reference, last=jobs[-1].reference,
        )  # fmt: skip
    return jobs


def _doubtful(chunk: int, order: Order | None) -> Iterator[list[Job]]:
    """Give each doubtful row once, also if it stays in doubt."""
    last, within = 0, order.pk if order else None
    while jobs := _jobs(DOUBTFUL, [within, last, chunk], asked_first=True):
        last = jobs[-1].id
        yield jobs


def _jobs(sql: str, params: list[Any], *, asked_first: bool) -> list[Job]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [
            Job._make((*row[:-1], open_sealed(row[-1]).decode(), asked_first))
            for row in cursor.fetchall()
        ]


@contextmanager
def _alone() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [SENDER_LOCK])
        row = cursor.fetchone()
        if not (row and row[0]):
            raise SenderRunningError
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [SENDER_LOCK])
