"""What the stream writes, and for whom."""

from datetime import UTC, datetime

import orjson
import pytest

from betang.core.identifiers import new_uuid
from betang.journal.feed import FeedEntry
from betang.monitoring.board import Village
from betang.stream import messages
from betang.stream.viewers import QUEUE_AT_MOST, Viewer, session_key

NOW = datetime(2026, 11, 12, 5, tzinfo=UTC)
NAMES = {6203011001: "Desa Tumbang Malahoi"}


def happened(kind: str, area: int | None = 6203011001, **facts) -> FeedEntry:
    return FeedEntry(
        7, new_uuid(), kind, new_uuid(), "device", new_uuid(), None, NOW, NOW, area, facts
    )


class TestEntry:
    def test_is_silent_about_kinds_that_nobody_watches(self):
        assert messages.entry(happened("household.looked"), NAMES) is None

    def test_says_where_and_never_who(self):
        text = messages.entry(happened("benefit.delivered", receipt="7K3M-1"), NAMES)

        assert text is not None
        assert text.startswith(b"event: entry\nid: 7\n")
        assert text.endswith(b"\n\n")
        assert b"Tumbang Malahoi" in text
        assert b"7K3M" not in text

    def test_an_opened_alert_is_an_alert(self):
        text = messages.entry(
            happened("alert.opened", alert="card_copied", severity="critical"), NAMES
        )

        assert text is not None
        assert text.startswith(b"event: alert\nid: 7\n")


class TestTally:
    def test_carries_no_id_and_keeps_the_unknown_unknown(self):
        row = Village(6203011001, None, None, 10, 0, 0, 0, 0)

        text = messages.tally([row], {}, cycle="202601", at=NOW, whole=True)

        assert b"id:" not in text
        body = orjson.loads(text.split(b"data: ")[1])
        assert body["rows"] == [[6203011001, None, None, 10, 0, 0, 0, 0, 0, None]]


class TestViewer:
    def test_a_slow_one_is_dropped_instead_of_filling_the_memory(self):
        viewer = Viewer("key", (6203,))

        for _ in range(QUEUE_AT_MOST + 1):
            viewer.offer(b"x")

        assert viewer.ended
        assert viewer.queue.qsize() <= QUEUE_AT_MOST

    def test_sees_its_own_areas_alone(self):
        viewer = Viewer("key", (6203,))

        assert viewer.sees(6203011001)
        assert not viewer.sees(6210011001)
        assert not viewer.sees(None)
        assert Viewer("key", (62,)).sees(None)


@pytest.mark.parametrize("cookie", ["", "x", "sessionid=", "\x00", "a=b; c", "=;=;"])
def test_a_cookie_without_a_session_is_nobody(cookie):
    assert session_key(cookie) is None
