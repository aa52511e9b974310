"""Distribution points from a list: a wrong line comes back with a sentence and stops no other."""

import pytest

from betang.areas.models import DistributionPoint
from betang.areas.points import NotAListError, load_points, make_points, set_active
from betang.journal.models import Entry
from tests.sync.world import VILLAGES, World, make_world


@pytest.fixture
def world(db: None, keys: None, budi, wati) -> World:
    return make_world(budi, wati, families=1)


def loaded(world: World, text: str, within=lambda _: True):
    return load_points(text, within=within, actor=world.actor, at=world.at)


class TestAList:
    @pytest.mark.parametrize("text", ["", "\n \n", "desa;nama\n" + "x\n" * 5_001, "a\0b"])
    def test_that_is_none_is_refused(self, world, text):
        with pytest.raises(NotAListError):
            loaded(world, text)

    @pytest.mark.parametrize(
        ("line", "word"),
        [
            ("620101100;Balai;;", "sepuluh angka"),
            ("²²²²²²²²²²;Balai;;", "sepuluh angka"),
            ("6299999999;Balai;;", "Tidak ada desa"),
            (f"{VILLAGES[0]};;;", "Nama titik kosong"),
            (f"{VILLAGES[0]};{'x' * 81};;", "singkatkan"),
            (f"{VILLAGES[0]};Balai;-2,2;", "bukan angka"),
            (f"{VILLAGES[0]};Balai;nan;nan", "di luar Kalimantan Tengah"),
            (f"{VILLAGES[0]};Balai;113.9;-2.2", "mungkin tertukar"),
            ("", "sepuluh angka"),
        ],
    )
    def test_gives_a_wrong_line_back_and_takes_the_others(self, world, line, word):
        text = f"desa;nama;lat;lng\n{line or ';'}\n{VILLAGES[1]};Pasar Lama;-2,5;111,8\n"

        done = loaded(world, text)

        ((number, told, why),) = done.wrong
        assert (number, told) == (2, line or ";")
        assert word in why
        assert done.made == 1
        point = DistributionPoint.objects.get()
        assert (point.name, point.lat, point.lng) == ("Pasar Lama", -2.5, 111.8)

    def test_of_another_regency_is_not_taken(self, world):
        done = loaded(world, f"{VILLAGES[2]};Balai;;", within=lambda code: code < 6202000000)

        assert "di luar wilayah Anda" in done.wrong[0].why
        assert not DistributionPoint.objects.exists()

    def test_names_a_point_once_and_again_keeps_it(self, world):
        text = f"{VILLAGES[0]},Balai Desa,-2.2,113.9\n{VILLAGES[0]},BALAI  desa,,\n"

        first = loaded(world, text)
        set_active(DistributionPoint.objects.get(), active=False, actor=world.actor, at=world.at)
        again = loaded(world, "62.01.01.1001;balai desa;;")

        assert [one.line for one in first.wrong] == [2]
        assert (again.made, again.kept, again.wrong) == (0, 1, [])
        point = DistributionPoint.objects.get()
        assert point.active
        assert point.lat == -2.2
        assert Entry.objects.filter(kind="point.changed").count() == 1

    def test_gives_a_village_its_office_once(self, world):
        assert make_points(VILLAGES[:2], actor=world.actor, at=world.at) == 2
        make_points([6201], actor=world.actor, at=world.at)

        assert DistributionPoint.objects.count() == 2
