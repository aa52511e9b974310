"""What goes wrong in the field: lost answers, repeats, two phones for one family, copies, clones.

Each act here is one that has happened to somebody. The server must keep every event, count each
right once, and say why it did not count the rest.
"""

from collections.abc import Sequence
from typing import Any

from sandbox.phones.chain import Queued
from sandbox.phones.day import Day
from sandbox.phones.phone import Phone
from sandbox.phones.wire import RefusedByServerError


def lose_answers(phone: Phone, *, share: int = 3) -> None:
    """Send a part of the queue and lose the answers: the server has it, the phone does not know."""
    part = phone.queue[: max(1, len(phone.queue) // share)]
    for at in range(0, len(part), 100):
        phone.send(part[at : at + 100])
    phone.counts["answers_lost"] = phone.counts.get("answers_lost", 0) + len(part)


def send_out_of_order(phone: Phone, *, count: int = 5) -> None:
    """Send the last events first: they are held, and lose nothing."""
    if len(phone.queue) > 2 * count:
        phone.send(phone.queue[-count:])
        phone.counts["sent_early"] = phone.counts.get("sent_early", 0) + count


def send_again(phone: Phone, sent: Sequence[Queued]) -> int:
    """Send what was acknowledged once more; give how many answers were not `again`."""
    different = 0
    for at in range(0, len(sent), 100):
        told = phone.send(list(sent[at : at + 100]))
        different += sum(answer["answer"] != "again" for answer in told["answers"])
    return different


def serve_a_family_of_another(day: Day, other: Day, *, count: int = 2) -> int:
    """Deliver rights that another phone holds: the family went to two points, and both gave."""
    done = 0
    for queued in [one for one in other.phone.queue if one.type == "benefit.delivered"]:
        if done == count:
            break
        right = next(
            (right for right, _ in other.phone.delivered if right.encode() in queued.payload), None
        )
        if right is None or (right, 1) in day.phone.delivered:
            continue
        day.phone.deliver(right, at=day.wait(), private={"collector_name": "?", "note": ""})
        day.count("doubles_tried")
        done += 1
    return done


def ask_online_for_a_family_of_another(day: Day, other: Day) -> None:
    """Ask for a right that another phone holds, as an honest phone with a signal does."""
    for right in sorted(other.phone.rights)[:1]:
        try:
            day.phone.reserve(entitlement=right)
        except RefusedByServerError as refusal:
            day.count(f"reserve_{refusal.code.partition('.')[2]}")
        else:
            day.count("reserved")


def show_a_copy_online(day: Day, card: dict[str, Any]) -> None:
    """Show a card whose chip was copied in passing: the second showing of one tap is refused."""
    if day.reader is None or not card["uid"]:
        return
    for tap in day.reader.copy(card["uid"]):
        told = day.phone.tap(tap["uid"], tap["counter"], tap["mac"], "deliver")
        day.count(f"copy_{told['colour']}")
    day.count("copies_shown_online")


def show_a_copy_offline(day: Day, victim: dict[str, Any], right: str) -> None:
    """Deliver against the copy of another family's card: noticed when the raw tap is verified."""
    if day.reader is None or not victim["uid"]:
        return
    taps = day.reader.copy(victim["uid"])
    forged = [tap | {"mac": tap["mac"][::-1]} for tap in taps]
    said = {"colour": "green", "reason": "qr.valid"}  # whatever this phone's own tickets say
    card = day.shown(victim, forged) | said
    day.phone.deliver(right, at=day.wait(), card=card, private={"collector_name": "?", "note": ""})
    day.count("copies_shown_offline")


def clone(day: Day) -> Phone | None:
    """Copy the profile, key and all; both go on working, and the chain splits."""
    right = next(iter(sorted(set(day.phone.rights) - {r for r, _ in day.phone.delivered})), None)
    other = day.phone.clone()
    other.queue = []
    day.count("cloned")
    if right is None:
        other.sign("problem.reported", {"code": "device"}, private={"note": ""}, at=day.wait())
    else:
        other.deliver(right, at=day.wait(), private={"collector_name": "?", "note": ""})
    return other
