"""The public ring: what is published of our keys, and the signed document that phones carry.

The key file knows which keys exist; the table knows what became of each (retired, revoked).
"""

from datetime import datetime, timedelta
from typing import Any

from betang.core import jose
from betang.core.actor import Actor
from betang.core.clock import to_wire
from betang.core.crypto.keyring import Algorithm, Keyring, KeyState, Purpose, RingKey
from betang.core.errors import NotFoundError, RefusedError
from betang.journal.record import record
from betang.keys import models, signer
from betang.keys.backend import backend

RING_TYP = "betang-ring+jws"
#: A phone away for longer delivers nothing any more (its list is too old) and is enrolled anew.
OVERLAP = timedelta(days=90)


class NoSuchKeyError(NotFoundError):
    """No key of the ring has this kid."""

    code = "key.unknown"
    sentence = "Tidak ada kunci dengan nomor itu."
    do = "Lihat daftar kunci dengan `betang keys ring`."


class KeyRevokedError(RefusedError):
    """The key was revoked before."""

    code = "key.revoked_before"
    sentence = "Kunci ini sudah dicabut."
    do = "Tidak ada yang perlu dilakukan."


def publish(*, actor: Actor, at: datetime) -> int:
    """Publish the first key of each purpose that has none; give how many.

    A later version is published by its rotation (`betang.keys.rotate`), which retires the older.
    """
    known = set(models.RingKey.objects.values_list("purpose", flat=True))
    new: dict[Purpose, RingKey] = {}
    for key in sorted(backend().ring(), key=lambda key: key.version):
        if key.purpose.value not in known:
            new[key.purpose] = key
    for key in new.values():
        publish_key(key, actor=actor, at=at)
    return len(new)


def publish_key(key: RingKey, *, actor: Actor, at: datetime) -> models.RingKey:
    """Write one public key into the ring, active. The caller has seen to the one before it."""
    row = models.RingKey.objects.create(
        kid=key.kid,
        purpose=key.purpose.value,
        version=key.version,
        algorithm=key.algorithm.value,
        public=key.public,
        not_before=key.not_before,
        not_after=key.not_after,
    )
    record(
        "key.published",
        row.uuid,
        actor=actor,
        at=at,
        kid=key.kid,
        purpose=key.purpose.value,
        version=key.version,
    )
    return row


def public_ring() -> list[RingKey]:
    """Give every public key with its present state, by kid.

    Published ones; those of the back end only before the first publishing.
    """
    rows = list(models.RingKey.objects.all())
    keys = {} if rows else {key.kid: key for key in backend().ring()}
    for row in rows:
        keys[row.kid] = RingKey(
            kid=row.kid,
            purpose=Purpose(row.purpose),
            version=row.version,
            algorithm=Algorithm(row.algorithm),
            public=bytes(row.public),
            not_before=row.not_before,
            not_after=row.not_after,
            state=KeyState(row.state),
        )
    return [keys[kid] for kid in sorted(keys)]


def keyring() -> Keyring:
    """Give the ring as `core` verifies with it."""
    return Keyring.of(public_ring())


def revoke(kid: int, *, actor: Actor, at: datetime) -> models.RingKey:
    """Trust the key `kid` no more, nor anything that it signed."""
    row = models.RingKey.objects.filter(kid=kid).first()
    if row is None:
        raise NoSuchKeyError
    if not models.RingKey.objects.filter(kid=kid).exclude(state="revoked").update(state="revoked"):
        raise KeyRevokedError
    row.refresh_from_db()
    record("key.revoked", row.uuid, actor=actor, at=at, kid=kid, purpose=row.purpose)
    return row


def signed_ring(*, at: datetime, by: Purpose = Purpose.RING) -> str:
    """Give the ring as a compact JWS (`docs/protocols/keys.md`).

    A phone's first ring is signed by the enrolment key, which it trusts by hash; later ones by the
    ring key that the first one named. While the ring key is new, a phone that was away does not
    know it yet: then the enrolment key, which every ring names, vouches for later ones too.
    """
    assert by in {Purpose.ENROLMENT, Purpose.RING}, "no other key may vouch for the ring"
    if by is Purpose.RING and is_young(Purpose.RING, at):
        by = Purpose.ENROLMENT
    kid, _ = signer.current(by)
    told = {"v": 1, "issued_at": to_wire(at), "keys": [as_json(key) for key in public_ring()]}
    return jose.by_our_key(kid, RING_TYP, told, lambda message: signer.sign(by, message))


def is_young(purpose: Purpose, at: datetime) -> bool:
    """Say whether the key of `purpose` took over from another less than `OVERLAP` ago."""
    return models.RingKey.objects.filter(
        purpose=purpose.value, state="active", version__gt=1, not_before__gt=at - OVERLAP
    ).exists()


def as_json(key: RingKey) -> dict[str, Any]:
    """Write one public key as phones read it; `x` and `y` as in a JWK (RFC 7518 section 6.2.1)."""
    return {
        "kid": key.kid,
        "purpose": key.purpose.value,
        "version": key.version,
        "alg": key.algorithm.value,
        "x": jose.to_b64u(key.public[1:33]),
        "y": jose.to_b64u(key.public[33:]),
        "not_before": to_wire(key.not_before),
        "not_after": to_wire(key.not_after),
        "state": key.state.value,
    }
