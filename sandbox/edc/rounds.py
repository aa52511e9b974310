"""A round of synchronisation: events, scans, decisions, the bundle (device.md, 5 to 13)."""

import json
import os
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sandbox.edc import sealing
from sandbox.edc.card import CardList, RefusedError, read_list
from sandbox.edc.client import ServerRefusedError
from sandbox.edc.memory import Event
from sandbox.edc.trust import next_ring
from sandbox.edc.wire import NotSignedError, b64u, from_time, un_b64u

if TYPE_CHECKING:
    from sandbox.edc.terminal import Terminal

VERSION = "1.0.0"
PART_BYTES = 64 * 1024


def push(terminal: "Terminal") -> list[dict[str, Any]]:
    """Send what no answer named; each event is marked by its own answer."""
    answers: list[dict[str, Any]] = []
    at, rewound = 0, False
    while (batch := terminal.memory.unsent(at)) and not terminal.forked:
        told = terminal.client.call("POST", "/api/v1/events", _body(terminal, batch))
        answers += told["answers"]
        by_n = {one["n"]: one for one in told["answers"]}
        kept = [e.seq for n, e in enumerate(batch) if by_n[n]["answer"] in {"stored", "again"}]
        terminal.memory.sent(kept)
        terminal.forked = any(one["answer"] == "fork" for one in told["answers"])
        at = batch[-1].seq + 1
        held = [one for one in told["answers"] if one["answer"] == "held"]
        if held and not rewound:
            at, rewound = held[0]["expected_seq"], True
            terminal.memory.send_again_from(at)
    return answers


def _body(terminal: "Terminal", batch: list[Event]) -> dict[str, Any]:
    batch_key = os.urandom(sealing.KEY)
    events: list[dict[str, Any]] = []
    for one in batch:
        item: dict[str, Any] = {"jws": one.jws}
        if one.attachment:
            item["attachment"] = sealing.travelling(one.attachment, batch_key)
        events.append(item)
    kid, key = terminal.ring.active("seal")
    sealed = sealing.seal_to(key, batch_key, sealing.BATCH_KEY)
    return {"events": events, "batch_key": {"kid": kid, "sealed": b64u(sealed)}}


def push_blobs(terminal: "Terminal") -> None:
    """Send scans in parts, from where the server says; forget what it has whole."""
    for blob in terminal.memory.blobs():
        path, length = f"/api/v1/blobs/{blob.name.hex()}", len(blob.ciphertext)
        kid, key = terminal.ring.active("seal")
        sealed = b64u(sealing.seal_to(key, blob.key, sealing.BLOB_KEY))
        while True:
            head = terminal.client.send("HEAD", path)
            at = int(head.headers.get("Upload-Offset", 0)) if head.status_code == 200 else 0
            if head.headers.get("Upload-Complete") == "?1":
                terminal.memory.forget_blob(blob.name)
                break
            answer = terminal.client.send(
                "PATCH",
                path,
                blob.ciphertext[at : at + PART_BYTES],
                headers={
                    "Upload-Offset": str(at), "Upload-Length": str(length),
                    "Content-Type": "application/octet-stream", "Blob-Key": f"{kid}.{sealed}",
                },
            )  # fmt: skip
            if answer.status_code >= 400:
                raise ServerRefusedError(answer.status_code, answer.json())


def pull_decisions(terminal: "Terminal") -> None:
    """Fetch the decisions that are not here yet."""
    while True:
        after = terminal.memory.newest_decision()
        told = terminal.client.call("GET", f"/api/v1/decisions?after={after}")
        terminal.memory.decide(told["decisions"])
        if not told["more"]:
            return


def pull_bundle(terminal: "Terminal", *, whole_list: bool = False) -> None:
    """Fetch families, leases, ring and list; after a gap in the lists, the whole one."""
    held = terminal.memory.get("bundle", {})
    query = f"?since={held.get('version', '')}&ring={terminal.memory.get('ring_version', '')}"
    cards = held_list(terminal)
    if cards and not whole_list:
        query += f"&list={cards.seq}"
    told = terminal.client.call("GET", f"/api/v1/bundle{query}", report=report(terminal))
    terminal.heard(told["at"])
    if told["ring"]:
        terminal.believe(next_ring(told["ring"], terminal.ring), told["ring_version"])
    if not told["unchanged"]:
        held = {name: told[name] for name in told if name not in {"ring", "revocation"}}
        terminal.memory.put("bundle", held)
    terminal.memory.put("bundle_at", time.time())
    for lease in held["leases"]:
        terminal.memory.put(f"leased {lease['uuid']}",
                        terminal.memory.get(f"leased {lease['uuid']}", time.time()))  # fmt: skip
    if told["revocation"] and not _take_list(terminal, told["revocation"]["list"]):
        if whole_list:
            raise NotSignedError("no list that can be read")
        pull_bundle(terminal, whole_list=True)


def _take_list(terminal: "Terminal", text: str) -> bool:
    """Keep a list, or a delta on the one held; False where the whole one must be asked for."""
    try:
        fresh = read_list(
            un_b64u(text), terminal.ring, issuer=terminal.memory.get("bundle")["issuer"]
        )
        fresh.after(held_list(terminal))
    except RefusedError as refused:
        return str(refused) != "list.gap"
    terminal.memory.put(
        "list", [text] if fresh.since == 0 else [*terminal.memory.get("list"), text]
    )
    return True


def held_list(terminal: "Terminal") -> CardList | None:
    """Give the list that is held, verified anew."""
    held: CardList | None = None
    for text in terminal.memory.get("list", []):
        try:
            part = read_list(
                un_b64u(text), terminal.ring, issuer=terminal.memory.get("bundle")["issuer"]
            )
            held = part.after(held)
        except RefusedError:
            return None
    return held


def report(terminal: "Terminal") -> dict[str, Any]:
    """Tell of itself (device.md, section 12)."""
    told: dict[str, Any] = {
        "app": VERSION, "kind": "edc", "unsent": terminal.memory.count_unsent(), "persisted": True,
    }  # fmt: skip
    oldest = terminal.memory.unsent(limit=1)
    if oldest:
        told["oldest_s"] = _age(from_time(json.loads(oldest[0].payload)["at"]))
    if terminal.ring.issued_at:
        told["ring_s"] = _age(terminal.ring.issued_at)
    if cards := held_list(terminal):
        told |= {"list": cards.seq, "list_s": _age(cards.issued_at)}
    if since := terminal.memory.get("bundle_at"):
        told["roster_s"] = max(0, int(time.time() - since))
    return told


def wipe(terminal: "Terminal") -> None:
    """Destroy families, leases and the stored key; say so with the key still in memory."""
    terminal.memory.wipe()
    terminal.client.call("POST", "/api/v1/device/wiped", {"unsent": terminal.memory.count_unsent()})


def _age(since: datetime) -> int:
    return max(0, int((datetime.now(UTC) - since).total_seconds()))
