"""What the stream says, as bytes of `text/event-stream` (WHATWG HTML, 9.2).

`tally` is state and carries no id: a lost one heals itself with the next. `entry` and `alert` carry
the feed's position as their id, which the browser gives back as `Last-Event-ID`.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import orjson

from betang.core.clock import to_wire
from betang.journal.feed import FeedEntry
from betang.monitoring.board import OnPhones, Village
from betang.monitoring.telling import alert_title, tell

#: A comment line: keeps proxies from closing a quiet connection.
HEARTBEAT = b": masih di sini\n\n"

#: Told at the end of a session, so that the page says so and does not come back.
ENDED = b"event: end\ndata: {}\n\n"


def tally(
    rows: Iterable[Village],
    phones: dict[int, OnPhones],
    *,
    cycle: str | None,
    at: datetime,
    whole: bool,
) -> bytes:
    """Write villages as they are now; `whole` says that no village is missing.

    A row: code, issued, handed over, due, served, contested, bank due, paid, rights in phones, and
    when the longest silent of those phones last spoke (null: none).
    """
    body = {
        "at": to_wire(at),
        "cycle": cycle,
        "whole": whole,
        "rows": [[*row, *_phones(phones.get(row.code))] for row in rows],
    }
    return b"event: tally\ndata: " + orjson.dumps(body) + b"\n\n"


def entry(happened: FeedEntry, names: dict[int, str]) -> bytes | None:
    """Write an entry as a sentence of the live feed, or None if its kind is not told there."""
    place = names.get(happened.area) if happened.area else None
    if happened.kind == "alert.opened":
        body: dict[str, Any] = {
            "at": to_wire(happened.at),
            "kind": happened.facts.get("alert"),
            "severity": happened.facts.get("severity"),
            "alert": str(happened.subject),
            "text": alert_title(str(happened.facts.get("alert"))),
            "place": place,
            "area": happened.area,
        }
        return _with_id("alert", happened.position, body)
    sentence = tell(happened.kind, happened.facts, place)
    if sentence is None:
        return None
    body = {
        "at": to_wire(happened.recorded_at),
        "kind": happened.kind,
        "text": sentence,
        "area": happened.area,
    }
    return _with_id("entry", happened.position, body)


def _with_id(event: str, position: int, body: dict[str, Any]) -> bytes:
    return b"event: %s\nid: %d\ndata: %s\n\n" % (event.encode(), position, orjson.dumps(body))


def _phones(held: OnPhones | None) -> list[Any]:
    return [0, None] if held is None else [held.rights, to_wire(held.heard_at)]
