"""Who holds a checkpoint file can show what the keeper of the database did to the journal."""

import json

import pytest
from click.testing import CliRunner
from django.db import connection
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from betang.cli.journal import command
from betang.core.crypto import signing
from betang.core.crypto.merkle import leaf_hash, root_of
from betang.core.errors import RefusedError
from betang.core.identifiers import new_uuid
from betang.journal import feed
from betang.journal.checkpoint import (
    FeedHasGapsError,
    HistoryChangedError,
    NotACheckpointError,
    NothingToSealError,
    read_checkpoint,
    seal_journal,
    tree_root,
    verify,
)
from betang.journal.kinds import declare
from betang.journal.record import record

declare({"test.happened": "Only in tests."})
pytestmark = pytest.mark.django_db(transaction=True)
KEY = signing.new_private_key()
PUBLIC = signing.dump_public_key(KEY.public_key())


def happen(budi, noon, count=10):
    """Record `count` entries and number them."""
    for n in range(count):
        record("test.happened", new_uuid(), actor=budi, at=noon, number=n)
    feed.move()


def sealed(**options):
    """Seal with the tests' key."""
    return seal_journal(
        lambda message: signing.sign(KEY, message), kid=7, at=timezone.now(), **options
    )


def tamper(*statements):
    """Do what the owner of the database could: switch the triggers off, then change rows."""
    tables = ("journal_entry", "journal_feed", "journal_outbox")
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for statement in statements:
            cursor.execute(statement)
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def found(file):
    """Verify and give what was found as (what, position)."""
    verified = verify(read_checkpoint(file, PUBLIC))
    assert verified.intact == (not verified.findings)
    return [(one.what, one.position) for one in verified.findings]


ENTRY = "(SELECT entry_id FROM journal_feed WHERE position = {})"


@pytest.fixture
def file(budi, noon):
    happen(budi, noon)
    return sealed()


class TestSealing:
    def test_refuses_when_nothing_is_new(self, file):
        with pytest.raises(NothingToSealError):
            sealed()

    def test_refuses_a_feed_with_a_hole(self, file, budi, noon):
        tamper("DELETE FROM journal_feed WHERE position = 4")
        happen(budi, noon, 1)

        with pytest.raises(FeedHasGapsError, match="4"):
            sealed()

    @pytest.mark.parametrize(
        "change",
        [
            f"UPDATE journal_entry SET kind = 'x' WHERE id = {ENTRY.format(2)}",
            "DELETE FROM journal_feed WHERE position > 8",
        ],
    )
    def test_refuses_to_seal_over_a_history_that_was_changed(self, file, budi, noon, change):
        tamper(change)
        happen(budi, noon, 1)

        with pytest.raises(HistoryChangedError):
            sealed()

    def test_holds_only_what_is_new_but_signs_the_whole_tree(self, file, budi, noon):
        happen(budi, noon, 3)

        second = read_checkpoint(sealed(), PUBLIC)

        assert (second.size, second.start, len(second.leaves)) == (13, 10, 3)
        assert verify(second).intact

    @pytest.mark.parametrize("count", [0, 1, 2, 3, 7, 8, 13])
    def test_makes_the_tree_of_rfc_6962(self, count):
        entries = [bytes([n]) for n in range(count)]

        assert tree_root([leaf_hash(entry) for entry in entries]) == root_of(entries)


class TestReadingAFile:
    def test_refuses_another_key(self, file):
        other = signing.dump_public_key(signing.new_private_key().public_key())

        with pytest.raises(NotACheckpointError, match="tanda tangan"):
            read_checkpoint(file, other)

    @pytest.mark.parametrize("part", ["head", "leaves", "signature"])
    def test_refuses_a_file_that_was_changed(self, file, part):
        content = json.loads(file)
        letter = content[part][20]
        content[part] = content[part][:20] + ("B" if letter != "B" else "C") + content[part][21:]

        with pytest.raises(NotACheckpointError):
            read_checkpoint(json.dumps(content).encode(), PUBLIC)

    @settings(max_examples=200, deadline=None)
    @given(
        st.binary(max_size=200)
        | st.recursive(
            st.none() | st.integers() | st.text(max_size=9),
            lambda inner: (
                st.dictionaries(
                    st.sampled_from(["head", "leaves", "signature", "typ", "version"]), inner
                )
                | st.lists(inner, max_size=2)
            ),
        ).map(lambda value: json.dumps(value).encode())
    )
    def test_refuses_whatever_else_comes(self, content):
        with pytest.raises(RefusedError):
            read_checkpoint(content, PUBLIC)


class TestVerifying:
    def test_finds_an_untouched_journal_intact_also_when_it_grew(self, file, budi, noon):
        happen(budi, noon, 5)

        assert found(file) == []

    @pytest.mark.parametrize(
        "change",
        [
            "facts = '{\"number\": 99}'",
            "kind = 'test.other'",
            "at = at - interval '1 microsecond'",
            "recorded_at = recorded_at - interval '1 day'",
            "person = NULL",
            "area = 62",
            "actor_kind = 'system'",
        ],
    )
    def test_finds_an_edited_entry(self, file, change):
        tamper(f"UPDATE journal_entry SET {change} WHERE id = {ENTRY.format(4)}")

        assert found(file) == [("edited", 4)]

    def test_finds_a_removed_entry(self, file):
        tamper("DELETE FROM journal_feed WHERE position = 4")

        assert ("removed", 4) in found(file)

    def test_finds_a_removed_entry_although_the_rest_was_renumbered(self, file):
        tamper(
            "DELETE FROM journal_feed WHERE position = 4",
            "UPDATE journal_feed SET position = -position WHERE position > 4",
            "UPDATE journal_feed SET position = -position - 1 WHERE position < 0",
        )

        assert found(file) == [("removed", 4), ("unlisted", None)]

    def test_finds_the_end_cut_off(self, file):
        tamper("DELETE FROM journal_feed WHERE position > 8")

        assert found(file)[:2] == [("removed", 9), ("removed", 10)]

    def test_finds_two_entries_in_each_others_place(self, file):
        tamper(
            "UPDATE journal_feed SET position = -3 WHERE position = 3",
            "UPDATE journal_feed SET position = 3 WHERE position = 7",
            "UPDATE journal_feed SET position = 7 WHERE position = -3",
        )

        assert found(file) == [("reordered", 3), ("reordered", 7)]

    def test_finds_an_entry_put_between(self, file, budi, noon):
        happen(budi, noon, 1)
        tamper(
            "UPDATE journal_feed SET position = -5 WHERE position = 11",
            "UPDATE journal_feed SET position = position + 100 WHERE position BETWEEN 5 AND 10",
            "UPDATE journal_feed SET position = 5 WHERE position = -5",
            "UPDATE journal_feed SET position = position - 99 WHERE position > 100",
        )

        assert found(file) == [("inserted", 5)]

    def test_finds_an_entry_dated_back_before_the_seal(self, file, budi, noon):
        happen(budi, noon, 1)
        tamper(
            "UPDATE journal_entry SET recorded_at = recorded_at - interval '2 days'"
            f" WHERE id = {ENTRY.format(11)}"
        )

        assert found(file) == [("backdated", 11)]

    def test_finds_an_entry_hidden_from_the_feed(self, file, budi, noon):
        record("test.happened", new_uuid(), actor=budi, at=noon)
        tamper("DELETE FROM journal_outbox")

        assert found(file) == [("unlisted", None)]

    def test_says_that_something_before_a_later_file_changed_and_the_earlier_names_it(
        self, file, budi, noon
    ):
        happen(budi, noon, 3)
        second = sealed()
        tamper(f"UPDATE journal_entry SET kind = 'x' WHERE id = {ENTRY.format(2)}")

        assert found(second) == [("changed_before", None)]
        assert found(file) == [("edited", 2)]

    def test_does_not_take_the_last_hour_for_backdated(self, file, budi, noon):
        happen(budi, noon, 1)
        tamper(
            "UPDATE journal_entry SET recorded_at = recorded_at - interval '5 minutes'"
            f" WHERE id = {ENTRY.format(11)}"
        )

        assert found(file) == []


class TestTheCommand:
    def test_seals_and_verifies_with_the_key_from_outside(self, keys, tmp_path, budi, noon):
        path = str(tmp_path / "segel.json")
        made = CliRunner().invoke(command, ["checkpoint", path, "--json"])
        told = json.loads(made.stdout)
        key = told["public_key"]

        good = CliRunner().invoke(command, ["verify", path, "--key", key, "--json"])
        tamper(f"UPDATE journal_entry SET kind = 'x' WHERE id = {ENTRY.format(1)}")
        bad = CliRunner().invoke(command, ["verify", path, "--key", key, "--json"])

        assert (good.exit_code, bad.exit_code) == (0, 1)
        assert json.loads(good.stdout)["intact"] is True
        assert json.loads(bad.stdout)["findings"][0]["what"] == "edited"
