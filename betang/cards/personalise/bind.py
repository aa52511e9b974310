"""Which card a chip belongs to: bound before anything is written, never to two.

The binding is committed before the first key leaves for the chip. So a chip that carries anything
of ours is known by its UID, whenever it was pulled out, and is finished for the same card.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction

from betang.cards.models import Card, ChipSession, PrintChip, SpoiltChip
from betang.cards.personalise.outcome import ChipEndedError
from betang.cards.personalise.session import READY, next_card
from betang.core.actor import Actor
from betang.journal.record import record

BIND = """
UPDATE cards_card SET chip_uid = %(uid)s, key_version = %(version)s
WHERE id = %(card)s AND chip_uid IS NULL AND personalised_at IS NULL AND state = ANY(%(ready)s)
"""
WRITTEN = """
UPDATE cards_card SET personalised_at = %(at)s
WHERE id = %(card)s AND chip_uid = %(uid)s AND personalised_at IS NULL
"""
#: The reading at the station is spent: who recorded its URL has nothing.
CHECKED = """
UPDATE cards_card SET checked_at = %(at)s, counter = greatest(counter, %(counter)s)
WHERE id = %(card)s AND chip_uid = %(uid)s AND personalised_at IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Bound:
    """The card that a chip is for; `bound`: it was so before."""

    card: Card
    version: int
    bound: bool


def card_for(uid: bytes, session: ChipSession) -> Bound:
    """Say which card this chip is for. Raises `ChipEndedError` where it is for none."""
    card = Card.objects.filter(chip_uid=uid).first()
    if card is not None:
        here = session.turns.filter(card=card).exists()
        if not here or card.state not in READY:
            raise ChipEndedError("other_card", card.number)
        if card.checked_at is not None:
            raise ChipEndedError("again", card.number)
        return Bound(card, card.key_version, bound=True)
    if SpoiltChip.objects.filter(uid=uid).exists():
        raise ChipEndedError("given_up")
    if PrintChip.objects.filter(uid=uid).exclude(run=session.print_run_id).exists():
        raise ChipEndedError("bureau_chip")
    waiting = next_card(session)
    if waiting is None:
        raise ChipEndedError("all_done")
    if waiting.chip_uid is not None:
        raise ChipEndedError("card_has_chip", waiting.number)
    return Bound(waiting, session.key_version, bound=False)


def bind(bound: Bound, uid: bytes) -> None:
    """Bind a chip to its card, durably. Raises `ChipEndedError` where another was quicker."""
    facts: dict[str, Any] = {
        "uid": uid, "version": bound.version, "card": bound.card.pk, "ready": list(READY),
    }  # fmt: skip
    try:
        with transaction.atomic(durable=_durable()), connection.cursor() as cursor:
            cursor.execute(BIND, facts)
            taken = cursor.rowcount == 0
    except IntegrityError as error:  # another station bound this chip a moment ago
        raise ChipEndedError("other_card") from error
    if taken:
        raise ChipEndedError("card_has_chip", bound.card.number)


def mark_written(bound: Bound, uid: bytes, *, at: datetime) -> None:
    """Note that the chip carries our keys, all of them."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(WRITTEN, {"card": bound.card.pk, "uid": uid, "at": at})


def mark_checked(bound: Bound, uid: bytes, counter: int, *, actor: Actor, at: datetime) -> None:
    """Note that the chip was read back and its tap is genuine; spend that tap."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                CHECKED, {"card": bound.card.pk, "uid": uid, "counter": counter, "at": at}
            )
            if cursor.rowcount != 1:
                raise ChipEndedError("other_card", bound.card.number)
        record(
            "card.personalised", bound.card.uuid, actor=actor, at=at,
            area=bound.card.village_id, number=bound.card.number, uid=uid.hex(),
            key_version=bound.version, counter=counter,
        )  # fmt: skip


def _durable() -> bool:
    """Say whether no transaction is open: the station has none, a test may wrap it in one."""
    return not connection.in_atomic_block
