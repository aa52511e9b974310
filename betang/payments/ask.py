"""Ask for an order to be sent, or for the books to be compared: the worker does it."""

from datetime import datetime

from betang.core.actor import Actor
from betang.core.errors import RefusedError
from betang.errands.ask import ask
from betang.errands.models import Errand
from betang.payments.models import Order
from betang.payments.send import waiting


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
    """This will put the sending of an approved order before the worker.

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
    """This will put the comparing of our books with the bank's before the worker.

    The whole history of the source account is compared; the order says where it was asked for.
    Raises `NotReleasedError`, `UnderWayError`.
    """
    order.refresh_from_db(fields=["state"])
    if order.state != Order.State.APPROVED:
        raise NotReleasedError
    return ask(Errand.Kind.RECONCILE, order.uuid, asked={}, actor=actor, at=at)
