"""The public page answers genuine or not, to anybody, and never who."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.conf import settings as site_settings
from django.test import Client
from django.utils import timezone

from betang.cards.models import Card, Presentation
from betang.cli.serve import commands
from betang.core.card.qr import CardClaims, sign_token
from betang.core.crypto.keyring import Purpose
from betang.core.identity.household_number import household_number
from betang.journal.models import Entry
from betang.keys import chip_master, ring, signer
from betang.web.public import answers
from sandbox.chip.virtual_chip import VirtualChip
from tests.web.public_cards import UID, make_card

HOST = site_settings.CARD_HOST
#: A number as ours are, of a family that does not exist.
NOBODYS = f"62{household_number(9)}01"


@pytest.fixture
def card(areas, noon):
    return make_card(noon)


@pytest.fixture
def chip(card, settings):
    settings.DEMO = True
    chip_master.make_test_master()
    Card.objects.update(key_version=chip_master.current_version())
    master = bytes.fromhex(chip_master.test_master_path().read_text())
    return VirtualChip.of(UID, master=master, host=HOST)


def ask(number, client=None):
    return (client or Client()).post("/k", {"number": number})


def tapped(tap, **headers):
    query = f"u={tap.uid.hex().upper()}&n={tap.counter:06X}&c={tap.mac.hex().upper()}"
    return Client().get(f"/t?{query}", **headers)


class TestLook:
    @pytest.mark.parametrize(
        "typed", ["", "62", "abc", "62" * 8, "62 1234 5678 97 0x", "٦٢" * 7, "x" * 5000]
    )
    def test_says_how_a_number_looks_when_it_is_none(self, card, typed):
        answer = ask(typed)

        assert answer.status_code == 422
        assert "14 angka" in answer.content.decode()

    def test_says_kindly_that_digits_were_swapped(self, card):
        swapped = card.number[:9] + card.number[10] + card.number[9] + card.number[11:]
        assert swapped != card.number

        answer = ask(swapped)

        assert answer.status_code == 422
        assert "keliru atau tertukar" in answer.content.decode()

    def test_says_that_a_card_of_another_programme_is_not_here(self, card):
        assert "Kartu program lain tidak ada di sini" in ask("60130000000001").content.decode()

    def test_says_that_a_number_is_not_known(self, card):
        assert "tidak tercatat" in ask(NOBODYS).content.decode()

    @pytest.mark.parametrize("qr", ["6BFOXN*TS0BI", "https://contoh.id/kampanye", "x" * 4000])
    def test_helps_with_a_code_that_is_not_ours(self, card, keys, qr):
        page = Client().post("/k", {"qr": qr}).content.decode()

        assert "bukan kartu program ini" in page
        assert "Kartu kampanye tidak pernah berlaku" in page

    def test_asks_to_wait_and_says_how_long_and_only_for_that_card(self, card):
        for _ in range(30):
            ask(card.number)

        answer = ask(card.number)

        assert answer.status_code == 429
        assert "menit lagi" in answer.content.decode()
        assert 3_000 < int(answer["Retry-After"]) <= 3_600
        assert ask(NOBODYS).status_code == 200

    def test_of_one_address_is_limited_for_all_cards(self, card, monkeypatch):
        from betang.web.public import card as page

        monkeypatch.setattr(page, "PER_ADDRESS", page.PER_ADDRESS._replace(most=2))
        for serial in (1, 2):
            assert ask(f"62{household_number(serial)}01").status_code == 200

        answer = ask(f"62{household_number(3)}01")

        assert answer.status_code == 429
        assert "Jaringan internet" in answer.content.decode()

    @pytest.mark.parametrize(
        ("state", "words"),
        [
            ("blocked", "sudah diblokir"),
            ("replaced", "sudah diganti"),
            ("returned", "tidak dipakai lagi"),
            ("spoilt", "tidak dipakai lagi"),
        ],
    )
    def test_says_that_an_ended_card_does_not_count_and_what_to_do(self, card, state, words):
        Card.objects.update(state=state, ended_at=card.issued_at)

        page = ask(card.number).content.decode()

        assert words in page
        assert "kartu pengganti" in page

    def test_says_that_a_number_alone_proves_no_card(self, card):
        assert "belum membuktikan" in ask(card.number).content.decode()

    def test_answers_that_it_counts_and_names_nobody(self, card):
        page = ask(f"62 {card.number[2:6]} {card.number[6:10]} {card.number[10:12]} 01")

        text = page.content.decode()
        assert "tercatat dan berlaku" in text
        assert "Lamiang" not in text
        assert "Malahoi" not in text
        assert card.number not in text


class TestTheCode:
    def code(self, card, noon, **more) -> str:
        kid, write = signer.writer(Purpose.CARD)
        facts = {"issuer": HOST, "expires_at": noon + timedelta(days=3000), **more}
        claims = CardClaims(
            issued_at=timezone.now(),
            card_number=card.number,
            household_name="Lamiang Sutini",
            regency=6203,
            **facts,
        )
        return sign_token(claims, kid=kid, sign=write)

    def test_of_a_key_that_was_revoked_is_to_be_replaced(self, card, keys, noon, budi):
        code = self.code(card, noon)
        kid, _ = signer.current(Purpose.CARD)
        ring.revoke(kid, actor=budi, at=noon)

        assert "perlu diganti" in Client().post("/k", {"qr": code}).content.decode()

    def test_is_read_without_a_name(self, card, keys, noon):
        page = Client().post("/k", {"qr": self.code(card, noon)}).content.decode()

        assert "Kode kartu ini asli dan berlaku" in page
        assert "Lamiang" not in page


class TestTap:
    @pytest.mark.parametrize(
        "query", ["", "?u=zz&n=1&c=2", "?u=04112233445566&n=000001&c=" + "0" * 999]
    )
    def test_refuses_what_is_no_tap(self, card, query):
        answer = Client().get(f"/t{query}")

        assert answer.status_code == 200
        assert "bukan kartu program ini" in answer.content.decode()

    def test_helps_with_a_chip_that_nobody_knows(self, card):
        page = Client().get("/t?u=04000000000001&n=000001&c=0011223344556677").content.decode()

        assert "Kartu kampanye tidak pernah berlaku" in page

    def test_tells_a_forgery(self, chip):
        forger = VirtualChip(chip.uid, bytes(16), chip.host)

        assert "Kartu ini tidak asli" in tapped(forger.tap()).content.decode()

    def test_says_used_on_reload_and_in_a_preview_and_alerts_nobody(self, card, chip):
        tap = chip.tap()

        first, again = tapped(tap), tapped(tap)

        assert "asli dan berlaku" in first.content.decode()
        assert "Tautan ini sudah dipakai, tempelkan lagi" in again.content.decode()
        card.refresh_from_db()
        assert (card.counter, card.public_counter) == (0, 1)
        assert not Presentation.objects.exists()
        assert not Entry.objects.filter(kind__startswith="card.").exists()

    def test_is_not_used_up_by_a_head_request_or_a_prefetch(self, chip):
        tap = chip.tap()
        query = f"/t?u={tap.uid.hex()}&n={tap.counter:06x}&c={tap.mac.hex()}"

        assert Client().head(query).status_code == 204
        assert tapped(tap, headers={"Sec-Purpose": "prefetch;prerender"}).status_code == 204
        assert "asli dan berlaku" in tapped(tap).content.decode()
        assert Client().post(query).status_code == 405

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"state": "in_custody"}, "belum diserahkan"),
            ({"state": "blocked"}, "sudah diblokir"),
            ({"state": "replaced"}, "sudah diganti"),
            ({"expires_on": date(2026, 1, 1)}, "sudah lewat"),
        ],
    )
    def test_says_what_became_of_a_genuine_card(self, card, chip, change, words):
        Card.objects.update(**change)

        assert words in tapped(chip.tap()).content.decode()

    def test_says_that_it_cannot_tell_without_the_master_key(self, chip, settings):
        tap, settings.DEMO = chip.tap(), False

        page = tapped(tap).content.decode()

        assert "belum dapat diperiksa" in page
        assert "bukan tanda bahwa kartunya palsu" in page


class TestEveryAnswer:
    def test_sets_no_cookie_and_leaves_no_address_behind(self, card, chip):
        client = Client(enforce_csrf_checks=True)
        pages = [client.get("/k"), ask(card.number, client), ask("", client), tapped(chip.tap())]

        for page in pages:
            assert not page.cookies
            assert page["Referrer-Policy"] == "no-referrer"
            assert page["Cache-Control"] == "no-store"
            assert "style=" not in page.content.decode()

    def test_is_small(self, card, chip):
        static = Path(answers.__file__).parents[1] / "static" / "betang"
        beside = sum((static / name).stat().st_size for name in ("public.css", "mark.svg"))

        assert len(tapped(chip.tap()).content) + beside < 20_000
        camera = (static / "card.js").stat().st_size
        assert len(Client().get("/k").content) + beside + camera < 60_000

    @pytest.mark.parametrize("answer", answers.ALL, ids=lambda answer: answer.title)
    def test_says_what_to_do(self, answer):
        assert answer.steps
        assert answer.sentences
        assert answer.colour in {"green", "amber", "red"}


class TestTheHostOfTheCards:
    @pytest.fixture(autouse=True)
    def known(self, settings):
        settings.ALLOWED_HOSTS = ["testserver", HOST]

    @pytest.mark.parametrize(
        "path",
        ["/", "/masuk/", "/kartu/", "/api/v1/ping", "/lapangan/", "/akun/", "/t/", "/k/", "//k",
         "/static/", "/static/../", "/static/lain/x.js", "/admin/"],
    )  # fmt: skip
    @pytest.mark.parametrize("host", [HOST, HOST.upper(), f"{HOST}:8443", f"{HOST}."])
    def test_serves_no_other_page(self, card, path, host):
        answer = Client().get(path, headers={"Host": host})

        assert answer.status_code == 404
        assert not answer.cookies
        assert "/masuk" not in answer.content.decode()

    def test_serves_no_staff_page_to_who_is_signed_in_either(self, sign_in):
        client = sign_in("supervisor")

        assert client.get("/kartu/").status_code == 200
        assert client.get("/kartu/", headers={"Host": HOST}).status_code == 404

    def test_serves_the_public_pages(self, card):
        for path in ("/k", "/t?u=1"):
            assert Client().get(path, headers={"Host": HOST}).status_code == 200

    def test_guards_nothing_where_the_site_itself_lives_there(self, card, settings):
        settings.ORIGIN = f"https://{HOST}"

        assert Client().get("/api/v1/ping", headers={"Host": HOST}).status_code == 200


def test_no_server_of_ours_writes_addresses_into_a_log():
    words = commands(site_settings.ORIGIN, site_settings.STREAM_ORIGIN, "127.0.0.1")

    assert not any("--access-log" in word for word in words["site"])
    assert "--no-access-log" in words["stream"]
