"""The station through the real `pcscd` and its commands, with a virtual chip in the reader."""

import json
import os
from collections.abc import Callable, Iterator

import pytest
from click.testing import CliRunner
from django.utils import timezone

from betang.accounts.models import RoleGrant, User
from betang.cards.issue import issue_cards
from betang.cards.models import Card, ChipVisit
from betang.cards.personalise import session as sessions
from betang.cards.personalise.reader import NoReaderError, Reader, reader_names
from betang.cli.main import main
from betang.core.actor import Actor
from sandbox.chip.maker import Maker
from sandbox.chip.misbehaving import PulledOut, PulledOutError, wrong_product
from sandbox.chip.virtual_chip import VirtualChip
from sandbox.chip.vpcd import CardInReader
from tests.cards.pcscd import Pcscd, is_here, wait_for
from tests.conftest import PATIENCE_S

pytestmark = pytest.mark.django_db

MAKER = Maker()


@pytest.fixture(scope="module")
def pcscd(tmp_path_factory) -> Iterator[Pcscd]:
    assert is_here(), "these tests need pcscd with vpcd: make devices"
    running = Pcscd(tmp_path_factory.mktemp("pcscd"))
    before = os.environ.get("PCSCLITE_CSOCK_NAME")
    os.environ["PCSCLITE_CSOCK_NAME"] = running.socket_name
    running.start()
    yield running
    running.stop()
    os.environ.pop("PCSCLITE_CSOCK_NAME")
    if before is not None:
        os.environ["PCSCLITE_CSOCK_NAME"] = before


@pytest.fixture
def field(pcscd) -> Callable[..., CardInReader]:
    """Put a chip into the field of the reader."""

    def put(chip, pulled: PulledOut | None = None) -> CardInReader:
        # pcscd looks every 0.4 seconds: a hand needs longer from one card to the next.
        assert Reader("00 00").wait_until_empty(seconds=PATIENCE_S)
        return CardInReader(
            pulled or chip, reset=chip.reset, connect=pcscd.connect, gone=PulledOutError
        )

    return put


@pytest.fixture
def people(db, budi: Actor, wati: Actor) -> tuple[str, str]:
    """Two persons of the province, who may start and confirm."""
    names = []
    for name, actor in (("budi", budi), ("wati", wati)):
        user = User.objects.create(username=name, full_name=name, person=actor.person)
        at = timezone.now()
        RoleGrant.objects.create(
            user=user, role="dinsos_province", proposed_by_person=budi.uuid,
            approved_by_person=wati.uuid, from_at=at,
        )  # fmt: skip
        names.append(name)
    return names[0], names[1]


@pytest.fixture
def printed(demo, family, budi: Actor) -> list[Card]:
    for _ in range(2):
        family()
    issue_cards(actor=budi, at=timezone.now())
    Card.objects.update(state="printed")
    return list(Card.objects.order_by("number"))


def betang(*words: str) -> list[dict]:
    """Run a command and read the lines that it says."""
    ended = CliRunner().invoke(main, [*words, "--json"], catch_exceptions=False)
    assert ended.exit_code == 0, ended.output
    return [json.loads(line) for line in ended.stdout.splitlines() if line.startswith("{")]


@pytest.fixture
def session(printed, people) -> str:
    starter, confirmer = people
    numbers = [card.number for card in printed]
    made = betang("cards", "personalise", "start", *numbers, "--by", starter)[0]
    betang("cards", "personalise", "confirm", made["session"], "--by", confirmer)
    return made["session"]


@pytest.fixture
def station(session) -> Callable[..., list[dict]]:
    """Run the station for one chip."""

    def run(*more: str) -> list[dict]:
        words = (
            "--reader",
            "00 00",
            "--chips",
            "1",
            "--wait",
            "8",
            "--maker",
            MAKER.point.hex(),
            *more,
        )
        return betang("cards", "personalise", "run", session, "--by", "budi", *words)

    return run


def blank(number: int = 1) -> VirtualChip:
    return VirtualChip(bytes.fromhex(f"04{number:012x}"), maker=MAKER)


class TestTheReader:
    def test_one_of_another_name_is_refused(self, pcscd):
        with pytest.raises(NoReaderError):
            Reader("ACR122")

    def test_an_empty_field_is_not_waited_for_for_ever(self, pcscd):
        assert not Reader("00 00").wait_for_chip(seconds=0.1)

    def test_is_named(self, pcscd):
        assert [name for name in reader_names() if "Virtual PCD" in name]


class TestTheStation:
    def test_names_a_wrong_chip_and_writes_nothing(self, station, field):
        with field(wrong_product(blank().uid, maker=MAKER)):
            (told,) = station()

        assert told["state"] == "wrong_product"
        assert told["done"] == 0

    def test_finishes_a_chip_and_tells_how_far_it_is(self, station, field, printed):
        chip = blank()
        with field(chip):
            (told,) = station()

        card = Card.objects.get(number=printed[0].number)
        assert (told["state"], told["card"]) == ("done", card.number)
        assert (told["done"], told["of"]) == (1, 2)
        assert told["chips_an_hour"] > 0
        assert bytes(card.chip_uid) == chip.uid
        assert card.checked_at

    @pytest.mark.parametrize("after", [3, 22, 36])
    def test_goes_on_with_a_chip_that_was_pulled_out(self, station, field, printed, after):
        chip = blank()
        with field(chip, PulledOut(chip, after=after)):
            (told,) = station()
        assert told["state"] == "pulled"

        with field(chip):
            (told,) = station()

        assert (told["state"], told["card"]) == ("done", printed[0].number)
        assert ChipVisit.objects.count() == 2

    def test_goes_on_when_the_reader_was_unplugged(self, station, field, pcscd, printed):
        chip = blank()
        unplugging = Unplugging(chip, after=25, unplug=pcscd.stop)
        with field(unplugging):
            told = station("--wait", "1")
        assert [one["state"] for one in told if one["state"] != "reader_gone"] == []
        assert told

        pcscd.start()
        wait_for(reader_names, "reader")
        with field(chip):
            (told,) = station()

        assert (told["state"], told["card"]) == ("done", printed[0].number)

    def test_a_session_that_one_person_began_waits(self, printed, people, session):
        made = betang("cards", "personalise", "start", printed[0].number, "--by", "budi")[0]
        ended = CliRunner().invoke(
            main, ["cards", "personalise", "run", made["session"], "--by", "budi"]
        )

        assert isinstance(ended.exception, sessions.ChipSessionStateError) or ended.exit_code


class Unplugging:
    """A chip whose reader is unplugged in the middle of a command."""

    def __init__(self, chip: VirtualChip, *, after: int, unplug: Callable[[], None]) -> None:
        self.chip, self.after, self.unplug = chip, after, unplug

    def answer(self, command: bytes) -> bytes:
        self.after -= 1
        if self.after == 0:
            self.unplug()
        return self.chip.answer(command)

    def reset(self) -> None:
        self.chip.reset()
