"""Carry one disbursement through the bank; where an answer is lost, ask before anything else.

No database here: it runs in a thread, gets a `Job`, gives an `Outcome`. Whatever happens, it uses
the job's one reference and a new external id a try.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from betang.payments.bank import NOT_REACHED, Answer, Bank, Message
from betang.payments.meaning import Meaning, of_status, of_transfer

#: Tries of the transfer itself in one run; then it stays unknown until the next run.
TRANSFERS_MAX = 3
#: Questions about one try. The waits grow: a bank that is at work is not asked in a tight circle.
ASKS_MAX = 3
WAIT_S = 0.2
WAIT_GROWS = 4
#: Why a run stops early.
NO_FUNDS, BANK_AWAY = "no_funds", "bank_away"


class End(StrEnum):
    """How a run left a disbursement."""

    PAID = "paid"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Job(NamedTuple):
    """What is needed to pay one family. `number` is in the clear: it never leaves memory."""

    id: int
    uuid: UUID
    entitlement_id: int
    village: int
    reference: str
    amount_rupiah: int
    number: str
    asked_first: bool


@dataclass(slots=True)
class Outcome:
    """What the bank said in the end, and every message on the way."""

    job: Job
    end: End = End.UNKNOWN
    code: str = ""
    bank_reference: str = ""
    messages: list[Message] = field(default_factory=list)


class Stop:
    """Whether it is any use to go on: set when the source account is empty or the bank is away.

    Without it, a bank that is down would let each of 300,000 families wait out its tries in turn.
    """

    def __init__(self, *, misses_max: int) -> None:
        """Stop after so many jobs in a row that nobody at the bank looked at."""
        self.reason = ""
        self._misses_max = misses_max
        self._misses = 0
        self._lock = threading.Lock()

    def __bool__(self) -> bool:
        """Say whether to stop."""
        return bool(self.reason)

    def now(self, reason: str) -> None:
        """Stop everybody."""
        self.reason = reason

    def looked_at(self, seen: bool) -> None:  # noqa: FBT001 - the one thing there is to say
        """Note whether the bank looked at a job at all."""
        with self._lock:
            self._misses = 0 if seen else self._misses + 1
            if self._misses >= self._misses_max:
                self.reason = self.reason or BANK_AWAY


def carry(
    job: Job, bank: Bank, stop: Stop, *, wait: Callable[[float], None], wait_s: float = WAIT_S
) -> Outcome:
    """Try to get `job` paid and say how it ended.

    `asked_first`: an earlier sender may have reached the bank, so service 36 comes before service
    17.
    """
    outcome = Outcome(job)
    if not stop:
        _carry(outcome, bank, stop, wait, wait_s)
        codes = {message.response_code for message in outcome.messages}
        stop.looked_at(not all(code == NOT_REACHED or code[:3] == "401" for code in codes))
    return outcome


def _carry(  # noqa: PLR0911 - one a way to end
    outcome: Outcome, bank: Bank, stop: Stop, wait: Callable[[float], None], wait_s: float
) -> None:
    job = outcome.job
    doubtful = job.asked_first
    if doubtful and _settled_by_asking(outcome, bank, wait, wait_s) is not Meaning.NOT_SEEN:
        return
    for number in range(TRANSFERS_MAX):
        if stop:
            return
        answer = bank.transfer(job.reference, job.number, job.amount_rupiah)
        meaning = _noted(outcome, answer, of_transfer(answer, job.amount_rupiah))
        if meaning is Meaning.PAID:
            return
        if meaning is Meaning.STOP:
            stop.now(NO_FUNDS)
            return
        if meaning is Meaning.REFUSED and not doubtful:
            outcome.end = End.FAILED
            return
        if meaning is Meaning.LATER:
            wait(wait_s * WAIT_GROWS**number)
            continue
        doubtful = True
        refusal = answer.code if meaning is Meaning.REFUSED else ""
        told = _settled_by_asking(outcome, bank, wait, wait_s)
        if told is not Meaning.NOT_SEEN:
            return
        if refusal:  # refused now, and the bank has not booked the doubtful try before it either
            outcome.end, outcome.code = End.FAILED, refusal
            return


def _settled_by_asking(
    outcome: Outcome, bank: Bank, wait: Callable[[float], None], wait_s: float
) -> Meaning:
    """Ask service 36 until it is definite, or give up with `LATER`."""
    meaning = Meaning.LATER
    for number in range(ASKS_MAX):
        answer = bank.status(outcome.job.reference)
        meaning = _noted(outcome, answer, of_status(answer, outcome.job.amount_rupiah))
        if meaning is Meaning.REFUSED:
            outcome.end = End.FAILED
            outcome.code = f"36:{answer.fields.get('latestTransactionStatus')}"[:12]
        if meaning is Meaning.DIFFERENT:
            outcome.code = "amount"
        if meaning is not Meaning.LATER:
            break
        wait(wait_s * WAIT_GROWS**number)
    return meaning


def _noted(outcome: Outcome, answer: Answer, meaning: Meaning) -> Meaning:
    outcome.messages.append(answer.message)
    outcome.code = answer.code[:12]
    if meaning is Meaning.PAID:
        outcome.end = End.PAID
        fields = answer.fields
        number = fields.get("referenceNo") or fields.get("originalReferenceNo") or ""
        outcome.bank_reference = str(number)[:64]
    return meaning
