"""Long work that pages ask for: what the worker does for each kind of errand.

It stands beside `wiring`, above the rooms, because each kind calls another room's act.
"""

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from betang.accounts.access import may
from betang.accounts.models import User
from betang.cards.models import Bureau, PrintRun
from betang.cards.printing.draw import draw
from betang.cards.printing.release import release, tidy
from betang.core.errors import NotAllowedError
from betang.distribution.open_cycle import open_cycle
from betang.eligibility.ask import choice_of, told_of
from betang.eligibility.assess import assess
from betang.errands.models import Errand
from betang.errands.work import end, tell, tell_beside
from betang.payments.check import check_names, to_check
from betang.payments.models import Order
from betang.payments.open_bank import open_bank
from betang.payments.reconcile import HISTORY_DAYS, fetch_history, reconcile
from betang.payments.send import send, waiting
from betang.programmes.models import Cycle

#: The event is set when the worker is told to end.
ErrandWork = Callable[[Errand, threading.Event], None]


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
    step = _counting(errand, "Menanyakan nama kepada bank", to_check(again=again))
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
    step = _counting(errand, "Mengirim ke bank", waiting(order))
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


def draw_run(errand: Errand, ending: threading.Event) -> None:
    """Draw a print run; each part is committed by itself, and a kill leaves the rest to draw."""
    _require(errand, "print.run")
    run = PrintRun.objects.get(uuid=errand.about)
    drawn = draw(
        run,
        actor=errand.actor,
        clock=timezone.now,
        check_all=bool(errand.asked.get("check_all")),
        progress=lambda done, whole: tell(errand, "Menggambar dan membaca ulang", done, whole),
        halted=ending.is_set,
    )
    told = {"count": drawn.done, "stopped": "halted" if drawn.halted else ""}
    with transaction.atomic():
        end(errand, Errand.State.DONE, told, at=timezone.now())


def pack_run(errand: Errand, _ending: threading.Event) -> None:
    """Seal a run for its bureau in the name of the second person, and let it go."""
    _require(errand, "print.release")
    run = PrintRun.objects.get(uuid=errand.about)
    tidy(run)
    release(
        run,
        Bureau.objects.get(uuid=errand.asked["bureau"]),
        actor=errand.actor,
        clock=timezone.now,
        step=lambda what, place, of: tell(errand, what, place - 1, of),
    )
    with transaction.atomic():
        end(errand, Errand.State.DONE, {"count": run.count}, at=timezone.now())


def _require(errand: Errand, permission: str) -> None:
    """Ask again, when the work begins, whether who asked for it still may."""
    if not may(User.objects.filter(uuid=errand.asked_by).first(), permission):
        raise NotAllowedError


def _counting(errand: Errand, what: str, whole: int) -> Callable[[int], None]:
    """Tell that `what` begins, and give the function that tells of so many more done."""
    done = 0

    def step(more: int) -> None:
        nonlocal done
        done += more
        tell(errand, what, done, max(whole, done))

    step(0)
    return step


#: Who does which errand; the worker has a thread for each.
ERRANDS: dict[str, ErrandWork] = {
    Errand.Kind.JUDGE: judge,
    Errand.Kind.OPEN: open_up,
    Errand.Kind.CHECK: check_holders,
    Errand.Kind.SEND: send_order,
    Errand.Kind.RECONCILE: reconcile_books,
    Errand.Kind.PRINT: draw_run,
    Errand.Kind.PACK: pack_run,
}
