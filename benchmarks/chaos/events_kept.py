"""No acknowledged event is lost or changed, every event is decided, no device is stuck."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.chaos.ask import one, rows
from betang.core import jose

if TYPE_CHECKING:
    from benchmarks.chaos.check import Check
    from sandbox.chaos.device import Device

KEPT = """
SELECT d.short_id, encode(e.payload_sha256, 'hex'), e.payload, e.protected, e.signature, e.state
FROM sync_fieldevent e JOIN accounts_device d ON d.id = e.device_id
UNION ALL
SELECT d.short_id, encode(e.payload_sha256, 'hex'), e.payload, e.protected, e.signature, 'fork'
FROM sync_fieldeventfork e JOIN accounts_device d ON d.id = e.device_id
"""
#: The newest decision of each event stands.
DECIDED = """
SELECT DISTINCT ON (c.device_id, c.event_sha256) d.short_id, encode(c.event_sha256, 'hex'),
       c.outcome, c.code, c.sentence
FROM sync_decision c JOIN accounts_device d ON d.id = c.device_id
ORDER BY c.device_id, c.event_sha256, c.id DESC
"""
STATES = "SELECT short_id, state FROM accounts_device"
HELD = """
SELECT d.short_id, c.held_count FROM sync_devicecursor c
JOIN accounts_device d ON d.id = c.device_id
"""
FORKS = """
SELECT d.short_id, count(*) FROM sync_fieldeventfork f JOIN accounts_device d ON d.id = f.device_id
GROUP BY 1
"""
UPLOADED = "SELECT encode(sha256, 'hex') FROM sync_upload WHERE complete_at IS NOT NULL"


def check(check: Check) -> None:
    """Check the events of every device."""
    kept = {(row[0], row[1]): row[2:] for row in rows(KEPT)}
    decided = {(row[0], row[1]): row[2:] for row in rows(DECIDED)}
    check.facts["events"] = len(kept)
    check.facts["acknowledged"] = sum(
        _acknowledged(check, device, kept) for device in check.everybody()
    )
    for (short_id, digest), (*_, state) in kept.items():
        outcome = decided.get((short_id, digest))
        if outcome is None and state != "held":
            check.broken("every_event_is_decided", f"{short_id} {digest[:12]} is {state}")
        if outcome and outcome[0] != "accepted" and not (outcome[1] and outcome[2]):
            check.broken("every_refusal_has_a_reason", f"{short_id} {digest[:12]} {outcome}")
    if parked := one("SELECT count(*) FROM sync_fieldevent WHERE state = 'parked'"):
        check.broken("nothing_fails", f"{parked} events are parked")
    _stuck(check, decided)
    _forks(check)
    uploaded = {row[0] for row in rows(UPLOADED)}
    for device in check.everybody():
        for name, told in device.phone.diary.blobs.items():
            if told and name not in uploaded:
                check.broken("no_photo_is_lost", f"device {device.number}: {name[:12]}")


def _acknowledged(
    check: Check, device: Device, kept: dict[tuple[str, str], tuple[bytes, str, bytes, str]]
) -> int:
    """Compare what a device may have forgotten with what is there, byte by byte."""
    told = device.phone.diary.acknowledged
    for said in told:
        found = kept.get((device.phone.short_id, said.sha256))
        if found is None:
            check.broken(
                "no_acknowledged_event_is_lost", f"device {device.number} #{said.seq} {said.type}"
            )
            continue
        payload, protected, signature, _ = found
        jws = f"{protected}.{jose.to_b64u(bytes(payload))}.{jose.to_b64u(bytes(signature))}"
        if bytes(payload) != said.payload or jws != said.jws:
            check.broken("no_byte_is_changed", f"device {device.number} #{said.seq}")
    return len(told)


def _stuck(check: Check, decided: dict[tuple[str, str], tuple[str, str, str]]) -> None:
    """See that whoever lives has sent everything and read every decision."""
    states = dict(rows(STATES))
    held = dict(rows(HELD))
    check.facts["living"] = 0
    for device in check.living():
        short_id, phone = device.phone.short_id, device.phone
        if phone.queue or phone.stopped:
            check.broken(
                "no_device_is_stuck",
                f"device {device.number} ({states[short_id]}) keeps {len(phone.queue)} events from "
                f"#{phone.queue[0].seq if phone.queue else '?'}, {held.get(short_id)} held",
            )
        if held.get(short_id):
            check.broken("nothing_waits_for_ever", f"device {device.number}: {held[short_id]}")
        if states[short_id] != "active":
            continue
        check.facts["living"] += 1
        if device.blobs:
            check.broken("no_device_is_stuck", f"device {device.number} keeps photos")
        read = {told["event_sha256"]: told["code"] for told in phone.decisions}
        for digest, said in phone.diary.said.items():
            stands = decided.get((short_id, digest))
            if stands is not None and read.get(digest) != stands[1]:
                check.broken(
                    "every_decision_is_pulled",
                    f"device {device.number} #{said.seq}: read {read.get(digest)}, is {stands[1]}",
                )


def _forks(check: Check) -> None:
    """See that a device whose two copies were both heard is frozen, or was ended."""
    states, forks = dict(rows(STATES)), dict(rows(FORKS))
    check.facts["forks"] = len(forks)
    for copy in check.play.copies:
        device = check.play.devices[copy.number]
        heard = [
            {said.seq: said.sha256 for said in one.phone.diary.said.values()
             if said.answers and said.at >= device.copied_at}
            for one in (device, copy)
        ]  # fmt: skip
        both = heard[0].keys() & heard[1].keys()
        if not any(heard[0][seq] != heard[1][seq] for seq in both):
            continue
        short_id = device.phone.short_id
        if states[short_id] not in {"frozen", "revoked"} or not forks.get(short_id):
            check.broken("a_forked_device_freezes", f"device {copy.number}: {states[short_id]}")
