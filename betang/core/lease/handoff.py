"""Rights handed from phone to phone: the offer, what the giver shows, the receipt.

Normative: docs/protocols/lease.md, sections 3 to 6. The twin is fieldapp/core/handoff.ts; both are
held by vectors/transfer.json. Everything here was shown by a stranger's screen.
"""

import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from betang.core import jose
from betang.core.crypto import signing
from betang.core.device import short_id
from betang.core.event import envelope, kinds
from betang.core.event.said.leases import Transferred
from betang.core.event.said.members import MalformedDataError
from betang.core.lease import frames, grant
from betang.core.lease.rights import lease_made_by

RECEIPT_TYP = "betang-transfer-receipt+jws"
SHORT_ID_BYTES, HASH_BYTES, CHALLENGE_BYTES = 8, 32, 16
#: A phone's whole lease of 5,000 rights is about 400 kB unfolded.
UNFOLDED_MAX = 1024 * 1024

_HOUSEHOLD = re.compile(r"[0-9]{10}")
_VILLAGE = re.compile(r"62[0-9]{8}")

Keys = Callable[[int], signing.PublicKey | None]


class HandoffRefusedError(ValueError):
    """What was shown gives no right; the text is the code of lease.md, section 5."""


class Offer(NamedTuple):
    """A receiver: who it is, and the challenge that the giver signs."""

    dev: str
    thumbprint: bytes
    challenge: bytes


class Given(NamedTuple):
    """One `lease.transferred` as it was signed, and the lease that it makes."""

    jws: str
    payload_sha256: bytes
    lease: UUID
    said: Transferred


class Handoff(NamedTuple):
    """What a giver showed, verified as far as a phone can without a network."""

    giver: str
    leases: Mapping[UUID, grant.Lease]
    #: Which key signed each lease: a receiver asks its ring about it while it holds the rights.
    kids: Mapping[UUID, int]
    given: Sequence[Given]
    families: dict[str, Any]


def write_offer(offer: Offer) -> str:
    """Write the code that the receiver shows."""
    content = offer.dev.encode("ascii") + offer.thumbprint + offer.challenge
    return frames.write(frames.OFFER, content)


def read_offer(text: str) -> Offer:
    """Read the receiver's code; raises `frames.NotAFrameError`."""
    data = frames.read(frames.OFFER, text)
    dev = data[:SHORT_ID_BYTES].decode("ascii", "replace")
    end = SHORT_ID_BYTES + HASH_BYTES
    if len(data) != end + CHALLENGE_BYTES or not short_id.FORM.fullmatch(dev):
        raise frames.NotAFrameError("not an offer")
    return Offer(dev, data[SHORT_ID_BYTES:end], data[end:])


def write_families(benefits: Sequence[UUID], families: Sequence[tuple[Any, ...]]) -> bytes:
    """Write whose the rights are: (household number, village, [(right, benefit), …]) by number."""
    told = {"benefits": [str(one) for one in benefits], "families": families}
    return orjson.dumps(told)


def write(
    point: bytes, families: bytes, leases: Sequence[str], transfers: Sequence[str]
) -> list[str]:
    """Write what the giver shows, as frames: its key, whose the rights are, leases, transfers."""
    fields = [point, families]
    for text in [*leases, *transfers]:
        protected, payload, signature = text.split(".")
        fields += [jose.from_b64u(protected), jose.from_b64u(payload), jose.from_b64u(signature)]
    whole = b"".join(len(field).to_bytes(4) + field for field in fields)
    return frames.split(zlib.compress(whole, 9))


def read(whole: bytes, *, keys: Keys, offer: Offer, at: datetime) -> Handoff:
    """Verify a whole that was shown to the receiver of `offer`; raises `HandoffRefusedError`.

    `keys` gives the lease key of that number which the receiver's ring trusts, or None.
    """
    point, families, *rest = _fields(whole)
    if not rest or len(rest) % 3:
        raise HandoffRefusedError("handoff.malformed")
    texts = [
        ".".join(jose.to_b64u(field) for field in rest[n : n + 3]) for n in range(0, len(rest), 3)
    ]
    leases: dict[UUID, grant.Lease] = {}
    kids: dict[UUID, int] = {}
    given: list[Given] = []
    key = _key(point)
    for text in texts:
        if _typ(text) == grant.TYP:
            lease = _lease(text, keys, at)
            if lease.thumbprint != jose.thumbprint(jose.jwk_of(key)):
                raise HandoffRefusedError("handoff.key")
            leases[lease.uuid], kids[lease.uuid] = lease, grant.key_named(text)
        else:
            given.append(_given(text, key, leases, offer))
    rights = [right for one in given for right in one.said.rights]
    if not given or len(set(rights)) != len(rights):
        raise HandoffRefusedError("handoff.malformed")
    if any(one.said.families != sha256(families).digest() for one in given):
        raise HandoffRefusedError("handoff.families")
    giver = next(iter(leases.values())).dev
    return Handoff(giver, leases, kids, given, _families(families, len(rights)))


def read_transfer(text: str, *, dev: str, key: signing.PublicKey) -> Given:
    """Read one `lease.transferred` signed by device `dev`; raises `HandoffRefusedError`."""
    try:
        parts = jose.split(text)
    except jose.NotAJwsError:
        raise HandoffRefusedError("handoff.malformed") from None
    if parts.header != {"alg": "ES256", "kid": dev, "typ": envelope.TYP}:
        raise HandoffRefusedError("handoff.malformed")
    if not jose.signed_by(key, parts):
        raise HandoffRefusedError("handoff.signature")
    event = envelope.read(parts.payload, dev)
    try:
        said = kinds.read(event.type, event.data) if event.problem is None else None
    except (MalformedDataError, kinds.UnknownKindError):
        said = None
    if not isinstance(said, Transferred) or len(parts.payload) > envelope.PAYLOAD_BYTES_MAX:
        raise HandoffRefusedError("handoff.malformed")
    digest = envelope.hash_of(parts.payload)
    return Given(text, digest, lease_made_by(digest), said)


def giver_of(text: str) -> str:
    """Give the device that a transfer names as its signer, unverified; "" where it names none."""
    try:
        return str(jose.split(text).header.get("kid"))
    except jose.NotAJwsError:
        return ""


def write_receipt(key: signing.PrivateKey, offer: Offer, given: Sequence[Given]) -> str:
    """Write the code that the receiver shows when it has signed."""
    told = {
        "v": 1,
        "dev": offer.dev,
        "challenge": offer.challenge.hex(),
        "transfers": _all(given).hex(),
    }
    header = {"alg": "ES256", "kid": offer.dev, "typ": RECEIPT_TYP}
    protected, payload, signature = jose.make(key, header, orjson.dumps(told)).split(".")
    point = signing.dump_public_key(key.public_key())
    fields = [point, *(jose.from_b64u(part) for part in (protected, payload, signature))]
    whole = b"".join(len(field).to_bytes(4) + field for field in fields)
    return frames.write(frames.RECEIPT, zlib.compress(whole, 9))


def read_receipt(text: str, *, offer: Offer, given: Sequence[Given]) -> bool:
    """Say whether `text` is the receiver's receipt for these transfers."""
    try:
        point, *parts = _fields(frames.read(frames.RECEIPT, text))
        jws = jose.split(".".join(jose.to_b64u(part) for part in parts))
        told = orjson.loads(jws.payload)
        key = _key(point)
    except (HandoffRefusedError, ValueError):
        return False
    return bool(
        jose.thumbprint(jose.jwk_of(key)) == offer.thumbprint
        and jws.header == {"alg": "ES256", "kid": offer.dev, "typ": RECEIPT_TYP}
        and jose.signed_by(key, jws)
        and told == {
            "v": 1, "dev": offer.dev, "challenge": offer.challenge.hex(),
            "transfers": _all(given).hex(),
        }
    )  # fmt: skip


def _all(given: Sequence[Given]) -> bytes:
    return sha256(b"".join(one.payload_sha256 for one in given)).digest()


def _fields(whole: bytes) -> list[bytes]:
    """Unfold a whole and cut it into its fields."""
    unpacker = zlib.decompressobj()
    try:
        data = unpacker.decompress(whole, UNFOLDED_MAX)
    except zlib.error:
        raise HandoffRefusedError("handoff.malformed") from None
    if not unpacker.eof or unpacker.unused_data:
        raise HandoffRefusedError("handoff.malformed")
    fields, at = [], 0
    while at < len(data):
        end = at + 4 + int.from_bytes(data[at : at + 4])
        if len(data) < at + 4 or end > len(data):
            raise HandoffRefusedError("handoff.malformed")
        fields.append(data[at + 4 : end])
        at = end
    if len(fields) < 2:
        raise HandoffRefusedError("handoff.malformed")
    return fields


def _key(point: bytes) -> signing.PublicKey:
    try:
        return signing.load_public_key(point)
    except ValueError:
        raise HandoffRefusedError("handoff.malformed") from None


def _typ(text: str) -> object:
    try:
        return jose.split(text).header.get("typ")
    except jose.NotAJwsError:
        raise HandoffRefusedError("handoff.malformed") from None


def _lease(text: str, keys: Keys, at: datetime) -> grant.Lease:
    try:
        key = keys(grant.key_named(text))
        lease = grant.read(text, key) if key else None
    except (grant.NotALeaseError, KeyError, ValueError):
        lease = None
    if lease is None:
        raise HandoffRefusedError("handoff.lease")
    if not lease.issued_at <= at <= lease.not_after:
        raise HandoffRefusedError("handoff.ended")
    return lease


def _given(
    text: str, key: signing.PublicKey, leases: Mapping[UUID, grant.Lease], offer: Offer
) -> Given:
    """Read a transfer out of one of `leases` to the receiver of `offer`."""
    first = next(iter(leases.values()), None)
    if first is None:
        raise HandoffRefusedError("handoff.malformed")
    given = read_transfer(text, dev=first.dev, key=key)
    said = given.said
    if (said.to, said.to_key) != (offer.dev, offer.thumbprint):
        raise HandoffRefusedError("handoff.not_yours")
    if said.challenge != offer.challenge:
        raise HandoffRefusedError("handoff.challenge")
    lease = leases.get(said.lease)
    if lease is None or lease.dev != first.dev:
        raise HandoffRefusedError("handoff.lease")
    if not set(said.rights) <= set(lease.rights):
        raise HandoffRefusedError("handoff.rights")
    return given


def _families(data: bytes, rights: int) -> dict[str, Any]:
    """Read whose the rights are, as the giver signed it; raises `HandoffRefusedError`."""
    try:
        told = orjson.loads(data)
        benefits = [envelope.uuid_or_none(one) for one in told["benefits"]]
        fit = None not in benefits and all(
            _is_family(one, rights, len(benefits)) for one in told["families"]
        )
    except (ValueError, TypeError, KeyError):
        fit = False
    if not fit:
        raise HandoffRefusedError("handoff.families")
    return dict(told)


def _is_family(told: object, rights: int, benefits: int) -> bool:
    """Say whether this is [household number, village, [[right, benefit], …]]."""
    if not isinstance(told, list) or len(told) != 3 or not isinstance(told[2], list):
        return False
    number, village, held = told
    return (
        isinstance(number, str)
        and _HOUSEHOLD.fullmatch(number) is not None
        and isinstance(village, str)
        and _VILLAGE.fullmatch(village) is not None
        and all(
            isinstance(pair, list)
            and [type(one) for one in pair] == [int, int]
            and 0 <= pair[0] < rights
            and 0 <= pair[1] < benefits
            for pair in held
        )
    )
