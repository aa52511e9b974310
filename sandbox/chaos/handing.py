"""Faults of handing rights over by QR: whoever dies, lies, repeats or is never heard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from betang.core.lease import handoff
from sandbox.chaos.meeting import Handing, hand_over, held, lie, take_over
from sandbox.chaos.notebook import Due
from sandbox.chaos.people import serve_online
from sandbox.chaos.tries import NOTHING, together, tried
from sandbox.phones import transfer

if TYPE_CHECKING:
    from random import Random

    from sandbox.chaos.device import Device
    from sandbox.chaos.plan import Fault
    from sandbox.chaos.play import Play

#: How often the receiver never reads the frames to the end.
UNFINISHED = 0.12
DAY = 24 * 60


def hand_over_by_qr(play: Play, fault: Fault, random: Random) -> str:
    """Hand rights over; then either, both at once or neither has a signal first."""
    shown = _handed(play, fault.device, fault.other, random)
    if shown is None:
        return NOTHING
    giver, taker = play.devices[shown.giver], play.devices[shown.taker]
    if random.random() < UNFINISHED:
        return "never read"
    if refused := take_over(play, shown, taker):
        return refused
    first = random.choice(["giver", "receiver", "both at once", "neither"])
    if first == "both at once":
        for device in (giver, taker):
            device.line.up = device.online
        together([lambda one=one: tried(one, one.push) for one in (giver, taker)])  # type: ignore[misc]
    elif first != "neither":
        (giver if first == "giver" else taker).sync(fetch=random.random() < 0.5)
    return f"{first} first"


def hand_over_and_die(play: Play, fault: Fault, random: Random) -> str:
    """Hand everything over and die for ever, before anything was sent or after it."""
    giver = play.devices[fault.device]
    if giver.copied_at:
        return NOTHING
    return _die(play, giver, _handed(play, giver.number, fault.other, random, share=1), random)


def take_over_and_die(play: Play, fault: Fault, random: Random) -> str:
    """Take rights over and die for ever, before anything was sent or after it."""
    taker = play.devices[fault.device]
    if taker.copied_at:
        return NOTHING
    return _die(play, taker, _handed(play, fault.other, taker.number, random), random)


def replay_hand_over(play: Play, fault: Fault, random: Random) -> str:
    """Show a photographed hand-over to a third, alter it, or take it a second time."""
    told = [one for one in play.handings if fault.device not in {one.giver, one.taker}]
    third = play.devices[fault.device]
    if not told or third.ended:
        return NOTHING
    shown = random.choice(told)
    _third_app_refuses(play, shown, third)
    jws, right = shown.signed[0].jws, random.choice(list(shown.families))
    how = random.choice(["another's", "forged", "again"])
    if how == "again":
        taker = play.devices[shown.taker]
        if taker.ended:
            return NOTHING
        taker.sign("lease.received", {"transfer": jws})
        return how
    if how == "forged":
        jws = jws[:-8] + ("AAAAAAAA" if jws[-8:] != "AAAAAAAA" else "BBBBBBBB")
    third.sign("lease.received", {"transfer": jws}).honest = False
    household, number = shown.families[right]
    third.deliver(right, household, random=random, cheat="replayed hand-over", number=number)
    return how


def hand_over_delivered(play: Play, fault: Fault, random: Random) -> str:
    """Hand over, by an altered app, rights that were delivered before."""
    giver, taker = play.devices[fault.device], play.devices[fault.other]
    used = sorted({right for right, _ in giver.phone.delivered} & giver.phone.rights.keys())
    if giver.ended or taker.ended or not used:
        return NOTHING
    shown = lie(play, giver, taker, used[-random.randint(1, 5) :], random)
    if shown is None:
        return NOTHING
    refused = take_over(play, shown, taker)
    if not refused and random.random() < 0.5:
        taker.sync()
    return refused


def hand_over_twice(play: Play, fault: Fault, random: Random) -> str:
    """Hand the same rights to two others, by an altered app: each believes to hold them."""
    giver, taker = play.devices[fault.device], play.devices[fault.other]
    two = {giver.number, taker.number}
    others = [one for one in play.devices if one.number not in two and not one.ended]
    rights = held(giver)
    if giver.ended or taker.ended or not others or not rights:
        return NOTHING
    rights = random.sample(rights, min(len(rights), 4))
    said = []
    for one in (taker, random.choice(others)):
        shown = lie(play, giver, one, rights, random)
        said.append(take_over(play, shown, one) if shown else NOTHING)
        one.serve(3, random)
    return " ".join(filter(None, said))


def keep_handed_over(play: Play, fault: Fault, random: Random) -> str:
    """Hand rights over and deliver some all the same, by an altered app."""
    shown = _handed(play, fault.device, fault.other, random)
    if shown is None:
        return NOTHING
    giver, taker = play.devices[shown.giver], play.devices[shown.taker]
    refused = take_over(play, shown, taker)
    for right in random.sample(sorted(shown.families), min(2, len(shown.families))):
        household, number = shown.families[right]
        giver.deliver(right, household, random=random, cheat="handed over", number=number)
    if random.random() < 0.5:
        giver.sync()
    taker.serve(3, random)
    return refused


def ask_for_handed_over(play: Play, fault: Fault, random: Random) -> str:
    """Hand a right over; its family comes to both, and the giver asks for it online."""
    giver, taker = play.devices[fault.device], play.devices[fault.other]
    rights = held(giver)
    if giver.ended or taker.ended or not giver.working or not rights:
        return NOTHING
    right = random.choice(rights)
    shown = hand_over(play, giver, taker, [right], random)
    household, number = shown.families[right]
    refused = take_over(play, shown, taker)
    if not refused and taker.may(right):
        taker.deliver(right, household, random=random, number=number)
    said = serve_online(giver, Due(right, household, 1, 0), number, random)
    return refused or said or "given twice"


def _handed(
    play: Play, giver: int, taker: int, random: Random, *, share: float | None = None
) -> Handing | None:
    """Hand a few, half or all of the giver's rights over, if both live."""
    one, other = play.devices[giver], play.devices[taker]
    rights = held(one)
    if one.ended or other.ended or not one.working or not rights:
        return None
    part = share or random.choice([0.1, 0.5, 0.5, 1.0])
    rights = random.sample(rights, max(1, round(len(rights) * part)))
    return hand_over(play, one, other, rights, random)


def _die(play: Play, device: Device, shown: Handing | None, random: Random) -> str:
    """Finish a hand-over and lose one of its two phones; a day later the office ends it."""
    if shown is None:
        return NOTHING
    other = play.devices[shown.taker if device.number == shown.giver else shown.giver]
    refused = take_over(play, shown, play.devices[shown.taker])
    sent = random.random() < 0.5 and device.sync(fetch=False)
    device.ended = "lost"
    short_id, to = device.phone.short_id, other.phone.short_id

    def replaced() -> None:
        play.note(play.office.revoke(short_id))
        play.note(play.office.move(short_id, to))

    play.later(DAY, replaced)
    return refused or ("after sending" if sent else "before sending")


def _third_app_refuses(play: Play, shown: Handing, third: Device) -> None:
    """See that an app that was not altered takes nothing that is for another."""
    asked = transfer.offer(third.phone)
    try:
        transfer.read(third.phone, shown.frames, asked, at=third.phone.now())
    except handoff.HandoffRefusedError:
        return
    play.wrong.append(f"device {third.number} would take what was for {shown.taker}")
