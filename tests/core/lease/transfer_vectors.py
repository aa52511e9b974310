"""Make `vectors/transfer.json`: `python -m tests.core.lease.transfer_vectors` writes it, once.

The signatures are random, so the file is written once and then only read. The keys protect nothing.
"""

import json
import sys
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from betang.core import jose
from betang.core.clock import from_wire, to_wire
from betang.core.crypto import signing
from betang.core.event import envelope
from betang.core.lease import frames, grant, handoff
from betang.core.lease.handoff import Given, Offer
from betang.core.lease.rights import lease_made_by, write_rights

NAME = Path(__file__).parents[3] / "vectors" / "transfer.json"
ABOUT = (
    "Rights handed from phone to phone (docs/protocols/lease.md, sections 3 to 5). `offer`: the "
    "receiver's code. `good`: the giver's frames and what a receiver reads of them. `refused`: "
    "frames, the code of the refusal. `receipt`: the receiver's last code, and ones that are none. "
    "Made by tests/core/lease/transfer_vectors.py."
)
AT = from_wire("2026-11-12T05:00:00.000Z")
GIVER, TAKER, KID = "7K3M9QXA", "8M4N0RYB", 4
LEASE, CYCLE = UUID(int=0x0194_0000_0000_7000_8000_0000_0000_0001), UUID(int=2 << 64)
RIGHTS = [
    UUID(int=(0x0194_0000_0000_7000 << 64) | 0x8000_0000_0000_0000 | n * n) for n in range(40)
]
BENEFIT = UUID(int=7 << 64)
HOMES: list[tuple[Any, ...]] = [
    (f"{1234567890 + n}", "6201011001", [[n, 0]]) for n in range(30)
]  # fmt: skip
LEASE_KEY, GIVER_KEY, TAKER_KEY, OTHER_KEY = (
    signing.load_private_key(bytes([n]) * 32) for n in (1, 2, 3, 4)
)
CHALLENGE = bytes(range(16))


def thumbprint(key: signing.PrivateKey) -> bytes:
    """Give the thumbprint of a key."""
    return jose.thumbprint(jose.jwk_of(key.public_key()))


def point(key: signing.PrivateKey) -> bytes:
    """Give the public point of a key."""
    return signing.dump_public_key(key.public_key())


OFFER = Offer(TAKER, thumbprint(TAKER_KEY), CHALLENGE)
FAMILIES = handoff.write_families([BENEFIT], HOMES)


def lease(**other: Any) -> str:
    """Sign the giver's lease."""
    facts: dict[str, Any] = {
        "uuid": LEASE, "dev": GIVER, "thumbprint": thumbprint(GIVER_KEY), "cycle": CYCLE,
        "issued_at": AT - timedelta(days=1), "not_after": AT + timedelta(days=6), "rights": RIGHTS,
    }  # fmt: skip
    kid, key = other.pop("kid", KID), other.pop("key", LEASE_KEY)
    return grant.write(grant.Lease(**(facts | other)), kid, lambda text: signing.sign(key, text))


def event(kind: str = "lease.transferred", **other: Any) -> str:
    """Sign the giver's event."""
    key, seq = other.pop("key", GIVER_KEY), other.pop("seq", 7)
    data = {
        "lease": str(LEASE), "to": TAKER, "to_key": OFFER.thumbprint.hex(),
        "challenge": CHALLENGE.hex(), "rights": write_rights(RIGHTS[:30]),
        "families": sha256(FAMILIES).hexdigest(),
    }  # fmt: skip
    content = envelope.payload(
        dev=GIVER, seq=seq, prev=bytes(32), id=UUID(int=9 << 64), type=kind, at=AT, lease=LEASE,
        data=data | other,
    )  # fmt: skip
    return envelope.sign(key, GIVER, content)


def shown(leases: list[str], transfers: list[str], **other: Any) -> list[str]:
    """Give frames."""
    key, families = other.pop("key", GIVER_KEY), other.pop("families", FAMILIES)
    return handoff.write(point(key), families, leases, transfers)


def make() -> dict[str, Any]:
    """Make the whole file."""
    good = [event(), event(rights=write_rights(RIGHTS[30:33]), seq=8)]
    given = [handoff.read_transfer(one, dev=GIVER, key=GIVER_KEY.public_key()) for one in good]
    whole = shown([lease()], good)
    return {
        "about": ABOUT,
        "at": to_wire(AT),
        "ring": [{"kid": KID, "purpose": "lease", "point": point(LEASE_KEY).hex()}],
        "offer": {
            "text": handoff.write_offer(OFFER), "dev": TAKER,
            "thumbprint": OFFER.thumbprint.hex(), "challenge": CHALLENGE.hex(),
        },
        "not_offers": ["BT1R:", "BT1H:00", handoff.write_offer(OFFER)[:-3], "https://kartu/"],
        "giver": {"dev": GIVER, "point": point(GIVER_KEY).hex()},
        "good": {"frames": whole, "leases": [lease()], **_told(given)},
        "refused": [
            {"name": name, "code": code, "frames": parts, "at": to_wire(at)}
            for name, code, parts, at in _refused()
        ],
        "not_frames": _not_frames(whole),
        "receipt": {
            "text": handoff.write_receipt(TAKER_KEY, OFFER, given),
            "others": [
                handoff.write_receipt(OTHER_KEY, OFFER, given),
                handoff.write_receipt(TAKER_KEY, OFFER, given[:1]),
                handoff.write_receipt(TAKER_KEY, OFFER._replace(challenge=bytes(16)), given),
                "BT1A:", handoff.write_offer(OFFER),
            ],
        },
    }  # fmt: skip


def _told(given: list[Given]) -> dict[str, Any]:
    return {
        "transfers": [
            {
                "jws": one.jws, "payload_sha256": one.payload_sha256.hex(),
                "makes": str(lease_made_by(one.payload_sha256)), "lease": str(one.said.lease),
                "rights": [str(right) for right in one.said.rights],
            }
            for one in given
        ],
        "families": json.loads(FAMILIES),
    }  # fmt: skip


def _refused() -> list[tuple[str, str, list[str], datetime]]:
    ours, theirs = lease(), event()
    later, early = AT + timedelta(days=6, seconds=1), AT - timedelta(days=2)
    cases: list[tuple[str, str, list[str]]] = [
        ("no transfer", "malformed", shown([ours], [])),
        ("no lease", "malformed", shown([], [theirs])),
        ("another kind of event", "malformed", shown([ours], [event("lease.closed")])),
        ("one right twice", "malformed", shown([ours], [theirs, event(seq=8)])),
        (
            "rights out of order", "malformed",
            shown([ours], [event(rights=jose.to_b64u(RIGHTS[1].bytes + RIGHTS[0].bytes))]),
        ),
        ("a lease by another key", "lease", shown([lease(key=OTHER_KEY)], [theirs])),
        ("a lease by an unknown key", "lease", shown([lease(kid=99)], [theirs])),
        ("out of another lease", "lease", shown([lease(uuid=CYCLE)], [theirs])),
        (
            "a lease of another key", "key",
            shown([lease(thumbprint=thumbprint(OTHER_KEY))], [theirs]),
        ),
        ("a key that is not the lease's", "key", shown([ours], [theirs], key=OTHER_KEY)),
        ("an event by another key", "signature", shown([ours], [event(key=OTHER_KEY)])),
        ("to another device", "not_yours", shown([ours], [event(to="9N5P1SZC")])),
        ("to another key", "not_yours", shown([ours], [event(to_key="ab" * 32)])),
        ("an old challenge", "challenge", shown([ours], [event(challenge="00" * 16)])),
        (
            "a right that the lease does not name", "rights",
            shown([ours], [event(rights=write_rights([UUID(int=5 << 80)]))]),
        ),
        ("other families", "families", shown([ours], [theirs], families=b'{"benefits":[]}')),
        (
            "families that are none", "families",
            shown([ours], [event(families=sha256(b"[]").hexdigest())], families=b"[]"),
        ),
    ]  # fmt: skip
    told = [(name, f"handoff.{code}", parts, AT) for name, code, parts in cases]
    good = shown([ours], [theirs])
    return [
        *told,
        ("after the lease", "handoff.ended", good, later),
        ("before the lease", "handoff.ended", good, early),
        ("no zlib", "handoff.malformed", frames.split(b"no zlib at all"), AT),
    ]


def _not_frames(whole: list[str]) -> list[str]:
    frame = frames.read_frame(whole[0])
    head = frame.tag + (5).to_bytes(2) + (5).to_bytes(2)
    return [
        "BT1H:", whole[0].lower(), whole[0][:-1], "BT1R:" + whole[0][5:],
        frames.write(frames.FRAME, head + frame.chunk),
        frames.write(frames.FRAME, frame.tag + bytes(2) + (5_000).to_bytes(2) + frame.chunk),
        frames.write(frames.FRAME, head + frame.chunk + b"x"),
    ]  # fmt: skip


if __name__ == "__main__":
    NAME.write_text(json.dumps(make(), indent=1) + "\n")
    sys.stdout.write(f"{NAME}\n")
