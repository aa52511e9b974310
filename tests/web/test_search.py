"""What somebody types into a search stands in no address: not in a link, a log or a history."""

import html
import re
from urllib.parse import unquote_plus

import pytest
from django.test import Client
from django.urls import get_resolver

from betang.accounts.models import User
from betang.cards.models import Card
from betang.core.identifiers import new_uuid
from betang.core.identity.household_number import household_number
from betang.registry.models import Household, Member
from betang.web.shell import search
from tests.web.test_guard import routes

KAPUAS = 6203011001
NAME, SURNAME, NIK = "Lamiang", "Bungai", "6203011208900001"


@pytest.fixture
def families(areas):
    made = []
    for number in range(1, 131):
        name = f"{NAME} {SURNAME}" if number <= 120 else "Yanti"
        made.append(
            Household(
                uuid=new_uuid(), number=household_number(number), village_id=KAPUAS, head_name=name
            )
        )
    return Household.objects.bulk_create(made)


@pytest.fixture
def clerk(sign_in, families):
    return sign_in("dinsos_province")


def typed(clerk: Client, words: str, path: str = "/keluarga/", **more: str) -> str:
    """Type `words` into the form of a list and give the address it leads to."""
    answer = clerk.post("/cari/", {"ke": path, "cari": words, **more})
    assert answer.status_code == 302
    return answer["Location"]


def links(page: str) -> list[str]:
    return [html.unescape(link) for link in re.findall(r'(?:href|action|src)="([^"]*)"', page)]


class TestRefuses:
    @pytest.mark.parametrize(
        "path",
        ["", "//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:1",
         "/tidak-ada/", "/api/v1/ping", "/masuk/", "/keluarga/?cari=Lamiang", "/static/x"],
    )  # fmt: skip
    def test_to_lead_anywhere_but_to_a_page(self, clerk, path):
        assert clerk.post("/cari/", {"ke": path, "cari": NAME}).status_code == 404

    def test_words_in_the_clear(self, clerk):
        answer = clerk.get(f"/keluarga/?cari={NAME}")

        assert answer.status_code == 400
        assert "ketik yang Anda cari" in answer.content.decode()

    def test_the_search_of_another_account(self, clerk, sign_in):
        other = sign_in("auditor")

        assert other.get(typed(clerk, NAME)).status_code == 400

    def test_the_search_of_another_day(self, clerk, monkeypatch):
        address = typed(clerk, NAME)
        later = search.time.time() + search.VALID_S + 1
        monkeypatch.setattr(search.time, "time", lambda: later)

        assert clerk.get(address).status_code == 400

    def test_a_place_for_a_search(self, clerk):
        place = next(link for link in links(clerk.get("/keluarga/").content.decode())
                     if "hal=" in link and "akhir" not in link)  # fmt: skip

        assert clerk.get("/keluarga/?cari=" + place.partition("hal=")[2]).status_code == 400

    def test_to_answer_without_a_form(self, clerk):
        assert clerk.get("/cari/").status_code == 405


class TestFinds:
    def test_and_the_field_keeps_what_was_typed(self, clerk):
        page = clerk.get(typed(clerk, NAME)).content.decode()

        assert f'value="{NAME}"' in page
        assert "dari 120 keluarga" in page
        assert "Yanti" not in page

    def test_through_all_pages_there_and_back(self, clerk):
        seen, address, before = [], typed(clerk, NAME), []
        while True:
            answer = clerk.get(address)
            page = answer.context["page"]
            seen += [row.number for row in page]
            if page.next is None:
                break
            before.append(address)
            address = "/keluarga/" + next(
                link for link in links(answer.content.decode()) if f"hal={page.next}" in link
            )

        assert len(seen) == len(set(seen)) == 120
        back = clerk.get(before[-1])  # the browser's own way back
        assert [row.number for row in back.context["page"]] == seen[50:100]

    def test_and_sorting_and_the_other_filters_stay(self, clerk):
        address = typed(clerk, NAME, wilayah="6203", titik="belum", tinggal="")
        assert "wilayah=6203" in address
        assert "titik=belum" in address
        page = clerk.get(address).content.decode()
        by_size = next(link for link in links(page) if "urut=jiwa" in link)

        sorted_page = clerk.get("/keluarga/" + by_size)

        assert sorted_page.context["page"].count == 120
        assert "cari=" in by_size

    def test_an_area_that_is_no_code_is_passed_over_and_told(self, clerk):
        answer = clerk.post(
            "/cari/", {"ke": "/keluarga/", "cari": "", "wilayah": NAME}, follow=True
        )

        assert answer.redirect_chain == [("/keluarga/", 302)]
        assert "Saringan wilayah dilewati" in answer.content.decode()

    def test_nothing_typed_shows_the_whole_list(self, clerk):
        assert typed(clerk, "  ") == "/keluarga/"


#: Every list that has a search.
SEARCHED = ("/keluarga/", "/kartu/", "/gawai/", "/pengguna/")


class TestNoAddress:
    """No page of the site writes a name or a NIK into an address, whatever is typed and shown."""

    @pytest.fixture
    def addresses(self, clerk, families) -> list[str]:
        """Every address that a walk over all pages meets: asked for, led to, linked."""
        Member.objects.create(
            uuid=new_uuid(), household=families[0], name=f"{NAME} {SURNAME}", nik_last4=NIK[-4:],
            is_head=True,
        )  # fmt: skip
        Card.objects.create(
            number=f"62{families[0].number}01", household=families[0], issue=1, village_id=KAPUAS,
            state="in_custody", qr="", issued_at="2026-11-12T05:00Z", expires_on="2036-01-01",
        )  # fmt: skip
        User.objects.update(full_name=f"{NAME} {SURNAME}")
        met: list[str] = []
        waiting = [f"/{route}" for route, each in routes(get_resolver())
                   if "<" not in route and hasattr(each.callback, "rule")]  # fmt: skip
        waiting += [typed(clerk, words, path, wilayah=words)
                    for path in SEARCHED for words in (NAME, f"{NAME} {SURNAME}", NIK)]  # fmt: skip
        known: set[str] = set()
        while waiting and len(known) < 400:
            address = waiting.pop(0)
            plain = re.sub(r"(hal|cari)=[^&]*", r"\1=", address)
            if plain in known or not address.startswith("/") or address.startswith("//"):
                continue
            known.add(plain)
            met.append(address)
            answer = clerk.get(address)
            if answer.status_code == 302:
                met.append(answer["Location"])
                waiting.append(answer["Location"])
            elif answer.get("Content-Type", "").startswith("text/html"):
                page = answer.content.decode()
                found = [f"{address.split('?')[0]}{link}" if link.startswith("?") else link
                         for link in links(page)]  # fmt: skip
                met += found
                waiting += [
                    each.split("#")[0]
                    for each in found
                    if not each.startswith(("/static/", "/api/", "/lapangan/"))
                ]
                assert not re.search(
                    r'<form[^>]*method="get"(?:(?!</form>).)*<input[^>]*type="(?:search|text)"',
                    page, re.DOTALL,
                ), f"a form of {address} puts what is typed into its address"  # fmt: skip
        return met

    def test_holds_a_name_or_a_nik(self, addresses):
        assert len(addresses) > 300
        assert any(re.search(r"cari=.", each) for each in addresses)
        plain = [unquote_plus(each) for each in addresses]

        told = [each for each in plain if NAME in each or SURNAME in each or NIK in each]

        assert told == []
