"""Find the device that proved its key, spend the proof, keep its report, in one round trip."""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from betang.accounts.models import DeviceKind
from betang.core.actor import Actor, ActorKind
from betang.core.device.proof import NONCE_SECONDS, Proof, ProofError, ReplayedError
from betang.core.device.report import version_number
from betang.journal.prepared import fetch

#: Sixty years: a battery that was empty sets some phones to 1970, and a column has 32 bits.
AHEAD_MAX_S = 60 * 366 * 86_400

#: A proof of a key that nobody enrolled leaves no row.
#: A spent proof need not outlive the commit: `synchronous_commit` off saves a disk flush a request.
#: After a crash of the machine a proof of the last instant could be used again; every act behind it
#: is idempotent.
_ADMIT = """
WITH spent AS (
    INSERT INTO accounts_proofuse (jti_sha256, at)
    SELECT %s, %s WHERE EXISTS (SELECT FROM accounts_device WHERE thumbprint = %s)
    ON CONFLICT DO NOTHING RETURNING 1
), seen AS (
    {seen}
)
SELECT set_config('synchronous_commit', 'off', true), EXISTS (SELECT 1 FROM spent),
       d.id, d.uuid, d.short_id, d.state, d.has_nfc, d.owner_id, u.person, u.full_name,
       d.kind, d.app_number, d.wipe_ordered_at IS NOT NULL AND d.wiped_at IS NULL
FROM (SELECT 1) one
LEFT JOIN accounts_device d ON d.thumbprint = %s
LEFT JOIN accounts_user u ON u.id = d.owner_id
"""
ADMIT = _ADMIT.format(
    seen="""UPDATE accounts_device SET last_seen_at = %s
    WHERE thumbprint = %s
      AND (last_seen_at IS NULL OR last_seen_at < %s::timestamptz - interval '1 minute')"""
)
#: What a device tells of itself is kept at most once a minute, like that it was seen; a replayed
#: proof tells nothing. What it leaves out of a report stays as it was told before.
ADMIT_TOLD = _ADMIT.format(
    seen="""UPDATE accounts_device d SET last_seen_at = t.at, told_at = t.at,
        kind = coalesce(t.kind, d.kind), app_version = coalesce(t.app, d.app_version),
        app_number = CASE WHEN t.app IS NULL THEN d.app_number ELSE t.number END,
        unsent = coalesce(t.unsent, d.unsent),
        oldest_unsent_at = CASE WHEN t.unsent = 0 THEN NULL
                                ELSE coalesce(t.at - t.oldest, d.oldest_unsent_at) END,
        list_seq = coalesce(t.list, d.list_seq), list_at = coalesce(t.at - t.list_age, d.list_at),
        ring_at = coalesce(t.at - t.ring_age, d.ring_at),
        roster_at = coalesce(t.at - t.roster_age, d.roster_at),
        storage_persisted = coalesce(t.persisted, d.storage_persisted),
        battery_percent = coalesce(t.battery, d.battery_percent),
        clock_ahead_s = coalesce(t.ahead, d.clock_ahead_s)
    FROM (SELECT %s::timestamptz AS at, %s::text AS kind, %s::text AS app, %s::bigint AS number,
                 %s::int AS unsent, %s * interval '1 second' AS oldest, %s::int AS list,
                 %s * interval '1 second' AS list_age, %s * interval '1 second' AS ring_age,
                 %s * interval '1 second' AS roster_age, %s::boolean AS persisted,
                 %s::smallint AS battery, %s::int AS ahead) t
    WHERE d.thumbprint = %s AND EXISTS (SELECT FROM spent)
      AND (d.told_at IS NULL OR d.told_at < t.at - interval '1 minute')"""
)

SPEND = """
INSERT INTO accounts_proofuse (jti_sha256, at) VALUES (%s, %s) ON CONFLICT DO NOTHING RETURNING 1
"""


class UnknownDeviceError(ProofError):
    """No device has this key."""

    code = "proof.unknown_device"
    sentence = "Gawai ini tidak terdaftar."
    do = "Daftarkan gawai ini dengan kode dari administrator."


class Holder(NamedTuple):
    """The device behind a request, and the person behind the device."""

    id: int
    uuid: UUID
    short_id: str
    state: str
    has_nfc: bool
    owner_id: int
    person: UUID
    owner_name: str
    thumbprint: bytes
    #: How far its clock is ahead of ours now; None where it did not say, or the office acts.
    clock_ahead_s: int | None = None
    kind: str = DeviceKind.PHONE
    #: Its version as a number (`core.device.report`); None where it is not known.
    version: int | None = None
    #: It was told to destroy the families' data, and has not said that it did.
    to_wipe: bool = False

    @property
    def actor(self) -> Actor:
        """This device as an actor."""
        return Actor(ActorKind.DEVICE, self.uuid, self.person)


def admit(proof: Proof, *, at: datetime) -> Holder:
    """Spend `proof`, keep what it tells of its device, and give that, whatever state it is in.

    Raises `ReplayedError` or `UnknownDeviceError`. Must be called outside a longer transaction.
    """
    thumbprint = proof.thumbprint
    ahead = _ahead(proof.device_clock, at)
    spent, told = (_jti(proof), at, thumbprint), proof.report
    if told is None:
        (row,) = fetch(ADMIT, *spent, at, thumbprint, at, thumbprint)
    else:
        (row,) = fetch(
            ADMIT_TOLD, *spent, at, told.kind, told.app, version_number(told.app or ""),
            told.unsent, told.oldest_s, told.list_seq, told.list_s, told.ring_s, told.roster_s,
            told.persisted, told.battery, ahead, thumbprint, thumbprint,
        )  # fmt: skip
    if row[2] is None:
        raise UnknownDeviceError
    if not row[1]:
        raise ReplayedError
    *known, kind, version, to_wipe = row[2:]
    if told is not None:  # the row is read as it was before this report
        kind = told.kind or kind
        version = version_number(told.app) if told.app else version
    return Holder._make((*known, thumbprint, ahead, kind, version, to_wipe))


def spend(proof: Proof, *, at: datetime) -> None:
    """Spend a proof of a key that need not be known yet; raises `ReplayedError`.

    In the caller's transaction: where that refuses, nothing is left of it.
    """
    if not fetch(SPEND, _jti(proof), at):
        raise ReplayedError


def forget_old_proofs(*, at: datetime) -> int:
    """Delete the proofs whose nonce nobody can use any more; give how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM accounts_proofuse WHERE at < %s",
            [at - timedelta(seconds=2 * NONCE_SECONDS)],
        )
        return int(cursor.rowcount)


def _ahead(device_clock: int | None, at: datetime) -> int | None:
    """Say by how many seconds a device's clock is ahead; it is recorded, never judged."""
    if device_clock is None:
        return None
    ahead = device_clock - int(at.timestamp())
    return max(-AHEAD_MAX_S, min(AHEAD_MAX_S, ahead))


def _jti(proof: Proof) -> bytes:
    return sha256(proof.thumbprint + proof.jti.encode()).digest()
