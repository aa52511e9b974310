"""Leases on their pages: given, renewed, taken back, moved to another device by two persons."""

import pytest

from betang.accounts.models import Device
from betang.distribution.models import Entitlement, Lease, LeaseMove, LeaseRight
from betang.grievances.models import Case
from sandbox.phones.transfer import give, offer, take
from tests.sync.world import VILLAGES, World, make_world


@pytest.fixture
def world(db, keys, budi, wati) -> World:
    """Three villages; a phone that holds the rights of two of them, and one that holds nothing."""
    made = make_world(budi, wati)
    made.leased(areas=(6201,))
    made.confirmed(areas=(6201,))
    return made


@pytest.fixture
def lease(world) -> Lease:
    return Lease.objects.get()


@pytest.fixture
def other(world) -> Device:
    return world.device(world.phones[1])


def moving(other: Device, **changed: str) -> dict[str, str]:
    return {
        "do": "propose", "device": other.short_id, "move_days": "5",
        "move_reason": "HP jatuh ke sungai.",
    } | changed  # fmt: skip


def page(lease: Lease, part: str = "") -> str:
    return f"/penugasan/{lease.uuid}/{part}"


class TestGivingALease:
    @pytest.mark.parametrize(("role", "area"), [("auditor", None), ("dinsos_province", None)])
    def test_is_not_offered_to_who_does_not_manage_devices(self, office, world, role, area):
        shown = office("lain", role, area).get("/penugasan/").content.decode()

        assert world.phones[0].short_id in shown
        assert "Beri penugasan" not in shown

    def test_outside_ones_own_areas_is_refused(self, office, world):
        given = {"device": world.phones[1].short_id, "cycle": world.cycle.code, "days": "7"}

        answer = office("dewi", "supervisor", 6202).post("/penugasan/", given)

        assert answer.status_code == 422
        assert Lease.objects.count() == 1

    @pytest.mark.parametrize(
        ("changed", "said"),
        [
            ({"days": "90"}, "antara 1 dan 31 hari"),
            ({"days": "tujuh"}, "antara 1 dan 31 hari"),
            ({"device": "TIDAKADA"}, "tidak ada pada daftar"),
            ({"cycle": "999999"}, "tidak ada pada daftar"),
            ({"area": "6202"}, "harus berada di dalam wilayah gawai"),
            ({}, "Tidak ada bantuan yang dapat ditugaskan"),
        ],
    )
    def test_says_beside_the_field_what_is_wrong(self, office, world, changed, said):
        given = {"device": world.phones[1].short_id, "cycle": world.cycle.code, "days": "7"}

        answer = office("dewi").post("/penugasan/", given | changed)

        assert answer.status_code == 422
        assert said in answer.content.decode()

    def test_splits_the_list_of_a_village_between_families(self, office, world):
        first = world.confirmed(areas=(6202,))
        second = world.confirmed(areas=(6202,))
        given = {"cycle": world.cycle.code, "days": "7", "area": str(VILLAGES[2])}
        dewi = office("dewi")

        dewi.post("/penugasan/", given | {"device": first.short_id, "families": "2"})
        dewi.post("/penugasan/", given | {"device": second.short_id})

        held = {
            phone.short_id: set(
                Entitlement.objects.filter(holder__short_id=phone.short_id).values_list(
                    "household_id", flat=True
                )
            )
            for phone in (first, second)
        }
        assert [len(held[phone.short_id]) for phone in (first, second)] == [2, 4]
        assert not held[first.short_id] & held[second.short_id]


class TestALease:
    def test_is_not_found_from_another_regency(self, office, lease):
        assert office("jauh", "supervisor", 6202).get(page(lease)).status_code == 404

    def test_shows_what_is_left_and_where(self, office, world, lease):
        world.phones[0].deliver(world.rights()[0])
        world.phones[0].push()

        shown = office("dewi").get(page(lease)).content.decode()

        assert "Masih dipegang</dt><dd>11" in shown
        assert "Diserahkan</dt><dd>1" in shown

    def test_that_passed_is_shown_as_in_doubt_and_counted_at_the_head(self, office, lease):
        Lease.objects.update(issued_at="2026-01-01T00:00Z", not_after="2026-01-08T00:00Z")

        shown = office("dewi").get("/penugasan/").content.decode()

        assert "1 penugasan lewat waktu tanpa kabar" in shown
        assert (
            lease.device.short_id
            in office("dewi").get("/penugasan/?keadaan=lewat").content.decode()
        )
        assert (
            "Belum ada penugasan"
            in office("dewi").get("/penugasan/?keadaan=selesai").content.decode()
        )

    def test_is_renewed(self, office, lease):
        office("dewi").post(page(lease, "ubah/"), {"do": "renew", "days": "20"})

        renewed = Lease.objects.get()
        assert renewed.not_after > lease.not_after
        assert renewed.jws != lease.jws

    def test_is_not_taken_back_without_a_reason(self, office, lease):
        answer = office("dewi").post(page(lease, "ubah/"), {"do": "revoke", "reason": " "})

        assert answer.status_code == 422
        assert Lease.objects.get().state == "live"

    def test_taken_back_keeps_its_rights_with_the_device(self, office, lease):
        office("dewi").post(page(lease, "ubah/"), {"do": "revoke", "reason": "pindah tugas"})

        assert Lease.objects.get().state == "revoked"
        assert LeaseRight.objects.filter(ended_at__isnull=True).count() == 12


class TestMovingALease:
    @pytest.mark.parametrize(
        ("changed", "said"),
        [
            ({"move_reason": ""}, "Alasan kosong"),
            ({"move_days": "0"}, "antara 1 dan 31 hari"),
            ({"device": "TIDAKADA"}, "tidak ada pada daftar"),
        ],
    )
    def test_says_what_is_wrong_with_the_proposal(self, office, lease, other, changed, said):
        answer = office("dewi").post(page(lease, "pindah/"), moving(other, **changed))

        assert answer.status_code == 422
        assert said in answer.content.decode()
        assert not LeaseMove.objects.exists()

    def test_to_a_device_of_other_villages_is_refused(self, office, world, lease):
        away = world.device(world.confirmed(areas=(6202,)))

        answer = office("dewi").post(page(lease, "pindah/"), moving(away))

        assert "tidak melayani desa" in answer.content.decode()

    def test_is_not_confirmed_by_who_proposed_it(self, office, lease, other):
        dewi = office("dewi")
        dewi.post(page(lease, "pindah/"), moving(other))

        dewi.post(page(lease, "pindah/"), {"do": "confirm"})

        assert LeaseMove.objects.get().state == "waiting"
        assert Lease.objects.count() == 1

    def test_waits_for_one_second_person_only(self, office, lease, other):
        office("dewi").post(page(lease, "pindah/"), moving(other))

        again = office("agus").post(page(lease, "pindah/"), moving(other))

        assert "menunggu orang kedua" in again.content.decode()
        assert LeaseMove.objects.count() == 1

    def test_can_be_sent_back(self, office, lease, other):
        office("dewi").post(page(lease, "pindah/"), moving(other))

        office("agus").post(page(lease, "pindah/"), {"do": "return"})

        assert LeaseMove.objects.get().state == "returned"
        assert Lease.objects.get().state == "live"

    def test_by_two_gives_every_right_that_is_left_to_the_other_device(
        self, office, world, lease, other, phones_again
    ):
        world.phones[0].deliver(world.rights()[0])
        world.phones[0].push()
        office("dewi").post(page(lease, "pindah/"), moving(other))

        shown = office("agus").get(page(lease)).content.decode()
        office("agus").post(page(lease, "pindah/"), {"do": "confirm"})

        assert "HP jatuh ke sungai." in shown
        made = Lease.objects.get(device=other)
        assert (made.state, made.rights_count) == ("live", 11)
        assert Lease.objects.get(pk=lease.pk).state == "closed"
        assert Entitlement.objects.filter(holder=other).count() == 11
        assert LeaseRight.objects.filter(lease=lease, end_reason="moved").count() == 11
        phones_again()
        world.phones[1].fetch()
        world.phones[1].deliver(world.rights()[1])
        world.phones[1].push()
        assert Entitlement.objects.filter(state="delivered").count() == 2

    def test_makes_a_later_claim_of_the_first_device_a_case_and_counts_nothing_twice(
        self, office, world, lease, other, phones_again
    ):
        right = world.rights()[0]
        office("dewi").post(page(lease, "pindah/"), moving(other))
        office("agus").post(page(lease, "pindah/"), {"do": "confirm"})
        phones_again()
        world.phones[1].fetch()
        world.phones[1].deliver(right)
        world.phones[1].push()

        world.phones[0].deliver(right)
        world.phones[0].push()

        assert Entitlement.objects.get(uuid=right).parts_delivered == 1
        assert Case.objects.count() == 1


class TestRightsHandedOverInTheField:
    def meet(self, world: World):
        """Hand two rights from the first phone to the second; give the giver, taker and frames."""
        giver, taker = world.phones
        taker.fetch()
        asked = offer(taker)
        return giver, taker, asked, give(giver, asked, sorted(giver.rights)[:2])

    def test_that_only_the_giver_told_of_are_said_to_be_with_nobody(self, office, world, lease):
        giver, taker, _, _ = self.meet(world)
        giver.push()
        made = Lease.objects.get(device=world.device(taker))

        for shown in (lease, made):
            said = office(f"dewi{shown.pk}", "supervisor", 62).get(page(shown)).content.decode()
            assert "Belum diakui penerima" in said
            assert taker.short_id in said

    def test_that_only_the_receiver_told_of_are_known_to_be_with_it(self, office, world, lease):
        _, taker, asked, shown = self.meet(world)
        take(taker, shown, asked)
        taker.push()
        made = Lease.objects.get(device=world.device(taker))

        told = office("dewi", "supervisor", 62).get(page(lease)).content.decode()

        assert "Kabar HP pemberi belum datang" in told
        assert "Diteruskan di lapangan" in told
        assert page(made) in told

    def test_that_both_told_of_are_acknowledged_by_both(self, office, world, lease):
        giver, taker, asked, shown = self.meet(world)
        take(taker, shown, asked)
        taker.push()
        giver.push()
        made = Lease.objects.get(device=world.device(taker))

        told = office("dewi", "supervisor", 62).get(page(made)).content.decode()

        assert "Diakui kedua HP" in told
        assert "Diterima dari gawai lain di lapangan" in told
        assert page(lease) in told

    def test_are_not_spoken_of_where_there_were_none(self, office, lease):
        told = office("dewi", "supervisor", 62).get(page(lease)).content.decode()

        assert "Serah terima di lapangan" not in told
