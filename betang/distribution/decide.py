"""Decide about deliveries afterwards: count a contested one, refuse it, take a counted one back.

The office decides with both evidences in hand (`sync/decide_case.py`); here the rows, the tallies
and the books follow. Locks as everywhere: rights in id order, then villages in order.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from betang.core.actor import Actor
from betang.core.errors import NotFoundError, RefusedError, SamePersonError
from betang.core.event.said.shapes import Goods as Given
from betang.core.identifiers import new_uuid
from betang.distribution.parcel import goods_of, handed
from betang.journal.prepared import fetch
from betang.journal.record import Happening, record_many
from betang.ledger.post import Goods, give_goods, take_back_goods

LOCK = """
SELECT 1 FROM distribution_entitlement e
WHERE e.id IN (SELECT entitlement_id FROM distribution_delivery WHERE uuid = ANY(%s))
ORDER BY e.id FOR NO KEY UPDATE
"""
#: Read in a statement of its own: the one that waited for the lock saw the rows before it.
READ = """
SELECT d.uuid, d.part, d.counted, d.contest_code, d.decided_as, d.device, d.event,
       d.receipt_number, d.posting, e.id, e.uuid, e.village_id, e.channel, e.state,
       e.parts_allowed, e.parts_delivered, b.goods::text
FROM distribution_delivery d
JOIN distribution_entitlement e ON e.id = d.entitlement_id
JOIN programmes_benefit b ON b.id = e.benefit_id
WHERE d.uuid = ANY(%s) ORDER BY e.id, d.id
"""
#: What stands on a right already: the same part, or any part where the right is used up.
STANDING = """
SELECT uuid, part, receipt_number FROM distribution_delivery
WHERE counted AND entitlement_id = %s ORDER BY part
"""
LOCK_TALLIES = """
SELECT 1 FROM distribution_villagetally t
WHERE (t.village_id, t.cycle_id) IN (
    SELECT e.village_id, e.cycle_id FROM distribution_delivery d
    JOIN distribution_entitlement e ON e.id = d.entitlement_id WHERE d.uuid = ANY(%s))
ORDER BY t.village_id, t.cycle_id FOR NO KEY UPDATE
"""
#: The conditional UPDATE of the right first, as when a claim arrives; what fails it counts nothing.
COUNT = """
WITH told AS (
    SELECT d.uuid, d.entitlement_id, d.online, d.at FROM distribution_delivery d
    WHERE d.uuid = %s AND NOT d.counted AND d.decided_as IS NULL
), used AS (
    UPDATE distribution_entitlement e
    SET parts_delivered = e.parts_delivered + 1, delivered_at = told.at,
        state = CASE WHEN e.parts_delivered + 1 >= e.parts_allowed THEN 'delivered'
                     ELSE e.state END
    FROM told WHERE e.id = told.entitlement_id AND e.state IN ('open', 'reserved')
      AND e.parts_delivered < e.parts_allowed
    RETURNING e.id, e.state, e.village_id, e.cycle_id
), ended AS (
    UPDATE distribution_leaseright r SET ended_at = %s, end_reason = 'delivered'
    FROM used WHERE r.entitlement_id = used.id AND used.state = 'delivered' AND r.ended_at IS NULL
), tallied AS (
    UPDATE distribution_villagetally t
    SET served_online = t.served_online + CASE WHEN told.online THEN 1 ELSE 0 END,
        served_offline = t.served_offline + CASE WHEN told.online THEN 0 ELSE 1 END,
        contested = t.contested - 1
    FROM used JOIN told ON told.entitlement_id = used.id
    WHERE t.village_id = used.village_id AND t.cycle_id = used.cycle_id
)
UPDATE distribution_delivery d
SET counted = true, decided_as = 'counted', decided_at = %s, posting = %s
FROM used WHERE d.uuid = %s AND d.entitlement_id = used.id
RETURNING d.uuid
"""
REFUSE = """
WITH refused AS (
    UPDATE distribution_delivery d SET decided_as = 'refused', decided_at = %s
    WHERE d.uuid = %s AND NOT d.counted AND d.decided_as IS NULL
    RETURNING d.entitlement_id
), tallied AS (
    UPDATE distribution_villagetally t SET contested = t.contested - 1
    FROM refused r JOIN distribution_entitlement e ON e.id = r.entitlement_id
    WHERE t.village_id = e.village_id AND t.cycle_id = e.cycle_id
)
SELECT 1 FROM refused
"""
#: The right is open again and nobody's: its lease ended when it was delivered.
REVERSE = """
WITH undone AS (
    UPDATE distribution_delivery d SET counted = false, decided_as = 'reversed', decided_at = %s
    WHERE d.uuid = ANY(%s) AND d.counted
    RETURNING d.uuid, d.entitlement_id, d.online
), freed AS (
    UPDATE distribution_entitlement e
    SET parts_delivered = e.parts_delivered - n.parts,
        state = CASE WHEN e.state = 'delivered' THEN 'open' ELSE e.state END,
        holder_id = CASE WHEN e.state = 'delivered' THEN NULL ELSE e.holder_id END,
        held_until = CASE WHEN e.state = 'delivered' THEN NULL ELSE e.held_until END,
        delivered_at = CASE WHEN e.parts_delivered = n.parts THEN NULL ELSE e.delivered_at END
    FROM (SELECT entitlement_id, count(*)::smallint AS parts FROM undone GROUP BY 1) n
    WHERE e.id = n.entitlement_id
    RETURNING e.id, e.village_id, e.cycle_id
), tallied AS (
    UPDATE distribution_villagetally t
    SET served_online = t.served_online - n.online, served_offline = t.served_offline - n.offline
    FROM (SELECT f.village_id, f.cycle_id, count(*) FILTER (WHERE u.online) AS online,
                 count(*) FILTER (WHERE NOT u.online) AS offline
          FROM undone u JOIN freed f ON f.id = u.entitlement_id GROUP BY 1, 2) n
    WHERE t.village_id = n.village_id AND t.cycle_id = n.cycle_id
)
SELECT uuid FROM undone
"""


class UnknownDeliveryError(NotFoundError):
    """There is no such delivery."""

    code = "delivery.unknown"
    sentence = "Penyerahan itu tidak ada."
    do = "Buka kasusnya dari daftar kasus."


class DecidedBeforeError(RefusedError):
    """The delivery counts, or was decided before."""

    code = "delivery.decided"
    sentence = "Penyerahan dengan tanda terima {receipt} sudah diputus atau sudah dihitung."
    do = "Muat ulang halaman kasus; bila ada hal baru, buka kasus baru."


class CountedTwiceError(RefusedError):
    """Counting it would count the right twice."""

    code = "delivery.counted_twice"
    sentence = (
        "Bantuan ini sudah dihitung dengan tanda terima {receipt}; "
        "menghitung penyerahan ini juga berarti menghitungnya dua kali."
    )
    do = "Tolak penyerahan ini, atau putuskan bahwa penyerahan ini menggantikan yang terhitung."


class NotCountableError(RefusedError):
    """The right was cancelled, is not given by hand, or has no such part."""

    code = "delivery.not_countable"
    sentence = "Penyerahan ini tidak dapat dihitung: haknya dibatalkan atau tidak punya bagian itu."
    do = "Tolak penyerahan ini dengan alasannya."


class NothingToReplaceError(RefusedError):
    """No counted delivery stands in its way."""

    code = "delivery.nothing_to_replace"
    sentence = "Tidak ada penyerahan terhitung yang perlu digantikan."
    do = "Putuskan bahwa penyerahan ini benar, tanpa menggantikan yang lain."


class Judged(NamedTuple):
    """A delivery as it stood under our lock, before the decision."""

    uuid: UUID
    part: int
    counted: bool
    contest_code: str | None
    decided_as: str | None
    device: UUID | None
    event: UUID | None
    receipt: str
    posting: UUID | None
    right: int
    entitlement: UUID
    village: int
    channel: str
    state: str
    parts_allowed: int
    parts_delivered: int
    goods: str


def count_claim(
    delivery: UUID,
    *,
    goods: Sequence[Given],
    actor: Actor,
    second: Actor,
    at: datetime,
) -> Judged:
    """Let a contested delivery count, by two persons; `goods` are what its device said, if less.

    The goods leave the stock now, once. Raises `CountedTwiceError` where the right is used up or
    the part was counted, `DecidedBeforeError`, `NotCountableError`, `SamePersonError`.
    """
    _two(actor, second)
    told = _undecided(delivery)
    if told.channel != "hand" or told.state in {"paid", "cancelled"}:
        raise NotCountableError
    if told.part > told.parts_allowed:
        raise NotCountableError
    if in_the_way := _in_the_way(told):
        raise CountedTwiceError(receipt=in_the_way[0][1])
    posting = new_uuid()
    if not fetch(COUNT, delivery, at, at, posting, delivery):
        raise DecidedBeforeError(receipt=told.receipt)  # unreachable under the lock; never a guess
    give_goods(_moved(told, goods, posting, at))
    _record("delivery.counted", [told], actor, at, second_person=str(second.person))
    return told


def refuse_claim(delivery: UUID, *, actor: Actor, at: datetime) -> Judged:
    """Say for good that a contested delivery does not count. Raises `DecidedBeforeError`."""
    told = _undecided(delivery)
    if not fetch(REFUSE, at, delivery):
        raise DecidedBeforeError(receipt=told.receipt)
    _record("delivery.refused", [told], actor, at)
    return told


def reverse_many(
    deliveries: Iterable[UUID],
    *,
    goods: Mapping[UUID, Sequence[Given]],
    actor: Actor,
    second: Actor,
    at: datetime,
) -> list[Judged]:
    """Take counted deliveries back, by two persons: they counted, and should not have.

    Their rights are open again, their goods return into the stock of the books in one transaction a
    delivery; nothing is erased. `goods` are what each device said when it was counted. Those that
    do not count are left alone and are not in the answer.
    """
    _two(actor, second)
    wanted = list(deliveries)
    told = [one for one in _locked(wanted) if one.counted]
    if not told:
        return []
    fetch(LOCK_TALLIES, wanted)
    undone = {row[0] for row in fetch(REVERSE, at, wanted)}
    gone = [one for one in told if one.uuid in undone]
    take_back_goods(
        moved for one in gone for moved in _moved(one, goods.get(one.uuid, ()), new_uuid(), at)
    )
    _record("delivery.reversed", gone, actor, at, second_person=str(second.person))
    return gone


def standing_against(delivery: UUID) -> list[UUID]:
    """Lock a contested delivery's right and give the counted deliveries that stand in its way.

    Raises `NothingToReplaceError` if none does.
    """
    in_the_way = _in_the_way(_undecided(delivery))
    if not in_the_way:
        raise NothingToReplaceError
    return [uuid for uuid, _ in in_the_way]


def _two(actor: Actor, second: Actor) -> None:
    if actor.person is None or actor.person == second.person:
        raise SamePersonError


def _locked(deliveries: Sequence[UUID]) -> list[Judged]:
    fetch(LOCK, list(deliveries))
    return [Judged._make(row) for row in fetch(READ, list(deliveries))]


def _undecided(delivery: UUID) -> Judged:
    found = _locked([delivery])
    if not found:
        raise UnknownDeliveryError
    if found[0].counted or found[0].decided_as is not None:
        raise DecidedBeforeError(receipt=found[0].receipt)
    return found[0]


def _in_the_way(told: Judged) -> list[tuple[UUID, str]]:
    """Give what would be counted twice: the same part, else the last one of a used-up right."""
    standing = fetch(STANDING, told.right)
    same = [(uuid, receipt) for uuid, part, receipt in standing if part == told.part]
    if same or told.parts_delivered < told.parts_allowed:
        return same
    return [(uuid, receipt) for uuid, _, receipt in standing[-1:]]


def _moved(
    told: Judged, goods: Sequence[Given], transaction: UUID, at: datetime
) -> Iterable[Goods]:
    return [
        Goods(transaction, item, quantity, at, told.uuid)
        for item, quantity in handed(goods, goods_of(told.goods))
        if quantity
    ]


def _record(kind: str, judged: Sequence[Judged], actor: Actor, at: datetime, **more: Any) -> None:
    record_many(
        kind,
        [
            Happening(
                one.entitlement,
                actor,
                at,
                one.village,
                {
                    "delivery": str(one.uuid),
                    "code": one.contest_code,
                    "receipt": one.receipt,
                    **more,
                },
            )
            for one in judged
        ],
    )
