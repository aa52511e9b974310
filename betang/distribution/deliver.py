"""Deliveries as devices tell them, many at once: the first valid one counts, none is lost.

Lock the rights in id order, settle each claim by the pure rule of `core/lease/settle.py`, then one
statement: the conditional UPDATE of the rights first, the inserts with `counted` from its result.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from django.db import connection

from betang.core.actor import Actor
from betang.core.event.said.shapes import Goods as Given
from betang.core.event.said.shapes import Point
from betang.core.identifiers import new_uuid, new_uuids
from betang.core.lease.settle import Settled, settle
from betang.distribution.parcel import goods_of, handed
from betang.journal.prepared import array_text, fetch
from betang.journal.record import Happening, record_many
from betang.ledger.post import Goods, give_goods

LOCK = """
SELECT e.uuid, e.id, e.household_id, e.cycle_id, e.village_id, e.channel, e.state,
       e.parts_allowed, e.parts_delivered, e.holder_id, e.held_until, c.state, b.goods::text
FROM distribution_entitlement e
JOIN programmes_cycle c ON c.id = e.cycle_id
JOIN programmes_benefit b ON b.id = e.benefit_id
WHERE e.uuid = ANY(%s::uuid[]) ORDER BY e.id FOR NO KEY UPDATE OF e
"""

#: Of rights with several parts only: which parts were counted before.
PARTS = """
SELECT entitlement_id, part FROM distribution_delivery
WHERE counted AND entitlement_id = ANY(%s)
"""

#: The first evidence, for the sentence that the second device shows.
FIRST = """
SELECT d.entitlement_id, d.uuid, d.at, a.name FROM distribution_delivery d
JOIN areas_area a ON a.code = d.village_id
WHERE d.counted AND d.entitlement_id = ANY(%s) ORDER BY d.id
"""

LOCK_TALLIES = """
SELECT 1 FROM distribution_villagetally t
WHERE (t.village_id, t.cycle_id) IN (SELECT * FROM unnest(%s::bigint[], %s::bigint[]))
ORDER BY t.village_id, t.cycle_id FOR NO KEY UPDATE
"""

STORE = """
WITH told AS (
    SELECT t.*, decode(t.attachment, 'hex') AS sealed
    FROM json_to_recordset(%s::json) AS t(uuid uuid, entitlement bigint, part smallint,
        stands boolean, code text, device uuid, actor uuid, at timestamptz, event uuid,
        online boolean, source text, collector text, member uuid, card text, colour text,
        lat float8, lng float8, accuracy float8, receipt text, village bigint, attachment text,
        cycle bigint)
), counted AS (
    UPDATE distribution_entitlement e
    SET parts_delivered = e.parts_delivered + n.parts,
        state = CASE WHEN e.parts_delivered + n.parts >= e.parts_allowed THEN 'delivered'
                     ELSE e.state END,
        delivered_at = n.at
    FROM (SELECT entitlement, count(*)::smallint AS parts, max(at) AS at
          FROM told WHERE stands GROUP BY entitlement) n
    WHERE e.id = n.entitlement AND e.state IN ('open', 'reserved')
      AND e.parts_delivered + n.parts <= e.parts_allowed
    RETURNING e.id, e.state
), kept AS (
    INSERT INTO distribution_delivery (uuid, entitlement_id, part, counted, contest_code, device,
        actor, at, heard_at, event, online, source, collector, collector_member, card_number,
        colour, lat, lng, accuracy_m, receipt_number, village_id, attachment_sha256, posting)
    SELECT t.uuid, t.entitlement, t.part, t.stands AND c.id IS NOT NULL,
           CASE WHEN t.stands AND c.id IS NOT NULL THEN NULL
                ELSE coalesce(t.code, 'claim.already_delivered') END,
           t.device, t.actor, t.at, %s, t.event, t.online, t.source, t.collector, t.member, t.card,
           t.colour, t.lat, t.lng, t.accuracy, t.receipt, t.village, t.sealed,
           CASE WHEN t.stands AND c.id IS NOT NULL THEN %s::uuid END
    FROM told t LEFT JOIN counted c ON c.id = t.entitlement
    RETURNING uuid, counted
), ended AS (
    UPDATE distribution_leaseright r SET ended_at = %s, end_reason = 'delivered'
    FROM counted WHERE r.entitlement_id = counted.id AND counted.state = 'delivered'
      AND r.ended_at IS NULL
), tallied AS (
    UPDATE distribution_villagetally t
    SET served_online = t.served_online + n.online, served_offline = t.served_offline + n.offline,
        contested = t.contested + n.contested
    FROM (SELECT t.village, t.cycle, count(*) FILTER (WHERE k.counted AND t.online) AS online,
                 count(*) FILTER (WHERE k.counted AND NOT t.online) AS offline,
                 count(*) FILTER (WHERE NOT k.counted) AS contested
          FROM told t JOIN kept k USING (uuid) GROUP BY 1, 2) n
    WHERE t.village_id = n.village AND t.cycle_id = n.cycle
)
SELECT uuid, counted FROM kept
"""


class Claim(NamedTuple):
    """One delivery as a device tells it; `ord` is the caller's own number for it.

    `card_family` is the household whose card was shown, if that is known: another's is refused.
    `at` is when it happened. Of a receipt on paper, `told_at` is when it was typed in: that, and
    not what the paper says, is held against the lease (docs/decisions/0122).
    """

    ord: int
    entitlement: UUID
    part: int
    device_id: int
    device: UUID
    device_code: str
    actor: Actor
    at: datetime
    heard_at: datetime
    event: UUID
    online: bool
    source: str
    collector: str
    member: UUID | None
    card_number: str | None
    colour: str | None
    point: Point | None
    receipt: str
    attachment: bytes | None
    goods: Sequence[Given] = ()
    card_refused: bool = False
    card_family: int | None = None
    told_at: datetime | None = None
    mark: str | None = None
    less: str | None = None


class Outcome(NamedTuple):
    """What became of a claim.

    `first` is the delivery that won, with when and where, if this one came second. `delivery` is
    None where nothing could be kept (no such right).
    """

    ord: int
    code: Settled
    delivery: UUID | None
    entitlement: UUID
    household: int | None
    village: int | None
    first: tuple[UUID, datetime, str] | None


class Right(NamedTuple):
    """An entitlement as it stands under our lock."""

    uuid: UUID
    id: int
    household: int
    cycle: int
    village: int
    channel: str
    state: str
    parts_allowed: int
    parts_delivered: int
    holder: int | None
    held_until: datetime | None
    cycle_state: str
    goods: str


def deliver_many(claims: Iterable[Claim], *, at: datetime) -> list[Outcome]:
    """Keep every claim, count those that stand, and give one outcome each, in the order given.

    Of two claims on one right the first in the order given wins. `at` is when we heard of them.
    Each claim that stands records `benefit.delivered` and moves its goods in the ledger; each other
    records `delivery.contested` or `claim.refused`.
    """
    told = list(claims)
    if not told:
        return []
    rights = _lock([claim.entitlement for claim in told])
    settled = _settle(told, rights)
    kept = [(c, s, rights[c.entitlement]) for c, s in settled if s is not Settled.UNKNOWN_RIGHT]
    posting = new_uuid()
    uuids = new_uuids(len(kept))
    ids = {claim.ord: uuid for (claim, _, _), uuid in zip(kept, uuids, strict=True)}
    counted = _store(kept, ids, posting, at) if kept else set()
    first = _first([right.id for _, code, right in kept if code is Settled.ALREADY_DELIVERED])
    _post(kept, ids, counted, posting, at)
    outcomes = []
    for claim, code in settled:
        right = rights.get(claim.entitlement)
        delivery = ids.get(claim.ord)
        final = code
        if code is Settled.COUNTS and delivery not in counted:
            final = Settled.ALREADY_DELIVERED  # the conditional UPDATE had the last word
        outcomes.append(
            Outcome(
                claim.ord,
                final,
                delivery,
                claim.entitlement,
                right.household if right else None,
                right.village if right else None,
                first.get(right.id) if right and final is Settled.ALREADY_DELIVERED else None,
            )
        )
    _record(told, outcomes)
    return outcomes


def _lock(uuids: Sequence[UUID]) -> dict[UUID, Right]:
    return {row[0]: Right._make(row) for row in fetch(LOCK, array_text(uuids))}


def _settle(claims: Sequence[Claim], rights: dict[UUID, Right]) -> list[tuple[Claim, Settled]]:
    """Settle claims one after the other; what one uses up is gone for the next."""
    used: dict[UUID, int] = {}
    taken = _parts_taken([r for r in rights.values() if r.parts_allowed > 1])
    settled = []
    for claim in claims:
        right = rights.get(claim.entitlement)
        if right is None:
            settled.append((claim, Settled.UNKNOWN_RIGHT))
            continue
        gone = used.get(right.uuid, 0)
        part = (right.id, claim.part)
        until = right.held_until
        verdict = settle(
            by_hand=right.channel == "hand",
            state=right.state,
            parts_left=right.parts_allowed - right.parts_delivered - gone,
            # Parts beyond the allowance would slip past the unique index of counted parts.
            part_taken=part in taken or claim.part > right.parts_allowed,
            cycle_open=right.cycle_state == "open",
            card_refused=claim.card_refused or claim.card_family not in {None, right.household},
            holds=right.holder == claim.device_id,
            in_time=until is not None and min(claim.told_at or claim.at, claim.heard_at) <= until,
        )
        if verdict is Settled.COUNTS:
            used[right.uuid] = gone + 1
            taken.add(part)
        settled.append((claim, verdict))
    return settled


def _parts_taken(rights: Sequence[Right]) -> set[tuple[int, int]]:
    if not rights:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(PARTS, [[right.id for right in rights]])
        return set(cursor.fetchall())


def _store(
    kept: Sequence[tuple[Claim, Settled, Right]],
    ids: dict[int, UUID],
    posting: UUID,
    at: datetime,
) -> set[UUID]:
    """Write the claims and give the deliveries that count."""
    rows = [
        {
            "uuid": ids[claim.ord],
            "entitlement": right.id,
            "part": claim.part,
            "stands": code is Settled.COUNTS,
            "code": None if code is Settled.COUNTS else code.value,
            "device": claim.device,
            "actor": claim.actor.uuid,
            "at": claim.at,
            "event": claim.event,
            "online": claim.online,
            "source": claim.source,
            "collector": claim.collector,
            "member": claim.member,
            "card": claim.card_number,
            "colour": claim.colour,
            "lat": claim.point.lat if claim.point else None,
            "lng": claim.point.lng if claim.point else None,
            "accuracy": claim.point.accuracy_m if claim.point else None,
            "receipt": claim.receipt,
            "village": right.village,
            "attachment": claim.attachment.hex() if claim.attachment else None,
            "cycle": right.cycle,
        }
        for claim, code, right in kept
    ]
    places = sorted({(right.village, right.cycle) for _, _, right in kept})
    if len(places) > 1:  # villages in order, so that two batches never wait for each other
        villages, cycles = zip(*places, strict=True)
        fetch(LOCK_TALLIES, array_text(villages), array_text(cycles))
    stored = fetch(STORE, orjson.dumps(rows).decode(), at, posting, at)
    return {uuid for uuid, counted in stored if counted}


def _first(entitlements: Sequence[int]) -> dict[int, tuple[UUID, datetime, str]]:
    if not entitlements:
        return {}
    first: dict[int, tuple[UUID, datetime, str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(FIRST, [list(entitlements)])
        for entitlement, uuid, at, village in cursor.fetchall():
            first.setdefault(entitlement, (uuid, at, village))
    return first


def _post(
    kept: Sequence[tuple[Claim, Settled, Right]],
    ids: dict[int, UUID],
    counted: set[UUID],
    posting: UUID,
    at: datetime,
) -> None:
    """Move the goods of all deliveries that count in one transaction of the ledger.

    One transaction a batch and not one a delivery: the delivery names it (`posting`), so that each
    kilogram is still found from both sides, at a fiftieth of the rows (docs/decisions/0038).
    """
    total: dict[str, int] = {}
    for claim, _, right in kept:
        if ids[claim.ord] in counted:
            for item, quantity in handed(claim.goods, goods_of(right.goods)):
                total[item] = total.get(item, 0) + quantity
    give_goods(Goods(posting, item, n, at, posting) for item, n in sorted(total.items()) if n)


def _record(claims: Sequence[Claim], outcomes: Sequence[Outcome]) -> None:
    """Record one entry for each claim."""
    entries: dict[str, list[Happening]] = {}
    for claim, outcome in zip(claims, outcomes, strict=True):
        facts: dict[str, Any] = {"device": claim.device_code, "receipt": claim.receipt}
        if claim.source == "paper":
            facts |= {"source": "paper", "mark": claim.mark}
        if claim.less:
            facts["less"] = claim.less
        if outcome.code is Settled.COUNTS:
            kind = "benefit.delivered"
            facts |= {
                "delivery": str(outcome.delivery),
                "part": claim.part,
                "online": claim.online,
                "collector": claim.collector,
                "colour": claim.colour,
            }
        elif outcome.delivery is None:
            kind, facts = "claim.refused", facts | {"code": outcome.code.value}
        else:
            kind = "delivery.contested"
            facts |= {"delivery": str(outcome.delivery), "code": outcome.code.value}
            if outcome.first:
                facts["first"] = str(outcome.first[0])
        entries.setdefault(kind, []).append(
            Happening(claim.entitlement, claim.actor, claim.at, outcome.village, facts)
        )
    for kind, happenings in entries.items():
        record_many(kind, happenings)
