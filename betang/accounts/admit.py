"""Find the device that proved its key, and spend the proof, in one round trip."""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from betang.core.actor import Actor, ActorKind
from betang.core.device.proof import NONCE_SECONDS, Proof, ProofError, ReplayedError
from betang.journal.prepared import fetch

#: Sixty years: a battery that was empty sets some phones to 1970, and a column has 32 bits.
AHEAD_MAX_S = 60 * 366 * 86_400

#: A proof of a key that nobody enrolled leaves no row.
#: A spent proof need not outlive the commit: `synchronous_commit` off saves a disk flush a request.
#: After a crash of the machine a proof of the last instant could be used again; every act behind it
#: is idempotent.
ADMIT = """
WITH spent AS (
    INSERT INTO accounts_proofuse (jti_sha256, at)
    SELECT %s, %s WHERE EXISTS (SELECT FROM accounts_device WHERE thumbprint = %s)
    ON CONFLICT DO NOTHING RETURNING 1
), seen AS (
    UPDATE accounts_device SET last_seen_at = %s
    WHERE thumbprint = %s
      AND (last_seen_at IS NULL OR last_seen_at < %s::timestamptz - interval '1 minute')
)
SELECT set_config('synchronous_commit', 'off', true), EXISTS (SELECT 1 FROM spent),
       d.id, d.uuid, d.short_id, d.state, d.has_nfc, d.owner_id, u.person, u.full_name
FROM (SELECT 1) one
LEFT JOIN accounts_device d ON d.thumbprint = %s
LEFT JOIN accounts_user u ON u.id = d.owner_id
"""

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

    @property
    def actor(self) -> Actor:
        """This device as an actor."""
        return Actor(ActorKind.DEVICE, self.uuid, self.person)


def admit(proof: Proof, *, at: datetime) -> Holder:
    """Spend `proof` and give its device, whatever state it is in.

    Raises `ReplayedError` or `UnknownDeviceError`. Must be called outside a longer transaction.
    """
    thumbprint = proof.thumbprint
    (row,) = fetch(ADMIT, _jti(proof), at, thumbprint, at, thumbprint, at, thumbprint)
    if row[2] is None:
        raise UnknownDeviceError
    if not row[1]:
        raise ReplayedError
    return Holder._make((*row[2:], thumbprint, _ahead(proof.device_clock, at)))


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
