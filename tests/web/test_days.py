"""Days on their pages: who may, what is shown before it is made, changed, printed."""

from datetime import timedelta

import pytest

from betang.areas.models import DistributionPoint
from betang.distribution.models import Day, Invitation
from betang.journal.models import Entry
from betang.registry.models import Household
from tests.sync.days import make_day, today
from tests.sync.world import VILLAGES, World, make_world

VILLAGE = VILLAGES[0]


@pytest.fixture
def world(db, keys, budi, wati) -> World:
    return make_world(budi, wati)


@pytest.fixture
def day(world) -> Day:
    return make_day(world, VILLAGE, after=7)


def plan(world, **changed: str) -> dict[str, str]:
    return {
        "cycle": world.cycle.code, "area": "62", "waves": "", "per_day": "100",
        "first_on": (today() + timedelta(days=7)).isoformat(), "slot_minutes": "30",
        "opens": "08:00", "closes": "15:00", "sundays": "1", "do": "show",
    } | changed  # fmt: skip


class TestPlanning:
    def test_is_not_offered_to_who_only_looks(self, office, world):
        auditor = office("lain", "auditor")

        assert "Rencanakan" not in auditor.get("/hari/").content.decode()
        assert auditor.get("/hari/rencana/").status_code == 403

    def test_outside_ones_own_areas_is_refused(self, office, world):
        dewi = office("dewi", "supervisor", 6202)

        answer = dewi.post("/hari/rencana/", plan(world, area="6201", do="plan"))

        assert answer.status_code == 422
        assert not Day.objects.exists()

    @pytest.mark.parametrize(
        ("changed", "said"),
        [
            ({"first_on": "besok"}, "tidak terbaca: 62 besok"),
            ({"first_on": "2020-01-01"}, "tanggal mulai hari ini"),
            ({"area": "desa"}, "tidak terbaca: desa"),
            ({"waves": "6201 kapan"}, "tidak terbaca: 6201 kapan"),
            ({"per_day": "0"}, "1 sampai 1.000 keluarga"),
            ({"closes": "25:00"}, "tidak terbaca: 25:00"),
            ({"cycle": "209901"}, "tidak terbaca: tahap"),
        ],
    )
    def test_keeps_what_was_typed_and_says_what_is_wrong(self, office, world, changed, said):
        answer = office("dewi").post("/hari/rencana/", plan(world, **changed))

        assert answer.status_code == 422
        assert said in answer.content.decode()
        assert 'value="62"' in answer.content.decode() or changed.get("area")
        assert not Day.objects.exists()

    def test_shows_what_it_would_make_and_makes_it_on_a_yes(self, office, world):
        dewi = office("dewi")

        shown = dewi.post("/hari/rencana/", plan(world)).content.decode()
        assert "Ya, undang 18 keluarga" in shown
        assert not Day.objects.exists()
        done = dewi.post("/hari/rencana/", plan(world, do="plan"))

        assert done.status_code == 302
        assert Invitation.objects.count() == 18
        listed = dewi.get("/hari/").content.decode()
        assert listed.count("Direncanakan</span>") == 3 or listed.count("Balai Desa") == 3


class TestTheList:
    def test_leaves_out_other_regencies(self, office, world, day):
        assert "Balai Desa" in office("dewi", "supervisor", 6201).get("/hari/").content.decode()
        assert "Balai Desa" not in office("tuti", "supervisor", 6202).get("/hari/").content.decode()

    def test_is_filtered_by_date_area_and_state(self, office, world, day):
        dewi, on = office("dewi"), day.held_on.isoformat()

        for query, there in [
            (f"dari={on}&sampai={on}&wilayah=6201&keadaan=planned", True),
            ("keadaan=closed", False),
            (f"wilayah={VILLAGES[2]}", False),
            ("sampai=2020-01-01", False),
            ("dari=kemarin&wilayah=x&keadaan=y", True),
        ]:
            assert ("Balai Desa" in dewi.get(f"/hari/?{query}").content.decode()) is there, query


class TestADay:
    def test_of_another_regency_is_not_found(self, office, day):
        assert office("tuti", "supervisor", 6202).get(f"/hari/{day.uuid}/").status_code == 404

    def test_shows_told_beside_the_books_and_records_the_look(self, office, world, day):
        phone = world.leased()
        phone.sign("stock.received", {
            "village": str(VILLAGE), "cycle": str(world.cycle.uuid),
            "items": [{"item": "beras", "quantity": 30, "short": 0, "unit": "kg"}],
        })  # fmt: skip
        phone.sign("day.opened", {"day": str(day.uuid)})
        for right in world.rights(VILLAGE)[:2]:
            phone.deliver(right)
        data = {"day": str(day.uuid), "served": 3, "absent": 3,
                "left": [{"item": "beras", "quantity": 15, "unit": "kg"}]}  # fmt: skip
        phone.sign("day.closed", data, private={"witness_name": "Ibu Lena"})
        phone.push()

        shown = office("dewi").get(f"/hari/{day.uuid}/").content.decode()

        assert "Ibu Lena" in shown
        assert (
            shown.count("Berbeda") == 2
        )  # three told and two counted; 15 kg told, 20 in the books
        assert "Tidak hadir</span>" in shown
        assert Entry.objects.get(kind="households.listed").facts["count"] == 6

    def test_is_moved_and_cancelled_with_a_reason(self, office, world, day):
        dewi, page = office("dewi"), f"/hari/{day.uuid}/ubah/"
        to_on = (day.held_on + timedelta(days=2)).isoformat()
        typed = {"do": "move", "to_on": to_on, "point": str(day.point.uuid), "opens": "09:00",
                 "closes": "15:00", "reason": "flood", "note": "Air naik"}  # fmt: skip

        wrong = dewi.post(page, typed | {"to_on": "2020-01-01"})
        assert wrong.status_code == 422
        assert "Tanggal baru tidak dapat dipakai" in wrong.content.decode()
        dewi.post(page, typed)
        assert "Banjir. Air naik" in dewi.get(f"/hari/{day.uuid}/").content.decode()
        assert (
            "Air naik" not in office("lain", "auditor").get(f"/hari/{day.uuid}/").content.decode()
        )

        dewi.post(page, {"do": "cancel", "reason": "flood"})

        day.refresh_from_db()
        assert day.state == "cancelled"

    def test_is_not_changed_by_who_only_looks(self, office, day):
        answer = office("lain", "auditor").post(f"/hari/{day.uuid}/ubah/", {"do": "cancel"})

        assert answer.status_code == 403
        assert Day.objects.get().state == "planned"

    def test_sends_a_family_elsewhere_or_home(self, office, world, day):
        other = make_day(world, VILLAGES[1], after=8, name="Pasar")
        family = Household.objects.filter(village_id=VILLAGE).order_by("pk").first()
        dewi, page = office("dewi"), f"/hari/{day.uuid}/keluarga/"
        stranger = Household.objects.filter(village_id=VILLAGES[2]).first()

        for typed in (
            {"household": str(stranger.uuid), "to": str(other.uuid)},
            {"household": "x", "to": str(other.uuid)},
            {"household": str(family.uuid), "to": "x"},
        ):
            assert dewi.post(page, {"do": "invite"} | typed).status_code == 422
        dewi.post(page, {"do": "home", "household": str(family.uuid), "home_reason": "elderly"})
        dewi.post(page, {"do": "invite", "household": str(family.uuid), "to": str(other.uuid)})

        live = Invitation.objects.get(household=family, ended=None)
        assert (live.day_id, live.queue, live.mode) == (other.pk, 7, "home")


def test_a_family_s_own_page_says_where_and_when_it_is_invited(office, world, day):
    family = Household.objects.filter(village_id=VILLAGE).order_by("pk").first()

    shown = office("dewi").get(f"/keluarga/{family.uuid}/").content.decode()

    assert f"/hari/{day.uuid}/" in shown
    assert "nomor 1, pukul 08.10" in shown


class TestPapers:
    def test_of_another_regency_or_another_name_are_not_found(self, office, day):
        page = f"/hari/{day.uuid}/cetak/"

        assert office("tuti", "supervisor", 6202).get(f"{page}daftar/").status_code == 404
        assert office("dewi").get(f"{page}semua/").status_code == 404

    @pytest.mark.parametrize("name", ["daftar", "undangan", "bast"])
    def test_are_recorded_and_name_what_is_needed(self, office, world, day, name):
        shown = office("dewi").get(f"/hari/{day.uuid}/cetak/{name}/").content.decode()

        family = Household.objects.filter(village_id=VILLAGE).order_by("pk").first()
        assert "Balai Desa" in shown
        assert (family.head_name in shown) is (name != "bast")
        assert ("••••0001" in shown) is (name == "daftar")
        entry = Entry.objects.get(kind="day.printed")
        assert (entry.facts["paper"], entry.facts["count"]) == (name, 6)


class TestPoints:
    def test_give_wrong_lines_back_in_the_form(self, office, world):
        answer = office("dewi", "supervisor", 6201).post(
            "/titik/", {"list": f"{VILLAGE};Pasar;;\n{VILLAGES[2]};Balai;;\n123;x;;"}
        )

        text = answer.content.decode()
        assert "di luar wilayah Anda" in text
        assert "sepuluh angka" in text
        assert f"{VILLAGES[2]};Balai;;\n123;x;;</textarea>" in text
        assert [one.name for one in DistributionPoint.objects.all()] == ["Pasar"]

    def test_are_given_up_and_taken_up_again(self, office, world, day):
        page = f"/titik/{day.point.uuid}/"

        assert office("lain", "auditor").post(page, {"do": "leave"}).status_code == 403
        office("dewi").post(page, {"do": "leave"})

        assert not DistributionPoint.objects.get().active
        assert "Pakai lagi" in office("dewi").get("/titik/").content.decode()
