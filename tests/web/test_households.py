"""Families are found inside one's own areas, and each look is recorded."""

import html
import re

import pytest

from betang.core.identifiers import new_uuid
from betang.core.identity.household_number import household_number
from betang.journal.models import Entry
from betang.registry.models import Household, Member
from betang.web.shell import listing

KAPUAS, GUNUNG_MAS = 6203011001, 6210011001


@pytest.fixture
def families(areas):
    made = []
    for number, (village, name) in enumerate(
        [(KAPUAS, "Lamiang"), (KAPUAS, "=HYPERLINK(1)"), (GUNUNG_MAS, "Yanti")], start=1
    ):
        one = Household.objects.create(
            uuid=new_uuid(), number=household_number(number), village_id=village, head_name=name
        )
        Member.objects.create(
            uuid=new_uuid(), household=one, name=name, nik_last4="4821", is_head=True
        )
        made.append(one)
    return made


def search(clerk, words):
    """Type `words` into the list's form, and follow where it leads."""
    return clerk.post("/cari/", {"ke": "/keluarga/", "cari": words}, follow=True)


class TestList:
    def test_shows_nobody_of_another_regency(self, sign_in, families):
        page = sign_in("dinsos_regency", 6203).get("/keluarga/").content.decode()

        assert "Lamiang" in page
        assert "Yanti" not in page

    def test_finds_nobody_of_another_regency_by_number(self, sign_in, families):
        page = search(sign_in("dinsos_regency", 6203), families[2].number)

        assert "Tidak ada keluarga yang cocok" in page.content.decode()

    def test_an_area_of_another_regency_in_the_address_shows_nobody(self, sign_in, families):
        page = sign_in("dinsos_regency", 6203).get("/keluarga/?wilayah=6210").content.decode()

        assert "Yanti" not in page

    @pytest.mark.parametrize(
        "query",
        [
            "?hal=99999999999999999999",
            "?hal=akhir",
            "?urut=;drop",
            "?wilayah=62030110019999",
            "?cari=%00",
        ],
    )
    def test_bears_any_address(self, sign_in, families, query):
        assert sign_in("dinsos_province").get(f"/keluarga/{query}").status_code in {200, 400}

    def test_finds_by_the_number_of_the_card(self, sign_in, families):
        page = search(sign_in("dinsos_province"), f"62{families[2].number}01")

        assert "Yanti" in page.content.decode()
        assert "Lamiang" not in page.content.decode()

    def test_an_export_runs_no_formula_and_is_recorded(self, sign_in, families):
        answer = sign_in("dinsos_regency", 6203).get("/keluarga/?bentuk=csv")

        text = answer.getvalue().decode("utf-8-sig")
        assert "'=HYPERLINK(1)" in text
        assert "Yanti" not in text
        assert Entry.objects.get(kind="households.exported").facts == {"count": 2}

    def test_an_export_holds_every_family_however_many(self, sign_in, families, monkeypatch):
        monkeypatch.setattr(listing, "EXPORT_CHUNK", 2)
        more = [
            Household(uuid=new_uuid(), number=household_number(n), village_id=KAPUAS,
                      head_name=f"Keluarga {n}")
            for n in range(10, 15)
        ]  # fmt: skip
        Household.objects.bulk_create(more)

        answer = sign_in("dinsos_regency", 6203).get("/keluarga/?bentuk=csv")

        parts = list(answer)
        lines = b"".join(parts).decode().splitlines()
        assert len(lines) == 1 + 7
        assert lines[0].startswith("\ufeffnomor_keluarga;kepala_keluarga")
        assert len(parts) > 2
        assert Entry.objects.get(kind="households.exported").facts == {"count": 7}

    def test_an_export_of_a_search_holds_what_was_found(self, sign_in, families):
        clerk = sign_in("dinsos_province")
        found = search(clerk, "yanti")

        link = re.search(r'href="([^"]*bentuk=csv[^"]*)"', found.content.decode())
        assert link
        text = clerk.get("/keluarga/" + html.unescape(link[1])).getvalue().decode()

        assert "Yanti" in text
        assert "Lamiang" not in text

    def test_no_more_leave_than_are_recorded(self, sign_in, families):
        answer = sign_in("dinsos_regency", 6203).get("/keluarga/?bentuk=csv")
        Household.objects.create(
            uuid=new_uuid(), number=household_number(9), village_id=KAPUAS, head_name="Baru"
        )

        assert len(answer.getvalue().splitlines()) == 1 + 2

    def test_a_page_of_names_is_one_look_with_their_number(self, sign_in, families):
        sign_in("dinsos_regency", 6203).get("/keluarga/?wilayah=6203")

        entry = Entry.objects.get(kind="households.listed")
        assert entry.facts == {"count": 2, "searched": False}
        assert entry.area == 6203

    def test_an_empty_page_is_no_look(self, sign_in, families):
        search(sign_in("dinsos_province"), "tidak ada orang ini")

        assert not Entry.objects.filter(kind="households.listed").exists()

    def test_a_search_is_told_without_its_words(self, sign_in, families):
        search(sign_in("dinsos_province"), "Lamiang")

        entry = Entry.objects.get(kind="households.listed")
        assert entry.facts == {"count": 1, "searched": True}


class TestPage:
    def test_is_not_found_outside_the_own_areas(self, sign_in, families):
        answer = sign_in("dinsos_regency", 6203).get(f"/keluarga/{families[2].uuid}/")

        assert answer.status_code == 404
        assert not Entry.objects.filter(kind="household.looked").exists()

    def test_records_who_looked(self, sign_in, families):
        sign_in("facilitator", 6203).get(f"/keluarga/{families[0].uuid}/")

        entry = Entry.objects.get(kind="household.looked")
        assert entry.subject == families[0].uuid
        assert entry.area == KAPUAS
        assert entry.facts == {"page": "household"}

    def test_shows_no_more_of_a_nik_than_its_last_four_digits(self, sign_in, families):
        page = sign_in("auditor").get(f"/keluarga/{families[0].uuid}/").content.decode()

        assert "4821" in page
        assert "············ 4821" in page
