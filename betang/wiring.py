"""Which work follows which journal entry: the one module that knows everybody."""

import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from betang.accounts import attempts
from betang.accounts.access import may
from betang.accounts.admit import forget_old_proofs
from betang.accounts.models import User
from betang.cards import revocation
from betang.core.actor import SYSTEM
from betang.core.errors import NotAllowedError
from betang.distribution.open_cycle import open_cycle
from betang.eligibility import retain
from betang.eligibility.ask import choice_of, told_of
from betang.eligibility.assess import assess
from betang.errands.models import Errand
from betang.errands.work import end, tell, tell_beside
from betang.intake.stage import empty_old
from betang.journal.feed import FeedEntry
from betang.keys import place
from betang.monitoring import silence, watch
from betang.payments.check import check_names, to_check
from betang.payments.models import Order
from betang.payments.open_bank import open_bank
from betang.payments.reconcile import HISTORY_DAYS, fetch_history, reconcile
from betang.payments.send import send, waiting
from betang.programmes.models import Cycle
from betang.sync import blobs, supervise

#: A follow-up gets the entries of its kind in the order of the feed, inside one transaction.
FollowUp = Callable[[Sequence[FeedEntry]], None]
#: Long work that a page asked for; the event is set when the worker is told to end.
ErrandWork = Callable[[Errand, threading.Event], None]


def publish_revocations(_: Sequence[FeedEntry] = ()) -> None:
    """Sign a new revocation list, where there is something to tell and a key to sign with."""
    if place.key_path().exists():
        revocation.publish(actor=SYSTEM, at=timezone.now())


def judge(errand: Errand, _ending: threading.Event) -> None:
    """Judge all households; the run and the end of the errand are one transaction."""
    rule_set, cycle = choice_of(errand)
    _require(errand, "rules.propose")
    with transaction.atomic():
        run = assess(
            rule_set,
            cycle=cycle,
            actor=errand.actor,
            at=timezone.now(),
            progress=lambda what, place, of: tell_beside(errand, what, place - 1, of),
        )
        end(errand, Errand.State.DONE, told_of(run), at=timezone.now())


def open_up(errand: Errand, _ending: threading.Event) -> None:
    """Open a cycle; the rights and the end of the errand are one transaction."""
    _require(errand, "cycle.manage")
    cycle = Cycle.objects.get(uuid=errand.about)
    tell(errand, "Membuat alokasi bantuan setiap keluarga")
    with transaction.atomic():
        opened = open_cycle(cycle, actor=errand.actor, at=timezone.now())
        end(errand, Errand.State.DONE, opened._asdict(), at=timezone.now())


def check_holders(errand: Errand, _ending: threading.Event) -> None:
    """Ask the bank for the holders' names; each answered chunk is committed by itself."""
    _require(errand, "disbursement.send")
    again = bool(errand.asked.get("again"))
    whole, done = to_check(again=again), 0

    def step(asked: int) -> None:
        nonlocal done
        done += asked
        tell(errand, "Menanyakan nama kepada bank", done, max(whole, done))

    step(0)
    with open_bank(settings.BANK_URL, settings.BANK_KEYS, clock=timezone.now) as bank:
        checked = check_names(
            bank,
            actor=errand.actor,
            clock=timezone.now,
            transaction=partial(transaction.atomic, durable=True),
            again=again,
            progress=step,
        )
    told = {
        "verified": checked.verified, "failed": checked.failed, "unknown": checked.unknown,
    }  # fmt: skip
    with transaction.atomic():
        end(errand, Errand.State.DONE, told, at=timezone.now())


def send_order(errand: Errand, ending: threading.Event) -> None:
    """Send an order: many transactions over minutes; a kill leaves what the next one asks about."""
    order = Order.objects.get(uuid=errand.about)
    _require(errand, "disbursement.release")
    whole, done = waiting(order), 0

    def step(settled: int) -> None:
        nonlocal done
        done += settled
        tell(errand, "Mengirim ke bank", done, max(whole, done))

    step(0)
    with open_bank(settings.BANK_URL, settings.BANK_KEYS, clock=timezone.now) as bank:
        sent = send(
            bank,
            actor=errand.actor,
            clock=timezone.now,
            # Committed when it ends: inside an outer transaction a crash would forget a payment.
            transaction=partial(transaction.atomic, durable=True),
            progress=step,
            order=order,
            halted=ending.is_set,
        )
    told = {"sent": sent.sent, "asked": sent.asked, **sent.ends, "stopped": sent.stopped}
    with transaction.atomic():
        end(errand, Errand.State.DONE, told, at=timezone.now())


def reconcile_books(errand: Errand, _ending: threading.Event) -> None:
    """Read the bank's history and compare it with our disbursements."""
    _require(errand, "disbursement.reconcile")
    to_at = timezone.now()
    from_at = to_at - timedelta(days=HISTORY_DAYS)
    read = 0

    def step(lines: int) -> None:
        nonlocal read
        read += lines
        tell(errand, "Membaca rekening koran", read)

    step(0)
    with open_bank(settings.BANK_URL, settings.BANK_KEYS, clock=timezone.now) as bank:
        lines = fetch_history(bank, from_at, to_at, progress=step)
    tell(errand, "Mencocokkan", read, read)
    with transaction.atomic():
        done = reconcile(lines, from_at, to_at, actor=errand.actor, at=timezone.now())
        told = {
            "lines": done.lines, "matched": done.matched, "different": done.different,
            "unexpected": done.unexpected, "missing": done.missing, "settled": done.settled,
        }  # fmt: skip
        end(errand, Errand.State.DONE, told, at=timezone.now())


def _require(errand: Errand, permission: str) -> None:
    """Ask again, when the work begins, whether who asked for it still may."""
    if not may(User.objects.filter(uuid=errand.asked_by).first(), permission):
        raise NotAllowedError


FOLLOW_UPS: dict[str, list[FollowUp]] = {kind: [watch.follow] for kind in watch.CAUSES}
for _kind in ("card.blocked", "card.replaced"):
    FOLLOW_UPS.setdefault(_kind, []).append(publish_revocations)


#: Who does which errand; the worker has a thread for each.
ERRANDS: dict[str, ErrandWork] = {
    Errand.Kind.JUDGE: judge,
    Errand.Kind.OPEN: open_up,
    Errand.Kind.CHECK: check_holders,
    Errand.Kind.SEND: send_order,
    Errand.Kind.RECONCILE: reconcile_books,
}


#: Scheduled jobs and every how many seconds they run, each in a transaction of its own.
SCHEDULE: dict[Callable[[], object], float] = {
    lambda: silence.look(at=timezone.now()): 60.0,
    publish_revocations: 600.0,
    lambda: supervise.retry_parked(at=timezone.now()): 60.0,
    lambda: supervise.resume_held(at=timezone.now()): 60.0,
    lambda: forget_old_proofs(at=timezone.now()): 60.0,
    lambda: attempts.forget_old(at=timezone.now()): 600.0,
    lambda: blobs.forget_unfinished(at=timezone.now()): 86_400.0,
    lambda: empty_old(at=timezone.now()): 86_400.0,
    lambda: retain.empty_old(at=timezone.now(), days=settings.RUN_ROWS_DAYS): 10.0,
}
