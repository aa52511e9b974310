"""Portraits between devices and registry: told by events, made when the photo is here, given back.

A device is given those of its own families only (docs/protocols/device.md, section 16), and says
what it holds by digest: a digest that is none of its families' is gone, whoever's it may be.
"""

from base64 import urlsafe_b64encode
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction

from betang.accounts.admit import Holder
from betang.core.event.portrait import portrait_of
from betang.core.event.said.families import Verified
from betang.core.jose import to_b64u
from betang.journal.record import Happening, record_many
from betang.keys import blobs
from betang.registry.models import Portrait
from betang.registry.portraits import Told, keep_portrait, tell_portraits
from betang.sync.families import FAMILIES
from betang.sync.read_said import Heard

#: A minute of a poor network; what was read is kept, so the next request goes on behind it.
ANSWER_BYTES_MAX = 48 * 1024
#: Photos made small in one transaction, at 10 to 100 ms each.
MADE_AT_ONCE = 20
VERSION_LENGTH = 16

#: Those that wait and whose photo the same device brought whole.
WAITING = """
SELECT p.id FROM registry_portrait p
JOIN accounts_device d ON d.uuid = p.device
JOIN sync_upload u ON u.device_id = d.id AND u.sha256 = p.source_sha256
WHERE p.state = 'waiting' AND u.complete_at IS NOT NULL
ORDER BY p.consented_at LIMIT %s
"""
#: Hashes stand in a payload as hex.
NAMED = """
SELECT count(*) FROM sync_fieldevent e JOIN accounts_device d ON d.id = e.device_id
WHERE d.uuid = %s AND position(%s::bytea IN e.payload) > 0
"""
MINE = f"""
WITH {FAMILIES} SELECT f.uuid, p.digest, p.thumbnail_sha256
FROM family f JOIN registry_portrait p ON p.household_id = f.id AND p.state = 'shown'
ORDER BY f.village_id, f.id
"""


class Page(NamedTuple):
    """What a device is told of portraits; `left` are those that it lacks beyond this answer."""

    version: str | None
    portraits: list[dict[str, str]]
    gone: list[str]
    left: int

    def as_json(self) -> dict[str, Any]:
        """Write it as the protocol says."""
        return {"v": 1, **self._asdict()}


def tell_visits_portraits(visits: Sequence[Heard], holder: Holder, at: datetime) -> None:
    """Take the portraits that visits brought, where the family was found and agreed."""
    told = []
    for item in visits:
        said, portrait = item.said, portrait_of(item.arrived.event.data)
        if isinstance(said, Verified) and said.outcome == "found" and portrait and portrait.consent:
            told.append(
                Told(
                    said.household,
                    item.arrived.sha256,
                    portrait.photo,
                    "visit",
                    holder.uuid,
                    holder.actor,
                    item.at,
                )
            )
    tell_portraits(told, at=at)
    note_not_consented(visits, holder)


def note_not_consented(items: Sequence[Heard], holder: Holder) -> None:
    """Record what was marked a portrait without consent: it becomes none, the event stands."""
    facts = {"device": holder.short_id}
    marked = [(item, portrait_of(item.arrived.event.data)) for item in items]
    record_many(
        "portrait.not_consented",
        [
            Happening(item.id, holder.actor, item.at, None, facts)
            for item, portrait in marked
            if portrait and not portrait.consent
        ],
    )


def make_portraits(*, at: datetime) -> int:
    """Make those small whose photo is here; give how many stand now. One bad one stops no other."""
    with connection.cursor() as cursor:
        cursor.execute(WAITING, [MADE_AT_ONCE])
        waiting = [row[0] for row in cursor.fetchall()]
    shown = 0
    for portrait in Portrait.objects.filter(pk__in=waiting).order_by("consented_at", "pk"):
        with transaction.atomic():
            only_here = portrait.source == "visit" and not _evidence_elsewhere(portrait)
            shown += keep_portrait(portrait, only_here=only_here, at=at) == "shown"
    return shown


def version(holder: Holder) -> str | None:
    """Give what changes with any portrait of the device's families; None where there is none."""
    return _version(_mine(holder))


def page(holder: Holder, *, have: Sequence[bytes], most: int) -> Page:
    """Give portraits that the device lacks, at most `most`, and which of `have` it must forget."""
    mine = _mine(holder)
    held, current = set(have), {digest for _, digest, _ in mine}
    lacking = [row for row in mine if row[1] not in held]
    told: list[dict[str, str]] = []
    size = passed = 0
    for household, digest, name in lacking[:most]:
        try:
            picture = blobs.fetch(name)
        except (blobs.BlobMissingError, blobs.BlobErasedError):
            passed += 1  # erased while we read
            continue
        if told and size + len(picture) > ANSWER_BYTES_MAX:
            break
        size, passed = size + len(picture), passed + 1
        told.append({"household": str(household), "digest": digest.hex(), "webp": to_b64u(picture)})
    gone = [digest.hex() for digest in dict.fromkeys(have) if digest not in current]
    return Page(_version(mine), told, gone, len(lacking) - passed)


def _evidence_elsewhere(portrait: Portrait) -> bool:
    """Say whether another event of the device names the same photo: evidence is not erased."""
    with connection.cursor() as cursor:
        name = bytes(portrait.source_sha256).hex().encode()
        cursor.execute(NAMED, [portrait.device, name])
        (count,) = cursor.fetchone() or (0,)
    return bool(count > 1)


def _mine(holder: Holder) -> list[tuple[UUID, bytes, bytes]]:
    with connection.cursor() as cursor:
        cursor.execute(MINE, {"device": holder.id})
        return [(uuid, bytes(digest), bytes(name)) for uuid, digest, name in cursor.fetchall()]


def _version(mine: Sequence[tuple[UUID, bytes, bytes]]) -> str | None:
    if not mine:
        return None
    told = sha256(b"".join(digest for _, digest, _ in mine)).digest()
    return urlsafe_b64encode(told).decode()[:VERSION_LENGTH]
