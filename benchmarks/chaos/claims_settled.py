"""No right counts twice, nothing honest is lost, every other claim has a decision and a case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.chaos import hand_overs_kept
from benchmarks.chaos.ask import rows
from benchmarks.chaos.events_kept import DECIDED

if TYPE_CHECKING:
    from benchmarks.chaos.check import Check
    from sandbox.chaos.device import Device
    from sandbox.chaos.diary import Said

TWICE = """
SELECT e.uuid, d.part, count(*) FROM distribution_delivery d
JOIN distribution_entitlement e ON e.id = d.entitlement_id
WHERE d.counted GROUP BY 1, 2 HAVING count(*) > 1
"""
BEYOND = """
SELECT e.uuid, e.state, e.parts_allowed, e.parts_delivered, count(d.id) FILTER (WHERE d.counted)
FROM distribution_entitlement e LEFT JOIN distribution_delivery d ON d.entitlement_id = e.id
WHERE e.channel = 'hand' GROUP BY e.id
HAVING count(d.id) FILTER (WHERE d.counted) <> e.parts_delivered
    OR e.parts_delivered > e.parts_allowed
    OR (e.state = 'delivered') <> (e.parts_delivered = e.parts_allowed)
"""
DELIVERIES = """
SELECT a.short_id, d.event::text, d.counted, d.decided_as, c.state, d.contest_code
FROM distribution_delivery d JOIN accounts_device a ON a.uuid = d.device
LEFT JOIN grievances_case c ON c.subject = d.uuid AND c.kind = 'contested_delivery'
"""
APPLIED = """
SELECT d.short_id, e.uuid::text, encode(e.payload_sha256, 'hex') FROM sync_fieldevent e
JOIN accounts_device d ON d.id = e.device_id
WHERE e.type = 'benefit.delivered' AND e.state = 'applied'
"""
LIVE_TWICE = """
SELECT entitlement_id, count(*) FROM distribution_leaseright WHERE ended_at IS NULL
GROUP BY 1 HAVING count(*) > 1
"""
COUNTERS = "SELECT number, counter FROM cards_card"
#: Decisions after which there is no delivery: nothing could be kept of it.
NOTHING_KEPT = frozenset({"claim.unknown_right", "event.malformed", "event.refused"})


def check(check: Check) -> None:
    """Check every claim."""
    for right, part, count in rows(TWICE):
        check.broken("no_right_counts_twice", f"{right} part {part}: {count}")
    for right, *stands in rows(BEYOND):
        check.broken("parts_stay_in_the_allowance", f"{right}: {stands}")
    for right, count in rows(LIVE_TWICE):
        check.broken("a_right_has_one_lease", f"right {right} is in {count} live leases")
    decided = {(row[0], row[1]): (row[2], row[3]) for row in rows(DECIDED)}
    _cases(check, decided)
    _honest(check, decided)
    _leases(check)
    _counters(check, decided)


def _cases(check: Check, decided: dict[tuple[str, str], tuple[str, str]]) -> None:
    """See that each claim that was applied is one delivery, and has a case while it is open."""
    found: dict[tuple[str, str], list[tuple[bool, str | None, str | None, str]]] = {}
    for short_id, event, *rest in rows(DELIVERIES):
        found.setdefault((short_id, event), []).append(tuple(rest))
    counted = contested = 0
    for short_id, event, digest in rows(APPLIED):
        outcome, code = decided.get((short_id, digest), ("", ""))
        kept = found.get((short_id, event), [])
        if len(kept) != (code not in NOTHING_KEPT):
            check.broken(
                "no_claim_is_dropped", f"{short_id} {event}: {code}, {len(kept)} deliveries"
            )
            continue
        if not kept:
            continue
        counts, decision, case, _ = kept[0]
        counted, contested = counted + counts, contested + (not counts)
        if counts != (outcome == "accepted"):
            check.broken("what_is_told_is_so", f"{short_id} {event}: counts {counts}, told {code}")
        if not counts and decision is None and case not in {"open", "assigned"}:
            check.broken("every_contested_claim_has_a_case", f"{short_id} {event}: {code}, {case}")
    check.facts |= {"counted": counted, "contested": contested}


def _honest(check: Check, decided: dict[tuple[str, str], tuple[str, str]]) -> None:
    """See that what an honest holder delivered under a live lease counts."""
    honest = excused = 0
    unsure = hand_overs_kept.unsure(check)
    for device in check.everybody():
        for said in device.phone.diary.said.values():
            if said.type != "benefit.delivered":
                continue
            outcome, code = decided.get((device.phone.short_id, said.sha256), ("", "never heard"))
            if said.why == "revoked card" and code == "ok":  # two persons may say otherwise
                check.broken(
                    "a_revoked_card_does_not_count", f"device {device.number} #{said.seq}: {code}"
                )
            if not said.honest:
                continue
            if (device.phone.short_id, said.right) in unsure or _excused(check, device, said):
                excused += 1
                continue
            honest += 1
            if outcome != "accepted":
                check.broken(
                    "nothing_honest_is_lost", f"device {device.number} #{said.seq}: {code}"
                )
    check.facts |= {"honest": honest, "excused": excused}


def _excused(check: Check, device: Device, said: Said) -> bool:
    """Say whether an honest claim need not count: people decided, or nobody ever heard of it."""
    desk = check.desk
    return (
        said.right in desk.freed
        or said.right in check.play.disputed
        or said.card in desk.ended
        or device.phone.short_id in desk.doubted
        or bool(device.copied_at and said.at >= device.copied_at)
        or said.seq in device.phone.diary.gone
        or (device.ended == "lost" and not said.answers)
    )


def _leases(check: Check) -> None:
    """See that no right was promised to two devices at once, by what the devices were told.

    What a device handed on it refuses, whatever lease still names it.
    """
    held: dict[str, list[tuple[float, int, str]]] = {}
    for device in check.play.devices:
        for told_at, lease, _, rights in device.phone.diary.leases:
            away = {right for of, right in device.phone.handed_on if of == lease}
            for right in rights - check.desk.freed - check.play.disputed - away:
                held.setdefault(right, []).append((told_at, device.number, lease))
    for right, told in held.items():
        holders: dict[int, set[str]] = {}
        for _, number, lease in sorted(told):
            for other, leases in holders.items():
                back = check.play.devices[other].given_back
                if other != number and leases - back:
                    check.broken(
                        "a_right_is_leased_once", f"{right}: to devices {other} and {number}"
                    )
            holders.setdefault(number, set()).add(lease)


def _counters(check: Check, decided: dict[tuple[str, str], tuple[str, str]]) -> None:
    """See that each card's counter stands at its highest genuine tap, or above."""
    least: dict[str, int] = {}
    for device in check.everybody():
        for said in device.phone.diary.said.values():
            accepted = decided.get((device.phone.short_id, said.sha256), ("", ""))[0] == "accepted"
            if said.counter and accepted:
                least[said.card] = max(said.counter, least.get(said.card, 0))
        for number, counter, _, colour, _ in device.phone.diary.taps:
            if colour != "red":
                least[number] = max(counter, least.get(number, 0))
    counters = dict(rows(COUNTERS))
    check.facts["cards_tapped"] = len(least)
    for number, counter in least.items():
        if not counter <= counters[number] <= check.play.cards[number].counter:
            check.broken(
                "the_counter_is_the_highest_tap", f"{number}: {counters[number]}, tapped {counter}"
            )
