"""Decide a case. Of a contested delivery: the right, the books, the tally and the phone hear of it.

One transaction: the case first (of two persons at once, one succeeds), then the cursors of the
devices in id order, then rights and tallies as everywhere (docs/decisions/0080).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from betang.accounts.models import Device
from betang.core.actor import Actor
from betang.core.errors import RefusedError
from betang.core.event import kinds
from betang.core.event.said.benefits import Delivered
from betang.core.event.said.members import MalformedDataError
from betang.core.event.said.shapes import Goods
from betang.distribution import decide as deliveries
from betang.distribution.decide import UnknownDeliveryError
from betang.grievances.decide import (
    REPLACED,
    TAKES_TWO,
    OwnCaseError,
    close_claim,
    confirm_claim,
    may_decide,
    propose,
    resolve,
)
from betang.grievances.models import Case
from betang.sync import store
from betang.sync.arrive import Arrived
from betang.sync.decisions import decide, settle

#: The claim, and what counts on the same right: whose hands they went through, and their events.
EVIDENCE = """
SELECT d.uuid, d.device, d.event, e.uuid, d.part, d.counted
FROM distribution_delivery d JOIN distribution_entitlement e ON e.id = d.entitlement_id
WHERE d.entitlement_id IN (SELECT entitlement_id FROM distribution_delivery WHERE uuid = ANY(%s))
  AND (d.counted OR d.uuid = ANY(%s))
ORDER BY d.id
"""
#: An id is the device's own word: two events can bear one, so each is asked what it says.
EVENTS = """
SELECT protected, payload, signature, payload_sha256 FROM (
    SELECT id, protected, payload, signature, payload_sha256 FROM sync_fieldevent
    WHERE device_id = %(device)s AND uuid = %(event)s AND state = 'applied'
    UNION ALL
    SELECT id, protected, payload, signature, payload_sha256 FROM sync_fieldeventfork
    WHERE device_id = %(device)s AND uuid = %(event)s AND state = 'applied'
) e ORDER BY id
"""


class EvidenceMovedError(RefusedError):
    """What counts on the right is not what the proposer saw."""

    code = "case.evidence_moved"
    sentence = "Penyerahan yang terhitung sudah berubah sejak putusan ini diusulkan."
    do = "Kembalikan usulan itu, lalu periksa kembali buktinya."


class Evidence(NamedTuple):
    """A delivery with the device and the event that told of it."""

    delivery: UUID
    device: Device | None
    event: Arrived | None
    goods: Sequence[Goods]
    counted: bool


def decide_case(case: Case, outcome: str, text: str, *, actor: Actor, at: datetime) -> Case:
    """Decide a case; where the decision takes two persons, it will propose it.

    Raises what `grievances.decide` raises; `OwnCaseError` also for who made one of the deliveries.
    """
    if case.kind != Case.Kind.CONTESTED_DELIVERY:
        return resolve(case, outcome, text, actor=actor, at=at)
    evidence = evidence_of([case.subject])
    _not_own(case, evidence, actor)
    if outcome in TAKES_TWO:
        counted = [one.delivery for one in evidence if one.counted]
        return propose(case, outcome, text, against=counted, actor=actor, at=at)
    close_claim(case, outcome, text, actor=actor, at=at)
    own = [one for one in evidence if one.delivery == case.subject]
    lock_cursors(own)
    deliveries.refuse_claim(case.subject, actor=actor, at=at)
    tell(own, "claim.dismissed", at)
    return case


def confirm_case(case: Case, *, actor: Actor, at: datetime) -> Case:
    """Carry out a decision that another person proposed.

    Raises `SamePersonError`, `OwnCaseError`, `NothingProposedError`; `CountedTwiceError` where the
    right was counted meanwhile: the proposal is then sent back with `give_back`.
    """
    may_decide(case, actor)
    evidence = evidence_of([case.subject])
    _not_own(case, evidence, actor)
    proposed = confirm_claim(case, actor=actor, at=at)
    first = proposed.actor
    lock_cursors(evidence)
    if case.outcome == REPLACED:
        gone = deliveries.standing_against(case.subject)
        replaced = [one for one in evidence if one.delivery in gone]
        if len(replaced) != len(gone) or not {str(one) for one in gone} <= set(proposed.against):
            raise EvidenceMovedError
        goods = {one.delivery: one.goods for one in replaced}
        deliveries.reverse_many(gone, goods=goods, actor=first, second=actor, at=at)
        tell(replaced, "claim.reversed", at)
    own = [one for one in evidence if one.delivery == case.subject]
    told = own[0].goods if own else ()
    deliveries.count_claim(case.subject, goods=told, actor=first, second=actor, at=at)
    tell(own, "claim.counted", at)
    return case


def evidence_of(subjects: Sequence[UUID]) -> list[Evidence]:
    """Give these deliveries, and those that count on the same rights."""
    with connection.cursor() as cursor:
        cursor.execute(EVIDENCE, [list(subjects), list(subjects)])
        rows = cursor.fetchall()
    found = Device.objects.select_related("owner").filter(uuid__in={row[1] for row in rows})
    devices = {device.uuid: device for device in found}
    evidence = []
    for delivery, device_uuid, event_id, entitlement, part, counted in rows:
        device = devices.get(device_uuid)
        event, goods = _event(device, event_id, entitlement, part) if device else (None, ())
        evidence.append(Evidence(delivery, device, event, goods, counted))
    return evidence


def lock_cursors(evidence: Iterable[Evidence]) -> None:
    """Lock the chains of the devices, in order: decisions are numbered under that."""
    for device in sorted({one.device.pk for one in evidence if one.device}):
        store.lock_cursor(device)


def tell(evidence: Iterable[Evidence], code: str, at: datetime) -> None:
    """Leave a decision for each event, which its phone reads when it syncs next."""
    for one in evidence:
        if one.device is None or one.event is None:
            continue  # told on paper, or by an office: nobody's phone waits for it
        decided = decide(one.event.event.seq, one.event.sha256, one.event.event.id, code)
        cursor = store.lock_cursor(one.device.pk)
        settle([decided], device=one.device.pk, head=cursor.head, at=at)


def _not_own(case: Case, evidence: Sequence[Evidence], actor: Actor) -> None:
    """Refuse who made the contested delivery, or the one that stands against it."""
    if case.subject not in {one.delivery for one in evidence}:
        raise UnknownDeliveryError
    if actor.person in {one.device.owner.person for one in evidence if one.device}:
        raise OwnCaseError


def _event(
    device: Device, event_id: UUID | None, entitlement: UUID, part: int
) -> tuple[Arrived | None, Sequence[Goods]]:
    with connection.cursor() as cursor:
        cursor.execute(EVENTS, {"device": device.pk, "event": event_id})
        rows = cursor.fetchall()
    for row in rows:
        event = store.again(*row, dev=device.short_id)
        try:
            said = kinds.read(event.event.type, event.event.data)
        except (MalformedDataError, kinds.UnknownKindError):
            continue
        if isinstance(said, Delivered) and (said.entitlement, said.part) == (entitlement, part):
            return event, said.goods
    return None, ()
