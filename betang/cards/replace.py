"""Replacing a card: the next issue is ordered, the former is trusted no more, at once."""

from datetime import datetime

from django.db import connection

from betang.cards import token
from betang.cards.block import NoSuchCardError, end_card
from betang.cards.issue import TALLY
from betang.cards.models import Card
from betang.core.actor import Actor
from betang.core.errors import RefusedError
from betang.core.identity.card_number import ISSUE_MAX, card_number
from betang.journal.record import record
from betang.registry.models import Household


class NotReplaceableError(RefusedError):
    """The card was replaced before, or never reached anybody."""

    code = "card.not_replaceable"
    sentence = "Kartu ini tidak dapat diganti: sudah diganti, atau belum pernah diserahkan."
    do = "Cari kartu terbaru keluarga ini, atau cetak ulang kartu yang belum diserahkan."


class NoIssueLeftError(RefusedError):
    """Ninety-nine cards were issued to this household."""

    code = "card.no_issue_left"
    sentence = "Keluarga ini sudah 99 kali menerima kartu."
    do = "Hubungi pengelola sistem: nomor kartu untuk keluarga ini sudah habis."


def replace(number: str, *, actor: Actor, at: datetime, chip_uid: bytes | None = None) -> Card:
    """Order the next issue for the household of the card `number` and revoke that card.

    Raises `NotReplaceableError` unless the card is active, in custody or blocked.
    """
    old = Card.objects.select_for_update().filter(number=number).first()
    if old is None:
        raise NoSuchCardError
    if old.state not in {"active", "in_custody", "blocked"}:
        raise NotReplaceableError
    if old.issue >= ISSUE_MAX:
        raise NoIssueLeftError
    end_card(old, state="replaced", reason="superseded", at=at)
    new = _ordered(old, at=at, chip_uid=chip_uid)
    record(
        "card.replaced",
        old.uuid,
        actor=actor,
        at=at,
        area=old.village_id,
        number=number,
        by=new.number,
    )
    _tell_issued(new, actor=actor, at=at)
    return new


def order_next(old: Card, *, actor: Actor, at: datetime) -> Card:
    """Order the next issue after a card that ended; raises `NoIssueLeftError`."""
    if old.issue >= ISSUE_MAX:
        raise NoIssueLeftError
    new = _ordered(old, at=at, chip_uid=None)
    _tell_issued(new, actor=actor, at=at)
    return new


def _tell_issued(new: Card, *, actor: Actor, at: datetime) -> None:
    record(
        "card.issued",
        new.uuid,
        actor=actor,
        at=at,
        area=new.village_id,
        number=new.number,
        issue=new.issue,
    )


def _ordered(old: Card, *, at: datetime, chip_uid: bytes | None) -> Card:
    """Write the new card, ordered, for where the household lives now."""
    household = Household.objects.get(pk=old.household_id)
    number, last_day = card_number(household.number, old.issue + 1), token.expires_on(at)
    claims = token.claims(
        number=number,
        name=household.head_name,
        village=household.village_id,
        issued_at=at,
        last_day=last_day,
    )
    new = Card.objects.create(
        number=number,
        household=household,
        issue=old.issue + 1,
        village_id=household.village_id,
        chip_uid=chip_uid,
        qr=token.writer().token(claims),
        issued_at=at,
        expires_on=last_day,
    )
    with connection.cursor() as cursor:
        cursor.execute(TALLY, [[new.village_id], [1]])
    return new
