"""Chips without a network, against the real server: what is red, amber and green."""

import pytest
from django.db import transaction
from django.utils import timezone

from betang.accounts import devices
from betang.accounts.models import Device
from betang.cards import custody
from betang.cards.hand_over import hand_over
from betang.cards.issue import issue_cards
from betang.cards.models import Card, Presentation
from betang.cards.revocation import publish
from betang.distribution.models import Delivery
from betang.journal.models import Entry
from betang.keys import chip_master
from betang.sync import tickets
from betang.sync.models import Decision
from sandbox.chip.virtual_chip import CopiedChip, VirtualChip
from tests.fieldapp.conftest import enrol, type_pin, wait_for_worker
from tests.fieldapp.nfc import give_reader, touch, wait_for_tickets
from tests.fieldapp.office import ELSEWHERE, SERVED, WAITING, code, confirm
from tests.holding import until_true
from tests.sync.world import World, make_world

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.django_db(transaction=True)]

WINDOW = 8


@pytest.fixture
def village(live_betang, keys, budi, wati, settings) -> World:
    """Three families a village; those of the first hold their cards, each with a chip."""
    settings.DEMO, settings.TICKETS = True, WINDOW
    live_betang.environment["BETANG_DEMO"] = "1"  # only there a chip's master lies in a file
    chip_master.make_test_master()
    world = make_world(budi, wati, families=3)
    at = timezone.now()
    with transaction.atomic():
        issue_cards(actor=budi, at=at, virtual_chips=True)
        Card.objects.update(state="printed")
        custody.receive(actor=budi, at=at)
        for number in Card.objects.filter(village_id=SERVED).values_list("number", flat=True):
            hand_over(number, actor=budi, at=at)
        publish(actor=budi, at=at)
    return world


def cards_of(village: int) -> list[Card]:
    return list(Card.objects.filter(village_id=village).order_by("pk"))


def chip_in(card: Card, settings) -> VirtualChip:
    master = bytes.fromhex(chip_master.test_master_path().read_text())
    return VirtualChip.of(bytes(card.chip_uid), master=master, host=settings.CARD_HOST)


def build() -> None:
    """Let the worker make what is missing."""
    while tickets.build_next(at=timezone.now()):
        pass


def in_the_village(phone, live_betang, world, clerk, *, camera=None):
    """Enrol a phone with NFC, give it its tickets, end the server, restart the phone."""
    live_betang.start("site")
    page = give_reader(phone(camera=camera))
    enrol(page, code(live_betang.origin, world, clerk))
    confirm(page, world, clerk)
    wait_for_worker(page)
    assert Device.objects.get().has_nfc
    build()
    page.get_by_role("button", name="Catatan").click()
    page.get_by_role("button", name="Kirim dan perbarui").click()
    wait_for_tickets(page, 6)
    page.context.close()
    live_betang.kill("site")
    page = give_reader(phone(camera=camera))
    page.goto(f"{live_betang.origin}/lapangan/")
    type_pin(page)
    page.get_by_role("heading", name="Hari ini").wait_for()
    page.get_by_text("Tanpa sinyal").wait_for()
    return page


def back_at_the_office(phone, live_betang, told: str) -> None:
    """Start the server, restart the phone, wait until its record is decided as `told`."""
    live_betang.start("site")
    page = give_reader(phone())
    page.goto(f"{live_betang.origin}/lapangan/")
    type_pin(page)
    page.get_by_role("button", name="Catatan").click()
    page.locator("li .chip", has_text=told).first.wait_for()
    page.context.close()


def says(page, heading: str) -> None:
    page.get_by_role("heading", name=heading, exact=True).wait_for()


def deliver(page, kept: str = "Tersimpan di HP ini") -> None:
    page.get_by_role("button", name="Lanjut", exact=True).click()
    page.get_by_text("Kepala keluarga").click()
    page.get_by_role("button", name="Serahkan dan simpan").click()
    page.get_by_text(kept).wait_for()


class TestWithoutANetwork:
    def test_a_chip_is_red_amber_or_green_as_it_deserves(
        self, live_betang, village, phone, budi, settings
    ):
        first, second, third = cards_of(SERVED)
        page = in_the_village(phone, live_betang, village, budi)
        page.get_by_role("button", name="Pindai").click()

        forger = VirtualChip(bytes(third.chip_uid), bytes(16), settings.CARD_HOST)
        touch(page, forger)
        says(page, "Tidak dapat diserahkan")
        page.get_by_text("Cip kartu ini palsu").wait_for()
        assert page.get_by_text("Warga").count() == 0  # red shows no name

        genuine = chip_in(third, settings)  # the forged counter raised nothing
        genuine.counter = 2
        touch(page, genuine)
        says(page, "Tempelkan sekali lagi")

        far = chip_in(second, settings)
        far.counter = WINDOW + 40
        url = touch(page, far)
        says(page, "Belum dapat dipastikan")
        page.get_by_text("sudah sering dibaca").wait_for()
        touch(page, url)  # the same bytes a second time: no chip says that
        says(page, "Tidak dapat diserahkan")

        chip = chip_in(second, settings)  # the genuine one is no worse for that
        touch(page, chip)
        says(page, "Tempelkan sekali lagi")
        copy = CopiedChip.harvested(chip)
        touch(page, copy)
        says(page, "Kartu asli")  # the first showing of a recorded tap: nobody can know
        page.get_by_role("button", name="Selesai").click()
        page.get_by_role("button", name="Pindai").click()
        touch(page, copy)
        says(page, "Tidak dapat diserahkan")
        page.get_by_text("Tempelan ini sudah pernah dipakai").wait_for()

        mine = chip_in(first, settings)
        touch(page, mine)
        says(page, "Tempelkan sekali lagi")
        page.get_by_role("button", name="Cip tidak terbaca: lanjut dengan foto").wait_for()
        touch(page, mine)
        says(page, "Kartu asli")
        deliver(page)
        page.context.close()
        assert Card.objects.get(pk=first.pk).counter == 0

        back_at_the_office(phone, live_betang, "Disahkan")

        delivery = Delivery.objects.get()
        assert (delivery.counted, delivery.colour, delivery.online) == (True, "green", False)
        assert Card.objects.get(pk=first.pk).counter == 2
        shown = Presentation.objects.filter(card=first).order_by("counter")
        assert [(one.counter, one.colour) for one in shown] == [(1, "amber"), (2, "green")]
        assert not Entry.objects.filter(kind="card.copied").exists()

    def test_a_chip_and_the_code_of_another_card_do_not_go_together(
        self, live_betang, village, phone, camera, budi, settings
    ):
        first, second, _ = cards_of(SERVED)
        page = in_the_village(phone, live_betang, village, budi, camera=camera(first.qr))

        page.get_by_role("button", name="Pindai").click()
        says(page, "Kartu asli")  # this programme does not insist on the chip
        touch(page, chip_in(second, settings))
        says(page, "Tidak dapat diserahkan")
        page.get_by_text("berasal dari kartu yang berbeda").wait_for()

        page.get_by_role("button", name="Pindai kartu lain").click()
        says(page, "Kartu asli")
        chip = chip_in(first, settings)
        touch(page, chip, chip)  # the second before the first is weighed: both count
        until_true(page, "() => window.__readers.size === 0")  # two rising taps: no more are wanted
        deliver(page)
        page.context.close()

        back_at_the_office(phone, live_betang, "Disahkan")
        assert Presentation.objects.get(card=first, counter=2).reason == "tap.genuine"

    def test_a_card_that_this_phone_carries_is_handed_over_by_two_taps(
        self, live_betang, village, phone, budi, settings
    ):
        card = cards_of(WAITING)[0]
        page = in_the_village(phone, live_betang, village, budi)
        page.get_by_role("button", name="Pindai").click()

        chip = chip_in(card, settings)
        touch(page, chip)
        says(page, "Tempelkan sekali lagi")
        touch(page, chip)
        says(page, "Kartu asli")
        page.get_by_text("Serahkan kartu ini kepada keluarga").wait_for()


class TestWithASignal:
    def test_a_family_from_elsewhere_is_taken_between_two_taps(
        self, live_betang, village, phone, budi, settings
    ):
        card = cards_of(ELSEWHERE)[0]
        with transaction.atomic():
            hand_over(card.number, actor=budi, at=timezone.now())
        chip = chip_in(card, settings)
        live_betang.start("site")
        page = give_reader(phone())
        enrol(page, code(live_betang.origin, village, budi))
        confirm(page, village, budi)
        page.get_by_role("button", name="Pindai").click()

        touch(page, chip)
        page.get_by_role("button", name="Ambil dari server").click()
        says(page, "Tempelkan sekali lagi")
        touch(page, chip)
        says(page, "Kartu asli")
        deliver(page, "sudah diterima server")

        delivery = Delivery.objects.get()
        assert (delivery.counted, delivery.online, delivery.colour) == (True, True, "green")
        assert Card.objects.get(pk=card.pk).counter == 2


class TestAHarvestedTap:
    def test_that_was_shown_elsewhere_is_noticed_when_the_phone_comes_back(
        self, live_betang, village, phone, budi, settings
    ):
        card = cards_of(SERVED)[0]
        chip = chip_in(card, settings)
        page = in_the_village(phone, live_betang, village, budi)
        page.get_by_role("button", name="Pindai").click()
        recorded = [touch(page, chip)]
        says(page, "Tempelkan sekali lagi")
        recorded.append(touch(page, chip))
        says(page, "Kartu asli")
        deliver(page)
        page.context.close()

        other = village.phone()
        device = village.device(other)
        devices.confirm(device, words=other.words, areas=[6202], actor=budi, at=timezone.now())
        told = [dict(pair.split("=") for pair in url.split("?")[1].split("&")) for url in recorded]
        taps = [
            {"uid": t["u"].lower(), "counter": int(t["n"], 16), "mac": t["c"].lower()} for t in told
        ]
        shown = {"number": card.number, "colour": "green", "reason": "tap.genuine", "qr": False}
        other.deliver(village.rights(SERVED)[0], card=shown | {"taps": taps})
        other.push()

        back_at_the_office(phone, live_betang, "Dipersoalkan")

        assert Entry.objects.filter(kind="card.copied").exists()
        assert not Delivery.objects.filter(counted=True).exists()
        last = Decision.objects.filter(device__has_nfc=True).latest("id")
        assert (last.outcome, last.code) == ("contested", "claim.card_refused")
