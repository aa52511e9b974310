"""Faults of people: what offices, families and dishonest hands do. Each says what came of it."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

import httpx

from betang.core.card.chip import sun_mac
from sandbox.chaos.tries import NOTHING, together, tried

if TYPE_CHECKING:
    from random import Random

    from sandbox.chaos.device import Device
    from sandbox.chaos.notebook import Due
    from sandbox.chaos.plan import Fault
    from sandbox.chaos.play import Play

#: Where a courier uploads, and what stands in its page.
COURIER = "/kurir/"
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_RECEIPT = re.compile(r'name="receipt" value="([^"]+)"')


def suspend(play: Play, fault: Fault, random: Random) -> str:
    """Stop a device for hours or days; afterwards it goes on, and what waited is released."""
    device = play.devices[fault.device]
    refused = play.office.suspend(device.phone.short_id)
    if not refused:
        short_id = device.phone.short_id
        play.later(random.uniform(2, 60) * 60, lambda: play.note(play.office.reinstate(short_id)))
    return refused


def revoke_device(play: Play, fault: Fault, random: Random) -> str:
    """End a device that goes on working until it hears of it; its leases are moved."""
    device, other = play.devices[fault.device], play.devices[fault.other]
    if device.ended or device.copied_at:
        return NOTHING
    short_id, to, release = device.phone.short_id, other.phone.short_id, random.random() < 0.5
    play.later(26 * 60, lambda: play.note(play.office.move(short_id, to)))
    play.later(30 * 60, lambda: play.note(play.office.settle(short_id, release=release)))
    return play.office.revoke(short_id)


def revoke_lease(play: Play, fault: Fault, _: Random) -> str:
    """Take the leases of a device back; it gives them back when it hears."""
    return play.office.revoke_leases(play.devices[fault.device].phone.short_id)


def renew(play: Play, fault: Fault, random: Random) -> str:
    """Renew a device's leases by a week or more."""
    return play.office.renew(play.devices[fault.device].phone.short_id, random.randint(7, 14))


def renew_briefly(play: Play, fault: Fault, random: Random) -> str:
    """Renew a device's leases by less than they have left."""
    return play.office.renew(play.devices[fault.device].phone.short_id, random.randint(1, 2))


def move_lease(play: Play, fault: Fault, _: Random) -> str:
    """Move the leases of a device that lives to another."""
    device, other = play.devices[fault.device], play.devices[fault.other]
    return play.office.move(device.phone.short_id, other.phone.short_id)


def lease_again(play: Play, fault: Fault, _: Random) -> str:
    """Lease to one device what another may hold: it gets what is free there, and nothing else."""
    device, other = play.devices[fault.device], play.devices[fault.other]
    return play.office.grant_there(other.phone.short_id, device.number)


def close_lease(play: Play, fault: Fault, _: Random) -> str:
    """Give the leases back before their time."""
    device = play.devices[fault.device]
    if device.ended or not device.phone.leases:
        return NOTHING
    for lease in list(device.phone.leases):
        device.give_back(lease)
    return ""


def override(play: Play, fault: Fault, random: Random) -> str:
    """Two persons free a right that a device holds; another serves it online."""
    device, other = play.devices[fault.device], play.devices[fault.other]
    due = _due(device, random)
    if due is None:
        return NOTHING
    if refused := play.office.override(due.right):
        return refused
    return serve_online(other, due, device.card_of.get(due.household, ""), random)


def wrong_point(play: Play, fault: Fault, random: Random) -> str:
    """A family goes to another point, which asks for its right online."""
    device, other = play.devices[fault.device], play.devices[fault.other]
    due = _due(device, random)
    if due is None:
        return NOTHING
    return serve_online(other, due, device.card_of.get(due.household, ""), random)


def twice(play: Play, fault: Fault, random: Random) -> str:
    """A family goes to two points, and the second gives although it may not."""
    device, other = play.devices[fault.device], play.devices[fault.other]
    due = _due(device, random)
    if due is None or other.ended or due.right in other.phone.rights:
        return NOTHING
    number = device.card_of.get(due.household, "")
    other.deliver(
        due.right, due.household, random=random, part=due.given + 1, cheat="no lease", number=number
    )
    return ""


def rush(play: Play, fault: Fault, random: Random) -> str:
    """Several devices ask for one free right in the same moment: one gets it."""
    free = play.office.free()
    lines = [one for one in play.devices if one.online and one.working and not one.copied_at]
    if not free or len(lines) < 2:
        return NOTHING
    wanted, rushing = random.choice(free), random.sample(lines, min(4, len(lines)))
    got: list[Device] = []

    def ask(device: Device) -> str:
        device.line.up = True
        device.phone.reserve(entitlement=wanted.right)
        got.append(device)
        return ""

    together([lambda one=one: tried(one, lambda: ask(one)) for one in rushing])  # type: ignore[misc]
    if len(got) > 1:
        play.wrong.append(f"reserved for {len(got)} devices at once: {wanted.right}")
    for device in got[:1]:
        device.deliver(
            wanted.right, wanted.household, random=random, online=True, number=wanted.number
        )
        _push_at_once(device)
    return f"{len(got)} got it"


def block_card(play: Play, fault: Fault, random: Random) -> str:
    """Block the card of a family that still waits for its parcel."""
    device = play.devices[fault.device]
    due = _due(device, random)
    return play.office.block(device.card_of[due.household]) if due else NOTHING


def serve_revoked(play: Play, fault: Fault, random: Random) -> str:
    """Serve a family whose card the list names, though the device has that list."""
    device = play.devices[fault.device]
    for due in device.due:
        number = device.card_of.get(due.household, "")
        if number in device.phone.diary.ended and (due.right, 1) not in device.phone.delivered:
            device.offset = 0.0
            device.deliver(due.right, due.household, random=random, cheat="revoked card")
            return ""
    waiting = _due(device, random)
    if waiting is None:
        return NOTHING
    play.office.block(device.card_of[waiting.household])
    play.later(26 * 60, lambda: play.note(serve_revoked(play, fault, random)))
    return "blocked first"


def play_back_tap(play: Play, fault: Fault, random: Random) -> str:
    """Show a recorded tap of a delivery that was accepted, at another device, online."""
    device, other = play.devices[fault.device], play.devices[fault.other]
    accepted = {
        told["event_sha256"] for told in device.phone.decisions if told["outcome"] == "accepted"
    }
    told = [one for one in device.phone.diary.said.values() if one.counter]
    told = [one for one in told if one.sha256 in accepted]
    if not told or not other.online or not other.working:
        return NOTHING
    said = random.choice(told)
    card = play.cards[said.card]

    def show() -> str:
        mac = sun_mac(card.file_read_key, card.uid, said.counter).hex()
        seen = other.phone.tap(card.uid.hex(), said.counter, mac, "look")
        other.phone.diary.taps.append((said.card, said.counter, True, seen["colour"], ""))
        if seen["colour"] != "red":
            play.wrong.append(f"a tap that was played back is {seen['colour']}: {seen}")
        (tap,) = card.taps(1)
        seen = other.phone.tap(card.uid.hex(), tap.counter, tap.mac.hex(), "look")
        other.phone.diary.taps.append((said.card, tap.counter, False, seen["colour"], ""))
        return ""

    return tried(other, show)


def courier(play: Play, fault: Fault, _: Random) -> str:
    """Carry a device's records in a file to the page without sign-in, and the receipt back."""
    device = play.devices[fault.device]
    if not device.phone.queue or device.ended:
        return NOTHING
    with httpx.Client(base_url=play.origin, timeout=60, trust_env=False) as browser:
        page = browser.get(COURIER)
        token = _TOKEN.search(page.text)
        assert token, "the courier's page has no form"
        answer = browser.post(
            COURIER,
            data={"csrfmiddlewaretoken": token[1]},
            files={"file": ("kiriman.betang", device.phone.export())},
        )
    receipt = _RECEIPT.search(answer.text)
    if receipt is None:
        play.wrong.append(f"the courier got no receipt: {answer.status_code}")
        return "no receipt"
    before = list(device.phone.queue)
    device.phone.acknowledge(html.unescape(receipt[1]).encode())
    left = {one.seq for one in device.phone.queue}
    device.acknowledged += [one for one in before if one.seq not in left]
    return ""


def stock_short(play: Play, fault: Fault, random: Random) -> str:
    """Receive less than the papers say."""
    play.stock(play.devices[fault.device], short=random.randint(1, 40))
    return ""


def serve_online(device: Device, due: Due, number: str, random: Random) -> str:
    """Ask for a right online and deliver it, as an honest device elsewhere does."""
    if not device.online or not device.working or device.copied_at:
        return "no signal"

    def ask() -> str:
        device.line.up = True
        device.phone.reserve(entitlement=due.right)
        return ""

    refused = tried(device, ask)
    if not refused:
        part = due.given + 1
        device.deliver(
            due.right, due.household, random=random, part=part, online=True, number=number
        )
        _push_at_once(device)
    return refused


def _push_at_once(device: Device) -> None:
    """Send a delivery made online; lost on the way, the reservation may lapse before it arrives."""
    said = list(device.phone.diary.said.values())[-1]
    tried(device, device.push)
    if said.type == "benefit.delivered" and not said.answers & {"stored", "again"}:
        said.honest, said.why = False, "told too late"


def _due(device: Device, random: Random) -> Due | None:
    """Give a right that the device has not delivered yet, by all that it knows."""
    if device.ended:
        return None
    waiting = [
        due for due in device.due if (due.right, due.given + 1) not in device.phone.delivered
    ]
    waiting = [due for due in waiting if due.household in device.card_of]
    return random.choice(waiting) if waiting else None
