"""What waits in a phone's chain is ended on its page: one proposes, another confirms."""

import pytest

from betang.sync.models import FieldEventFork, Proposal
from tests.sync.world import World, make_world


@pytest.fixture
def world(db, keys, budi, wati) -> World:
    """A phone that was copied: one event of the copy was first."""
    made = make_world(budi, wati)
    phone = made.leased(areas=(6201,))
    copied = phone.clone()
    copied.deliver(made.rights()[0])
    copied.push()
    phone.deliver(made.rights()[1])
    phone.push()
    return made


@pytest.fixture
def page(world) -> str:
    return f"/gawai/{world.device(world.phones[0]).uuid}/"


PROPOSE = {"do": "propose", "act": "refuse_branch", "chain_reason": "HP-nya tersalin."}


class TestTheChainOfADevice:
    def test_without_anything_that_waits_offers_nothing(self, office, world):
        calm = world.confirmed(areas=(6202,))

        shown = office("dewi").get(f"/gawai/{world.device(calm).uuid}/").content.decode()

        assert "rantai/" not in shown

    def test_shows_an_auditor_what_waits_and_no_act(self, office, page):
        shown = office("rina", "auditor").get(page).content.decode()

        assert "Cabang kedua" in shown
        assert "rantai/" not in shown

    def test_offers_only_acts_that_have_something_to_do(self, office, page):
        shown = office("dewi").get(page).content.decode()

        assert 'value="refuse_branch"' in shown
        assert 'value="reverse_branch"' in shown
        assert 'value="gap"' not in shown
        assert 'value="refuse_parked"' not in shown

    def test_refuses_a_proposal_without_a_reason_beside_its_field(self, office, page):
        answer = office("dewi").post(page + "rantai/", PROPOSE | {"chain_reason": ""})

        assert answer.status_code == 422
        assert "Alasan kosong" in answer.content.decode()

    @pytest.mark.parametrize(
        ("role", "area", "status"),
        [("auditor", None, 403), ("dinsos_province", None, 403), ("supervisor", 6202, 404)],
    )
    def test_is_not_decided_by_who_does_not_manage_it(self, office, page, role, area, status):
        office("dewi").post(page + "rantai/", PROPOSE)

        answer = office("lain", role, area).post(page + "rantai/", {"do": "confirm"})

        assert answer.status_code == status
        assert Proposal.objects.get().state == "waiting"

    def test_is_not_confirmed_by_the_proposer(self, office, page):
        dewi = office("dewi")
        dewi.post(page + "rantai/", PROPOSE)

        assert 'value="confirm"' not in dewi.get(page).content.decode()
        assert dewi.post(page + "rantai/", {"do": "confirm"}).status_code == 422
        assert FieldEventFork.objects.get().state == "waiting"

    def test_is_decided_by_a_second_person_who_reads_the_reason(self, office, page):
        office("dewi").post(page + "rantai/", PROPOSE)
        tuti = office("tuti", "admin")
        assert "HP-nya tersalin." in tuti.get(page).content.decode()

        tuti.post(page + "rantai/", {"do": "confirm"})

        assert FieldEventFork.objects.get().state == "refused"
        assert "diputus tidak berlaku" in tuti.get(page).content.decode()

    def test_is_sent_back(self, office, page):
        office("dewi").post(page + "rantai/", PROPOSE)

        office("tuti").post(page + "rantai/", {"do": "return"})

        assert Proposal.objects.get().state == "returned"
        assert 'value="refuse_branch"' in office("dewi").get(page).content.decode()
