"""Faults of networks, phones and machines: each gives a word on what came of it."""

from __future__ import annotations

from threading import Thread
from time import sleep
from typing import TYPE_CHECKING

from sandbox.chaos.tries import HOUR, NOTHING, copied, send, together, tried

if TYPE_CHECKING:
    from random import Random

    from sandbox.chaos.device import Device
    from sandbox.chaos.plan import Fault
    from sandbox.chaos.play import Play


def partition(play: Play, fault: Fault, random: Random) -> str:
    """Take a device where there is no signal, for hours or a week."""
    hours = random.choice([3, 8, 24, 24, 72, 168])
    play.devices[fault.device].away_until = play.clock.now + hours * HOUR
    return ""


def lose_answers(play: Play, fault: Fault, random: Random) -> str:
    """Lose answers after the server did its work."""
    play.devices[fault.device].line.lose += random.randint(1, 3)
    return ""


def lose_request(play: Play, fault: Fault, random: Random) -> str:
    """Lose requests before the server heard."""
    play.devices[fault.device].line.drop += random.randint(1, 3)
    return ""


def network_repeats(play: Play, fault: Fault, random: Random) -> str:
    """Let the network deliver requests twice, proof and all."""
    play.devices[fault.device].line.twice += random.randint(1, 3)
    return ""


def repeat(play: Play, fault: Fault, random: Random) -> str:
    """Send what was acknowledged once more: every answer is `again`."""
    device = play.devices[fault.device]
    batch = device.acknowledged[-random.randint(1, 100) :]
    if not batch:
        return NOTHING
    answers = send(device, batch)
    if not device.copied_at and any(answer["answer"] != "again" for answer in answers):
        play.wrong.append(f"sent again, other answers: {answers}")
    return "" if answers else "no signal"


def reorder(play: Play, fault: Fault, random: Random) -> str:
    """Send the queue in pieces, pieces and their events in any order."""
    device = play.devices[fault.device]
    queue = list(device.phone.queue)
    if len(queue) < 2:
        return NOTHING
    random.shuffle(queue)
    pieces = []
    while queue:
        size = random.randint(1, 20)
        pieces.append(queue[:size])
        queue = queue[size:]
    return "" if all(send(device, piece) for piece in pieces) else "no signal"


def parallel(play: Play, fault: Fault, random: Random) -> str:
    """Send one batch three times at once."""
    device = play.devices[fault.device]
    device.serve(4, random)
    batch = list(device.phone.queue[:60])
    if not batch or not device.online:
        return NOTHING
    together([lambda: send(device, batch) for _ in range(3)])
    return ""


def clock(play: Play, fault: Fault, random: Random) -> str:
    """Turn a phone's clock, a little, by days, to 1970, or right again."""
    device = play.devices[fault.device]
    turned = [random.uniform(-2, 2) * HOUR, random.uniform(-72, 72) * HOUR, 0.0, -play.clock.now]
    device.offset = random.choice(turned)
    return ""


def crash_before_sending(play: Play, fault: Fault, random: Random) -> str:
    """End the app between signing and sending: what was signed is still there."""
    device = play.devices[fault.device]
    device.serve(3, random)
    device.phone.nonce = ""
    return ""


def crash_in_upload(play: Play, fault: Fault, _: Random) -> str:
    """End the app in the middle of a photo."""
    device = play.devices[fault.device]
    if not device.blobs or not device.online:
        return NOTHING
    return tried(device, lambda: device.upload(stop_after=1))


def clone(play: Play, fault: Fault, random: Random) -> str:
    """Copy a phone, key and all; both go on."""
    both = copied(play, play.devices[fault.device])
    for one in both:
        one.serve(2, random)
        one.sign("problem.reported", {"code": "device"}, {"note": str(random.random())})
    return "" if both else NOTHING


def lost_phone(play: Play, fault: Fault, _: Random) -> str:
    """Lose a phone for ever; a day later the office ends it and moves its leases."""
    device, other = play.devices[fault.device], play.devices[fault.other]
    if device.ended or device.copied_at:
        return NOTHING
    device.ended = "lost"
    play.later(24 * 60, lambda: _replace(play, device, other))
    return ""


def kill_site(play: Play, fault: Fault, random: Random) -> str:
    """Kill the site in the middle of a device's sending, and start it again."""
    device = play.devices[fault.device]
    device.serve(12, random)
    device.line.up = device.online
    pushing = Thread(target=lambda: tried(device, lambda: device.phone.push(size=3)))
    pushing.start()
    sleep(random.uniform(0, 0.06))
    play.machines.kill_site()
    pushing.join()
    play.machines.start_site()
    return ""


def kill_worker(play: Play, _: Fault, __: Random) -> str:
    """Kill the worker, and start it again."""
    play.machines.kill_worker()
    play.machines.start_worker()
    return ""


def _replace(play: Play, device: Device, other: Device) -> None:
    """End a lost phone and let another take its families over."""
    play.office.revoke(device.phone.short_id)
    play.office.move(device.phone.short_id, other.phone.short_id)


def gap(play: Play, fault: Fault, random: Random) -> str:
    """Let a phone lose one of its own records for ever: what follows waits for a supervisor."""
    device = play.devices[fault.device]
    queue = device.phone.queue
    if len(queue) < 2:
        return NOTHING
    gone = queue.pop(random.randrange(len(queue) - 1))
    device.phone.diary.gone.add(gone.seq)
    return ""
