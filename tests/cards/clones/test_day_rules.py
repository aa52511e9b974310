"""Caps and alerts that know what the device can do."""

from datetime import timedelta

import pytest

from betang.cards.clones.suspect import look
from betang.cards.issue import issue_cards
from betang.cards.models import Card, Investigation, Suspicion
from betang.cards.present import PresentedRow, record_presentations
from betang.cards.tap import present
from betang.core.card.chip import Tap, sun_mac
from betang.keys import chip_master
from tests.cards.clones.conftest import HERE, rules

TAP_MISSING = ("amber", "qr.tap_missing")
WITHOUT_NFC = ("amber", "qr.without_nfc")
GENUINE = ("green", "qr.valid")


@pytest.fixture
def families(family, active, noon) -> list[Card]:
    """Eighty families, each with a card in its hands."""
    cards = []
    for _ in range(80):
        household = family()
        number = f"62{household.number}01"
        cards.append(
            Card.objects.create(
                number=number, household=household, issue=1, village_id=household.village_id,
                state="active", place_id=active.place_id, qr="", issued_at=noon,
                expires_on=noon.date() + timedelta(days=900), handed_over_at=noon,
            )
        )  # fmt: skip
    return cards


def day(device, cards, amber, noon, *, kind=TAP_MISSING, others=GENUINE, gap_s=90, share=0.0):
    """Let a device tell of a day: the first `amber` cards with `kind`, the rest otherwise."""
    rows = [
        PresentedRow(
            card.number, "deliver", *(kind if n < amber else others), (), device.uuid,
            device.actor, noon + timedelta(seconds=gap_s * n), HERE, 0,
        )
        for n, card in enumerate(cards)
    ]  # fmt: skip
    heard = noon + timedelta(hours=5)
    record_presentations(rows, heard_at=heard)
    return look([(device.uuid, heard)], at=heard, share=share)


class TestAPhoneThatReadsChips:
    def test_above_five_in_a_hundred_without_two_taps_is_asked(self, device, families, noon):
        phone = device()

        found = day(phone, families, 5, noon)

        assert found == ["amber_day"]
        seen = Suspicion.objects.get()
        assert (seen.device, seen.facts) == (phone.uuid, {"visits": 80, "amber_2": 5})
        assert not Investigation.objects.exists()

    def test_at_five_in_a_hundred_is_not(self, device, families, noon):
        assert day(device(), families, 4, noon) == []

    def test_with_three_dead_chips_in_a_short_day_is_not(self, device, families, noon):
        assert day(device(), families[:25], 3, noon) == []

    def test_that_says_it_reads_none_is_told(self, device, families, noon):
        found = day(device(), families[:4], 1, noon, kind=WITHOUT_NFC)

        assert found == ["nfc_changed"]

    def test_at_a_pace_that_no_queue_has_is_told(self, device, families, noon):
        assert day(device(), families, 0, noon, gap_s=15) == ["fast_day"]

    def test_at_such_a_pace_for_ten_families_of_a_quiet_day_is_told(self, device, families, noon):
        phone = device()
        day(phone, families[:30], 0, noon, gap_s=120)

        evening = noon + timedelta(hours=2)
        assert day(phone, families[30:40], 0, evening, gap_s=18) == ["fast_day"]

    def test_with_two_good_taps_and_an_old_list_is_not(self, device, family, chip, noon, budi):
        families = [family() for _ in range(6)]
        issue_cards(actor=budi, at=noon, virtual_chips=True)
        phone, rows = device(), []
        for n, card in enumerate(Card.objects.filter(household__in=families)):
            uid = bytes(card.chip_uid)
            key = chip_master.file_read_key(uid, version=card.key_version)
            taps = [Tap(uid, counter, sun_mac(key, uid, counter)) for counter in (1, 2)]
            at = noon + timedelta(minutes=2 * n)
            rows.append(
                PresentedRow(
                    card.number, "deliver", "amber", "list.old", taps, phone.uuid, phone.actor, at,
                    HERE, 0,
                )
            )  # fmt: skip
        Card.objects.update(ended_at=noon + timedelta(days=1))  # ordered ones are good enough here
        heard = noon + timedelta(hours=1)

        verdicts = record_presentations(rows, heard_at=heard)

        assert {verdict.reason for verdict in verdicts} == {"list.old"}
        assert look([(phone.uuid, heard)], at=heard, share=0) == []

    def test_whose_clock_ran_ahead_has_no_pace(self, device, families, noon):
        # What a wrong clock says is cut to when we heard of it: all of it is one moment.
        phone, heard = device(), noon
        rows = [
            PresentedRow(
                card.number, "deliver", *GENUINE, (), phone.uuid, phone.actor, heard, HERE, 90_000
            )
            for card in families[:20]
        ]  # fmt: skip
        record_presentations(rows, heard_at=heard)

        assert look([(phone.uuid, heard)], at=heard, share=0) == []

    def test_whose_second_tap_may_still_come_is_not_judged(self, device, families, chip, noon):
        phone, taps = device(), [chip.tap(), chip.tap()]
        day(phone, families[:10], 3, noon - timedelta(hours=2))
        for n, tap in enumerate(taps):
            at = noon + timedelta(seconds=9 * n)
            present(
                tap.uid, tap.counter, tap.mac, act="deliver", actor=phone.actor, at=at,
                device=phone.uuid, lease=True, where=HERE,
            )  # fmt: skip
            look([], single_days=[(phone.uuid, at)], at=at)

        assert rules() == []

    def test_is_told_once_a_day(self, device, families, noon):
        phone = device()
        day(phone, families[:20], 4, noon)

        assert day(phone, families[20:], 4, noon + timedelta(minutes=40)) == []
        assert rules() == ["amber_day"]


class TestAPhoneThatReadsNone:
    def test_may_serve_its_whole_day_by_the_code(self, device, families, noon):
        assert day(device(nfc=False), families, 80, noon, kind=WITHOUT_NFC) == []

    def test_at_a_pace_that_no_queue_has_is_told(self, device, families, noon):
        found = day(device(nfc=False), families[:40], 40, noon, kind=WITHOUT_NFC, gap_s=12)

        assert found == ["fast_day"]
        assert Suspicion.objects.get().facts == {"visits": 40, "gap_s": 12}

    def test_that_reads_a_chip_is_told(self, device, told, chip):
        assert told(device(nfc=False), chip.tap(), chip.tap()) == ["nfc_changed"]

    def test_is_sampled_for_a_person_to_look_at(self, device, families, noon):
        found = day(device(nfc=False), families[:40], 40, noon, kind=WITHOUT_NFC, share=1.0)

        assert set(found) == {"sample"}
        assert Investigation.objects.filter(cause="sample", state="open").count() == 40

    def test_is_seldom_sampled(self, device, families, noon):
        assert day(device(nfc=False), families[:40], 40, noon, kind=WITHOUT_NFC, share=0.0) == []
