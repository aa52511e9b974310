"""Keep the families that devices told of, many at once, until an office looks at each.

Nothing told in the field is lost: a family without a name (its attachment has not come), or under a
number that the device never held, is kept as well and marked.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import orjson
from django.db import connection

from betang.core.actor import Actor
from betang.core.geo.point import Point
from betang.core.identifiers import new_uuids
from betang.journal.record import Happening, record_many
from betang.registry.models import HouseholdProposal
from betang.registry.numbers import Use, use_numbers
from betang.registry.told import Told, indexes_of, seal_told

KEEP = """
INSERT INTO registry_householdproposal (
  uuid, provisional, number_state, device, proposed_by_person, seq, event, event_sha256,
  attachment_sha256, at, heard_at, village_id, size, dwelling, head_name, told_sealed,
  family_number_index, nik_indexes, home_lat, home_lng, home_accuracy_m, photos,
  portrait_sha256, state, reason)
SELECT uuid, provisional, number_state, %s, %s, seq, event, decode(event_sha256, 'hex'),
  decode(attachment, 'hex'), at, %s, village, size, dwelling, head_name, decode(told, 'hex'),
  decode(kk, 'hex'), ARRAY(SELECT decode(n, 'hex') FROM json_array_elements_text(niks) AS n),
  lat, lng, accuracy_m,
  ARRAY(SELECT decode(n, 'hex') FROM json_array_elements_text(photos) AS n),
  decode(portrait, 'hex'), 'waiting', ''
FROM json_to_recordset(%s::json) AS t(uuid uuid, provisional text, number_state text, seq bigint,
  event uuid, event_sha256 text, attachment text, at timestamptz, village bigint, size smallint,
  dwelling text, head_name text, told text, kk text, niks json, lat float8, lng float8,
  accuracy_m float8, photos json, portrait text, place int)
ORDER BY place
"""


class Proposed(NamedTuple):
    """A family as one event told of it; `told` is None where its attachment has not come."""

    event: UUID
    event_sha256: bytes
    seq: int | None
    provisional: str
    village: int
    size: int | None
    dwelling: str | None
    at: datetime
    told: Told | None
    home: Point | None = None
    accuracy_m: float | None = None
    photos: Sequence[bytes] = ()
    portrait: bytes | None = None
    attachment: bytes | None = None


def propose_many(told: Sequence[Proposed], *, actor: Actor, at: datetime) -> dict[bytes, str]:
    """Keep the families that the device `actor` told of, one journal entry each.

    Gives for each event (by its SHA-256) whose number it bore: `own`, `again` or `foreign`.
    """
    if not told:
        return {}
    uses = [Use(one.event_sha256, one.provisional) for one in told]
    numbers = use_numbers(actor.uuid, uses, at=at)
    uuids = new_uuids(len(told))
    rows = [
        _row(one, uuid, numbers[one.event_sha256]) | {"place": place}
        for place, (one, uuid) in enumerate(zip(told, uuids, strict=True))
    ]
    with connection.cursor() as cursor:
        cursor.execute(KEEP, [actor.uuid, actor.person, at, orjson.dumps(rows).decode()])
    record_many(
        "household.proposed",
        [
            Happening(
                uuid,
                actor,
                one.at,
                one.village,
                {
                    "provisional": one.provisional,
                    "number": numbers[one.event_sha256],
                    "event": str(one.event),
                },
            )
            for one, uuid in zip(told, uuids, strict=True)
        ],
    )
    return numbers


def complete(
    proposal: HouseholdProposal, told: Told, home: Point | None, accuracy_m: float | None
) -> None:
    """Add what an attachment says that came after its event; it is added once and never changed."""
    niks, kk = indexes_of(told)
    HouseholdProposal.objects.filter(pk=proposal.pk, told_sealed=None).update(
        head_name=told.head_name,
        told_sealed=seal_told(told),
        nik_indexes=niks,
        family_number_index=kk,
        home_lat=home.lat if home else None,
        home_lng=home.lng if home else None,
        home_accuracy_m=accuracy_m,
    )
    proposal.refresh_from_db()


def _row(one: Proposed, uuid: UUID, number_state: str) -> dict[str, object]:
    niks, kk = indexes_of(one.told) if one.told else ([], None)
    return {
        "uuid": uuid,
        "provisional": one.provisional,
        "number_state": number_state,
        "seq": one.seq,
        "event": one.event,
        "event_sha256": one.event_sha256.hex(),
        "attachment": one.attachment.hex() if one.attachment else None,
        "at": one.at,
        "village": one.village,
        "size": one.size,
        "dwelling": one.dwelling,
        "head_name": one.told.head_name if one.told else "",
        "told": seal_told(one.told).hex() if one.told else None,
        "kk": kk.hex() if kk else None,
        "niks": [nik.hex() for nik in niks],
        "lat": round(one.home.lat, 6) if one.home else None,
        "lng": round(one.home.lng, 6) if one.home else None,
        "accuracy_m": one.accuracy_m if one.home else None,
        "photos": [photo.hex() for photo in one.photos],
        "portrait": one.portrait.hex() if one.portrait else None,
    }
