"""Writing chips at a station: what it refuses, and that a chip pulled out anywhere is finished."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from betang.cards.issue import issue_cards
from betang.cards.models import Card, ChipSession, ChipVisit, PrintChip, PrintRun
from betang.cards.personalise import session as sessions
from betang.cards.personalise.outcome import ChipGoneError, Outcome, ReaderGoneError
from betang.cards.personalise.write import personalise_chip
from betang.core.actor import Actor
from betang.core.card import chip_commands as cc
from betang.core.card.chip import is_genuine
from betang.core.card.ev2 import CommMode
from betang.core.errors import SamePersonError
from betang.journal.models import Entry
from betang.keys import chip_master
from sandbox.chip.maker import Maker
from sandbox.chip.misbehaving import PulledOut, random_uid, wrong_product
from sandbox.chip.virtual_chip import VirtualChip

pytestmark = pytest.mark.django_db

MAKER = Maker()
UIDS = [bytes.fromhex(f"04{number:012x}") for number in range(1, 10)]


@pytest.fixture
def printed(demo, family, settings, budi: Actor) -> list[Card]:
    """Three printed cards without a chip."""
    for _ in range(3):
        family()
    issue_cards(actor=budi, at=timezone.now())
    Card.objects.update(state="printed")
    return list(Card.objects.order_by("number"))


@pytest.fixture
def session(printed: list[Card], budi: Actor, wati: Actor) -> ChipSession:
    at = timezone.now()
    made = sessions.start(actor=budi, at=at, numbers=[card.number for card in printed])
    return sessions.confirm(made, actor=wati, at=at)


@pytest.fixture
def put(session: ChipSession, budi: Actor) -> Callable[..., Outcome]:
    """Put a chip into the field and say how that ended."""

    def put_(chip, **given) -> Outcome:
        given = {"maker": MAKER.point, **given}
        return personalise_chip(chip.answer, session, actor=budi, clock=timezone.now, **given)

    return put_


def blank(number: int = 0) -> VirtualChip:
    return VirtualChip(UIDS[number], maker=MAKER)


def keys_of(chip: VirtualChip) -> list[bytes]:
    return [key.value for key in chip.keys]


def is_ours(chip: VirtualChip) -> bool:
    return keys_of(chip) == list(chip_master.card_keys(chip.uid, version=1))


class TestWhoBegins:
    def test_one_person_alone_does_not(self, printed, budi):
        made = sessions.start(actor=budi, at=timezone.now(), numbers=[printed[0].number])

        with pytest.raises(SamePersonError):
            sessions.confirm(made, actor=budi, at=timezone.now())
        with pytest.raises(sessions.ChipSessionStateError, match="belum"):
            personalise_chip(blank().answer, made, actor=budi, clock=timezone.now)
        assert not ChipVisit.objects.exists()

    def test_nor_in_the_database(self, session):
        with pytest.raises(IntegrityError, match="two_persons"), transaction.atomic():
            ChipSession.objects.filter(pk=session.pk).update(
                confirmed_by_person=session.started_by_person
            )

    def test_a_closed_session_writes_no_more(self, session, put, wati):
        sessions.end(session, actor=wati, at=timezone.now())

        with pytest.raises(sessions.ChipSessionStateError, match="ditutup"):
            put(blank())
        with pytest.raises(sessions.ChipSessionStateError):
            sessions.end(session, actor=wati, at=timezone.now())

    def test_a_card_that_is_not_printed_gets_no_chip(self, printed, budi):
        Card.objects.filter(pk=printed[0].pk).update(state="spoilt")

        with pytest.raises(sessions.NotReadyCardError, match=printed[0].number):
            sessions.start(actor=budi, at=timezone.now(), numbers=[printed[0].number])
        with pytest.raises(sessions.NoCardsToWriteError):
            sessions.start(actor=budi, at=timezone.now())


def other_keys(number: int) -> Callable[[VirtualChip], None]:
    def change(chip: VirtualChip) -> None:
        chip.keys[number].value = b"\x77" * 16

    return change


class TestChipsThatAreNotWritten:
    @pytest.mark.parametrize(
        ("chip", "state"),
        [
            (wrong_product(UIDS[0], maker=MAKER), "wrong_product"),
            (random_uid(UIDS[0], maker=MAKER), "random_uid"),
            (VirtualChip(UIDS[0], maker=Maker()), "not_original"),
            (VirtualChip(UIDS[0]), "not_original"),
        ],
        ids=["another product", "a random UID", "another maker", "no signature"],
    )
    def test_a_wrong_chip(self, put, chip, state):
        files = bytes(chip.files[2].data)

        outcome = put(chip)

        assert outcome.state == state
        assert outcome.sentence
        assert keys_of(chip) == [cc.FACTORY_KEY] * 5
        assert bytes(chip.files[2].data) == files
        assert not Card.objects.filter(chip_uid__isnull=False).exists()

    def test_a_chip_with_the_keys_of_another_system(self, put):
        chip = blank()
        other_keys(0)(chip)

        assert put(chip).state == "foreign_keys"
        assert not Card.objects.filter(chip_uid__isnull=False).exists()

    @pytest.mark.parametrize("number", [1, 2, 3, 4])
    def test_a_chip_of_which_one_key_is_anothers_keeps_its_master_key(self, put, number):
        for version in (0, 1):
            chip = blank(version)
            other_keys(number)(chip)
            chip.keys[number].version = version

            assert put(chip).state in {"foreign_keys", "card_has_chip"}
            assert chip.keys[0].value == cc.FACTORY_KEY
        assert not Card.objects.filter(personalised_at__isnull=False).exists()

    def test_a_chip_whose_file_is_locked(self, put):
        chip = blank()
        talk = cc.Conversation(chip.answer)
        talk.select_application()
        talk.authenticate(0, cc.FACTORY_KEY)
        told = talk.file_settings(2)
        locked = type(told)(CommMode.PLAIN, type(told.rights)(0xE, 4, 4, 4))
        talk.change_file_settings(2, locked)

        assert put(chip).state == "locked_settings"

    def test_a_chip_of_the_bureaus_stock(self, put):
        at = timezone.now()
        run = PrintRun.objects.create(at=at, count=1, design="x", rows_sha256=b"")
        PrintChip.objects.create(run=run, uid=UIDS[1], key_version=1)

        assert put(blank(1)).state == "bureau_chip"

    def test_a_chip_with_our_keys_that_no_card_has(self, put, settings):
        chip = VirtualChip.of(
            UIDS[0], master=bytes.fromhex(chip_master.test_master_path().read_text()),
            host=settings.CARD_HOST,
        )  # fmt: skip
        chip.maker = MAKER

        assert put(chip).state == "unrecorded"

    def test_nxp_signed_none_of_ours(self, session, budi):
        outcome = personalise_chip(blank().answer, session, actor=budi, clock=timezone.now)

        assert outcome.state == "not_original"

    def test_a_delay_is_named(self, put):
        chip = blank()
        chip.keys[0].fails = 50

        assert put(chip).state == "delay"

    @pytest.mark.parametrize(
        ("error", "state"), [(ChipGoneError, "pulled"), (ReaderGoneError, "reader_gone")]
    )
    def test_a_chip_or_reader_that_goes_is_named(self, put, error, state):
        assert put(PulledOut(blank(), after=5, error=error)).state == state


class TestFinished:
    def test_a_chip_is_written_and_its_card_knows_it(self, put, printed):
        chip = blank()

        outcome = put(chip)

        card = Card.objects.get(number=printed[0].number)
        assert (outcome.state, outcome.card, outcome.step) == ("done", card.number, "tap")
        assert is_ours(chip)
        assert bytes(card.chip_uid) == chip.uid
        assert card.personalised_at
        assert card.checked_at
        assert card.counter == chip.counter == 1
        tap = chip_tap(chip)
        assert is_genuine(chip_master.file_read_key(chip.uid, version=1), tap)

    def test_it_goes_through_the_cards_in_order_and_says_when_all_are_done(
        self, put, printed, session
    ):
        assert [put(blank(number)).card for number in range(3)] == [card.number for card in printed]
        assert put(blank(0)).state == "again"
        assert put(blank(3)).state == "all_done"
        assert sessions.progress(session) == sessions.Progress(3, 3)

    def test_its_log_and_journal_hold_every_chip_and_no_key(self, put):
        chip = blank()
        put(wrong_product(UIDS[4], maker=MAKER))
        put(chip)

        results = list(ChipVisit.objects.order_by("pk").values_list("result", flat=True))
        entry = Entry.objects.get(kind="card.personalised")
        rows = repr(list(ChipVisit.objects.values())) + repr(entry.facts)
        assert results == ["wrong_product", "done"]
        assert entry.facts["uid"] == chip.uid.hex()
        for key in keys_of(chip):
            assert key.hex() not in rows
            assert repr(key)[2:-1] not in rows

    def test_what_is_in_the_log_stays(self, put):
        put(blank())

        for statement in (
            "DELETE FROM cards_chipvisit",
            "UPDATE cards_chipvisit SET result = 'pulled'",
        ):
            with (
                pytest.raises(IntegrityError, match="remembered"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(statement)

    def test_a_card_keeps_its_chip(self, put, printed):
        put(blank())

        for uid in (None, UIDS[5]):
            with pytest.raises(IntegrityError, match="keeps its chip"), transaction.atomic():
                Card.objects.filter(pk=printed[0].pk).update(chip_uid=uid)


class TestAHalfWrittenChip:
    def test_is_asked_for_again_when_another_comes(self, put, printed):
        half = blank()
        assert put(PulledOut(half, after=25, error=ChipGoneError)).state == "pulled"

        other = put(blank(1))

        assert (other.state, other.card) == ("card_has_chip", printed[0].number)
        assert put(half).state == "done"
        assert put(blank(1)).card == printed[1].number

    def test_is_given_up_with_a_reason_and_never_used_again(self, put, printed, wati):
        half = blank()
        put(PulledOut(half, after=25, error=ChipGoneError))
        at, number = timezone.now(), printed[0].number
        with pytest.raises(sessions.GiveUpReasonError):
            sessions.give_up_chip(number, reason=" ", actor=wati, at=at)

        sessions.give_up_chip(number, reason="patah", actor=wati, at=at)

        assert put(half).state == "given_up"
        assert put(blank(1)).card == number
        with pytest.raises(sessions.NoSuchSpoiltError):
            sessions.give_up_chip(number, reason="patah", actor=wati, at=at)
        with pytest.raises(IntegrityError, match="given up"), transaction.atomic():
            Card.objects.filter(pk=printed[1].pk).update(chip_uid=half.uid)

    def test_of_a_card_of_another_session_is_refused(self, put, printed, session, budi, wati):
        half = blank()
        put(PulledOut(half, after=25, error=ChipGoneError))
        other = sessions.start(actor=budi, at=timezone.now(), numbers=[printed[2].number])
        sessions.confirm(other, actor=wati, at=timezone.now())

        outcome = personalise_chip(
            half.answer, other, actor=budi, clock=timezone.now, maker=MAKER.point
        )

        assert (outcome.state, outcome.card) == ("other_card", printed[0].number)


class Killed(BaseException):
    """The process ended here: nothing may catch it."""


def commands_of_a_whole_chip() -> int:
    """Count the commands of one chip, written without a fault (the test below holds it true)."""
    return 48


@pytest.mark.parametrize("answered", [True, False], ids=["answered", "answer lost"])
@pytest.mark.parametrize("after", range(commands_of_a_whole_chip()))
def test_a_chip_pulled_out_after_any_command_is_finished_for_the_same_card(
    put, printed, after, answered
):
    chip, error = blank(), (Killed if after % 2 else ChipGoneError)
    gone = PulledOut(chip, after=after, answered=answered, error=error)
    if answered or after:
        try:
            put(gone)
        except Killed:
            assert ChipVisit.objects.get().result == ""
    bound = Card.objects.filter(chip_uid__isnull=False)
    assert bound.count() <= 1
    chip.reset()

    outcome = put(chip)

    assert (outcome.state, outcome.card) == ("done", printed[0].number)
    assert is_ours(chip)
    assert [bytes(card.chip_uid) for card in Card.objects.filter(chip_uid__isnull=False)] == [
        chip.uid
    ]
    assert Card.objects.filter(checked_at__isnull=False).count() == 1


def test_no_command_is_missing_from_that(put):
    whole = PulledOut(blank(), after=10_000)

    put(whole)

    assert whole.seen == commands_of_a_whole_chip()


def chip_tap(chip: VirtualChip):
    chip.host = "kartu.betang.example"
    return chip.tap()
