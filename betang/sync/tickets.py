"""Which devices want tickets, and of which cards; the worker visits one after the other.

Normative: `docs/protocols/tickets.md`, section 3. A device that got a lease is visited at once, the
others every two minutes: what was consumed meanwhile is made then.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction

from betang.accounts.admit import Holder
from betang.cards import tickets
from betang.cards.models import TicketRoster
from betang.core.errors import RefusedError
from betang.sync.bundle import require_active

log = logging.getLogger(__name__)

LOOK_AGAIN = timedelta(minutes=2)

DUE = """
WITH leased AS (
    SELECT device_id AS id, max(issued_at) AS newest FROM distribution_lease
    WHERE state = 'live' AND not_after > %(at)s GROUP BY device_id
)
SELECT d.id, d.uuid FROM accounts_device d
LEFT JOIN leased l ON l.id = d.id
LEFT JOIN cards_ticketroster t ON t.device = d.uuid
WHERE d.state = 'active' AND d.has_nfc
  AND (l.id IS NOT NULL OR t.id IS NOT NULL OR EXISTS (
      SELECT FROM cards_card k WHERE k.custodian_device = d.uuid AND k.state = 'in_custody'))
  AND (t.looked_at IS NULL OR t.looked_at < %(before)s OR l.newest > t.looked_at)
ORDER BY t.looked_at NULLS FIRST, d.id LIMIT 1
"""
#: A right that was delivered today stays: its card may be shown again while the lease lives.
CARDS = """
SELECT k.id FROM cards_card k
WHERE k.chip_uid IS NOT NULL AND k.grade = 'ours' AND (
    (k.state = 'in_custody' AND k.custodian_device = %(uuid)s)
    OR (k.state = 'active' AND k.household_id IN (
        SELECT e.household_id FROM distribution_lease l
        JOIN distribution_leaseright r ON r.lease_id = l.id
        JOIN distribution_entitlement e ON e.id = r.entitlement_id
        WHERE l.device_id = %(device)s AND l.state = 'live' AND l.not_after > %(at)s)))
ORDER BY k.id
"""
ENDED = """
SELECT t.device FROM cards_ticketroster t JOIN accounts_device d ON d.uuid = t.device
WHERE d.state = 'revoked'
"""

_told_of_no_master = False


def build_next(*, at: datetime, halted: Callable[[], bool] = lambda: False) -> bool:
    """Visit the device that waited longest; say whether there was one. For one worker at a time.

    Many transactions; a halt or a kill leaves what the next visit goes on with.
    """
    with connection.cursor() as cursor:
        cursor.execute(DUE, {"at": at, "before": at - LOOK_AGAIN})
        row = cursor.fetchone()
    if row is None:
        _forget_ended()
        return False
    roster = tickets.roster_of(row[1])
    cards = _cards(*row, at=at) if settings.TICKETS else []
    try:
        built = tickets.build(
            roster,
            cards,
            window=settings.TICKETS,
            transaction=partial(transaction.atomic, durable=True),
            halted=halted,
        )
        whole = built.whole
    except RefusedError as refusal:  # no master key for chips here
        _say_once(refusal.told)
        whole = True
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("the tickets of a device failed; going on with the next")
        whole = True
    if whole:
        TicketRoster.objects.filter(pk=roster.pk).update(looked_at=at)
    return True


def page(holder: Holder, *, since: int) -> bytes:
    """Give an active device one page of its roster. Raises what `require_active` raises."""
    require_active(holder)
    return tickets.page_for(holder.uuid, since)


def _forget_ended() -> None:
    """End the rosters of revoked devices."""
    with connection.cursor() as cursor:
        cursor.execute(ENDED)
        ended = [device for (device,) in cursor.fetchall()]
    for device in ended:
        tickets.forget(device)


def _cards(device: int, uuid: UUID, *, at: datetime) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(CARDS, {"device": device, "uuid": uuid, "at": at})
        return [card for (card,) in cursor.fetchall()]


def _say_once(why: str) -> None:
    """Say plainly why there are no tickets: the leases stand, offline taps stay amber."""
    global _told_of_no_master  # noqa: PLW0603
    if not _told_of_no_master:
        _told_of_no_master = True
        log.warning("no tickets are made here, offline taps stay amber: %s", why)
