"""The worker follows the feed: a bad entry stops nobody, a broken database loses nothing."""

import pytest
from django.db import OperationalError, connection

from betang import wiring, worker
from betang.cards.models import RevocationList
from betang.core.identifiers import new_uuid
from betang.journal import feed
from betang.journal.kinds import declare
from betang.journal.record import record

declare({"test.happened": "Only in tests."})
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def followed(monkeypatch, budi, noon):
    """Five entries in the feed, and a follow-up that notes them; it fails on what it is told to."""
    for n in range(5):
        record("test.happened", new_uuid(), actor=budi, at=noon, n=n)
    feed.move()
    seen: list[int] = []
    trouble: dict[int, Exception] = {}

    def note(entries):
        for entry in entries:
            if entry.facts["n"] in trouble:
                raise trouble[entry.facts["n"]]
            seen.append(entry.facts["n"])

    monkeypatch.setitem(wiring.FOLLOW_UPS, "test.happened", [note])
    return seen, trouble


class TestFollowing:
    def test_passes_an_entry_that_fails_and_goes_on(self, followed, caplog):
        seen, trouble = followed
        trouble[2] = ValueError("a bug")

        while worker.follow_once():
            pass

        assert [n for n in seen if n > 2] == [3, 4]
        assert 2 not in seen
        assert feed.after(0)[-1].position == position()

    def test_passes_nothing_when_the_database_fails(self, followed):
        seen, trouble = followed
        trouble[2] = OperationalError("deadlock detected")

        with pytest.raises(OperationalError):
            worker.follow_once()
        trouble.clear()
        seen.clear()
        worker.follow_once()

        assert seen == [0, 1, 2, 3, 4]

    def test_follows_each_entry_once(self, followed):
        seen, _ = followed

        assert worker.follow_once() == 5
        assert worker.follow_once() == 0
        assert seen == [0, 1, 2, 3, 4]


class TestTheRevocationList:
    @pytest.mark.parametrize("kind", wiring.REVOKES)
    def test_is_signed_as_soon_as_a_card_went_onto_it(self, kind, keys, budi, noon):
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO cards_revocation (card_number, reason, at) VALUES (%s, 'spoilt', %s)",
                ["62123456789701", noon],
            )
        record(kind, new_uuid(), actor=budi, at=noon, number="62123456789701")
        feed.move()

        while worker.follow_once():
            pass

        assert RevocationList.objects.get().revoked_count == 1


def position() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT position FROM journal_consumer WHERE name = %s", [worker.CONSUMER])
        return cursor.fetchone()[0]
