"""The family's photo in the office: seen by few, each look recorded, rejected with a reason."""

import pytest
from django.test import Client

from betang.journal.models import Entry
from betang.registry.models import Household, Portrait
from betang.registry.portraits import picture_of, shown_of
from sandbox.phones.phone import Phone
from tests.sync.test_portraits import take
from tests.sync.world import VILLAGES, World, make_world

HERE = VILLAGES[0]


@pytest.fixture
def phone(db, keys, budi, wati) -> Phone:
    world: World = make_world(budi, wati)
    return world.leased(areas=(HERE,))


@pytest.fixture
def family(phone: Phone) -> Household:
    return Household.objects.filter(village_id=HERE).first()


@pytest.fixture
def portrait(phone, family) -> Portrait:
    return take(phone, family)


def address(family: Household, more: str = "") -> str:
    return f"/keluarga/{family.uuid}/foto/{more}"


def text(client: Client, path: str) -> str:
    return client.get(path).content.decode()


def looks() -> list[str]:
    found = Entry.objects.filter(kind="household.looked").order_by("pk")
    return [entry.facts["page"] for entry in found]


class TestWhoMaySee:
    @pytest.mark.parametrize("role", ["auditor", "treasurer", "viewer", "admin", "bureau"])
    def test_is_not_everybody(self, office, family, portrait, role):
        client = office("jaga", role)

        assert client.get(address(family)).status_code == 403
        assert client.get(address(family, "gambar/")).status_code == 403
        assert looks() == []

    def test_is_nobody_of_another_regency(self, office, family, portrait):
        client = office("jauh", "dinsos_regency", 6202)

        assert client.get(address(family)).status_code == 404
        assert client.get(address(family, "gambar/")).status_code == 404
        assert client.post(address(family), {"reason": "unclear"}).status_code == 404

    def test_an_auditor_reads_that_there_is_one(self, office, family, portrait):
        page = text(office("audit", "auditor"), f"/keluarga/{family.uuid}/")

        assert "Ada foto" in page
        assert address(family) not in page


class TestLooking:
    def test_at_a_family_shows_no_face_unasked(self, office, family, portrait):
        page = text(office("dewi"), f"/keluarga/{family.uuid}/")

        assert address(family) in page
        assert "gambar/" not in page

    def test_is_recorded_and_never_cached(self, office, family, portrait):
        dewi = office("dewi")

        page = text(dewi, address(family))
        answer = dewi.get(address(family, "gambar/"))

        assert address(family, "gambar/") in page
        assert answer.content == picture_of(portrait)
        assert answer["Content-Type"] == "image/webp"
        assert "no-store" in answer["Cache-Control"]
        assert looks() == ["portrait", "portrait_picture"]

    def test_at_a_family_without_one_is_calm(self, office, family):
        dewi = office("dewi")

        assert "Belum ada." in text(dewi, f"/keluarga/{family.uuid}/")
        assert "Belum ada foto" in text(dewi, address(family))
        assert dewi.get(address(family, "gambar/")).status_code == 409


class TestRejecting:
    def test_is_not_for_companions(self, office, family, portrait):
        client = office("sari2", "facilitator")
        page = text(client, address(family))

        answer = client.post(address(family), said(portrait))

        assert "Tolak foto ini" not in page
        assert answer.status_code == 403
        assert shown_of(family) == portrait

    @pytest.mark.parametrize(
        ("changed", "told"),
        [
            ({"reason": ""}, "Alasan penolakan belum dipilih"),
            ({"reason": "bukan"}, "Alasan penolakan belum dipilih"),
            ({"confirm": ""}, "Penolakan belum dipastikan"),
        ],
    )
    def test_wants_a_reason_and_a_second_thought(self, office, family, portrait, changed, told):
        answer = office("dewi").post(address(family), said(portrait) | changed)

        assert answer.status_code == 422
        assert told in answer.content.decode()
        assert shown_of(family) == portrait

    @pytest.mark.parametrize("named", ["", "x", "00000000-0000-7000-8000-000000000000"])
    def test_of_none_is_not_found(self, office, family, portrait, named):
        answer = office("dewi").post(address(family), said(portrait) | {"portrait": named})

        assert answer.status_code == 404
        assert shown_of(family) == portrait

    def test_of_one_that_was_replaced_meanwhile_leaves_the_new_one(
        self, office, phone, family, portrait
    ):
        newer = take(phone, family)

        answer = office("dewi").post(address(family), said(portrait))

        assert "tidak dipakai lagi" in answer.content.decode()
        assert shown_of(family) == newer

    def test_erases_it_and_says_so(self, office, family, portrait):
        dewi = office("dewi")

        answer = dewi.post(address(family), said(portrait), follow=True)

        page = answer.content.decode()
        assert "Foto ditolak dan dihapus" in page
        assert "Foto terakhir ditolak" in text(dewi, f"/keluarga/{family.uuid}/")
        assert shown_of(family) is None
        entry = Entry.objects.get(kind="portrait.rejected")
        assert (entry.subject, entry.facts) == (family.uuid, {"reason": "unclear"})


def said(portrait: Portrait) -> dict[str, str]:
    return {"portrait": str(portrait.uuid), "reason": "unclear", "confirm": "yes"}
