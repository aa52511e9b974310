"""Pages of where cards are: who may count, what is refused beside its field, what is shown."""

import pytest
from django.utils import timezone

from betang.cards import custody, places
from betang.cards import transfer as parcels
from betang.cards.hand_over import hand_over
from betang.cards.issue import issue_cards
from betang.cards.models import Card, HandOverSession, ReplacementVisit, Transfer
from betang.registry.models import Member
from tests.sync.world import VILLAGES, World, make_world

HERE = VILLAGES[0]


@pytest.fixture
def world(db, keys, budi, wati) -> World:
    """Cards in the province's stock; six go to the regency."""
    made = make_world(budi, wati)
    issue_cards(actor=budi, at=timezone.now())
    Card.objects.update(state="printed")
    custody.receive(actor=budi, at=timezone.now())
    return made


@pytest.fixture
def parcel(world, budi) -> Transfer:
    return parcels.send(
        places.province(), places.office(6201), area=6201, actor=budi, at=timezone.now()
    )


@pytest.fixture
def clerk(world, office):
    return office("wati.regency", "dinsos_regency", 6201)


class TestWhereCardsAre:
    def test_opens_for_the_province_with_a_sum_that_fits(self, world, office):
        page = office("budi", "dinsos_province").get("/kartu/posisi/").content.decode()

        assert "Jumlahnya cocok" in page
        assert "Kantor provinsi" in page

    def test_refuses_to_send_where_nothing_is(self, clerk):
        answer = clerk.post("/kartu/posisi/", {"from": "6201", "to": "6201011001"})

        assert answer.status_code == 422
        assert "Tidak ada kartu" in answer.content.decode()

    def test_refuses_to_send_from_anothers_office(self, clerk):
        clerk.post("/kartu/posisi/", {"from": "62", "to": "6201"})

        assert not Transfer.objects.filter(state="in_transit").exists()

    def test_sends_to_a_regency(self, world, office):
        answer = office("budi", "dinsos_province").post("/kartu/posisi/", {"to": "6201"})

        assert answer.status_code == 302
        assert Transfer.objects.get(state="in_transit").receiver.area == 6201


class TestCounting:
    def address(self, parcel):
        return f"/kartu/kiriman/{parcel.uuid}/"

    def test_says_beside_the_field_what_does_not_fit(self, parcel, clerk):
        answer = clerk.post(self.address(parcel), {"act": "count", "counted": "3"})

        assert answer.status_code == 422
        assert f"seharusnya {parcel.count}" in answer.content.decode()

    def test_refuses_words_for_numbers(self, parcel, clerk):
        typed = {"act": "count", "counted": "11", "missing": "satu"}

        assert "bukan nomor kartu" in clerk.post(self.address(parcel), typed).content.decode()

    def test_another_regency_does_not_see_it(self, parcel, office):
        assert office("lain", "dinsos_regency", 6202).get(self.address(parcel)).status_code == 404

    def test_is_received_and_signed(self, parcel, clerk):
        clerk.post(self.address(parcel), {"act": "count", "counted": str(parcel.count)})

        parcel.refresh_from_db()
        assert parcel.state == "received"
        assert "Sah dan cocok" in clerk.get(self.address(parcel)).content.decode()


class TestADay:
    @pytest.fixture
    def short_id(self, world, budi):
        phone = world.confirmed()
        device = world.device(phone)
        custody.entrust(device.uuid, area=HERE, actor=budi, at=timezone.now())
        return device.short_id

    def test_is_opened_seen_and_closed(self, short_id, clerk):
        typed = {"village": str(HERE), "device": short_id, "on": "2026-11-12", "invited": "8"}
        answer = clerk.post("/kartu/penyerahan/", typed)
        day = HandOverSession.objects.get()

        assert answer["Location"].endswith(f"{day.uuid}/")
        assert "Masih dibawa" in clerk.get(answer["Location"]).content.decode()
        wrong = clerk.post(answer["Location"], {"counted": "1"})
        assert "masih membawa" in wrong.content.decode()
        clerk.post(answer["Location"], {"counted": str(len(day.numbers))})
        day.refresh_from_db()
        assert (day.state, day.brought_back) == ("closed", len(day.numbers))
        assert "Selesai" in clerk.get("/kartu/penyerahan/").content.decode()

    def test_is_refused_with_a_device_that_is_none(self, world, clerk):
        typed = {"village": str(HERE), "device": "X", "on": "2026-11-12", "invited": "8"}

        assert "Tidak ada gawai" in clerk.post("/kartu/penyerahan/", typed).content.decode()


class TestReplacing:
    @pytest.fixture
    def card(self, world, budi):

        number = Card.objects.filter(village_id=HERE)[0].number
        return hand_over(number, actor=budi, at=timezone.now())

    def test_asks_who_came(self, card, clerk):
        typed = {"reason": "lost", "checked": "identity"}
        answer = clerk.post(f"/kartu/{card.uuid}/ganti/", typed)

        assert answer.status_code == 422
        assert not ReplacementVisit.objects.exists()

    def test_leads_to_a_new_card_and_can_be_found_again(self, card, clerk):
        member = Member.objects.filter(household=card.household)[0]
        typed = {"reason": "lost", "checked": "identity", "asked_by": str(member.uuid)}
        where = clerk.post(f"/kartu/{card.uuid}/ganti/", typed)["Location"]

        assert clerk.get("/kartu/pengganti/").content.decode().count(where) == 1
        assert clerk.get(f"/kartu/{card.uuid}/ganti/")["Location"] == where
        clerk.post(where, {"act": "made"})
        clerk.post(where, {"act": "finish"})
        assert ReplacementVisit.objects.get().state == "done"
        assert Card.objects.get(household=card.household, state="active").issue == 2
