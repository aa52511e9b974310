"""An EDC terminal, written from the protocol alone, against the real server process."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from django.db import transaction
from django.utils import timezone

from betang.accounts import devices
from betang.accounts.models import Device
from betang.cards import revocation
from betang.cards.block import block
from betang.cards.issue import issue_cards
from betang.cards.models import Card
from betang.cards.models.revocation import RevocationList
from betang.cli.demonstration.field import wallet_of_chips
from betang.core.actor import SYSTEM
from betang.distribution import lease as leases
from betang.distribution.models import Delivery, Entitlement
from betang.keys import chip_master
from betang.keys.init import init
from betang.programmes.models import Programme
from betang.sync.models import Attachment, FieldEvent, Upload
from betang.web.accounts.devices import address_of
from sandbox.edc import drawn
from sandbox.edc.client import OfflineError
from sandbox.edc.memory import Memory
from sandbox.edc.terminal import Terminal
from sandbox.phones.phone import Phone
from sandbox.phones.reader import Reader
from tests.conftest import LiveBetang
from tests.sync.world import VILLAGES, World, make_world

pytestmark = pytest.mark.server

HERE, NEXT, _ = VILLAGES
PAD = "M0 0L40 12"
#: Waiting for a process that starts on a busy machine.
PATIENCE_S = 120


class CutTransport(httpx.BaseTransport):
    """A line that is cut after the server heard and committed: the answer never arrives."""

    def __init__(self) -> None:
        self.line = httpx.HTTPTransport()
        self.cut_next = ""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self.line.handle_request(request)
        if self.cut_next and request.url.path.endswith(self.cut_next):
            answer.read()  # the server has answered, so it has committed
            answer.close()
            self.cut_next = ""
            raise httpx.ReadError("cut", request=request)
        return answer

    def close(self) -> None:
        self.line.close()


@pytest.fixture
def world(live_betang: LiveBetang, budi, wati, settings) -> World:
    """Families with cards in their hands, a list of cards, and the site running."""
    init(actor=SYSTEM, at=timezone.now())
    settings.ORIGIN = live_betang.origin
    made = make_world(budi, wati)
    issue_cards(actor=budi, at=timezone.now(), virtual_chips=True)
    Card.objects.update(state="active", handed_over_at=timezone.now())
    Programme.objects.update(tap_required=False)
    revocation.publish(actor=SYSTEM, at=timezone.now())
    live_betang.start("site")
    return made


@pytest.fixture
def line() -> CutTransport:
    return CutTransport()


@pytest.fixture
def terminal(live_betang, world, line, tmp_path: Path) -> Iterator[Terminal]:
    """A terminal with a lease on one village."""
    memory = Memory(tmp_path / "edc.sqlite")
    made = Terminal(memory, live_betang.origin, transport=line)
    at = timezone.now()
    words = made.enrol(address_of(devices.issue_code(world.owner, actor=world.actor, at=at)))
    devices.confirm(row(made), words=words, areas=[HERE, NEXT], actor=world.actor, at=at)
    leases.grant(row(made), cycle=world.cycle, areas=[HERE], actor=world.actor, at=at)
    made.synchronise()
    yield made
    made.client.close()
    memory.close()


def row(terminal: Terminal) -> Device:
    return Device.objects.select_related("owner").get(short_id=terminal.short_id)


def cards(village: int = HERE) -> list[str]:
    return list(Card.objects.filter(village_id=village).order_by("pk").values_list("qr", flat=True))


def codes(terminal: Terminal) -> list[str]:
    terminal.synchronise()
    told = sorted(terminal.memory.decisions(), key=lambda one: one["seq"])
    return [one["code"] for one in told]


def again(terminal: Terminal, line: CutTransport) -> Terminal:
    """The same terminal after a power cut: only what was on the disk is left."""
    return Terminal(terminal.memory, terminal.client.origin, transport=line)


class TestTheTerminal:
    def test_is_registered_as_what_it_is_and_tells_of_itself(self, terminal):
        device = row(terminal)

        assert (device.kind, device.app_version, device.unsent) == ("edc", "1.0.0", 0)
        assert (device.storage_persisted, device.list_seq) == (True, None)  # a first round: no list

        Device.objects.update(told_at=timezone.now() - timedelta(minutes=2))
        terminal.synchronise()

        assert row(terminal).list_seq == RevocationList.objects.latest("seq").seq

    def test_delivers_with_a_network(self, terminal):
        served = terminal.show(cards()[0], signature=PAD)

        assert (served.verdict.colour, served.verdict.reason) == ("green", "qr.valid")
        assert f"No. {terminal.short_id}-1" in served.receipts[0]
        assert "beras 5 kg" in served.receipts[0]
        assert codes(terminal) == ["ok"]
        delivery = Delivery.objects.get(counted=True)
        assert delivery.receipt_number == f"{terminal.short_id}-1"
        assert Attachment.objects.count() == 1

    def test_refuses_a_second_delivery_itself(self, terminal):
        terminal.show(cards()[0])

        again_shown = terminal.show(cards()[0])

        assert not again_shown.events

    def test_serves_while_the_server_is_dead_and_a_power_cut_loses_nothing(
        self, terminal, live_betang, line
    ):
        live_betang.kill("site")
        for qr in cards()[:3]:
            assert terminal.show(qr).verdict.allowed
        with pytest.raises(OfflineError):
            terminal.synchronise()
        restarted = again(terminal, line)
        assert restarted.memory.count_unsent() == 3
        assert not restarted.show(cards()[0]).events

        live_betang.start("site")

        assert codes(restarted) == ["ok"] * 3
        assert Delivery.objects.filter(counted=True).count() == 3

    def test_sends_the_same_bytes_again_when_the_acknowledgement_was_lost(self, terminal, line):
        terminal.show(cards()[0])
        line.cut_next = "/events"
        with pytest.raises(OfflineError):
            terminal.synchronise()
        assert FieldEvent.objects.count() == 1
        assert terminal.memory.count_unsent() == 1

        answers = terminal.push()

        assert [one["answer"] for one in answers] == ["again"]
        assert terminal.memory.count_unsent() == 0
        assert FieldEvent.objects.count() == Delivery.objects.filter(counted=True).count() == 1

    def test_may_repeat_everything_and_changes_nothing(self, terminal):
        for qr in cards()[:2]:
            terminal.show(qr)
        terminal.synchronise()
        terminal.memory.send_again_from(1)

        assert [one["answer"] for one in terminal.push()] == ["again", "again"]
        assert Delivery.objects.count() == 2

    def test_fills_a_gap_from_the_place_that_the_server_names(self, terminal):
        for qr in cards()[:3]:
            terminal.show(qr)
        terminal.memory.sent([1])  # it believes that the first was sent; it never was

        answers = [one["answer"] for one in terminal.push()]

        assert answers[:2] == ["held", "held"]
        assert terminal.memory.count_unsent() == 0
        assert codes(terminal) == ["ok"] * 3

    def test_is_told_by_a_decision_that_its_claim_was_the_second(self, terminal, world):
        qr = cards()[0]
        terminal.show(qr)  # offline in effect: nothing is sent yet
        right = json.loads(terminal.memory.unsent()[0].payload)["data"]["entitlement"]
        other = Phone(terminal.client.origin, httpx.Client(base_url=terminal.client.origin))
        at = timezone.now()
        other.enrol(devices.issue_code(world.owner, actor=world.actor, at=at))
        devices.confirm(
            world.device(other), words=other.words, areas=[HERE], actor=world.actor, at=at
        )
        leases.override(right, reason="Mesin mati.", actor=world.actor, second=world.second, at=at)
        other.reserve(entitlement=right)
        other.deliver(right, online=True)
        other.push()
        other.client.close()

        assert codes(terminal) == ["claim.already_delivered"]
        assert "sudah diambil" in terminal.memory.decisions()[0]["sentence"]
        assert Delivery.objects.filter(counted=True).count() == 1

    def test_asks_first_about_what_is_drawn_and_does_not_deliver_what_the_server_denies(
        self, terminal, world, live_betang, monkeypatch
    ):
        monkeypatch.setattr(drawn, "BELOW", 1 << 16)  # every one is drawn
        denied, served, unheard = cards()[:3]
        right = next(iter(terminal._due(Card.objects.get(qr=denied).number)))
        at = timezone.now()
        leases.override(right, reason="Mesin mati.", actor=world.actor, second=world.second, at=at)
        other = world.confirmed(areas=(HERE,))
        other.reserve(entitlement=right)

        assert terminal.show(denied).events == []
        assert "ditugaskan ke gawai petugas lain" in terminal.show(denied).denials[0]
        assert len(terminal.show(served).events) == 1
        live_betang.kill("site")
        assert len(terminal.show(unheard).events) == 1

    def test_takes_a_family_of_another_list_online_and_not_without_a_network(
        self, terminal, live_betang
    ):
        elsewhere = cards(NEXT)
        live_betang.kill("site")
        refused = terminal.show(elsewhere[0])
        assert (refused.verdict.reason, refused.events) == ("lease.none", [])
        live_betang.start("site")

        served = terminal.show(elsewhere[0])

        assert served.verdict.allowed
        assert json.loads(served.events[0].payload)["data"]["online"] is True
        assert codes(terminal) == ["ok"]

    def test_goes_on_with_the_part_that_the_server_names(self, terminal, world):
        qr = cards(NEXT)[0]
        Entitlement.objects.update(parts_allowed=2)
        first, second, third = (terminal.show(qr) for _ in range(3))

        parts = [json.loads(one.events[0].payload)["data"]["part"] for one in (first, second)]
        assert parts == [1, 2]
        assert third.events == []
        assert codes(terminal) == ["ok", "ok"]

    def test_refuses_a_card_that_was_blocked_once_it_has_the_list(self, terminal, world):
        card = Card.objects.filter(village_id=HERE).order_by("pk")[0]
        with transaction.atomic():
            block(card.number, reason="lost", actor=world.actor, at=timezone.now())
        revocation.publish(actor=SYSTEM, at=timezone.now())
        assert terminal.show(cards()[1]).verdict.allowed
        terminal.synchronise()

        shown = terminal.show(card.qr)

        assert (shown.verdict.colour, shown.verdict.reason) == ("red", "card.revoked")
        assert shown.events == []

    def test_refuses_a_card_that_is_forged_or_of_a_campaign(self, terminal):
        reasons = [
            terminal.show(text).verdict.reason
            for text in ("https://kartu-kampanye.example/1", cards()[0][:-4] + "0000")
        ]

        assert reasons[0] == "qr.not_ours"
        assert reasons[1].startswith("qr.")
        assert terminal.memory.count_unsent() == 0

    def test_asks_for_a_signature_where_a_phone_takes_a_photo(self, terminal, world):
        Programme.objects.update(tap_required=True)
        terminal.synchronise()

        assert not terminal.show(cards()[0]).verdict.allowed
        assert terminal.show(cards()[0], signature=PAD).verdict.reason == "qr.without_nfc"
        assert codes(terminal) == ["ok"]

    def test_sends_the_scan_of_a_signed_paper_in_parts(self, terminal):
        terminal.show(cards()[0], scan=bytes(range(256)) * 700)

        terminal.synchronise()

        assert Upload.objects.get().complete_at is not None
        assert terminal.memory.blobs() == []

    def test_gives_its_lease_back(self, terminal):
        terminal.show(cards()[0])
        terminal.close_lease(next(iter(terminal.rights().values())))

        assert codes(terminal) == ["ok", "ok"]
        assert not Entitlement.objects.filter(holder=row(terminal), state="open").exists()
        assert terminal.rights() == {}

    def test_that_is_revoked_sends_what_it_has_wipes_itself_and_says_so(self, terminal, world):
        terminal.show(cards()[0])
        devices.revoke(
            row(terminal), reason="Kontrak selesai.", actor=world.actor, at=timezone.now()
        )

        stood = terminal.synchronise()

        assert stood == {"state": "device.revoked", "unsent": 0, "rights": 0}
        assert FieldEvent.objects.get().state == "waiting"
        assert row(terminal).wiped_at is not None
        assert terminal.memory.get("bundle") is None
        assert not terminal.show(cards()[1]).events


class TestAChip:
    @pytest.fixture
    def chips(self, settings, monkeypatch, live_betang) -> Iterator[Reader]:
        """Chips that answer over their socket; the demonstration's master makes their keys."""
        settings.DEMO = True
        live_betang.environment["BETANG_DEMO"] = "1"
        monkeypatch.setenv("BETANG_DEMO", "1")
        chip_master.make_test_master()
        with wallet_of_chips() as address:
            reader = Reader(address)
            yield reader
            reader.close()

    def test_is_tapped_online_and_a_tap_is_good_once(self, chips, terminal):
        uid = Card.objects.filter(village_id=HERE).order_by("pk")[0].chip_uid
        first, second = chips.tap(bytes(uid).hex(), 2)

        told = [terminal.tap(**one)["reason"] for one in (first, second, second)]

        assert told == ["tap.only_one", "tap.genuine", "tap.replayed"]


def test_the_program_serves_whoever_holds_a_card_before_its_scanner(
    live_betang, world, tmp_path: Path
):
    at = timezone.now()
    code = address_of(devices.issue_code(world.owner, actor=world.actor, at=at))
    program = subprocess.Popen(
        [
            sys.executable, "-m", "sandbox.edc", "--origin", live_betang.origin, "--code", code,
            "--memory", str(tmp_path / "edc.sqlite"),
        ],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert program.stdin
    assert program.stdout
    hears = line_reader(program)
    told = hears()
    device = Device.objects.select_related("owner").get(short_id=told["short_id"])
    leases_at = timezone.now()
    devices.confirm(device, words=told["words"], areas=[HERE], actor=world.actor, at=leases_at)
    assert hears()["synchronised"]["state"] == "active"
    leases.grant(device, cycle=world.cycle, areas=[HERE], actor=world.actor, at=leases_at)

    said, _ = program.communicate("\n".join([":sync", *cards(), ":sync", ":status", ":end", ""]),
                                  timeout=PATIENCE_S)  # fmt: skip

    lines = [json.loads(each) for each in said.splitlines()]
    assert program.returncode == 0
    assert [one["allowed"] for one in lines if "allowed" in one] == [True] * 6
    assert lines[-1]["unsent"] == 0
    assert Delivery.objects.filter(counted=True).count() == 6


def line_reader(program: subprocess.Popen[str]) -> Callable[[], dict]:  # type: ignore[type-arg]
    def read() -> dict:  # type: ignore[type-arg]
        assert program.stdout
        told: dict = json.loads(program.stdout.readline())  # type: ignore[type-arg]
        return told

    return read
