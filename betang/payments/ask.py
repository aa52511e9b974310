"""Ask for what takes long: holders' names, an order to be sent, the books: the worker does it."""

from datetime import datetime
from uuid import UUID

from betang.core.actor import Actor
from betang.core.errors import RefusedError
from betang.errands.ask import ask
from betang.errands.models import Errand
from betang.journal.record import record
from betang.payments.accounts import request_file
from betang.payments.models import Order
from betang.payments.send import waiting

#: What the comparing of names is about: all accounts together.
ACCOUNTS = UUID("00000000-0000-7000-8000-0000000acc75")


class NotReleasedError(RefusedError):
    """Nobody approved the order yet."""

    code = "order.not_released"
    sentence = "Perintah pembayaran ini belum dilepas orang kedua."
    do = "Mintalah bendahara lain daripada yang menyiapkan untuk melepasnya."


class NothingToSendError(RefusedError):
    """All payments of the order are settled."""

    code = "order.nothing_to_send"
    sentence = "Semua pembayaran pada perintah ini sudah selesai; tidak ada yang dikirim."
    do = "Lihat daftar yang gagal, perbaiki rekeningnya, lalu siapkan perintah bayar baru."


def ask_sending(order: Order, *, actor: Actor, at: datetime) -> Errand:
    """Put the sending of an approved order before the worker.

    However often it is asked for, each family is paid once: that is `send`'s work, not this one's.
    Raises `NotReleasedError`, `NothingToSendError`, `UnderWayError`.
    """
    order.refresh_from_db(fields=["state"])
    if order.state != Order.State.APPROVED:
        raise NotReleasedError
    if not waiting(order):
        raise NothingToSendError
    return ask(Errand.Kind.SEND, order.uuid, asked={}, actor=actor, at=at)


def ask_reconciling(order: Order, *, actor: Actor, at: datetime) -> Errand:
    """Put the comparing of our books with the bank's before the worker.

    The whole history of the source account is compared; the order says where it was asked for.
    Raises `NotReleasedError`, `UnderWayError`.
    """
    order.refresh_from_db(fields=["state"])
    if order.state != Order.State.APPROVED:
        raise NotReleasedError
    return ask(Errand.Kind.RECONCILE, order.uuid, asked={}, actor=actor, at=at)


def ask_checking(*, again: bool, actor: Actor, at: datetime) -> Errand:
    """Put the comparing of holders' names before the worker.

    `again` also asks about those that did not fit before. Raises `UnderWayError`.
    """
    return ask(Errand.Kind.CHECK, ACCOUNTS, asked={"again": again}, actor=actor, at=at)


def request_accounts(*, actor: Actor, at: datetime) -> str:
    """Give the file that asks the bank for accounts, and record that it was taken."""
    content = request_file()
    families = content.count("\n") - 1
    record("accounts.requested", ACCOUNTS, actor=actor, at=at, count=families)
    return content
