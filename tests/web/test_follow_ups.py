"""What the field left to do: read and closed in the office, in one's own areas; a levy's facts."""

import pytest

from betang.grievances.models import Case
from betang.registry.models import FollowUp, Household
from tests.sync.world import VILLAGES, World, make_world


@pytest.fixture
def told(db, keys, budi, wati) -> World:
    """A family that nobody found, and money that somebody asked for."""
    world = make_world(budi, wati)
    phone = world.confirmed()
    family = Household.objects.filter(village_id=VILLAGES[0])[0]
    phone.sign(
        "household.verified", {"household": str(family.uuid), "outcome": "not_found"},
        private={"note": "Tetangga menyebut mereka ke hulu."},
    )  # fmt: skip
    levy = {
        "kind": "levy", "village": str(VILLAGES[0]), "amount_rupiah": 50_000,
        "asked_by": "neighbourhood", "on": "2026-11-20", "anonymous": True,
    }  # fmt: skip
    phone.sign("grievance.opened", levy, private={"note": "Diminta saat antre."})
    phone.push()
    return world


@pytest.fixture
def follow_up(told) -> FollowUp:
    return FollowUp.objects.select_related("household").get()


class TestFollowUps:
    def test_of_another_regency_are_not_shown(self, office, follow_up):
        lain = office("lain", "dinsos_regency", 6202)

        page = lain.get("/tindak-lanjut/").content.decode()

        assert "Tidak ada yang menunggu" in page
        assert lain.post(f"/tindak-lanjut/{follow_up.uuid}/", {"how": "done"}).status_code == 404

    def test_are_not_closed_by_an_auditor(self, office, follow_up):
        office("rina", "auditor").post(f"/tindak-lanjut/{follow_up.uuid}/", {"how": "done"})

        follow_up.refresh_from_db()
        assert follow_up.closed_at is None

    def test_are_not_closed_without_saying_how(self, office, follow_up):
        answer = office("dewi").post(f"/tindak-lanjut/{follow_up.uuid}/", follow=True)

        assert "Pilih bagaimana tindak lanjut ini selesai." in answer.content.decode()

    def test_are_listed_read_with_the_family_and_closed(self, office, follow_up):
        dewi = office("dewi")

        listed = dewi.get("/tindak-lanjut/?jenis=not_found").content.decode()
        family = dewi.get(f"/keluarga/{follow_up.household.uuid}/").content.decode()
        answer = dewi.post(f"/tindak-lanjut/{follow_up.uuid}/", {"how": "done"}, follow=True)

        assert follow_up.household.head_name in listed
        assert "Tetangga menyebut mereka ke hulu." in family
        assert "Tindak lanjut ditutup." in answer.content.decode()
        assert "Perlu ditindaklanjuti" not in answer.content.decode()
        assert "Sudah dikerjakan" in dewi.get("/tindak-lanjut/?keadaan=selesai").content.decode()


def test_a_levy_shows_what_was_asked_by_whom_and_names_no_family(office, told):
    page = office("dewi").get(f"/kasus/{Case.objects.get(kind='levy').uuid}/").content.decode()

    for words in ("Rp50.000", "pengurus RT atau RW", "20 November 2026", "Diminta saat antre.",
                  "minta tidak disebut"):  # fmt: skip
        assert words in page
