"""Tickets and their roster: hostile bytes first, then every case of `vectors/ticket.json`."""

import hashlib
import hmac

import pytest
from hypothesis import assume, given, seed
from hypothesis import strategies as st

from betang.core.card import ticket
from betang.core.card.chip import COUNTER_MAX, Tap, card_key, sun_mac
from betang.core.card.ticket import Segment, Unproved, segment, weigh
from betang.core.card.ticket_page import (
    PAGE_BYTES_MAX,
    Page,
    PageRefusedError,
    read_page,
    write_page,
)
from betang.core.card.verdict import TAPS_STATES
from tests.core.card import ticket_vectors
from tests.core.card.vectors import FOLDER, read

VECTORS = read("ticket.json")
SALT, KEY = bytes(range(16)), bytes(range(16))
UID = bytes.fromhex("04a1b2c3d4e5f6")


def by_name(case: dict) -> str:
    return case["name"]


def tap_of(told: dict) -> Tap:
    return Tap(bytes.fromhex(told["uid"]), told["counter"], bytes.fromhex(told["mac"]))


def segment_of(told: dict) -> Segment:
    return Segment(bytes.fromhex(told["uid"]), told["first"], bytes.fromhex(told["tickets"]))


segments = st.lists(
    st.builds(
        lambda uid, first, count: Segment(uid, first if count else 0, bytes(8 * count)),
        st.binary(min_size=7, max_size=7),
        st.integers(1, COUNTER_MAX - 8),
        st.integers(0, 8),
    ),
    max_size=5,
    unique_by=lambda one: one.uid,
).map(lambda found: tuple(sorted(found, key=lambda one: one.uid)))
revisions = st.lists(st.integers(0, 0xFFFFFFFF), min_size=3, max_size=3).map(sorted)
pages = st.builds(
    lambda salt, numbers, found: Page(salt, *numbers, found),
    st.binary(min_size=16, max_size=16),
    revisions,
    segments,
)


class TestReadPageRefuses:
    @pytest.mark.parametrize("case", VECTORS["refused_pages"], ids=by_name)
    def test_each_published_case(self, case):
        with pytest.raises(PageRefusedError):
            read_page(bytes.fromhex(case["hex"]))

    def test_more_bytes_than_a_phone_shall_read(self):
        with pytest.raises(PageRefusedError, match="too long"):
            read_page(bytes(PAGE_BYTES_MAX + 1))

    @seed(62)
    @given(st.binary(max_size=200))
    def test_any_bytes_or_spells_them_again(self, data):
        try:
            page = read_page(b"BTR\x01" + data)
        except PageRefusedError:
            return
        assert write_page(page) == b"BTR\x01" + data

    @seed(62)
    @given(pages, st.data())
    def test_or_spells_again_any_byte_that_was_changed(self, page, data):
        spoilt = bytearray(write_page(page))
        place = data.draw(st.integers(0, len(spoilt) - 1))
        spoilt[place] ^= data.draw(st.integers(1, 255))

        try:
            read_ = read_page(bytes(spoilt))
        except PageRefusedError:
            return
        assert write_page(read_) == spoilt

    @seed(62)
    @given(pages, st.data())
    def test_every_page_that_was_cut(self, page, data):
        whole = write_page(page)

        with pytest.raises(PageRefusedError):
            read_page(whole[: data.draw(st.integers(0, len(whole) - 1))])


class TestWritePage:
    @pytest.mark.parametrize(
        "page",
        [
            Page(bytes(15), 0, 0, 0, ()),
            Page(SALT, 2, 1, 3, ()),
            Page(SALT, 0, 0, 1 << 32, ()),
            Page(SALT, 0, 1, 1, (Segment(UID[:6], 1, bytes(8)),)),
            Page(SALT, 0, 1, 1, (Segment(UID, 1, bytes(9)),)),
            Page(SALT, 0, 1, 1, (Segment(UID, 1 << 24, bytes(8)),)),
            Page(SALT, 0, 1, 1, (Segment(UID, 0, b""),) * 70_000),
        ],
        ids=["salt", "revisions", "too high", "uid", "tickets", "counter", "segments"],
    )
    def test_refuses_what_nobody_may_read(self, page):
        with pytest.raises(PageRefusedError):
            write_page(page)

    @pytest.mark.parametrize("case", VECTORS["pages"], ids=by_name)
    def test_each_published_page(self, case):
        parts = tuple(segment_of(one) for one in case["segments"])
        numbers = (case["since"], case["revision"], case["newest"])
        page = Page(bytes.fromhex(case["salt"]), *numbers, parts)

        assert write_page(page).hex() == case["hex"]
        assert read_page(bytes.fromhex(case["hex"])) == page

    @seed(62)
    @given(pages)
    def test_is_read_back_as_it_was(self, page):
        assert read_page(write_page(page)) == page


class TestATicket:
    @pytest.mark.parametrize("case", VECTORS["tickets"], ids=by_name)
    def test_each_published_case(self, case):
        made = ticket.ticket(bytes.fromhex(case["salt"]), tap_of(case["tap"]))

        assert made.hex() == case["expected"]

    def test_is_pbkdf2_by_hand_with_the_counter_as_in_the_url(self):
        tap = Tap(UID, 0x0A0B0C, bytes(range(8)))
        message = bytes.fromhex("04a1b2c3d4e5f6" + "0a0b0c" + "0001020304050607")
        block = hmac.new(message, SALT + b"\0\0\0\1", hashlib.sha256).digest()
        mixed = int.from_bytes(block, "big")
        for _ in range(999):
            block = hmac.new(message, block, hashlib.sha256).digest()
            mixed ^= int.from_bytes(block, "big")

        assert ticket.ticket(SALT, tap) == mixed.to_bytes(32, "big")[:8]

    def test_of_another_device_is_another(self):
        tap = Tap(UID, 1, bytes(8))

        assert ticket.ticket(SALT, tap) != ticket.ticket(bytes(16), tap)


class TestASegment:
    @pytest.mark.parametrize(
        ("uid", "first", "count", "salt"),
        [
            (UID[:6], 1, 1, SALT),
            (UID, 1, 1, SALT[:15]),
            (UID, 0, 1, SALT),
            (UID, 1, 0, SALT),
            (UID, COUNTER_MAX, 2, SALT),
        ],
        ids=["uid", "salt", "reading 0", "nothing", "past the end"],
    )
    def test_refuses_what_no_chip_says(self, uid, first, count, salt):
        with pytest.raises(ValueError, match=r"has 7 bytes|numbered"):
            segment(KEY, uid, first, count, salt=salt)

    def test_holds_each_reading_at_its_own_place(self):
        key = card_key(KEY, UID, key_number=2, version=1)

        part = segment(key, UID, 7, 3, salt=SALT)

        for counter in (7, 8, 9):
            tap = Tap(UID, counter, sun_mac(key, UID, counter))
            assert part.at(counter) == ticket.ticket(SALT, tap)
        assert (part.at(6), part.at(10), part.at(0), part.count) == (None, None, None, 3)


class TestWeigh:
    HELD = tuple(segment_of(one) for one in VECTORS["roster"])

    @pytest.mark.parametrize("case", VECTORS["weighed"], ids=by_name)
    def test_each_published_case(self, case):
        told = case["unproved"]
        unproved = Unproved(told["counter"], bytes.fromhex(told["mac"])) if told else None

        seen = weigh(
            tap_of(case["tap"]),
            salt=bytes.fromhex(VECTORS["salt"]),
            held=self.HELD,
            high=case["high"],
            unproved=unproved,
        )

        assert seen == case["expected"]

    @seed(62)
    @given(st.integers(1, COUNTER_MAX), st.binary(min_size=8, max_size=8), st.integers(0, 300))
    def test_nothing_invented_is_ever_fresh(self, counter, mac, high):
        tap = Tap(self.HELD[0].uid, counter, mac)
        genuine = any(
            tap == ticket_vectors.tap_of(tap.uid, n) for n in (*range(256, 260), 262, 263)
        )
        assume(not genuine)

        seen = weigh(tap, salt=bytes.fromhex(VECTORS["salt"]), held=self.HELD, high=high)

        assert seen != "fresh"


class TestJoin:
    @pytest.mark.parametrize("case", VECTORS["joined"], ids=lambda case: " ".join(case.values()))
    def test_each_published_case(self, case):
        state = ticket.join(case["before"], case["seen"])

        assert state == case["expected"]
        assert state in TAPS_STATES


def test_the_published_file_is_what_is_made_here():
    assert (FOLDER / ticket_vectors.NAME).read_text(encoding="utf-8") == ticket_vectors.text()
