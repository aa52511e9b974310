"""Two phones that meet without a network: one hands rights to the other, as the app does.

Offer, frames and receipt pass as the texts of their QR codes (docs/protocols/lease.md, section 3).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from betang.core.lease import handoff
from sandbox.chaos.notebook import Due
from sandbox.phones import transfer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from betang.core.lease.handoff import Offer
    from sandbox.chaos.device import Device
    from sandbox.chaos.play import Play
    from sandbox.phones.chain import Queued


@dataclass(frozen=True)
class Handing:
    """What a giver showed, to whom, and whose families they were."""

    giver: int
    taker: int
    offer: Offer
    frames: Sequence[str]
    signed: Sequence[Queued]
    families: dict[str, tuple[str, str]]  #: right -> household, card


def held(device: Device) -> list[str]:
    """Give the rights that a device may hand on: named by a lease of its own, whole, and live."""
    phone = device.phone
    return [
        due.right for due in device.due
        if due.given == 0 and (due.right, 1) not in phone.delivered
        and phone.rights.get(due.right) in phone.leases and device.may(due.right)
    ]  # fmt: skip


def hand_over(
    play: Play, giver: Device, taker: Device, rights: Sequence[str], random: Random
) -> Handing:
    """Let the giver sign and show; from here on it refuses these rights, whoever reads them."""
    asked = handoff.read_offer(handoff.write_offer(transfer.offer(taker.phone)))
    gone = set(rights)
    homes = {due.right: due.household for due in giver.due if due.right in gone}
    at = len(giver.phone.queue)
    frames = transfer.give(giver.phone, asked, rights)
    giver.due = [due for due in giver.due if due.right not in gone]
    giver.book.due = [due for due in giver.book.due if due.right not in gone]
    return _shown(play, giver, taker, asked, frames, giver.phone.queue[at:], homes, random)


def lie(
    play: Play, giver: Device, taker: Device, rights: Sequence[str], random: Random
) -> Handing | None:
    """Let an altered app hand over what it does not hold any more, and keep it."""
    asked = transfer.offer(taker.phone)
    leases = {right: giver.phone.rights[right] for right in rights if right in giver.phone.rights}
    leases = {right: lease for right, lease in leases.items() if lease in giver.phone.leases}
    if not leases:
        return None
    play.disputed |= leases.keys()
    due = giver.phone.bundle["entitlements"]
    homes = {one["uuid"]: one["household"] for one in due if one["uuid"] in leases}
    signed = transfer.write_transfers(giver.phone, asked, leases)
    frames = transfer.show(giver.phone, signed, leases)
    return _shown(play, giver, taker, asked, frames, signed, homes, random)


def take_over(play: Play, shown: Handing, taker: Device) -> str:
    """Let the receiver read, verify, sign and hold; the giver reads its receipt. Gives why not."""
    at = datetime.fromtimestamp(taker.believed(), UTC)
    try:
        told = transfer.read(taker.phone, shown.frames, shown.offer, at=at)
    except handoff.HandoffRefusedError as refused:
        return str(refused)
    transfer.accept(taker.phone, told)
    for given in told.given:
        until = told.leases[given.said.lease].not_after.timestamp()
        lease, rights = str(given.lease), [str(right) for right in given.said.rights]
        taker.book.until[lease] = until
        taker.phone.diary.leases.append((play.clock.now, lease, until, frozenset(rights)))
        fresh = [Due(right, shown.families[right][0], 1, 0) for right in rights]
        taker.book.due += fresh
        taker.due += fresh
        cards = dict(shown.families[right] for right in rights)
        taker.book.cards |= cards
        taker.card_of = cards | taker.card_of
    receipt = handoff.write_receipt(taker.phone.key, shown.offer, told.given)
    if not handoff.read_receipt(receipt, offer=shown.offer, given=told.given):
        play.wrong.append(f"device {shown.giver} cannot read the receipt of {taker.number}")
    return ""


def _shown(
    play: Play, giver: Device, taker: Device, asked: Offer, frames: list[str],
    signed: Sequence[Queued], homes: dict[str, str], random: Random,
) -> Handing:  # fmt: skip
    """Keep what was shown; the frames are read in any order, and some of them twice."""
    random.shuffle(frames)
    frames += frames[: random.randrange(3)]
    families = {right: (home, giver.card_of.get(home, "")) for right, home in homes.items()}
    if giver.copied_at:  # its copy believes that it holds the same
        play.disputed |= homes.keys()
    shown = Handing(giver.number, taker.number, asked, frames, list(signed), families)
    play.handings.append(shown)
    return shown
