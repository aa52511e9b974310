"""A day in a village without signal, against the real server: the phone enrols and fetches its
families, the server stops and the phone is restarted, a card is scanned and served, and when the
server is back the delivery is counted exactly once.
"""

import hashlib

import pytest
from django.utils import timezone

from betang.accounts import devices
from betang.accounts.models import Device
from betang.cards import custody
from betang.cards.hand_over import hand_over
from betang.cards.issue import issue_cards
from betang.cards.models import Card
from betang.cards.revocation import publish
from betang.core.crypto.keyring import Purpose
from betang.core.jose import to_b64u
from betang.distribution import lease as leases
from betang.distribution.models import Delivery, Entitlement
from betang.keys import signer
from betang.sync.models import Attachment, Decision, FieldEvent
from tests.fieldapp.conftest import enrol, type_pin, wait_for_worker
from tests.sync.world import make_world

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def village(live_betang, keys, budi, wati):
    """Families with rights and cards; the cards of one village are already in their hands."""
    world = make_world(budi, wati, families=3)
    at = timezone.now()
    issue_cards(actor=budi, at=at)
    Card.objects.update(state="printed")
    custody.receive(actor=budi, at=at)
    for number in Card.objects.filter(village_id=6201011001).values_list("number", flat=True):
        hand_over(number, actor=budi, at=at)
    publish(actor=budi, at=at)
    return world


def office_code(live_betang, world, clerk) -> str:
    """The text of the administrator's QR."""
    _, point = signer.current(Purpose.ENROLMENT)
    code = devices.issue_code(world.owner, actor=clerk, at=timezone.now())
    key_hash = to_b64u(hashlib.sha256(point).digest())
    return f"{live_betang.origin}/lapangan/#enrol={code}.{key_hash}"


def confirm(page, world, clerk) -> Device:
    """Compare the words on the phone with the office's, confirm, lease the phone its families."""
    page.get_by_text("Bacakan enam kata ini").wait_for()
    words = [text.split()[-1] for text in page.locator("ol li").all_inner_texts()]
    device = Device.objects.select_related("owner").get()
    at = timezone.now()
    devices.confirm(device, words=words, areas=[6201011001], actor=clerk, at=at)
    leases.grant(device, cycle=world.cycle, actor=clerk, at=at)
    return device


class TestAVillageWithoutSignal:
    def test_a_delivery_made_without_a_server_is_counted_once(
        self, live_betang, village, phone, camera, budi
    ):
        card = Card.objects.filter(village_id=6201011001).order_by("pk").first()
        right = Entitlement.objects.get(household_id=card.household_id, channel="hand")
        live_betang.start("site")
        sight = camera(card.qr)
        page = phone(camera=sight)

        # In the office, with a network.
        enrol(page, office_code(live_betang, village, budi))
        confirm(page, village, budi)
        page.get_by_text("3").and_(page.locator(".figure")).wait_for()
        wait_for_worker(page)
        page.context.close()

        # In the village: no server, the phone switched off and on again.
        live_betang.kill("site")
        page = phone(camera=sight)
        page.goto(f"{live_betang.origin}/lapangan/")
        type_pin(page)
        page.get_by_text("Tanpa sinyal").wait_for()
        page.get_by_role("button", name="Pindai").click()
        page.get_by_role("heading", name="Kartu asli").wait_for()
        page.get_by_role("button", name="Lanjut").click()
        page.get_by_text("Kepala keluarga").click()
        page.get_by_role("button", name="Serahkan dan simpan").click()
        page.get_by_text("Tersimpan di HP ini").wait_for()

        # The same card once more, still without signal.
        page.get_by_role("button", name="Pindai kartu berikutnya").click()
        page.get_by_role("heading", name="Sudah diambil").wait_for()
        page.get_by_role("button", name="Selesai").click()
        page.context.close()
        assert Delivery.objects.count() == 0

        # Back at the office: the phone sends by itself, once, however often it is asked.
        live_betang.start("site")
        page = phone(camera=sight)
        page.goto(f"{live_betang.origin}/lapangan/")
        type_pin(page)
        page.get_by_role("button", name="Catatan").click()
        page.get_by_text("Disahkan").nth(1).wait_for()
        page.get_by_role("button", name="Kirim dan perbarui").click()
        page.get_by_role("button", name="Kirim dan perbarui").wait_for()

        delivery = Delivery.objects.get()
        assert delivery.counted
        assert not delivery.online
        assert delivery.entitlement_id == right.pk
        assert delivery.card_number == card.number
        assert FieldEvent.objects.count() == 1
        assert Decision.objects.get().outcome == "accepted"
        right.refresh_from_db()
        assert right.state == "delivered"
        assert Attachment.objects.count() == 0
