"""What cannot be right about a card is found with both evidences; what is honest is not."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from betang.cards.block import block
from betang.cards.clones.suspect import look
from betang.cards.models import Card, Investigation, Presentation, Suspicion
from betang.cards.replace import replace
from betang.cards.tap import present
from betang.journal.models import Entry
from sandbox.chip.virtual_chip import VirtualChip
from tests.cards.clones.conftest import HERE, NEXT_DOOR, UPRIVER, opened, rules

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


def online(tap, device, at, where=HERE, **options) -> Presentation:
    """Present a tap online and let the rules look."""
    seen = present(
        tap.uid, tap.counter, tap.mac, act="deliver", actor=device.actor, at=at,
        device=device.uuid, lease=True, where=where, **options,
    )  # fmt: skip
    look([], cards=[Card.objects.get(chip_uid=tap.uid).uuid], at=at)
    return seen


class TestOneTapFromTwoHands:
    def test_is_found_with_both_evidences(self, chip, device, told, noon):
        first, second = chip.tap(), chip.tap()
        sari, budi = device(), device()
        told(sari, first, second)

        found = told(budi, first, second, at=noon + DAY, where=UPRIVER)

        assert found == ["tap_twice"]
        seen = Suspicion.objects.get()
        assert (seen.first.device, seen.second.device) == (sari.uuid, budi.uuid)
        assert (seen.first.counter, seen.second.counter) == (2, 2)
        assert opened() == 1

    def test_is_found_online_as_well(self, chip, device, noon):
        tap = chip.tap()
        online(tap, device(), noon)

        online(tap, device(), noon + MINUTE)

        assert rules() == ["tap_twice"]

    def test_is_not_a_tap_that_is_sent_again_because_its_answer_was_lost(self, chip, device, noon):
        tap, phone = chip.tap(), device()
        online(tap, phone, noon)

        again = online(tap, phone, noon + MINUTE)

        assert again.colour == "red"
        assert rules() == []
        assert not Entry.objects.filter(kind="card.copied").exists()

    def test_is_one_that_the_same_hand_kept_until_the_next_day(self, chip, device, noon):
        tap, phone = chip.tap(), device()
        online(tap, phone, noon)

        online(tap, phone, noon + DAY)

        assert rules() == ["tap_twice"]

    def test_is_told_once_however_often_the_rules_look(self, chip, device, told, active, noon):
        tap = chip.tap()
        told(device(), tap)
        told(device(), tap)

        again = look([], cards=[active.uuid], at=noon + 2 * DAY)

        assert again == []
        assert Entry.objects.filter(kind="card.suspected").count() == 1
        assert Entry.objects.filter(kind="investigation.opened").count() == 1


class TestForgeries:
    def test_are_set_beside_the_last_good_presentation(self, chip, device, told):
        told(device(), chip.tap(), chip.tap())
        good = Presentation.objects.latest("id")

        found = told(device(), VirtualChip(chip.uid, bytes(16), chip.host).tap())

        assert found == ["tap_forged"]
        assert Suspicion.objects.get().first == good

    def test_without_anything_to_set_beside_them_are_kept_all_the_same(self, chip, device, told):
        found = told(device(), VirtualChip(bytes(7), chip.file_read_key, chip.host).tap())

        assert found == ["tap_other_card"]
        assert Suspicion.objects.get().first is None


class TestACounterThatGoesDown:
    def test_is_found_when_the_higher_one_was_heard_before(self, chip, device, told, noon):
        kept = chip.tap(), chip.tap()
        used = chip.tap(), chip.tap()
        told(device(), *used)

        found = told(device(), *kept, at=noon + 3 * HOUR, where=NEXT_DOOR)

        assert found == ["counter_down"]
        seen = Suspicion.objects.get()
        assert seen.first.counter > seen.second.counter

    def test_is_found_online_at_once(self, chip, device, noon):
        kept, used = chip.tap(), chip.tap()
        online(used, device(), noon)

        seen = online(kept, device(), noon + HOUR)

        assert seen.reason == "tap.replayed"
        assert rules() == ["counter_down"]

    def test_is_not_a_day_that_arrives_late(self, chip, device, told, noon):
        early = chip.tap(), chip.tap()
        late = chip.tap(), chip.tap()
        told(device(), *late, at=noon + 3 * DAY)

        found = told(device(), *early, at=noon, heard=noon + 9 * DAY)

        assert found == []

    @pytest.mark.parametrize("ahead", [None, 5 * 86_400, -5 * 86_400])
    def test_is_not_a_clock_that_is_wrong_for_days(self, chip, device, told, noon, ahead):
        early = chip.tap(), chip.tap()
        told(device(), chip.tap(), chip.tap(), at=noon + DAY)
        wrong = noon + timedelta(seconds=ahead if ahead is not None else 5 * 86_400)

        found = told(device(), *early, at=wrong, heard=noon + 9 * DAY, ahead=ahead)

        assert found == []

    def test_is_not_two_taps_that_overtake_each_other_on_the_line(self, chip, device, noon):
        first, second, phone = chip.tap(), chip.tap(), device()
        online(second, phone, noon)

        online(first, phone, noon + timedelta(seconds=4))

        assert rules() == []

    def test_is_not_one_visit_with_a_hand_over_and_two_benefits(self, chip, device, told, noon):
        taps, phone = (chip.tap(), chip.tap()), device()
        told(phone, *taps, act="hand_over")
        told(phone, *taps, at=noon + MINUTE)

        assert told(phone, *taps, at=noon + 2 * MINUTE, heard=noon + 4 * DAY) == []

    def test_is_not_a_tap_told_online_and_again_at_sync(self, chip, device, told, noon):
        first, second, phone = chip.tap(), chip.tap(), device()
        online(first, phone, noon)
        online(second, phone, noon + timedelta(seconds=9))

        assert told(phone, first, second, at=noon + MINUTE, heard=noon + 6 * DAY) == []
        assert rules() == []

    def test_is_not_a_reader_that_reads_in_bursts(self, chip, device, told, noon):
        phone = device()
        burst = [chip.tap() for _ in range(7)]
        told(phone, burst[0], burst[3])

        assert told(phone, burst[4], burst[6], at=noon + MINUTE) == []


class TestTwoPlaces:
    def test_that_nobody_can_reach_in_time_are_found(self, chip, device, told, noon):
        told(device(), chip.tap(), chip.tap(), heard=noon + 5 * DAY)

        found = told(
            device(), chip.tap(), chip.tap(),
            at=noon + HOUR / 2, heard=noon + 2 * DAY, where=UPRIVER,
        )  # fmt: skip

        assert found == ["two_places"]

    def test_are_found_for_a_photocopied_code(self, chip, device, told, noon):
        code = {"colour": "amber", "reason": "qr.without_nfc"}
        told(device(nfc=False), **code)

        assert told(device(nfc=False), at=noon + HOUR / 2, where=UPRIVER, **code) == ["two_places"]

    def test_a_day_apart_are_a_journey(self, chip, device, told, noon):
        told(device(), chip.tap(), chip.tap())

        assert told(device(), chip.tap(), chip.tap(), at=noon + DAY, where=UPRIVER) == []

    def test_of_one_village_are_one(self, chip, device, told, noon):
        told(device(), chip.tap(), chip.tap())

        assert told(device(), chip.tap(), at=noon + MINUTE, where=NEXT_DOOR) == []

    def test_of_one_phone_say_something_about_the_phone_only(self, chip, device, told, noon):
        phone = device()
        told(phone, chip.tap(), chip.tap())

        assert told(phone, chip.tap(), chip.tap(), at=noon + MINUTE, where=UPRIVER) == []

    def test_by_a_clock_that_nobody_measured_say_nothing(self, chip, device, told, noon):
        told(device(), chip.tap(), chip.tap(), ahead=None, heard=noon + 3 * DAY)

        found = told(
            device(), chip.tap(), chip.tap(),
            at=noon + HOUR / 2, heard=noon + 3 * DAY, ahead=None, where=UPRIVER,
        )  # fmt: skip

        assert found == []


class TestACardOutOfUse:
    def test_that_was_stolen_opens_an_investigation(self, chip, device, told, active, budi, noon):
        block(active.number, reason="stolen", actor=budi, at=noon)

        found = told(device(), chip.tap(), chip.tap(), at=noon + 2 * HOUR)

        assert found == ["shown_after_end"]
        assert opened() == 1

    def test_that_a_family_found_again_is_told_and_nobody_investigates(
        self, chip, device, told, active, budi, noon
    ):
        replace(active.number, actor=budi, at=noon)

        assert told(device(), chip.tap(), chip.tap(), at=noon + DAY) == ["shown_after_end"]
        assert opened() == 0

    def test_by_a_clock_that_runs_ahead_may_have_been_good_then(
        self, chip, device, told, active, budi, noon
    ):
        block(active.number, reason="stolen", actor=budi, at=noon)

        found = told(
            device(), chip.tap(), chip.tap(),
            at=noon + 2 * DAY, heard=noon + 3 * DAY, ahead=3 * 86_400,
        )  # fmt: skip

        assert found == []


class TestWhatTheDatabaseRefuses:
    @pytest.fixture
    def suspicion(self, chip, device, told) -> Suspicion:
        told(device(), VirtualChip(chip.uid, bytes(16), chip.host).tap())
        return Suspicion.objects.get()

    def test_a_suspicion_that_is_rewritten_or_removed(self, suspicion):
        with pytest.raises(IntegrityError), transaction.atomic():
            Suspicion.objects.update(rule="tap_twice")
        with pytest.raises(IntegrityError), transaction.atomic():
            Suspicion.objects.all().delete()

    def test_a_second_open_investigation_of_a_card(self, suspicion, active, noon):
        with pytest.raises(IntegrityError), transaction.atomic():
            Investigation.objects.create(card=active, cause="asked", opened_at=noon)

    def test_an_end_without_a_finding(self, suspicion, noon):
        with pytest.raises(IntegrityError), transaction.atomic():
            Investigation.objects.update(state="closed", closed_at=noon)
