"""Families registered in the field: seen in one's own areas, decided by one person, once."""

import pytest
from django.test import Client
from django.utils import timezone

from betang.journal.models import Entry
from betang.keys import blobs
from betang.registry.models import Household, HouseholdProposal
from betang.sync.decide_proposal import accept_proposal
from sandbox.phones.phone import Phone, photo
from tests.sync.test_registered import NIK, TOLD, WATI
from tests.sync.world import VILLAGES, World, make_world

HERE, _, ELSEWHERE = VILLAGES


@pytest.fixture
def world(db, keys, budi, wati) -> World:
    return make_world(budi, wati)


@pytest.fixture
def phone(world) -> Phone:
    made = world.confirmed(areas=(62,))
    made.fetch()
    return made


@pytest.fixture
def proposal(phone) -> HouseholdProposal:
    return told(phone)


def told(phone: Phone, village: int = HERE, private=TOLD, **more) -> HouseholdProposal:
    queued = phone.register(village, private, **({"size": 3, "dwelling": "river"} | more))
    phone.push()
    return HouseholdProposal.objects.get(event=queued.id)


def address(proposal: HouseholdProposal) -> str:
    return f"/pendaftaran/{proposal.uuid}/"


def text(client: Client, path: str) -> str:
    return client.get(path).content.decode()


class TestTheList:
    def test_shows_nobody_of_another_regency(self, office, proposal):
        page = text(office("jauh", "dinsos_regency", 6202), "/pendaftaran/")

        assert "Nyai Undang" not in page
        assert "Belum ada pendaftaran" in page

    def test_is_not_for_companions(self, office, proposal):
        assert office("sari2", "facilitator").get("/pendaftaran/").status_code == 403

    def test_shows_what_waits_and_is_recorded(self, office, proposal):
        page = text(office("dewi"), "/pendaftaran/")

        assert "Nyai Undang" in page
        assert proposal.provisional in page
        assert Entry.objects.filter(kind="households.listed").count() == 1

    def test_lists_the_decided_when_asked(self, office, proposal):
        accept_proposal(proposal, actor=WATI, at=timezone.now())
        dewi = office("dewi")

        assert "Tidak ada yang cocok" in text(dewi, "/pendaftaran/")
        assert "Nyai Undang" in text(dewi, "/pendaftaran/?keadaan=accepted")
        assert "Nyai Undang" in text(dewi, "/pendaftaran/?keadaan=semua")

    @pytest.mark.parametrize("query", ["?keadaan=x", "?hal=akhir", "?hal=9", "?urut=-kepala"])
    def test_bears_any_address(self, office, proposal, query):
        assert office("dewi").get(f"/pendaftaran/{query}").status_code in {200, 400}

    def test_goes_on_from_page_to_page(self, office, phone):
        for _ in range(3):
            for number in range(20):
                phone.register(HERE, {"head_name": f"Ibu {number}"}, provisional=f"X-{number}")
        phone.push()
        dewi = office("dewi")
        first = dewi.get("/pendaftaran/")

        second = dewi.get(f"/pendaftaran/?hal={first.context['page'].next}")

        assert (len(first.context["page"]), len(second.context["page"])) == (50, 10)


class TestOneRegistration:
    def test_of_another_regency_is_not_found(self, office, proposal):
        jauh = office("jauh", "dinsos_regency", 6202)

        assert jauh.get(address(proposal)).status_code == 404
        assert jauh.post(address(proposal), {"act": "accept"}).status_code == 404
        assert jauh.get(f"{address(proposal)}foto/0/").status_code == 404

    def test_is_not_decided_by_who_only_looks(self, office, proposal):
        answer = office("audi", "auditor").post(address(proposal), {"act": "accept"})

        proposal.refresh_from_db()
        assert answer.status_code == 403
        assert proposal.state == "waiting"

    def test_shows_what_was_told_with_the_numbers_masked(self, office, proposal):
        page = text(office("dewi"), address(proposal))

        assert "Dermaga belakang pasar" in page
        assert "Pak RT Dehen" in page
        assert NIK not in page
        assert NIK[-4:] in page
        assert Entry.objects.get(kind="registration.looked").subject == proposal.uuid

    def test_says_when_the_number_is_not_the_phones_own(self, office, phone):
        page = text(office("dewi"), address(told(phone, provisional="S-1111-1111")))

        assert "tidak pernah diberikan" in page

    def test_says_when_the_name_has_not_come(self, office, phone):
        page = text(office("dewi"), address(told(phone, private=None)))

        assert "belum diterima" in page
        assert 'value="accept"' not in page

    def test_is_accepted_once(self, office, proposal):
        dewi = office("dewi")
        before = Household.objects.count()

        first = dewi.post(address(proposal), {"act": "accept"}, follow=True)
        again = dewi.post(address(proposal), {"act": "accept"})

        assert "bukan penerima" not in first.content.decode()
        assert "belum berhak" in first.content.decode()
        assert again.status_code == 422
        assert Household.objects.count() == before + 1

    def test_is_not_accepted_by_who_registered_it(self, office, world, proposal):
        from betang.accounts.models import RoleGrant

        RoleGrant.objects.create(
            user=world.owner, role="supervisor", proposed_by_person=world.actor.person,
            approved_by_person=world.second.person, from_at=world.at,
        )  # fmt: skip
        sari = office(world.owner.username)

        assert "Anda sendiri" in text(sari, address(proposal))
        assert sari.post(address(proposal), {"act": "accept"}).status_code == 422

    def test_a_refusal_without_a_reason_keeps_what_was_typed(self, office, proposal):
        answer = office("dewi").post(
            address(proposal), {"act": "refuse", "reason": "", "note": "Kata Pak RT"}
        )

        assert answer.status_code == 422
        assert "Alasan penolakan belum dipilih" in answer.content.decode()
        assert "Kata Pak RT" in answer.content.decode()

    def test_is_refused_with_a_reason(self, office, proposal):
        data = {"act": "refuse", "reason": "not_here", "note": "Kata Pak RT"}

        page = office("dewi").post(address(proposal), data, follow=True).content.decode()

        assert "tidak tinggal di wilayah ini" in page
        assert "Kata Pak RT" in page


class TestTwins:
    def test_in_another_regency_are_numbered_and_not_named(self, office, phone, proposal):
        far = told(phone, ELSEWHERE)
        known = accept_proposal(far, actor=WATI, at=timezone.now())

        page = text(office("dewi", "dinsos_regency", 6201), address(proposal))

        assert "di luar wilayah Anda" in page
        assert f"{known.number[:3]} {known.number[3:6]} {known.number[6:]}" in page
        assert f"/keluarga/{known.uuid}/" not in page

    def test_can_be_named_as_the_family_by_its_number(self, office, phone, proposal):
        known = accept_proposal(told(phone, ELSEWHERE), actor=WATI, at=timezone.now())
        dewi = office("dewi", "dinsos_regency", 6201)

        dewi.post(address(proposal), {"act": "known", "twin": known.number})

        proposal.refresh_from_db()
        assert (proposal.state, proposal.household) == ("duplicate", known)

    def test_no_other_family_out_of_reach_can_be_named(self, office, proposal):
        stranger = Household.objects.filter(village_id=ELSEWHERE).first()
        dewi = office("dewi", "dinsos_regency", 6201)

        answer = dewi.post(address(proposal), {"act": "known", "twin": stranger.number})

        assert answer.status_code == 422
        assert stranger.number in answer.content.decode()  # what was typed is kept
        proposal.refresh_from_db()
        assert proposal.state == "waiting"

    def test_another_telling_of_the_same_family_is_shown(self, office, phone, proposal):
        second = told(phone, private={"head_name": "Ejaan lain", "head_nik": NIK})

        assert proposal.provisional in text(office("dewi"), address(second))


class TestAPhoto:
    def test_is_shown_once_it_arrived_and_kept_in_no_cache(self, office, phone):
        proposal = told(phone, photos=[phone.upload(photo()), "0" * 64])
        dewi = office("dewi")

        arrived = dewi.get(f"{address(proposal)}foto/0/")

        assert (arrived.status_code, arrived["Content-Type"]) == (200, "image/jpeg")
        assert "no-store" in arrived["Cache-Control"]
        assert arrived.content == blobs.fetch(bytes(proposal.photos[0]))
        assert dewi.get(f"{address(proposal)}foto/1/").status_code == 404
        assert dewi.get(f"{address(proposal)}foto/2/").status_code == 404
