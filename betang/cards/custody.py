"""Where printed cards are: received into stock, entrusted to a device, taken back.

The ledger of custody with signed transfers comes with the cards issue; until then a card in custody
is in the office's stock (no device) or with exactly one device.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection

from betang.cards.within import WITHIN
from betang.core.actor import Actor
from betang.core.identifiers import new_uuid
from betang.journal.record import record

RECEIVE = f"""
UPDATE cards_card SET state = 'in_custody'
WHERE state = 'printed' AND {WITHIN.format("village_id")}
"""
ENTRUST = f"""
UPDATE cards_card SET custodian_device = %(device)s
WHERE state = 'in_custody' AND custodian_device IS NULL AND {WITHIN.format("village_id")}
"""
ENTRUST_NUMBERS = """
UPDATE cards_card SET custodian_device = %(device)s
WHERE state = 'in_custody' AND number = ANY(%(numbers)s)
"""
TAKE_BACK = """
UPDATE cards_card SET custodian_device = NULL
WHERE state = 'in_custody' AND custodian_device = %(device)s
"""


def receive(*, actor: Actor, at: datetime, area: int | None = None) -> int:
    """Take the printed cards of `area` into stock; give how many."""
    with connection.cursor() as cursor:
        cursor.execute(RECEIVE, {"area": area})
        count = int(cursor.rowcount)
    if count:
        record("cards.received", new_uuid(), actor=actor, at=at, area=area, count=count)
    return count


def entrust(device: UUID, *, area: int, actor: Actor, at: datetime) -> int:
    """Entrust the cards in stock of `area` to `device`; what another device holds stays there."""
    with connection.cursor() as cursor:
        cursor.execute(ENTRUST, {"device": device, "area": area})
        count = int(cursor.rowcount)
    return _entrusted(device, count, actor=actor, at=at, area=area)


def entrust_numbers(device: UUID, numbers: Sequence[str], *, actor: Actor, at: datetime) -> int:
    """Entrust these cards to `device`, from stock or from another device."""
    with connection.cursor() as cursor:
        cursor.execute(ENTRUST_NUMBERS, {"device": device, "numbers": list(numbers)})
        count = int(cursor.rowcount)
    return _entrusted(device, count, actor=actor, at=at, area=None)


def take_back(device: UUID, *, actor: Actor, at: datetime) -> int:
    """Put the cards that `device` still holds back into stock."""
    with connection.cursor() as cursor:
        cursor.execute(TAKE_BACK, {"device": device})
        count = int(cursor.rowcount)
    if count:
        record("cards.taken_back", device, actor=actor, at=at, count=count)
    return count


def _entrusted(device: UUID, count: int, *, actor: Actor, at: datetime, area: int | None) -> int:
    if count:
        record("cards.entrusted", device, actor=actor, at=at, area=area, count=count)
    return count
