"""The bundle: what a confirmed device may know, for its areas, and nothing more.

The database writes the JSON; this module puts the sections together. The version is made of a hash
a section: a device that holds it is answered in a few hundred bytes, and one that holds an older
gets the sections that changed (docs/protocols/device.md, section 5).
"""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple

import orjson
from django.conf import settings
from django.db import connection

from betang.accounts.admit import Holder
from betang.accounts.models import DeviceState
from betang.cards.tickets import newest as newest_tickets
from betang.core.clock import to_wire
from betang.core.errors import NotAllowedError, RefusedError
from betang.registry.numbers import top_up
from betang.sync import portraits, trust
from betang.sync.decisions import newest
from betang.sync.families import FAMILIES

#: Tells one pool of a device from its next.
NUMBERS_VERSION_LENGTH = 16

_TIME = """to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')"""

SECTIONS: dict[str, str] = {
    "areas": """
SELECT json_agg(json_build_object('code', a.code::text, 'name', a.name, 'level', a.level,
    'parent', a.parent_id::text) ORDER BY a.code)
FROM areas_area a WHERE EXISTS (SELECT FROM here WHERE a.code BETWEEN here.low AND here.high
    OR a.code = here.low / 10000 OR a.code = here.low / 1000000)
    OR a.code IN (SELECT village_id FROM handed)
""",
    "programmes": """
SELECT json_agg(json_build_object('uuid', p.uuid, 'code', p.code, 'name', p.name,
    'card_name', p.card_name, 'tap_required', p.tap_required) ORDER BY p.id)
FROM programmes_programme p WHERE p.id IN (SELECT programme_id FROM running)
""",
    "cycles": """
SELECT json_agg(json_build_object('uuid', r.uuid, 'programme', p.uuid, 'code', r.code,
    'name', r.name, 'closes_on', r.closes_on) ORDER BY r.id)
FROM running r JOIN programmes_programme p ON p.id = r.programme_id
""",
    "benefits": """
SELECT json_agg(json_build_object('uuid', b.uuid, 'programme', p.uuid, 'code', b.code,
    'name', b.name, 'channel', b.channel, 'amount_rupiah', b.amount_rupiah, 'goods', b.goods)
    ORDER BY b.id)
FROM programmes_benefit b JOIN programmes_programme p ON p.id = b.programme_id
WHERE p.id IN (SELECT programme_id FROM running)
""",
    "households": """
SELECT json_agg(json_build_object('uuid', f.uuid, 'number', f.number,
    'village', f.village_id::text, 'head_name', f.head_name, 'rt', f.rt, 'rw', f.rw,
    'address', f.address, 'dwelling', f.dwelling, 'anchor', nullif(f.anchor, ''),
    'custodian', f.custodian,
    'home', CASE WHEN f.home_lat IS NOT NULL THEN json_build_object('lat', f.home_lat,
        'lng', f.home_lng, 'accuracy_m', f.home_accuracy_m, 'grade', f.home_grade) END,
    'members', (SELECT coalesce(json_agg(json_build_object('uuid', m.uuid, 'name', m.name,
        'last4', m.nik_last4, 'relation', m.relation, 'head', m.is_head, 'presence', m.presence)
        ORDER BY m.id), '[]') FROM registry_member m WHERE m.household_id = f.id))
    ORDER BY f.village_id, f.id)
FROM family f
""",
    "entitlements": """
SELECT json_agg(json_build_object('uuid', e.uuid, 'household', f.uuid, 'cycle', r.uuid,
    'benefit', b.uuid, 'parts_allowed', e.parts_allowed, 'parts_delivered', e.parts_delivered,
    'state', e.state) ORDER BY e.id)
FROM family f CROSS JOIN LATERAL (  -- asked family by family here too
    SELECT * FROM distribution_entitlement WHERE household_id = f.id AND channel = 'hand' OFFSET 0
) e JOIN running r ON r.id = e.cycle_id JOIN programmes_benefit b ON b.id = e.benefit_id
""",
    "leases": f"""
SELECT json_agg(json_build_object('uuid', l.uuid, 'not_after', {_TIME.format("l.not_after")},
    'jws', l.jws) ORDER BY l.id)
FROM distribution_lease l JOIN running r ON r.id = l.cycle_id
WHERE l.device_id = %(device)s AND l.state = 'live'
  AND NOT EXISTS (SELECT FROM distribution_transfer t  -- the receiver signs before it holds
                  WHERE t.to_lease_id = l.id AND t.receiver_heard_at IS NULL)
""",
    "cards": """
SELECT json_agg(json_build_object('number', k.number, 'household', f.uuid,
    'uid', encode(k.chip_uid, 'hex'), 'counter', k.counter, 'state', k.state,
    'custody', k.custodian_device IS NOT DISTINCT FROM %(uuid)s::uuid,
    'expires_on', k.expires_on) ORDER BY k.id)
FROM family f CROSS JOIN LATERAL (
    SELECT * FROM cards_card
    WHERE household_id = f.id AND state NOT IN ('ordered', 'printed') OFFSET 0
) k
""",
    # A right that this device delivered, or still holds, makes its village one of the lease.
    # Whoever is invited has a right by hand, so this asks no more than `family` would.
    "days": """
SELECT json_agg(json_build_object('uuid', d.uuid, 'point', json_build_object('uuid', p.uuid,
    'name', p.name, 'village', p.village_id::text, 'lat', p.lat, 'lng', p.lng), 'cycle', r.uuid,
    'date', d.held_on, 'opens', to_char(d.opens, 'HH24:MI'), 'closes', to_char(d.closes, 'HH24:MI'),
    'state', d.state,
    'invitations', (SELECT coalesce(json_agg(json_build_object('household', f.uuid,
        'queue', i.queue, 'slot', to_char(i.slot, 'HH24:MI'), 'mode', i.mode) ORDER BY i.queue),
        '[]') FROM distribution_invitation i JOIN registry_household f ON f.id = i.household_id
        WHERE i.day_id = d.id AND i.ended IS NULL AND f.state = 'active' AND (
            EXISTS (SELECT FROM here WHERE f.village_id BETWEEN here.low AND here.high)
            OR f.id IN (SELECT household_id FROM handed))))
    ORDER BY d.held_on, d.id)
FROM running r JOIN distribution_day d ON d.cycle_id = r.id
JOIN areas_distributionpoint p ON p.id = d.point_id
WHERE d.state <> 'cancelled' AND p.village_id IN (
    SELECT e.village_id FROM distribution_lease l
    JOIN distribution_leaseright lr ON lr.lease_id = l.id
    JOIN distribution_entitlement e ON e.id = lr.entitlement_id
    WHERE l.device_id = %(device)s AND l.state = 'live'
      AND (lr.ended_at IS NULL OR lr.end_reason = 'delivered')
      AND NOT EXISTS (SELECT FROM distribution_transfer t  -- as with the leases themselves
                      WHERE t.to_lease_id = l.id AND t.receiver_heard_at IS NULL))
""",
    # What the companion carries and did not count yet.
    "parcels": f"""
SELECT json_agg(json_build_object('uuid', t.uuid, 'sent_at', {_TIME.format("t.sent_at")},
    'count', t.count, 'numbers', (SELECT json_agg(lpad(n::text, 14, '0'))
        FROM unnest(t.numbers) AS n)) ORDER BY t.id)
FROM cards_transfer t JOIN cards_place p ON p.id = t.receiver_id
WHERE t.state = 'carried' AND p.kind = 'device' AND p.device = %(uuid)s::uuid
""",
}


class NotConfirmedError(RefusedError):
    """Nobody compared the six words yet."""

    code = "device.not_confirmed"
    sentence = "Gawai ini belum dicocokkan oleh administrator."
    do = "Bacakan enam kata di layar kepada administrator."


class SuspendedError(RefusedError):
    """The office stopped the device for now."""

    code = "device.suspended"
    sentence = "Gawai ini sedang ditangguhkan."
    do = "Hubungi penyelia."


class FrozenError(RefusedError):
    """Its chain forked."""

    code = "device.frozen"
    sentence = "Gawai ini dibekukan karena kuncinya dipakai di dua tempat."
    do = "Berhenti melayani dengan gawai ini dan hubungi penyelia."


class RevokedError(NotAllowedError):
    """It will never get data again."""

    code = "device.revoked"
    sentence = "Gawai ini sudah dicabut."
    do = "Serahkan gawai kepada penyelia; catatan yang belum terkirim tetap diterima."


class WipeOrderedError(RefusedError):
    """The office told the device to destroy the families' data."""

    code = "device.wipe_ordered"
    sentence = "Kantor meminta data keluarga di gawai ini dihapus."
    do = "Catatan yang belum terkirim tetap tersimpan. Hubungi penyelia."


class TooOldError(RefusedError):
    """The program on the device is older than what may claim."""

    code = "device.too_old"
    sentence = "Aplikasi di gawai ini terlalu lama. Catatannya tetap diterima."
    do = "Perbarui aplikasi, lalu sinkronkan lagi."


#: Bytes of each section's hash in a version: two texts of one section alike by chance once in 2^48.
DIGEST_BYTES = 6

_REFUSALS: dict[str, type[RefusedError]] = {
    DeviceState.PENDING: NotConfirmedError,
    DeviceState.SUSPENDED: SuspendedError,
    DeviceState.FROZEN: FrozenError,
    DeviceState.REVOKED: RevokedError,
}


class Held(NamedTuple):
    """What the phone says that it holds: versions of bundle, ring and numbers, a list's number.

    `keeps`: the sections that it need not be sent again while they are as in that version.
    """

    version: str | None = None
    keeps: frozenset[str] = frozenset()
    list_seq: int | None = None
    ring: str | None = None
    numbers: str | None = None


def require_active(holder: Holder) -> None:
    """Raise the refusal of the device's state unless it is active, and new enough to claim.

    A revoked one reads that it is revoked; else an order to wipe comes before the state.
    """
    if holder.to_wipe and holder.state != DeviceState.REVOKED:
        raise WipeOrderedError
    refusal = _REFUSALS.get(holder.state)
    if refusal is not None:
        raise refusal
    least = settings.APP_VERSIONS_MIN.get(holder.kind)
    if least is not None and (holder.version is None or holder.version < least):
        raise TooOldError


def bundle(holder: Holder, *, held: Held, at: datetime) -> bytes:
    """Write the bundle of an active device as JSON: whole, what changed, or that nothing did.

    List, ring and registration numbers are no part of the version: they come with a short answer
    too.

    Raises what `require_active` raises.
    """
    require_active(holder)
    sections = {name: _section(name, holder) for name in SECTIONS}
    areas = _areas(holder)
    version = _version(sections, rest=repr(areas) + settings.CARD_HOST)
    head: dict[str, Any] = {"v": 1, "version": version, "unchanged": held.version == version}
    head["at"] = to_wire(at)
    head["tickets"] = newest_tickets(holder.uuid)
    head["revocation"] = trust.list_part(held.list_seq)
    head |= trust.ring_part(held.ring, at=at)
    head |= _numbers_part(holder, held.numbers, at=at)
    head["portraits"] = portraits.version(holder)
    head["newest_decision"] = newest(holder.id)
    if held.version == version:
        return orjson.dumps(head)
    device = {
        "uuid": holder.uuid,
        "short_id": holder.short_id,
        "state": holder.state,
        "has_nfc": holder.has_nfc,
        "areas": areas,
    }
    kept = _kept(sections, held, version)
    told = head | {"device": device, "owner_name": holder.owner_name, "issuer": settings.CARD_HOST}
    told |= {name: orjson.Fragment(text) for name, text in sections.items() if name not in kept}
    return orjson.dumps(told | {"kept": kept})


def _version(sections: Mapping[str, str], *, rest: str) -> str:
    """Write the hash of what belongs to no section, then each section's."""
    parts = [("", rest), *sections.items()]
    digests = (sha256(f"{name}\0{text}".encode()).digest()[:DIGEST_BYTES] for name, text in parts)
    return ".".join(urlsafe_b64encode(digest).decode() for digest in digests)


def _kept(sections: Mapping[str, str], held: Held, version: str) -> list[str]:
    """Name the sections that the phone keeps and that are as it holds them."""
    before, now = (held.version or "").split("."), version.split(".")
    if len(before) != len(now):  # another server's, or older: each place must mean the same
        return []
    same = zip(sections, before[1:], now[1:], strict=True)
    return [name for name, old, new in same if old == new and name in held.keeps]


def _numbers_part(holder: Holder, held: str | None, *, at: datetime) -> dict[str, Any]:
    """Top the device's registration numbers up; None where the device holds these already."""
    numbers = top_up(holder.actor, wanted=settings.REGISTRATION_NUMBERS, at=at)
    version = sha256(" ".join(numbers).encode()).hexdigest()[:NUMBERS_VERSION_LENGTH]
    told = None if held == version else numbers
    return {"numbers_version": version, "registration_numbers": told}


def _section(name: str, holder: Holder) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH {FAMILIES} SELECT coalesce(({SECTIONS[name]})::text, '[]')",
            {"device": holder.id, "uuid": holder.uuid},
        )
        row = cursor.fetchone()
    return str(row[0]) if row else "[]"


def _areas(holder: Holder) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT area_id::text FROM accounts_devicearea WHERE device_id = %s ORDER BY area_id",
            [holder.id],
        )
        return [row[0] for row in cursor.fetchall()]
