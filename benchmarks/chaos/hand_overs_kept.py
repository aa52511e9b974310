"""What went from phone to phone without a network: moved once, signed by both, for its receiver."""

from __future__ import annotations

from collections import Counter
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from benchmarks.chaos.ask import rows
from benchmarks.chaos.events_kept import DECIDED
from betang.core import jose

if TYPE_CHECKING:
    from benchmarks.chaos.check import Check

#: Hand-overs as the two devices told them; a decision may have been another before.
TOLD = """
SELECT a.short_id, encode(e.payload_sha256, 'hex'), e.type, e.state, e.payload, d.code, d.codes
FROM sync_fieldevent e JOIN accounts_device a ON a.id = e.device_id
LEFT JOIN LATERAL (
    SELECT (array_agg(c.code ORDER BY c.id DESC))[1] AS code, array_agg(c.code) AS codes
    FROM sync_decision c WHERE c.device_id = e.device_id AND c.event_sha256 = e.payload_sha256
) d ON true
WHERE e.type IN ('lease.transferred', 'lease.received') ORDER BY e.id
"""
TRANSFERS = """
SELECT encode(t.event_sha256, 'hex'), f.short_id, r.short_id, t.rights_named, t.rights_moved,
       t.giver_heard_at IS NOT NULL, t.receiver_heard_at IS NOT NULL,
       (SELECT count(*) FROM distribution_leaseright l WHERE l.lease_id = t.to_lease_id)
FROM distribution_transfer t JOIN accounts_device f ON f.id = t.from_device_id
JOIN accounts_device r ON r.id = t.to_device_id
"""
#: Rights that stand in a lease again out of which a transfer that was told took them.
KEPT = """
SELECT e.uuid, t.from_lease_id FROM distribution_transfer t
JOIN distribution_leaseright n ON n.lease_id = t.to_lease_id
JOIN distribution_leaseright o ON o.lease_id = t.from_lease_id
    AND o.entitlement_id = n.entitlement_id
JOIN distribution_entitlement e ON e.id = n.entitlement_id
WHERE o.ended_at IS NULL OR o.end_reason <> 'transferred'
"""
#: Decisions of a transfer that the server could place.
PLACED = frozenset({"ok", "transfer.partly", "transfer.nothing", "transfer.revoked"})


class Told(NamedTuple):
    """An event of a hand-over as the server keeps it; `codes` are all that were ever decided.

    `transfer` is the hash of the giver's payload and `to` its receiver: "" where they are unread.
    """

    device: str
    state: str
    code: str | None
    codes: frozenset[str]
    transfer: str
    to: str


def check(check: Check) -> None:
    """Check every hand-over."""
    given, taken = told()
    transfers = {row[0]: row[1:] for row in rows(TRANSFERS)}
    for one in given:
        _placed(check, one, transfers, heard=4)
    for one in taken:
        _placed(check, one, transfers, heard=5)
        if one.to != one.device and one.code in PLACED:
            check.broken("a_hand_over_is_for_its_receiver", f"{one.device}: {one.code}")
    active = {device.phone.short_id for device in check.living()}
    for one in [*given, *taken]:
        if one.device in active and (one.state == "waiting" or one.code is None):
            check.broken("every_hand_over_is_settled", f"{one.device}: {one.state}, {one.code}")
    for right, lease in rows(KEPT):
        check.broken("a_giver_keeps_nothing", f"{right} still stands in lease {lease}")
    _counted_once(check)
    check.facts |= {
        "handed_over": sum(len(one.families) for one in check.play.handings),
        "transfers": len(transfers),
        "signed_by_both": sum(row[4] and row[5] for row in transfers.values()),
    }


def told() -> tuple[list[Told], list[Told]]:
    """Give what givers told, and what receivers told."""
    given: list[Told] = []
    taken: list[Told] = []
    for device, digest, kind, state, payload, code, codes in rows(TOLD):
        data = orjson.loads(bytes(payload))["data"]
        if kind == "lease.transferred":
            given.append(_told(device, state, code, codes, digest, data))
            continue
        try:
            carried = jose.split(data["transfer"]).payload
            name, said = sha256(carried).hexdigest(), orjson.loads(carried)["data"]
        except (ValueError, KeyError):  # altered on its way
            name, said = "", {}
        taken.append(_told(device, state, code, codes, name, said))
    return given, taken


def unsure(check: Check) -> set[tuple[str, str]]:
    """Give (device, right) of which it is no fault that a claim does not count.

    A phone lost the record of the hand-over, or its giver was stopped when the office heard of it.
    """
    lost = {
        said.sha256
        for device in check.everybody() for said in device.phone.diary.said.values()
        if said.seq in device.phone.diary.gone
    }  # fmt: skip
    stopped = {one.transfer for one in told()[1] if "transfer.giver_stopped" in one.codes}
    excused: set[tuple[str, str]] = set()
    for shown in check.play.handings:
        taker = check.play.devices[shown.taker].phone
        names = {sha256(one.payload).hexdigest() for one in shown.signed}
        signed = {
            said.sha256
            for said in taker.diary.said.values()
            if said.type == "lease.received" and any(one.jws.encode() in said.payload
                                                     for one in shown.signed)
        }  # fmt: skip
        if names & (lost | stopped) or signed & lost:
            excused |= {(taker.short_id, right) for right in shown.families}
    return excused


def _told(
    device: str, state: str, code: str | None, codes: Any, transfer: str, said: dict[str, Any]
) -> Told:
    return Told(device, state, code, frozenset(codes or ()), transfer, str(said.get("to", "")))


def _placed(check: Check, one: Told, transfers: dict[str, Any], *, heard: int) -> None:
    """See that what was decided about a hand-over is what became of its rights."""
    if one.code not in PLACED:
        return
    row = transfers.get(one.transfer)
    if row is None or not row[heard]:
        check.broken("a_hand_over_is_told_once", f"{one.device}: {one.code}, kept as {row}")
        return
    _, _, named, moved, _, _, stands = row
    whole = one.code == "ok"
    if moved != stands or moved > named or (whole and moved != named):
        check.broken("a_hand_over_moves_its_rights", f"{one.device}: {one.code}, kept as {row}")


def _counted_once(check: Check) -> None:
    """See that of giver, receiver and whoever else, one was told that its delivery counts."""
    handed = {right for one in check.play.handings for right in one.families}
    decided = {(row[0], row[1]): row[2] for row in rows(DECIDED)}
    counts: Counter[tuple[str, int]] = Counter()
    seen: set[tuple[str, str]] = set()
    for device in check.everybody():
        for said in device.phone.diary.said.values():
            name = (device.phone.short_id, said.sha256)
            if said.right in handed and name not in seen and decided.get(name) == "accepted":
                counts[said.right, said.part] += 1
            seen.add(name)
    for (right, part), count in counts.items():
        if count > 1:
            check.broken("a_right_handed_over_counts_once", f"{right} part {part}: {count}")
    check.facts["handed_over_and_counted"] = len(counts)
