"""Where printed cards are: received into stock, entrusted to a device, taken back.

Each of these is a transfer between two places, signed (`parcel`). Between offices, where the
parcel travels, it is sent and counted by two persons (`transfer`).
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection

from betang.accounts.access import village_range
from betang.accounts.models import Device
from betang.cards import places
from betang.cards.models import Place, Transfer
from betang.cards.parcel import Hands, Which, move, write_down, write_receipt
from betang.core.actor import Actor
from betang.core.errors import SamePersonError
from betang.journal.record import record

# Of an area, the offices that have cards of it in stock.
IN_STOCK = """
SELECT DISTINCT c.place_id FROM cards_card c JOIN cards_place p ON p.id = c.place_id
WHERE c.state = 'in_custody' AND c.custodian_device IS NULL AND p.kind = ANY(%s)
  AND c.village_id BETWEEN %s AND %s
"""
# Of some cards, where they are: in an office or with a device, not on a way.
WHERE_NUMBERS = """
SELECT DISTINCT c.place_id FROM cards_card c JOIN cards_place p ON p.id = c.place_id
WHERE c.state = 'in_custody' AND p.kind <> 'transit' AND c.number = ANY(%s)
  AND c.custodian_device IS DISTINCT FROM %s
"""
PROVINCE = 62


def receive(*, actor: Actor, at: datetime, area: int | None = None) -> int:
    """Take the printed cards of `area` from the bureau into the province's stock; give how many.

    The bureau's side of the transfer is the manifest of its print run, so no person of ours is the
    sender.
    """
    return _received(Which(area, None, ("printed",)), actor=actor, at=at)


def receive_numbers(numbers: Sequence[str], *, actor: Actor, at: datetime) -> int:
    """Take these printed cards from the bureau into the province's stock; give how many."""
    which = Which(None, [int(number) for number in numbers], ("printed",))
    return _received(which, actor=actor, at=at)


def entrust(device: UUID, *, area: int, actor: Actor, at: datetime) -> int:
    """Entrust the cards in stock of `area` to `device`; what another device holds stays there.

    The officer takes them along at once; that he counted them he says later
    (`transfer.acknowledge`).
    """
    with connection.cursor() as cursor:
        cursor.execute(IN_STOCK, [list(places.OFFICES), *village_range(area)])
        senders = [row[0] for row in cursor.fetchall()]
    return _entrusted(device, senders, Which(area), actor=actor, at=at)


def entrust_numbers(device: UUID, numbers: Sequence[str], *, actor: Actor, at: datetime) -> int:
    """Entrust these cards to `device`, from stock or from another device."""
    with connection.cursor() as cursor:
        cursor.execute(WHERE_NUMBERS, [list(numbers), device])
        senders = [row[0] for row in cursor.fetchall()]
    which = Which(None, [int(number) for number in numbers])
    return _entrusted(device, senders, which, actor=actor, at=at)


def take_back(
    device: UUID, *, actor: Actor, at: datetime, into: int | None = None, area: int | None = None
) -> int:
    """Put what `device` still holds, of `area` if one is given, into the stock of office `into`.

    Cards that ended in the officer's hands (spoilt, blocked) come back as well: they are counted
    where they lie. Raises `SamePersonError` where the officer would receive his own cards.
    """
    hands = _hands(device)
    if hands.person is not None and hands.person == actor.person:
        raise SamePersonError
    sender, receiver = places.of_device(device), places.office(into)
    numbers = move(sender, receiver, Which(area, None, None))
    if numbers:
        given = write_down(
            numbers,
            sender=sender,
            receiver=receiver,
            state=Transfer.State.CARRIED,
            by=hands,
            at=at,
            area=area,
        )
        write_receipt(given, by=actor, at=at)
        facts = {"count": len(numbers), "transfer": str(given.uuid)}
        record("cards.taken_back", device, actor=actor, at=at, area=area, **facts)
    return len(numbers)


def _received(which: Which, *, actor: Actor, at: datetime) -> int:
    sender, receiver = places.bureau(), places.province()
    numbers = move(sender, receiver, which)
    if numbers:
        given = write_down(
            numbers,
            sender=sender,
            receiver=receiver,
            state=Transfer.State.CARRIED,
            by=Hands(None, None),
            at=at,
            area=which.area,
        )
        write_receipt(given, by=actor, at=at)
        record(
            "cards.received",
            given.uuid,
            actor=actor,
            at=at,
            area=which.area,
            count=len(numbers),
            numbers_sha256=bytes(given.numbers_sha256).hex(),
        )
    return len(numbers)


def _entrusted(
    device: UUID, senders: Sequence[int], which: Which, *, actor: Actor, at: datetime
) -> int:
    """Move what each of the senders has: a transfer is between two places."""
    receiver, count = places.of_device(device), 0
    for sender in Place.objects.filter(pk__in=senders).order_by("pk"):
        numbers = move(sender, receiver, which)
        if not numbers:
            continue
        given = write_down(
            numbers,
            sender=sender,
            receiver=receiver,
            state=Transfer.State.CARRIED,
            by=_hands(sender.device) if sender.device else Hands(actor.uuid, actor.person),
            at=at,
            area=which.area,
        )
        facts = {"count": len(numbers), "transfer": str(given.uuid)}
        record("cards.entrusted", device, actor=actor, at=at, area=which.area, **facts)
        count += len(numbers)
    return count


def _hands(device: UUID) -> Hands:
    """Give the device and the human who carries it."""
    known = Device.objects.filter(uuid=device).select_related("owner").first()
    return Hands(device, known.owner.person if known else None)
