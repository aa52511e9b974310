"""The courier's page: a stranger with a file, and nothing to sign in with."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from betang.distribution.models import Delivery
from betang.web.sync import courier
from sandbox.phones.phone import photo
from sandbox.phones.sealing import BLOB_CONTEXT, seal
from tests.sync.world import World, make_world

PAGE, RECEIPT = "/kurir/", "/kurir/tanda-terima/"


@pytest.fixture
def world(db, keys, budi, wati) -> World:
    return make_world(budi, wati)


@pytest.fixture
def file(world) -> bytes:
    phone = world.leased()
    for right in world.rights()[:2]:
        phone.deliver(right)
    return phone.export()


def uploaded(content: bytes) -> dict[str, SimpleUploadedFile]:
    return {"file": SimpleUploadedFile("kiriman.betang", content)}


def test_a_page_without_a_file_says_what_to_choose(world):
    answer = Client().post(PAGE, {})

    assert answer.status_code == 422
    assert "Belum ada berkas yang dipilih" in answer.content.decode()


def test_a_photo_is_refused_in_words(world):
    answer = Client().post(PAGE, uploaded(b"\xff\xd8\xff\xe0JFIF"))

    assert answer.status_code == 422
    assert "bukan berkas kiriman" in answer.content.decode()


def test_a_receipt_that_we_did_not_sign_is_not_given_out(world):
    answer = Client().post(RECEIPT, {"receipt": "<script>alert(1)</script>"})

    assert answer.status_code == 422
    assert b"<script>alert" not in answer.content


def test_too_many_files_from_one_network_are_refused(world, file, monkeypatch):
    monkeypatch.setattr(courier, "PER_ADDRESS", courier.PER_ADDRESS._replace(most=1))
    Client().post(PAGE, uploaded(file))

    answer = Client().post(PAGE, uploaded(file))

    assert "Terlalu banyak berkas" in answer.content.decode()


def test_a_file_is_taken_and_its_receipt_is_given_to_carry_back(world, file, phones_again):
    shown = Client().post(PAGE, uploaded(file))

    assert shown.status_code == 200
    assert Delivery.objects.filter(counted=True).count() == 2
    receipt = shown.context["receipt"]
    answer = Client().post(RECEIPT, {"receipt": receipt})
    assert answer["Content-Disposition"].startswith('attachment; filename="tanda-terima-')
    assert world.phones[0].acknowledge(answer.content) == 2
    for one in world.phones[0].queue:
        assert one is None  # nothing is left to send


def test_the_page_names_nobody(world, file):
    shown = Client().post(PAGE, uploaded(file)).content.decode()

    assert world.owner.full_name not in shown


def test_photos_are_taken_on_the_same_page_once_their_records_are_here(world, file):
    phone = world.phones[0]
    sealed = seal(photo(2_000), BLOB_CONTEXT)
    row = phone.deliver(world.rights()[2], photos=[sealed.sha256.hex()])
    photos = phone.export_photos([(row.seq, sealed)])

    early = Client().post(PAGE, uploaded(photos)).content.decode()
    assert "Unggah berkas kiriman dari HP yang sama dahulu" in early
    Client().post(PAGE, uploaded(phone.export()))
    shown = Client().post(PAGE, uploaded(photos))

    assert "Unggah berkas kiriman dari HP yang sama" not in shown.content.decode()
    assert (shown.context["taken"].photos, shown.context["taken"].new) == (1, 1)
    assert Client().post(RECEIPT, {"receipt": shown.context["receipt"]}).status_code == 200
