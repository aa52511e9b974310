"""Taps: online, told at sync, and by the public. Copies first."""

from dataclasses import replace as altered
from datetime import timedelta
from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from betang.cards.block import block
from betang.cards.look import by_qr, by_tap
from betang.cards.models import Card, Presentation
from betang.cards.present import PresentedRow, record_presentations
from betang.cards.replace import replace
from betang.cards.tap import Where, present
from betang.core.card.chip import Tap
from betang.journal.models import Entry
from sandbox.chip.virtual_chip import CopiedChip, VirtualChip
from tests.cards.conftest import PHONE, VILLAGES


def shown(tap: Tap, sari, at, **options) -> Presentation:
    options = {"act": "deliver", "device": PHONE, "lease": True, **options}
    return present(tap.uid, tap.counter, tap.mac, actor=sari, at=at, **options)


def copies() -> int:
    return Entry.objects.filter(kind="card.copied").count()


class TestPresentRefuses:
    def test_a_chip_that_nobody_knows(self, chip, sari, noon):
        stranger = VirtualChip(bytes(7), chip.file_read_key, chip.host)

        seen = shown(stranger.tap(), sari, noon)

        assert (seen.colour, seen.reason, seen.card_id) == ("red", "card.unknown", None)

    def test_a_forged_message(self, chip, active, sari, noon):
        forger = VirtualChip(chip.uid, bytes(16), chip.host)

        seen = shown(forger.tap(), sari, noon)

        assert (seen.colour, seen.reason) == ("red", "tap.forged")
        assert Card.objects.get(pk=active.pk).counter == 0
        assert copies() == 1

    def test_the_same_tap_a_second_time(self, chip, sari, budi, noon):
        tap = chip.tap()
        shown(tap, sari, noon)

        seen = shown(tap, budi, noon, device=uuid4())

        assert (seen.colour, seen.reason) == ("red", "tap.replayed")
        assert copies() == 1

    def test_a_copied_card_after_the_real_one(self, chip, sari, noon):
        copy = CopiedChip.harvested(chip)
        shown(chip.tap(), sari, noon)

        seen = shown(copy.tap(), sari, noon)

        assert seen.reason == "tap.replayed"

    def test_a_counter_that_was_changed(self, chip, sari, noon):
        assert shown(altered(chip.tap(), counter=99), sari, noon).reason == "tap.forged"

    def test_a_card_out_of_use(self, chip, active, sari, budi, noon):
        block(active.number, reason="lost", actor=budi, at=noon)
        assert shown(chip.tap(), sari, noon).reason == "card.revoked"

        replace(active.number, actor=budi, at=noon)
        assert shown(chip.tap(), sari, noon).reason == "card.superseded"

    def test_a_card_past_its_day(self, chip, sari, noon):
        seen = shown(chip.tap(), sari, noon + timedelta(days=2000))

        assert (seen.colour, seen.reason) == ("red", "card.expired")

    def test_a_copy_of_a_card_past_its_day_is_told_as_a_copy(self, chip, sari, noon):
        forger = VirtualChip(chip.uid, bytes(16), chip.host)

        assert shown(forger.tap(), sari, noon + timedelta(days=2000)).reason == "tap.forged"
        assert copies() == 1

    def test_aid_on_a_card_that_was_not_handed_over(self, chip, active, sari, noon):
        Card.objects.filter(pk=active.pk).update(state="in_custody", custodian_device=PHONE)

        assert shown(chip.tap(), sari, noon).reason == "card.not_active"
        assert shown(chip.tap(), sari, noon, act="hand_over").colour == "amber"

    def test_says_that_it_cannot_tell_without_the_master_key(self, chip, sari, noon, settings):
        tap, settings.DEMO = chip.tap(), False

        seen = shown(tap, sari, noon)

        assert (seen.colour, seen.reason) == ("amber", "tap.past_window")
        assert shown(tap, sari, noon).reason == "tap.replayed"


class TestPresent:
    def test_one_tap_is_amber_and_two_are_green(self, chip, active, sari, noon):
        first = shown(chip.tap(), sari, noon)
        second = shown(chip.tap(), sari, noon + timedelta(seconds=9), where=Where(VILLAGES[1]))

        assert (first.colour, first.reason) == ("amber", "tap.only_one")
        assert (second.colour, second.reason) == ("green", "tap.genuine")
        assert Card.objects.get(pk=active.pk).counter == 2
        assert Entry.objects.filter(kind="card.presented").count() == 2
        assert copies() == 0

    def test_two_taps_are_a_pair_only_soon_after_and_on_one_phone(self, chip, sari, noon):
        shown(chip.tap(), sari, noon)
        late = shown(chip.tap(), sari, noon + timedelta(minutes=6))
        elsewhere = shown(chip.tap(), sari, noon + timedelta(minutes=7), device=uuid4())

        assert {late.reason, elsewhere.reason} == {"tap.only_one"}

    def test_without_a_lease_it_asks_to_reserve(self, chip, sari, noon):
        shown(chip.tap(), sari, noon, lease=False)

        assert shown(chip.tap(), sari, noon, lease=False).reason == "lease.reserve_first"

    def test_a_valid_code_beside_one_tap_is_green_where_no_tap_is_required(self, chip, sari, noon):
        seen = shown(chip.tap(), sari, noon, qr="valid", tap_required=False)

        assert (seen.colour, seen.reason) == ("green", "qr.valid")


@pytest.mark.django_db(transaction=True)
class TestTwoAtOnce:
    def test_of_two_presentations_of_one_tap_one_succeeds(self, chip, sari, noon):
        tap, together, seen = chip.tap(), Barrier(2), []

        def hand() -> None:
            together.wait()
            with transaction.atomic():
                seen.append(shown(tap, sari, noon, device=uuid4()).reason)
            connection.close()

        hands = [Thread(target=hand) for _ in range(2)]
        for one in hands:
            one.start()
        for one in hands:
            one.join()

        assert sorted(seen) == ["tap.only_one", "tap.replayed"]


class TestRecordPresentations:
    @pytest.fixture
    def row(self, active, sari, noon):
        def make(*taps: Tap, number: str = active.number, **options) -> PresentedRow:
            facts = {
                "act": "deliver",
                "colour": "green",
                "reason": "qr.valid",
                "device": PHONE,
                "actor": sari,
                "at": noon,
                **options,
            }
            return PresentedRow(card_number=number, taps=taps, **facts)

        return make

    def told(self, noon, *rows) -> list[str]:
        return [verdict.reason for verdict in record_presentations(rows, heard_at=noon)]

    def test_refuses_what_is_not_this_card(self, row, chip, noon):
        other = VirtualChip(bytes(7), chip.file_read_key, chip.host)
        forger = VirtualChip(chip.uid, bytes(16), chip.host)

        assert self.told(
            noon, row(number="62000000000001"), row(other.tap()), row(forger.tap())
        ) == ["card.unknown", "tap.other_card", "tap.forged"]
        assert Presentation.objects.filter(colour="red").count() == 3
        assert copies() == 2

    def test_refuses_one_tap_from_two_phones_in_any_order(self, row, chip, noon):
        tap = chip.tap()

        same_batch = self.told(noon, row(tap), row(tap, device=uuid4()))
        later = self.told(noon, row(tap, device=uuid4()))

        assert same_batch == ["qr.valid", "tap.replayed"]
        assert later == ["tap.replayed"]

    def test_refuses_a_card_that_was_blocked_before_and_not_one_blocked_after(
        self, row, active, budi, noon
    ):
        block(active.number, reason="lost", actor=budi, at=noon)

        before, after = noon - timedelta(hours=1), noon + timedelta(hours=1)
        assert self.told(noon, row(at=before), row(at=after)) == ["qr.valid", "card.revoked"]

    def test_refuses_the_first_of_two_taps_played_back_on_another_phone(self, row, chip, noon):
        first, second = chip.tap(), chip.tap()
        self.told(noon, row(first, second, reason="tap.genuine"))

        played_back = self.told(noon, row(first, device=uuid4(), reason="tap.only_one"))

        assert played_back == ["tap.replayed"]
        assert copies() == 1

    def test_refuses_a_tap_that_the_same_phone_kept_for_the_next_cycle(self, row, chip, noon):
        taps = chip.tap(), chip.tap()
        now = self.told(noon, row(*taps), row(*taps, at=noon + timedelta(minutes=5)))

        later = self.told(noon, row(*taps, at=noon + timedelta(days=90)))

        assert now == ["qr.valid", "qr.valid"]
        assert later == ["tap.replayed"]

    def test_refuses_a_card_past_its_day(self, row, noon):
        assert self.told(noon, row(at=noon + timedelta(days=2000))) == ["card.expired"]

    def test_believes_no_phone_that_says_more_than_its_taps(self, row, chip, noon):
        said = [row(reason="tap.genuine"), row(chip.tap(), reason="tap.genuine")]

        seen = record_presentations(said, heard_at=noon)

        assert [(one.colour, one.reason) for one in seen] == [
            ("amber", "nothing.shown"),
            ("amber", "tap.only_one"),
        ]

    def test_believes_no_phone_that_says_more_than_it_was_told_online(self, row, chip, sari, noon):
        first, second = chip.tap(), chip.tap()
        shown(first, sari, noon)

        more = self.told(noon, row(first, reason="tap.genuine"))
        shown(second, sari, noon)
        as_told = self.told(noon, row(second, reason="tap.genuine"))

        assert (more, as_told) == (["tap.only_one"], ["tap.genuine"])

    def test_two_taps_that_nobody_here_can_verify_are_amber_and_raise_nothing(
        self, row, chip, active, noon, settings
    ):
        taps, settings.DEMO = (chip.tap(), chip.tap()), False

        (seen,) = record_presentations([row(*taps, reason="tap.genuine")], heard_at=noon)

        assert (seen.colour, seen.reason) == ("amber", "tap.past_window")
        assert Card.objects.get(pk=active.pk).counter == 0

    def test_a_counter_that_falls_is_not_two_rising_taps(self, row, chip, noon):
        first, second = chip.tap(), chip.tap()

        assert self.told(noon, row(second, first, reason="tap.genuine")) == ["tap.only_one"]

    def test_keeps_a_tap_that_a_phone_names_twice_once(self, row, chip, noon):
        tap = chip.tap()

        assert self.told(noon, row(tap, tap)) == ["qr.valid"]
        assert Presentation.objects.count() == 1

    def test_days_may_arrive_in_any_order(self, row, chip, active, noon):
        taps = [chip.tap() for _ in range(4)]

        late = self.told(noon, row(taps[2], taps[3], reason="tap.genuine"))
        early = self.told(noon, row(taps[0], taps[1], device=uuid4(), reason="tap.genuine"))

        assert late == early == ["tap.genuine"]
        assert Card.objects.get(pk=active.pk).counter == 4

    def test_a_tap_told_online_before_by_the_same_phone_is_the_same_presentation(
        self, row, chip, sari, noon
    ):
        tap = chip.tap()
        shown(tap, sari, noon)

        assert self.told(noon, row(tap, reason="tap.only_one")) == ["tap.only_one"]
        assert Presentation.objects.count() == 1

    def test_keeps_the_verdict_of_the_phone_for_a_code(self, row, noon):
        seen = record_presentations([row(colour="amber", reason="qr.without_nfc")], heard_at=noon)

        assert (seen[0].colour, seen[0].reason) == ("amber", "qr.without_nfc")

    def test_the_database_refuses_a_second_good_one(self, row, chip, noon, active):
        tap = chip.tap()
        self.told(noon, row(tap))

        with pytest.raises(IntegrityError), transaction.atomic():
            Presentation.objects.create(
                card=active, act="look", online=True, at=noon, heard_at=noon, uid=tap.uid,
                counter=tap.counter, mac=tap.mac, colour="green", reason="tap.genuine",
            )  # fmt: skip


class TestThePublicLook:
    def test_tells_a_forgery_and_a_stranger(self, chip, noon):
        assert by_tap(VirtualChip(chip.uid, bytes(16), chip.host).tap(), at=noon).code == "forged"
        assert by_tap(VirtualChip(bytes(7), bytes(16), chip.host).tap(), at=noon).code == "unknown"

    def test_cannot_tell_without_the_master_key(self, chip, noon, settings):
        settings.DEMO = False

        assert by_tap(chip.tap(), at=noon).code == "cannot_tell"

    def test_never_raises_the_real_counter_and_never_alerts(self, chip, active, noon):
        tap = chip.tap()

        looks = [by_tap(tap, at=noon).code for _ in range(3)]

        active.refresh_from_db()
        assert looks == ["genuine", "used", "used"]
        assert (active.counter, active.public_counter) == (0, 1)
        assert not Presentation.objects.exists()
        assert copies() == 0

    def test_says_used_for_a_tap_that_staff_took(self, chip, sari, noon):
        tap = chip.tap()
        shown(tap, sari, noon)

        assert by_tap(tap, at=noon).code == "used"

    def test_reads_the_code_of_the_front(self, active, noon):
        assert by_qr("https://kampanye.example/1", at=noon).code == "qr.not_ours"
        assert by_qr(active.qr, at=noon).card == active
        assert by_qr(active.qr, at=noon + timedelta(days=2000)).code == "card.expired"

    def test_does_not_know_a_card_whose_row_is_gone(self, active, noon):
        Card.objects.filter(pk=active.pk).delete()

        assert by_qr(active.qr, at=noon).code == "unknown"
