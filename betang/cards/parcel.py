"""A parcel of cards: moved in one statement, written down as a transfer, signed.

Both papers of a transfer are signed by the `manifest` key, as the manifest of a print run is: each
says what a parcel of cards consists of. The receipt names the SHA-256 of the sender's paper, so the
two belong together (docs/decisions/0096).
"""

import json
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from betang.accounts.access import village_range
from betang.cards.models import Place, Transfer
from betang.core.actor import Actor
from betang.core.clock import to_wire
from betang.core.crypto.keyring import NotTrustedError, Purpose
from betang.core.identifiers import new_uuid
from betang.keys import ring, signer

SENT_TYP = "betang-card-transfer+json"
RECEIPT_TYP = "betang-card-receipt+json"

# The cards are locked in id order, as every other statement of the house does it.
MOVE = """
WITH chosen AS (
    SELECT c.id FROM cards_card c
    WHERE c.place_id = %(sender)s AND (%(states)s::text[] IS NULL OR c.state = ANY(%(states)s))
      AND ({which})
    ORDER BY c.id FOR NO KEY UPDATE
), moved AS (
    UPDATE cards_card c
    SET place_id = %(receiver)s, custodian_device = %(device)s,
        state = CASE WHEN c.state = 'printed' THEN 'in_custody' ELSE c.state END
    FROM chosen WHERE chosen.id = c.id
    RETURNING c.number
)
SELECT coalesce(array_agg(number::bigint ORDER BY number), '{{}}') FROM moved
"""
BY_NUMBER = "c.number = ANY(%(numbers)s::text[])"
BY_VILLAGE = "c.village_id BETWEEN %(low)s AND %(high)s"


class Which(NamedTuple):
    """Which cards of a place: those of `numbers`, or else of `area` (None: all), in `states`."""

    area: int | None = None
    numbers: Sequence[int] | None = None
    states: Sequence[str] | None = ("in_custody",)


class Hands(NamedTuple):
    """Who gave or took: an account or device, and the human behind it. None: nobody of ours."""

    uuid: UUID | None
    person: UUID | None


def move(sender: Place, receiver: Place, which: Which) -> list[int]:
    """Move the cards from one place to another; give their numbers, ascending."""
    low, high = village_range(which.area or 62)
    given = {
        "sender": sender.pk,
        "receiver": receiver.pk,
        "device": receiver.device,
        "states": list(which.states) if which.states is not None else None,
        "numbers": [f"{number:014d}" for number in which.numbers or ()],
        "low": low,
        "high": high,
    }
    by = BY_VILLAGE if which.numbers is None else BY_NUMBER
    with connection.cursor() as cursor:
        cursor.execute(MOVE.format(which=by), given)
        row = cursor.fetchone()
    return list(row[0]) if row else []


def write_down(
    numbers: Sequence[int],
    *,
    uuid: UUID | None = None,
    sender: Place,
    receiver: Place,
    state: Transfer.State,
    by: Hands,
    at: datetime,
    area: int | None = None,
) -> Transfer:
    """Keep what was sent, signed."""
    uuid, digest = uuid or new_uuid(), digest_of(numbers)
    document = _written(
        {
            "typ": SENT_TYP,
            "v": 1,
            "transfer": str(uuid),
            "from": _named(sender),
            "to": _named(receiver),
            "area": area,
            "count": len(numbers),
            "numbers_sha256": digest.hex(),
            "sent_at": to_wire(at),
            "sent_by": _hex(by.uuid),
            "sent_by_person": _hex(by.person),
        }
    )
    kid, signature = _signed(document)
    return Transfer.objects.create(
        uuid=uuid,
        sender=sender,
        receiver=receiver,
        area=area,
        state=state,
        count=len(numbers),
        numbers=list(numbers),
        numbers_sha256=digest,
        sent_at=at,
        sent_by=by.uuid,
        sent_by_person=by.person,
        sent_document=document,
        sent_kid=kid,
        sent_signature=signature,
    )


def write_receipt(
    transfer: Transfer,
    *,
    by: Actor | Hands,
    at: datetime,
    missing: Sequence[int] = (),
    extra: Sequence[int] = (),
    reason: str = "",
) -> Transfer:
    """Keep what was counted at the other end, signed."""
    count = transfer.count - len(missing) + len(extra)
    document = _written(
        {
            "typ": RECEIPT_TYP,
            "v": 1,
            "transfer": str(transfer.uuid),
            "transfer_sha256": sha256(transfer.sent_document.encode()).hexdigest(),
            "count": count,
            "missing": list(missing),
            "extra": list(extra),
            "reason": reason,
            "received_at": to_wire(at),
            "received_by": _hex(by.uuid),
            "received_by_person": _hex(by.person),
        }
    )
    kid, signature = _signed(document)
    transfer.state = Transfer.State.SHORT if missing else Transfer.State.RECEIVED
    transfer.received_at, transfer.received_count = at, count
    transfer.received_by, transfer.received_by_person = by.uuid, by.person
    transfer.missing, transfer.extra, transfer.reason = list(missing), list(extra), reason
    transfer.received_document, transfer.received_kid = document, kid
    transfer.received_signature = signature
    transfer.save()
    return transfer


def digest_of(numbers: Sequence[int]) -> bytes:
    """Digest the card numbers, ascending, each as 14 digits and a line feed."""
    return sha256(b"".join(b"%014d\n" % number for number in sorted(numbers))).digest()


def holds(transfer: Transfer) -> bool:
    """Say whether the papers are what was signed, and say what the row says.

    It proves what the server was told and when, not that the parcel was counted well.
    """
    sent = transfer.sent_document, transfer.sent_kid, transfer.sent_signature
    if not _verifies(*sent) or not _agrees(
        json.loads(transfer.sent_document),
        typ=SENT_TYP,
        transfer=str(transfer.uuid),
        count=transfer.count,
        numbers_sha256=digest_of(transfer.numbers).hex(),
    ):
        return False
    if transfer.received_kid is None or transfer.received_signature is None:
        return transfer.received_at is None
    receipt = transfer.received_document, transfer.received_kid, transfer.received_signature
    return _verifies(*receipt) and _agrees(
        json.loads(transfer.received_document),
        typ=RECEIPT_TYP,
        transfer_sha256=sha256(transfer.sent_document.encode()).hexdigest(),
        count=transfer.received_count,
        missing=transfer.missing,
        extra=transfer.extra,
    )


def _agrees(document: dict[str, Any], **row: object) -> bool:
    return all(document.get(name) == value for name, value in row.items())


def _verifies(document: str, kid: int, signature: bytes | memoryview) -> bool:
    keys = ring.keyring()
    try:
        key = keys.trusted(kid, Purpose.MANIFEST)
    except NotTrustedError:
        return False
    return keys.verifies(key, document.encode(), bytes(signature))


def _named(place: Place) -> dict[str, Any]:
    return {"kind": place.kind, "area": place.area, "device": _hex(place.device)}


def _hex(uuid: UUID | None) -> str | None:
    return str(uuid) if uuid else None


def _written(content: dict[str, Any]) -> str:
    return json.dumps(content, indent=1)


def _signed(document: str) -> tuple[int, bytes]:
    kid, write = signer.writer(Purpose.MANIFEST)
    return kid, write(document.encode())
