"""Two phones that meet without a network: one hands rights to the other (docs/protocols/lease.md).

`write_transfers` is also how a dishonest giver would do it: it checks nothing.
"""

import os
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from betang.core import jose
from betang.core.crypto import signing
from betang.core.lease import frames, handoff
from betang.core.lease.handoff import Handoff, Offer
from betang.core.lease.rights import RIGHTS_MAX, write_rights
from sandbox.phones.bundle import Taken
from sandbox.phones.chain import Queued
from sandbox.phones.phone import Phone


def offer(phone: Phone) -> Offer:
    """Show who takes over, with a fresh challenge."""
    point = jose.jwk_of(phone.key.public_key())
    return Offer(phone.short_id, jose.thumbprint(point), os.urandom(handoff.CHALLENGE_BYTES))


def give(phone: Phone, to: Offer, rights: Iterable[str]) -> list[str]:
    """Hand over rights that this phone holds; it refuses them from here on. Give the frames."""
    wanted = [right for right in rights if right in phone.rights]
    leases = {right: phone.rights[right] for right in wanted}
    signed = write_transfers(phone, to, leases)
    for right, lease in leases.items():
        phone.handed_on.add((lease, right))
        del phone.rights[right]
    return show(phone, signed, leases)


def write_transfers(phone: Phone, to: Offer, leases: dict[str, str]) -> list[Queued]:
    """Sign `lease.transferred` for rights (each with the lease that names it)."""
    families = _families(phone, _ordered(leases))
    signed = []
    for lease, rights in _events(leases):
        data = {
            "lease": lease,
            "to": to.dev,
            "to_key": to.thumbprint.hex(),
            "challenge": to.challenge.hex(),
            "rights": write_rights(rights),
            "families": sha256(families).hexdigest(),
        }
        signed.append(phone.sign("lease.transferred", data, lease=lease))
    return signed


def show(phone: Phone, signed: Sequence[Queued], leases: dict[str, str]) -> list[str]:
    """Give the frames that this phone shows for transfers that it signed."""
    point = signing.dump_public_key(phone.key.public_key())
    texts = [one["jws"] for one in phone.bundle["leases"] if one["uuid"] in set(leases.values())]
    families = _families(phone, _ordered(leases))
    return handoff.write(point, families, texts, [one.jws for one in signed])


def read(
    phone: Phone, shown: Iterable[str], asked: Offer, *, at: datetime | None = None
) -> Handoff:
    """Collect frames and verify them; raises `HandoffRefusedError`, ValueError where some lack."""
    collected = frames.Collected()
    whole = None
    for text in shown:
        whole = collected.add(text) or whole
    if whole is None:
        raise ValueError("frames are missing")
    return handoff.read(whole, keys=phone.lease_key, offer=asked, at=at or datetime.now(UTC))


def take(phone: Phone, shown: Iterable[str], asked: Offer, *, at: datetime | None = None) -> str:
    """Take rights over: verify, sign, hold them. Give the receipt's code."""
    taken = read(phone, shown, asked, at=at)
    accept(phone, taken)
    return handoff.write_receipt(phone.key, asked, taken.given)


def accept(phone: Phone, shown: Handoff) -> None:
    """Sign `lease.received` around each transfer, and hold its rights."""
    for given in shown.given:
        lease, kid = str(given.lease), shown.kids[given.said.lease]
        queued = phone.sign("lease.received", {"transfer": given.jws}, lease=lease)
        for right in given.said.rights:
            phone.taken[str(right)] = Taken(lease, queued.seq, kid)
            phone.rights[str(right)] = lease


def _events(leases: dict[str, str]) -> list[tuple[str, list[UUID]]]:
    """Cut rights into events: one lease each, and no more than one event carries."""
    cut: list[tuple[str, list[UUID]]] = []
    for lease in sorted(set(leases.values())):
        rights = sorted(UUID(right) for right, of in leases.items() if of == lease)
        cut += [(lease, rights[at : at + RIGHTS_MAX]) for at in range(0, len(rights), RIGHTS_MAX)]
    return cut


def _ordered(leases: dict[str, str]) -> list[str]:
    return [str(right) for _, rights in _events(leases) for right in rights]


def _families(phone: Phone, rights: Sequence[str]) -> bytes:
    """Say whose the rights are, as far as this phone's roster knows."""
    place = {right: n for n, right in enumerate(rights)}
    homes = {one["uuid"]: one for one in phone.bundle["households"]}
    due = [one for one in phone.bundle["entitlements"] if one["uuid"] in place]
    benefits = sorted({one["benefit"] for one in due})
    held: dict[str, list[Any]] = {}
    for one in due:
        held.setdefault(one["household"], []).append(
            [place[one["uuid"]], benefits.index(one["benefit"])]
        )
    families = [
        (homes[uuid]["number"], homes[uuid]["village"], sorted(pairs))
        for uuid, pairs in held.items() if uuid in homes
    ]  # fmt: skip
    return handoff.write_families([UUID(one) for one in benefits], sorted(families))
