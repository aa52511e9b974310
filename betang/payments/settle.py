"""Write down what the bank said, with everything that follows from it, in one transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from betang.core.actor import Actor
from betang.core.identifiers import new_uuid
from betang.distribution.paid import mark_paid_many
from betang.journal.record import Happening, record_many
from betang.ledger.chart import AID, BANK, OWED
from betang.ledger.post import Posting, post_many
from betang.payments.attempt import End, Outcome

MESSAGES = """
INSERT INTO payments_bankmessage
    (disbursement_id, reference, external_id, service, request_digest, response_code, at)
SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::smallint[], %s::text[], %s::text[],
                     %s::timestamptz[])
"""
#: Only what was in the sender's hands is settled: a row that reconciliation made paid stays paid.
SETTLE = """
UPDATE payments_disbursement d
SET state = v.state, answer = v.answer, bank_reference = v.bank_reference, settled_at = %s
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[])
     AS v(id, state, answer, bank_reference)
WHERE d.id = v.id AND d.state = ANY(%s)
RETURNING d.id, d.uuid, d.entitlement_id, d.village_id, d.reference, d.amount_rupiah, d.state,
          d.answer, d.account_id
"""
IN_HAND = ["sent", "unknown"]
FAIL_ACCOUNTS = """
UPDATE payments_bankaccount a SET state = 'failed', failure = v.failure
FROM unnest(%s::bigint[], %s::text[]) AS v(id, failure) WHERE a.id = v.id
"""


def settle(outcomes: Sequence[Outcome], *, actor: Actor, at: datetime) -> dict[str, int]:
    """Keep the messages, move the states and let the consequences follow.

    Paid: the entitlement and its village's tally, two postings, one entry each. Failed: the account
    must be checked again, what was owed is taken back, one entry each. Gives how many went each
    way.
    """
    keep_messages(outcomes)
    return settle_states(
        [(one.job.id, one.end.value, one.code, one.bank_reference) for one in outcomes],
        IN_HAND,
        actor=actor,
        at=at,
    )


def keep_messages(outcomes: Sequence[Outcome]) -> None:
    """Append one row a try, in one statement."""
    rows = [
        (
            one.job.id, one.job.reference, said.external_id, said.service, said.request_digest,
            said.response_code, said.at,
        )
        for one in outcomes
        for said in one.messages
    ]  # fmt: skip
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(MESSAGES, _columns(rows))


def settle_states(
    ends: Sequence[tuple[int, str, str, str]],
    from_states: list[str],
    *,
    actor: Actor,
    at: datetime,
) -> dict[str, int]:
    """Move disbursements to their ends: `(id, state, answer, bank_reference)` each."""
    counts = {end.value: 0 for end in End}
    if not ends:
        return counts
    with connection.cursor() as cursor:
        cursor.execute(SETTLE, [at, *_columns(sorted(ends)), from_states])
        rows = cursor.fetchall()
    for row in rows:
        counts[row[6]] += 1
    _paid([row for row in rows if row[6] == "paid"], actor=actor, at=at)
    _failed([row for row in rows if row[6] == "failed"], actor=actor, at=at)
    return counts


def _paid(rows: list[tuple[Any, ...]], *, actor: Actor, at: datetime) -> None:
    if not rows:
        return
    marked = set(mark_paid_many([row[2] for row in rows]))
    _post(((row[1], OWED, BANK, row[5]) for row in rows), "paid", at)
    record_many(
        "disbursement.paid",
        [
            Happening(
                uuid, actor, at, village,
                {"reference": reference, "amount_rupiah": amount, "answer": answer},
            )
            for _, uuid, _, village, reference, amount, _, answer, _ in rows
        ],
    )  # fmt: skip
    # The money is gone, but the right was not open any more: for people.
    record_many(
        "disbursement.mismatched",
        [
            Happening(row[1], actor, at, row[3], {"result": "not_open", "amount_rupiah": row[5]})
            for row in rows
            if row[2] not in marked
        ],
    )


def _failed(rows: list[tuple[Any, ...]], *, actor: Actor, at: datetime) -> None:
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(FAIL_ACCOUNTS, _columns([(row[8], row[7]) for row in rows]))
    _post(((row[1], OWED, AID, row[5]) for row in rows), "not_owed", at)
    record_many(
        "disbursement.failed",
        [
            Happening(uuid, actor, at, village, {"reference": reference, "answer": answer})
            for _, uuid, _, village, reference, _, _, answer, _ in rows
        ],
    )


def _post(moves: Any, kind: str, at: datetime) -> None:
    """Post `(subject, debit, credit, amount)` each as a transaction of two legs."""
    legs: list[Posting] = []
    for subject, debit, credit, amount in moves:
        transaction: UUID = new_uuid()
        legs.append(Posting(transaction, debit, amount, at, subject, kind))
        legs.append(Posting(transaction, credit, -amount, at, subject, kind))
    post_many(legs)


def _columns(rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]
