"""A day in a village without signal, against the real server: the phone enrols and fetches its
families, the server is killed and the phone restarted, cards are scanned and served, and when the
server is back each deed is counted exactly once.
"""

import re

import pytest
from django.db import transaction
from django.utils import timezone

from betang.cards import block
from betang.cards.hand_over import hand_over
from betang.cards.revocation import publish
from betang.distribution.models import Delivery, Entitlement, StockCount
from betang.keys import blobs
from betang.sync.models import Attachment, Decision, FieldEvent
from betang.sync.read_said import open_attachment
from tests.fieldapp.conftest import enrol, open_phone_in_the_village
from tests.fieldapp.office import ELSEWHERE, SERVED, WAITING, code, confirm
from tests.fieldapp.steps import (
    first_card,
    name_a_representative,
    prepare_in_the_office,
    send_everything,
)

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.django_db(transaction=True)]


class TestAVillageWithoutSignal:
    def test_a_delivery_made_without_a_server_is_counted_once(
        self, live_betang, village, phone, camera, budi
    ):
        card = first_card(SERVED)
        right = Entitlement.objects.get(household_id=card.household_id, channel="hand")
        live_betang.start("site")
        sight = camera(card.qr)
        prepare_in_the_office(phone(camera=sight), live_betang, village, budi)

        live_betang.kill("site")
        page = open_phone_in_the_village(phone, live_betang.origin, sight)
        page.get_by_text("Tanpa sinyal").wait_for()
        page.get_by_role("button", name="Pindai").click()
        page.get_by_role("heading", name="Kartu asli").wait_for()
        page.get_by_role("button", name="Lanjut").click()
        page.get_by_text("Kepala keluarga").click()
        page.get_by_role("button", name="Serahkan dan simpan").click()
        page.get_by_text("Tersimpan di HP ini").wait_for()
        page.get_by_role("button", name="Pindai kartu berikutnya").click()
        page.get_by_role("heading", name="Sudah diambil").wait_for()
        page.context.close()
        assert not FieldEvent.objects.exists()

        live_betang.start("site")
        send_everything(phone, live_betang, sight, 1)

        delivery = Delivery.objects.get()
        right.refresh_from_db()
        assert (delivery.counted, delivery.online) == (True, False)
        assert (delivery.entitlement_id, right.state) == (right.pk, "delivered")
        assert delivery.card_number == card.number
        assert FieldEvent.objects.count() == 1
        assert Decision.objects.get().outcome == "accepted"

    def test_a_card_blocked_in_the_office_is_refused_without_a_server(
        self, live_betang, village, phone, camera, budi, noon
    ):
        card = first_card(SERVED)
        with transaction.atomic():
            block.block(card.number, reason="lost", actor=budi, at=noon)
            publish(actor=budi, at=timezone.now())
        live_betang.start("site")
        sight = camera(card.qr)
        prepare_in_the_office(phone(camera=sight), live_betang, village, budi)
        live_betang.kill("site")

        page = open_phone_in_the_village(phone, live_betang.origin, sight)
        page.get_by_role("button", name="Pindai").click()

        page.get_by_role("heading", name="Tidak dapat diserahkan").wait_for()
        page.get_by_text("Kartu ini sudah diblokir").wait_for()
        assert page.get_by_text("Warga").count() == 0  # red shows no name
        assert page.get_by_role("button", name="Lanjut").count() == 0

    def test_a_card_and_the_first_aid_go_to_a_representative_at_home(
        self, live_betang, village, phone, camera, budi, picture
    ):
        card = first_card(WAITING)
        live_betang.start("site")
        sight = camera(card.qr)
        prepare_in_the_office(phone(camera=sight), live_betang, village, budi)

        live_betang.kill("site")
        page = open_phone_in_the_village(phone, live_betang.origin, sight)
        page.get_by_role("button", name="Pindai").click()
        page.get_by_text("Serahkan kartu ini kepada keluarga").wait_for()  # the card first
        page.get_by_role("button", name="Lanjut").click()
        page.get_by_text("Kepala keluarga").click()
        page.get_by_text("Saya menyerahkannya di tempat tinggal keluarga").click()
        page.get_by_text("tepat dalam 9 meter").wait_for()
        page.get_by_role("button", name="Serahkan kartu").click()
        page.get_by_role("button", name="Lanjut: serahkan bantuan").click()
        page.get_by_role("button", name="Lanjut").click()
        name_a_representative(page, picture)
        page.get_by_role("button", name="Serahkan dan simpan").click()
        page.get_by_text("Tersimpan di HP ini").wait_for()
        page.context.close()

        live_betang.start("site")
        send_everything(phone, live_betang, sight, 2)

        card.refresh_from_db()
        assert card.state == "active"
        assert Delivery.objects.get().collector == "representative"
        told = [open_attachment(bytes(row.sha256)) for row in Attachment.objects.order_by("pk")]
        (given,) = [one for one in told if one.get("collector_name") == "Ibu Ratna"]
        assert re.fullmatch(r"M\d+ \d+l-?\d+(?:[ -]\d+){7,}", given["signature"])
        assert any(one.get("home", {}).get("lat") == -2.2083 for one in told)
        assert b"Ratna" not in b"".join(bytes(row.payload) for row in FieldEvent.objects.all())
        assert given["collector_relation"] == "neighbour"
        assert given["photo_of"] == ["letter", "person"]
        photos = blobs.SealedBlob.objects.values_list("sha256", flat=True)
        assert [blobs.fetch(bytes(photo))[:2] for photo in photos] == [b"\xff\xd8"] * 2


class TestAFamilyFromElsewhere:
    def test_is_served_when_there_is_a_signal(self, live_betang, village, phone, camera, budi):
        card = first_card(ELSEWHERE)
        with transaction.atomic():
            hand_over(card.number, actor=budi, at=timezone.now())
        live_betang.start("site")
        page = phone(camera=camera(card.qr))
        enrol(page, code(live_betang.origin, village, budi))
        confirm(page, village, budi)

        page.get_by_role("button", name="Pindai").click()
        page.get_by_text("tidak ada dalam penugasan HP ini").wait_for()
        page.get_by_role("button", name="Ambil dari server").click()
        page.get_by_role("heading", name="Kartu asli").wait_for()
        page.get_by_role("button", name="Lanjut").click()
        page.get_by_text("Kepala keluarga").click()
        page.get_by_role("button", name="Serahkan dan simpan").click()
        page.get_by_text("sudah diterima server").wait_for()

        delivery = Delivery.objects.get()
        assert (delivery.counted, delivery.online) == (True, True)
        assert delivery.village_id == ELSEWHERE


def test_goods_that_came_short_are_told_without_a_server(
    live_betang, village, phone, camera, budi, tmp_path
):
    sight = camera(first_card(SERVED).qr)
    live_betang.start("site")
    prepare_in_the_office(phone(camera=sight), live_betang, village, budi)
    live_betang.kill("site")

    page = open_phone_in_the_village(phone, live_betang.origin, sight)
    page.get_by_role("button", name="Catat barang").click()
    page.get_by_role("button", name="Simpan catatan barang").click()
    page.get_by_text("Pilih desanya.").wait_for()
    page.locator("label", has_text="6201011001").click()
    page.get_by_role("button", name="Simpan catatan barang").click()
    page.get_by_text("Isi jumlah Beras").wait_for()
    page.get_by_role("group", name="Beras").get_by_label("Diterima").fill("12")
    page.get_by_role("group", name="Beras").get_by_label("Kurang").fill("3")
    page.get_by_role("group", name="Gula").get_by_label("Diterima").fill("3")
    page.screenshot(path=tmp_path / "barang.png", full_page=True)
    page.get_by_role("button", name="Simpan catatan barang").click()
    page.get_by_text("Kurang: Beras 3 kg").wait_for()
    page.context.close()
    assert not StockCount.objects.exists()

    live_betang.start("site")
    send_everything(phone, live_betang, sight, 1)

    told = {one.item: (one.quantity, one.short) for one in StockCount.objects.all()}
    assert told == {"beras": (12, 3), "gula": (3, 0)}
