"""The page of devices: what is wrong with which, the worst first; a device's own page."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from betang.accounts.models import Device, DeviceArea
from betang.web.shell import paging
from tests.sync.world import World, make_world


@pytest.fixture
def world(db, keys, budi, wati) -> World:
    made = make_world(budi, wati)
    made.leased(areas=(6201,))
    made.confirmed(areas=(6202011001,))
    return made


def rows(client: Client, query: str = "") -> list[str]:
    """Give the short ids in the order of the page."""
    return [device.short_id for device in client.get(f"/gawai/{query}").context["page"]]


def told(world: World, place: int, **columns: object) -> str:
    device = world.device(world.phones[place])
    Device.objects.filter(pk=device.pk).update(**columns)
    return device.short_id


class TestTheList:
    def test_shows_the_worst_first_and_names_what_is_wrong(self, office, world):
        calm = told(world, 1, last_seen_at=timezone.now())
        silent = told(world, 0, last_seen_at=timezone.now() - timedelta(days=2))
        dewi = office("dewi")

        assert rows(dewi) == [silent, calm]
        shown = dewi.get("/gawai/").content.decode()
        assert "Belum sinkron 24 jam: 1" in shown

    def test_is_filtered_by_a_problem_an_area_and_a_state(self, office, world):
        first = told(world, 0, list_at=timezone.now() - timedelta(days=20))
        second = told(world, 1, state="suspended")
        dewi = office("dewi")

        assert rows(dewi, "?masalah=daftar_lama") == [first]
        assert rows(dewi, "?keadaan=suspended") == [second]
        assert rows(dewi, "?wilayah=6202") == [second]
        assert rows(dewi, "?wilayah=6201011001") == [first]  # it serves the whole regency
        assert rows(dewi, "?masalah=tidak.ada&wilayah=x") == rows(dewi)
        assert "Tidak ada gawai yang cocok" in dewi.get("/gawai/?wilayah=6213").content.decode()

    def test_shows_only_the_devices_of_ones_own_areas(self, office, world):
        kapuas = office("kapuas", "supervisor", 6202)
        DeviceArea.objects.filter(device=world.device(world.phones[0])).update(area_id=6201)
        world.owner.grants.update(area_id=6201)

        assert rows(kapuas) == [world.phones[1].short_id]
        counted = kapuas.get("/gawai/").context["counted"]
        assert all(count <= 1 for _, count in counted)

    def test_is_walked_page_by_page_by_what_is_wrong(self, office, world, monkeypatch):
        monkeypatch.setattr(paging, "PER_PAGE", 2)
        for _ in range(5):
            world.confirmed(areas=(6201,))
        for place in (2, 4, 5):
            told(world, place, list_at=timezone.now() - timedelta(days=20))
        dewi, seen, query = office("dewi"), [], ""
        while True:
            page = dewi.get(f"/gawai/{query}").context["page"]
            seen += [device.attention for device in page]
            if not page.next:
                break
            query = f"?hal={page.next}"

        assert seen == sorted(seen, reverse=True)
        assert len(seen) == 7
        last = dewi.get("/gawai/?hal=akhir").context["page"]
        assert [device.attention for device in last] == [0]

    @pytest.mark.parametrize(
        "order", ["masalah", "-masalah", "kabar", "-tertahan", "versi", "-data"]
    )
    def test_is_sorted_by_any_column(self, office, world, order):
        assert len(rows(office("dewi"), f"?urut={order}")) == 2


class TestADevice:
    def test_shows_what_it_told_and_its_history(self, office, world):
        told(
            world, 0, told_at=timezone.now(), unsent=7, battery_percent=41, storage_persisted=False
        )
        shown = office("dewi").get(f"/gawai/{world.device(world.phones[0]).uuid}/").content.decode()

        assert "41 %" in shown
        assert "dapat dibersihkan HP" in shown
        assert "Enam kata dicocokkan" in shown

    def test_is_not_given_an_area_outside_its_owners(self, office, world):
        page = f"/gawai/{world.device(world.phones[1]).uuid}/"
        world.owner.grants.update(area_id=6202)

        answer = office("dewi").post(page + "wilayah/", {"more": "6201"})

        assert answer.status_code == 422
        assert "di dalam wilayah tugas pemiliknya" in answer.content.decode()
        assert world.device(world.phones[1]).areas.get().area_id == 6202011001

    def test_is_given_other_areas_and_the_form_shows_those_that_it_has(self, office, world):
        device = world.device(world.phones[1])
        shown = office("dewi").get(f"/gawai/{device.uuid}/").content.decode()
        assert 'value="6202011001"' in shown

        office("dewi").post(f"/gawai/{device.uuid}/wilayah/", {"more": "6201011001 6201011002"})

        areas = set(device.areas.values_list("area_id", flat=True))
        assert areas == {6201011001, 6201011002}

    def test_is_wiped_with_a_reason_and_says_whether_it_answered(self, office, world):
        device, dewi = world.device(world.phones[0]), office("dewi")
        page = f"/gawai/{device.uuid}/"
        assert dewi.post(page + "hentikan/", {"act": "wipe", "reason": ""}).status_code == 422

        dewi.post(page + "hentikan/", {"act": "wipe", "reason": "Tertinggal di perahu."})
        assert "Belum dijawab" in dewi.get(page).content.decode()
        Device.objects.filter(pk=device.pk).update(wiped_at=timezone.now())

        shown = dewi.get(page).content.decode()
        assert "Dijawab: sudah dihapus" in shown
        again = dewi.post(page + "hentikan/", {"act": "reinstate"})
        assert "sudah menghapus kuncinya" in again.content.decode()

    def test_is_not_wiped_by_who_only_sees_it(self, office, world):
        page = f"/gawai/{world.device(world.phones[0]).uuid}/"

        answer = office("rina", "auditor").post(
            page + "hentikan/", {"act": "wipe", "reason": "Coba."}
        )

        assert answer.status_code == 403
        assert world.device(world.phones[0]).wipe_ordered_at is None
