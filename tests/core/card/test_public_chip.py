"""Taps that a chip signed: refused first, then read, then what they make of a verdict."""

from itertools import pairwise

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from betang.core.card.chip import Tap
from betang.core.card.chip import read_tap_url as read_mac_tap_url
from betang.core.card.chip import tap_url as mac_tap_url
from betang.core.card.public_chip import (
    ExpectedChip,
    SignedTap,
    is_genuine,
    read_tap_url,
    signed_message,
    tap_url,
    weigh,
    weigh_all,
)
from betang.core.card.qr import read_token
from betang.core.card.verdict import TAPS_STATES, VALID, Act, Colour, Shown, Verdict, decide
from betang.core.clock import from_wire
from betang.core.crypto.signing import dump_public_key, new_private_key, sign
from tests.core.card.vectors import read, ring_of

VECTORS = read("public_chip.json")
HOST = VECTORS["host"]
CARDS = read("qr_cnf.json")
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
CHIP = new_private_key()
POINT = dump_public_key(CHIP.public_key())
UID = bytes.fromhex("04a1b2c3d4e5f6")

UIDS = st.binary(min_size=7, max_size=7)
COUNTERS = st.integers(0, 0xFFFFFF)


def tapped(counter: int, uid: bytes = UID) -> SignedTap:
    return SignedTap(uid, counter, sign(CHIP, signed_message(HOST, uid, counter)))


def tap_of(url: str) -> SignedTap:
    tap = read_tap_url(url, host=HOST)
    assert tap is not None
    return tap


def chip_of(told: dict[str, str | None] | None) -> ExpectedChip | None:
    if told is None:
        return None
    uid = told["uid"]
    return ExpectedChip(bytes.fromhex(told["point"]), bytes.fromhex(uid) if uid else None)


def verdict_on(taps: str, qr: str = VALID) -> Verdict:
    """Judge a delivery under a lease on a phone with NFC and no network, a tap being required."""
    return decide(
        Shown(
            act=Act.DELIVER,
            online=False,
            lease=True,
            custody=False,
            qr=qr,
            taps=taps,
            nfc=True,
            list_age_days=1,
            tap_required=True,
        )
    )


class TestRefuses:
    @pytest.mark.parametrize("case", VECTORS["refused_urls"], ids=lambda case: case["name"])
    def test_each_published_address_that_is_no_signed_tap(self, case):
        assert read_tap_url(case["url"], host=HOST) is None

    @pytest.mark.parametrize("case", VECTORS["refused"], ids=lambda case: case["name"])
    def test_each_published_tap_that_the_chip_did_not_make(self, case):
        assert not is_genuine(bytes.fromhex(case["point"]), tap_of(case["url"]), host=HOST)

    @pytest.mark.parametrize("size", [0, 63, 65, 70])
    def test_a_signature_of_another_length(self, size):
        tap = SignedTap(UID, 1, tapped(1).signature.ljust(size, b"\0")[:size])

        assert not is_genuine(POINT, tap, host=HOST)

    @pytest.mark.parametrize(
        ("uid", "counter"), [(UID[:6], 1), (UID + b"\0", 1), (b"", 1), (UID, -1), (UID, 0x1000000)]
    )
    def test_a_uid_or_counter_that_no_chip_has_even_if_it_was_signed(self, uid, counter):
        assert not is_genuine(POINT, tapped(counter, uid), host=HOST)

    @seed(62)
    @settings(max_examples=300, deadline=None)
    @given(UIDS, COUNTERS, st.integers(0, 8 * 74 - 1))
    def test_any_bit_altered(self, uid, counter, bit):
        tap = tapped(counter, uid)
        raw = bytearray(uid + counter.to_bytes(3, "big") + tap.signature)
        raw[bit // 8] ^= 1 << bit % 8
        altered = SignedTap(bytes(raw[:7]), int.from_bytes(raw[7:10], "big"), bytes(raw[10:]))

        assert not is_genuine(POINT, altered, host=HOST)

    @seed(62)
    @settings(max_examples=1000)
    @given(st.text(max_size=250))
    def test_any_text(self, text):
        assert read_tap_url(text, host=HOST) is None
        assert read_tap_url(f"https://{HOST}{text}", host=HOST) is None

    @seed(62)
    @settings(max_examples=100, deadline=None)
    @given(COUNTERS, st.binary(min_size=64, max_size=64))
    def test_any_signature_made_up(self, counter, signature):
        assert not is_genuine(POINT, SignedTap(UID, counter, signature), host=HOST)

    def test_a_tap_with_a_mac_is_no_signed_tap_and_the_other_way_round(self):
        assert read_tap_url(mac_tap_url(HOST, Tap(UID, 1, bytes(8))), host=HOST) is None
        assert read_mac_tap_url(tap_url(HOST, tapped(1)), host=HOST) is None


class TestReads:
    def test_the_message_is_the_file_up_to_the_signature(self):
        told = VECTORS["message"]

        message = signed_message(HOST, bytes.fromhex(told["uid"]), told["counter"])

        assert message == told["text"].encode()
        assert f"https://{told['text']}" == VECTORS["genuine"][0]["url"][: len(told["text"]) + 8]

    @pytest.mark.parametrize("case", VECTORS["genuine"], ids=lambda case: case["name"])
    def test_each_published_tap_that_the_chip_made(self, case):
        assert is_genuine(bytes.fromhex(case["point"]), tap_of(case["url"]), host=HOST)

    @seed(62)
    @settings(max_examples=200, deadline=None)
    @given(UIDS, COUNTERS)
    def test_any_tap_as_the_chip_shows_it(self, uid, counter):
        tap = tapped(counter, uid)

        assert tap_of(tap_url(HOST, tap)) == tap
        assert is_genuine(POINT, tap, host=HOST)

    def test_either_s_of_a_signature_is_good_and_gains_nothing(self):
        tap = tapped(6)
        s = int.from_bytes(tap.signature[32:], "big")
        twin = SignedTap(UID, 6, tap.signature[:32] + (ORDER - s).to_bytes(32, "big"))

        shown = weigh_all([tap, twin], ExpectedChip(POINT), host=HOST, high=5)

        assert is_genuine(POINT, twin, host=HOST)
        assert shown == ("tap.replayed", 6)


class TestWeighs:
    @pytest.mark.parametrize("case", VECTORS["weighed"], ids=lambda case: case["name"])
    def test_each_published_showing(self, case):
        taps = [tap_of(url) for url in case["taps"]]

        shown = weigh_all(taps, chip_of(case["chip"]), host=HOST, high=case["high"])

        assert shown._asdict() == case["expected"]
        assert shown.taps in TAPS_STATES

    @seed(62)
    @settings(max_examples=200, deadline=None)
    @given(st.lists(st.integers(1, 40), min_size=2, max_size=4), st.integers(0, 20))
    def test_two_rising_only_where_the_last_two_rose_above_all_before(self, counters, high):
        shown = weigh_all(map(tapped, counters), ExpectedChip(POINT, UID), host=HOST, high=high)

        highest = [high]
        for counter in counters:
            highest.append(max(counter, highest[-1]))
        rose = [before < after for before, after in pairwise(highest)]
        assert (shown.taps == "two_rising") == (rose[-2:] == [True, True])
        assert shown.high == highest[-1]

    @seed(62)
    @settings(max_examples=100, deadline=None)
    @given(COUNTERS, st.integers(0, 0xFFFFFF))
    def test_a_chip_that_is_not_the_cards_never_counts_nor_raises_anything(self, counter, high):
        other = dump_public_key(new_private_key().public_key())

        assert weigh(tapped(counter), ExpectedChip(other), host=HOST, high=high) == "tap.other_card"
        shown = weigh_all([tapped(counter)], ExpectedChip(other, UID), host=HOST, high=high)
        assert shown == ("tap.forged", high)


class TestFeedsTheVerdict:
    """A card of `qr_cnf.json` is scanned, then the chips of `public_chip.json` are tapped."""

    def expected(self) -> ExpectedChip:
        claims = read_token(
            CARDS["valid"][0]["text"],
            ring_of(CARDS["ring"]),
            issuer=CARDS["issuer"],
            at=from_wire(CARDS["at"]),
        )
        assert claims.chip_key is not None
        return ExpectedChip(claims.chip_key)

    def show(self, name: str) -> str:
        (case,) = (case for case in VECTORS["weighed"] if case["name"] == name)
        taps = [tap_of(url) for url in case["taps"]]
        return weigh_all(taps, self.expected(), host=HOST, high=case["high"]).taps

    def test_red_for_the_chip_of_another_card(self):
        verdict = verdict_on(self.show("the chip of another card, the key from the QR"))

        assert (verdict.colour, verdict.reason) == (Colour.RED, "tap.other_card")
        assert not verdict.name_shown

    def test_red_for_a_tap_shown_twice(self):
        verdict = verdict_on(self.show("the same tap twice"))

        assert (verdict.colour, verdict.reason) == (Colour.RED, "tap.replayed")

    def test_amber_for_one_tap(self):
        verdict = verdict_on(self.show("one fresh tap, the key from the QR"))

        assert (verdict.colour, verdict.reason) == (Colour.AMBER, "tap.only_one")

    def test_green_without_a_network_or_a_roster_of_tickets_for_two_rising(self):
        verdict = verdict_on(self.show("two rising taps, the key from the QR"))

        assert (verdict.colour, verdict.reason) == (Colour.GREEN, "tap.genuine")
        assert verdict.allowed

    def test_green_however_often_the_chip_was_read_since(self):
        assert verdict_on(self.show("far beyond any window of tickets")).colour is Colour.GREEN
