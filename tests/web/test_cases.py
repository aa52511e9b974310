"""The page of a contested delivery: one proposes, another confirms, both see what it does."""

import pytest

from betang.distribution.models import Delivery
from betang.grievances.models import Case
from tests.sync.world import VILLAGES, World, make_owner, make_world


@pytest.fixture
def world(db, keys, budi, wati) -> World:
    """A right that one phone delivered and another claims."""
    made = make_world(budi, wati)
    phone = made.leased()
    right = made.rights(VILLAGES[0])[0]
    phone.deliver(right)
    phone.push()
    made.owner = make_owner("rudi", budi, wati, made.at)
    other = made.confirmed()
    other.deliver(right)
    other.push()
    return made


@pytest.fixture
def case(world) -> Case:
    return Case.objects.get()


def address(case: Case) -> str:
    return f"/kasus/{case.uuid}/"


REPLACED = {"act": "resolve", "outcome": "replaced", "text": "Tanda tangan pertama palsu."}


class TestAContestedDelivery:
    def test_is_not_confirmed_by_who_proposed_it(self, office, case):
        dewi = office("dewi")
        dewi.post(address(case), REPLACED)

        answer = dewi.post(address(case), {"act": "confirm"})

        assert answer.status_code == 422
        assert "Pengusul tidak boleh menyetujui" in answer.content.decode()
        assert Delivery.objects.filter(decided_as="counted").count() == 0

    def test_says_which_delivery_is_decided_and_why_it_did_not_count(self, office, case):
        page = office("dewi").get(address(case)).content.decode()

        assert page.count("yang diputus di sini") == 1
        assert "Bantuan ini sudah dihitung sebelumnya." in page

    def test_offers_confirmation_to_others_alone(self, office, case):
        dewi, tuti = office("dewi"), office("tuti", "dinsos_province")
        dewi.post(address(case), REPLACED)

        own, others = (who.get(address(case)).content.decode() for who in (dewi, tuti))

        assert 'value="confirm"' not in own
        assert 'value="confirm"' in others
        assert "Dewi mengusulkan" in others
        assert 'value="resolve"' not in others

    @pytest.mark.parametrize(
        ("role", "area"), [("auditor", None), ("viewer", None), ("dinsos_regency", 6202)]
    )
    def test_is_not_confirmed_by_who_may_not_decide_here(self, office, case, role, area):
        office("dewi").post(address(case), REPLACED)

        office("lain", role, area).post(address(case), {"act": "confirm"})

        case.refresh_from_db()
        assert case.state == "open"

    def test_that_would_count_twice_is_refused_with_the_receipt(self, office, case):
        office("dewi").post(address(case), REPLACED | {"outcome": "upheld"})

        answer = office("tuti").post(address(case), {"act": "confirm"})

        assert answer.status_code == 422
        assert "menghitungnya dua kali" in answer.content.decode()

    def test_is_sent_back_with_a_reason_and_proposed_again(self, office, case):
        dewi, tuti = office("dewi"), office("tuti")
        dewi.post(address(case), REPLACED)
        assert tuti.post(address(case), {"act": "give_back", "text": ""}).status_code == 422

        tuti.post(address(case), {"act": "give_back", "text": "Lihat fotonya dulu."})

        assert "Lihat fotonya dulu." in dewi.get(address(case)).content.decode()
        assert dewi.post(address(case), REPLACED).status_code == 302

    def test_shows_what_was_decided_of_each(self, office, case):
        office("dewi").post(address(case), REPLACED)
        office("tuti").post(address(case), {"act": "confirm"})

        page = office("dewi").get(address(case)).content.decode()

        assert "dibatalkan dengan putusan" in page
        assert "dihitung dengan putusan" in page
        assert "Selesai" in page
        assert 'name="act"' not in page
