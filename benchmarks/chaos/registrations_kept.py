"""Families registered without a network: none dropped, each under its own number, each answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from benchmarks.chaos.ask import rows

if TYPE_CHECKING:
    from benchmarks.chaos.check import Check

PROPOSALS = """
SELECT a.short_id, encode(p.event_sha256, 'hex'), p.provisional, p.number_state, p.state,
       p.household_id IS NOT NULL
FROM registry_householdproposal p JOIN accounts_device a ON a.uuid = p.device
"""
REGISTERED = """
SELECT a.short_id, encode(e.payload_sha256, 'hex'), e.payload, d.code
FROM (SELECT device_id, payload_sha256, payload, type, state FROM sync_fieldevent
      UNION ALL SELECT device_id, payload_sha256, payload, type, state FROM sync_fieldeventfork) e
JOIN accounts_device a ON a.id = e.device_id
LEFT JOIN LATERAL (SELECT c.code FROM sync_decision c WHERE c.device_id = e.device_id
    AND c.event_sha256 = e.payload_sha256 ORDER BY c.id DESC LIMIT 1) d ON true
WHERE e.type = 'household.registered' AND e.state = 'applied'
"""
#: What the phone reads of a family in each state.
READS = {
    "waiting": {
        "own": "household.proposed",
        "again": "household.proposed_again",
        "foreign": "household.proposed_foreign",
    },
    "accepted": "household.accepted",
    "refused": "household.refused",
    "duplicate": "household.known",
}


def check(check: Check) -> None:
    """Check every family that was registered."""
    proposals: dict[tuple[str, str], list[tuple[str, str, str, bool]]] = {}
    for short_id, digest, *rest in rows(PROPOSALS):
        proposals.setdefault((short_id, digest), []).append(tuple(rest))
    told = {(row[0], row[1]): row[2:] for row in rows(REGISTERED)}
    for name, (payload, code) in told.items():
        number = orjson.loads(bytes(payload))["data"]["provisional"]
        kept = proposals.pop(name, [])
        if len(kept) != 1 or kept[0][0] != number:
            check.broken("no_family_is_dropped", f"{name[0]} {number}: {code}, {kept}")
            continue
        _, whose, state, in_registry = kept[0]
        wanted = READS[state]
        wanted = wanted[whose] if isinstance(wanted, dict) else wanted
        if code != wanted or in_registry != (state in {"accepted", "duplicate"}):
            check.broken("every_family_is_answered", f"{name[0]} {number}: {state}, told {code}")
    for name, kept in proposals.items():
        check.broken("no_family_is_invented", f"{name[0]}: {kept}")
    _numbers(check, {(row[0], row[1]): row[3] for row in rows(PROPOSALS)})
    answered = sum(row[4] != "waiting" for row in rows(PROPOSALS))
    check.facts |= {"registered": len(told), "answered": answered}


def _numbers(check: Check, whose: dict[tuple[str, str], str]) -> None:
    """See that no number was given to two phones, and that an honest one names one family."""
    pools: dict[str, int] = {}
    for device in check.play.devices:
        for number in device.phone.diary.numbers:
            if pools.setdefault(number, device.number) != device.number:
                check.broken("a_number_is_one_phones", f"{number}: {device.number}")
    named: dict[str, int] = {}
    for device in check.play.devices:
        if device.copied_at:
            continue
        for said in device.phone.diary.said.values():
            if said.type != "household.registered" or not said.honest:
                continue
            number = orjson.loads(said.payload)["data"]["provisional"]
            named[number] = named.get(number, 0) + 1
            state = whose.get((device.phone.short_id, said.sha256), "own")
            if named[number] > 1 or state != "own":
                check.broken(
                    "a_number_names_one_family",
                    f"device {device.number} #{said.seq}: {number} {state}, {named[number]} times",
                )
