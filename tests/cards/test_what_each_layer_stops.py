"""The table of what each layer of the card stops, row by row (docs/protocols/clones.md, section 1).

L0 is the printed, signed QR; L1 the chip. What is not stopped is tested as hard: a page that
promised more would be the fault.
"""

from datetime import timedelta
from itertools import product

import pytest
from django.conf import settings

from betang.cards.block import block
from betang.cards.clones.suspect import look
from betang.cards.models import Card, RevocationList, Suspicion
from betang.cards.present import PresentedRow, record_presentations
from betang.cards.revocation import publish
from betang.cards.tap import Where, present
from betang.core.card.chip import Tap
from betang.core.card.qr import QrRefusedError, read_token
from betang.core.card.revocation import read_list
from betang.core.card.ticket import Segment, join, segment, weigh
from betang.core.card.verdict import NONE, VALID, Act, Colour, Shown, Verdict, decide
from betang.keys import chip_master, ring
from tests.cards.clones.conftest import HERE, UPRIVER

SALT = bytes(range(16))


class Roster:
    """A phone's view of one card: its tickets, and the highest reading that it has seen."""

    def __init__(self, card: Card, *, high: int = 0, count: int = 8) -> None:
        uid = bytes(card.chip_uid)
        key = chip_master.file_read_key(uid, version=card.key_version)
        self.held = [segment(key, uid, high + 1, count, salt=SALT)] if count else []
        self.high = high

    def see(self, *taps: Tap) -> str:
        """Say what the taps of one showing are, as the phone does."""
        state = NONE
        for tap in taps:
            seen = weigh(tap, salt=SALT, held=self.held, high=self.high)
            if seen == "fresh":
                self.high = tap.counter
            state = join(state, seen)
            if state.startswith("tap."):
                break
        return state


def offline(*, qr: str = NONE, taps: str = NONE, nfc: bool = True, age: int = 1) -> Verdict:
    return decide(
        Shown(
            act=Act.DELIVER, online=False, lease=True, custody=False, qr=qr, taps=taps, nfc=nfc,
            list_age_days=age, tap_required=True,
        )
    )  # fmt: skip


def read_here(text: str, at) -> str:
    """Read a QR as every reader does; gives the code of its refusal, or `valid`."""
    try:
        read_token(text, ring.keyring(), issuer=settings.CARD_HOST, at=at)
    except QrRefusedError as refused:
        return refused.code
    return VALID


def told(card, phone, taps, at, where=HERE, *, reason="tap.genuine") -> list[str]:
    """Let a phone tell at sync, and the rules look."""
    row = PresentedRow(
        card.number, "deliver", "green", reason, taps, phone.uuid, phone.actor, at, where, 0
    )
    heard = at + timedelta(hours=2)
    record_presentations([row], heard_at=heard)
    return look([(phone.uuid, heard)], at=heard, share=0)


def shown(tap: Tap, phone, at, where: Where = HERE):
    return present(
        tap.uid, tap.counter, tap.mac, act="deliver", actor=phone.actor, device=phone.uuid, at=at,
        lease=True, where=where,
    )  # fmt: skip


class TestAnInventedOrAlteredCard:
    def test_l0_every_altered_letter_of_the_code_is_refused(self, active, noon):
        letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
        for place in range(len(active.qr)):
            other = letters[(letters.index(active.qr[place]) + 1) % 45]
            altered = active.qr[:place] + other + active.qr[place + 1 :]

            assert read_here(altered, noon) != VALID, place

    def test_l0_is_red_without_a_name_online_and_offline(self):
        for online in (False, True):
            verdict = decide(
                Shown(
                    act=Act.DELIVER, online=online, lease=True, custody=False,
                    qr="qr.bad_signature", taps="two_rising", nfc=True, list_age_days=0,
                    tap_required=False,
                )
            )  # fmt: skip

            assert (verdict.colour, verdict.allowed, verdict.name_shown) == ("red", False, False)

    def test_l1_an_invented_chip_is_unknown_online_and_never_green_offline(
        self, active, chip, device, noon
    ):
        stranger = Tap(bytes(7), 1, bytes(8))

        assert shown(stranger, device(), noon).reason == "card.unknown"
        assert offline(taps=Roster(active).see(stranger)).colour is Colour.AMBER


class TestAPhotocopyOfARealCard:
    def test_l0_is_not_stopped_offline_without_a_chip_reader_but_for_the_face(self, active, noon):
        copied = str(active.qr)

        verdict = offline(qr=read_here(copied, noon), nfc=False)

        assert verdict.allowed
        assert (verdict.colour, verdict.level, verdict.needs) == (Colour.AMBER, 1, ("photo",))

    def test_l1_is_never_green_wherever_the_tap_is_mandatory(self):
        for online, nfc, age, act in product((False, True), (False, True), (0, 20, 40), Act):
            verdict = decide(
                Shown(
                    act=act, online=online, lease=True, custody=True, qr=VALID, taps=NONE,
                    nfc=nfc, list_age_days=age, tap_required=True,
                )
            )  # fmt: skip

            assert verdict.colour is not Colour.GREEN

    def test_l1_on_a_phone_that_reads_chips_it_needs_a_photo_and_a_reason_and_is_counted(self):
        verdict = offline(qr=VALID, nfc=True)

        assert (verdict.level, verdict.needs, verdict.alert) == (2, ("photo", "reason"), True)

    def test_two_uses_far_apart_are_found_at_sync(self, active, device, noon):
        told(active, device(nfc=False), (), noon, reason="qr.without_nfc")

        found = told(
            active, device(nfc=False), (), noon + timedelta(minutes=20), UPRIVER,
            reason="qr.without_nfc",
        )  # fmt: skip

        assert found == ["two_places"]


class TestAChipCloneOrAForgedTap:
    def test_l1_a_message_made_without_the_key_is_red_online_and_offline(
        self, active, chip, device, noon
    ):
        forged = Tap(chip.uid, 1, bytes(8))

        assert shown(forged, device(), noon).reason == "tap.forged"
        assert Roster(active).see(forged) == "tap.forged"
        assert offline(qr=VALID, taps="tap.forged").colour is Colour.RED

    def test_l1_a_message_for_another_reading_is_none_for_this(self, active, chip):
        first = chip.tap()

        assert Roster(active).see(Tap(first.uid, 2, first.mac)) == "tap.forged"

    def test_l1_a_stolen_roster_holds_no_message(self, active, chip):
        """A ticket is a hash of what the chip will say: shown as a message it is a forgery."""
        roster = Roster(active)
        stolen = roster.held[0].at(3)

        assert roster.see(Tap(chip.uid, 3, stolen)) == "tap.forged"


class TestReplayOfAHarvestedTap:
    def test_l1_is_not_stopped_offline_until_a_higher_counter_was_seen(self, active, chip):
        kept = chip.tap(), chip.tap()
        used = chip.tap(), chip.tap()
        before, after = Roster(active), Roster(active)
        after.see(*used)

        assert offline(taps=before.see(*kept)).colour is Colour.GREEN
        assert offline(taps=after.see(*kept)).colour is Colour.RED

    def test_l1_two_taps_stop_the_cheap_form(self, active, chip):
        recorded = chip.tap()

        assert Roster(active).see(recorded, recorded) == "tap.replayed"

    def test_l1_the_high_water_of_another_phone_stops_it_after_the_next_bundle(self, active, chip):
        kept = chip.tap(), chip.tap()

        assert Roster(active, high=4).see(*kept) == "tap.replayed"

    def test_l1_is_stopped_online_at_its_second_use(self, active, chip, device, noon):
        tap = chip.tap()
        shown(tap, device(), noon)

        assert shown(tap, device(), noon + timedelta(minutes=1)).colour == "red"

    def test_l1_one_that_was_used_before_is_found_at_sync(self, active, chip, device, noon):
        taps = chip.tap(), chip.tap()
        told(active, device(), taps, noon)

        assert told(active, device(), taps, noon + timedelta(hours=3)) == ["tap_twice"]

    def test_l1_one_kept_in_silence_is_found_at_sync_after_the_card_was_used(
        self, active, chip, device, noon
    ):
        kept = chip.tap(), chip.tap()
        told(active, device(), (chip.tap(), chip.tap()), noon)

        assert told(active, device(), kept, noon + timedelta(hours=6)) == ["counter_down"]

    def test_l1_one_kept_in_silence_and_used_first_is_not_found(self, active, chip, device, noon):
        kept = chip.tap(), chip.tap()
        told(active, device(), kept, noon)

        assert told(active, device(), (chip.tap(), chip.tap()), noon + timedelta(days=1)) == []


class TestRelayLentCardCollusion:
    def test_no_layer_stops_it(self, active, chip, device, noon):
        """Whoever asks the genuine chip, or holds the genuine card, gets what it proves."""
        relayed = chip.tap(), chip.tap()

        assert offline(taps=Roster(active).see(*relayed)).colour is Colour.GREEN
        assert told(active, device(), relayed, noon) == []
        lent = chip.tap(), chip.tap()
        assert told(active, device(), lent, noon + timedelta(days=30)) == []
        assert not Suspicion.objects.exists()


class TestWhetherAPhoneNeedsARoster:
    def test_l0_needs_none(self, active, noon):
        assert read_here(active.qr, noon) == VALID
        assert offline(qr=VALID, nfc=False).allowed

    def test_l1_without_one_cannot_tell_and_says_so(self, active, chip):
        seen = Roster(active, count=0).see(chip.tap(), chip.tap())

        assert seen == "past_window"
        assert offline(taps=seen).colour is Colour.AMBER


class TestOfflineRevocation:
    @pytest.fixture
    def listed(self, active, budi, noon):
        block(active.number, reason="stolen", actor=budi, at=noon)
        publish(actor=budi, at=noon)
        signed = RevocationList.objects.latest("seq")
        return read_list(bytes(signed.content), ring.keyring(), issuer=settings.CARD_HOST)

    def test_l0_is_the_signed_list(self, active, listed):
        assert active.number in listed.revoked
        assert offline(qr="card.revoked", nfc=False).colour is Colour.RED

    def test_l0_with_an_old_list_nothing_is_delivered(self):
        assert not offline(qr=VALID, nfc=False, age=31).allowed

    def test_l1_the_roster_is_the_allow_list(self, active, chip):
        roster = Roster(active)
        roster.held = [Segment(chip.uid, 0, b"")]  # what the server sends for a card that ended

        seen = roster.see(chip.tap(), chip.tap())

        assert seen == "past_window"
        assert offline(taps=seen).colour is not Colour.GREEN
