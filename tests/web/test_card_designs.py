"""Editing a card's design: who may not, what is refused in place, and all of it in a browser."""

import io
import os
from collections.abc import Iterator
from datetime import date

import pypdfium2
import pytest
import zxingcpp
from django.contrib.auth import SESSION_KEY
from django.db import connections
from django.test import Client
from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from betang.accounts.models import RoleGrant, User
from betang.cards.design import decide, edit
from betang.cards.design.layout import read
from betang.cards.design.sample import token
from betang.cards.design.version import FIRST_UUID, first
from betang.cards.models import Card, DesignVersion
from betang.core.identifiers import new_uuid
from betang.core.identity.household_number import household_number
from betang.journal.models import Entry
from betang.programmes.models import Programme
from betang.registry.models import Household
from betang.web.cards.design_form import shown
from tests.conftest import LiveBetang
from tests.signed_in import let_in
from tests.web.test_accessibility import AXE, faults

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
VILLAGE = 6203011001


@pytest.fixture
def programme(areas):
    return Programme.objects.create(
        code="KHBS", name="KHBS", card_name="Kartu Huma Betang Sejahtera"
    )


@pytest.fixture
def draft(programme, budi, noon):
    return edit.begin(first(), actor=budi, at=noon)


@pytest.fixture
def card(areas):
    number = household_number(77)
    household = Household.objects.create(
        uuid=new_uuid(), number=number, village_id=VILLAGE, head_name="Lamiang Sutini"
    )
    return Card.objects.create(
        number=f"62{number}01", household=household, issue=1, village_id=VILLAGE, state="active",
        qr="HCREAL", issued_at="2026-01-01T00:00Z", handed_over_at="2026-01-01T00:00Z",
        expires_on=date(2036, 1, 1),
    )  # fmt: skip


def form_of(version: DesignVersion, **changed: str) -> dict[str, str]:
    """Everything the editor's form holds, with some fields typed anew."""
    told = {}
    for side in shown(read(version.content), [], {}):
        told[f"{side.name}.ground"] = side.ground
        for part in side.parts:
            for field in part.fields:
                if field.field.type != "tick":
                    told[field.name] = str(field.value)
                elif field.value:
                    told[field.name] = "yes"
    return told | {name.replace("__", "."): value for name, value in changed.items()}


def address(version, rest: str = "") -> str:
    return f"/kartu/desain/{version.uuid}/{rest}"


class TestWhoMayNot:
    @pytest.mark.parametrize("role", ["supervisor", "auditor", "bureau", "dinsos_regency"])
    def test_edit(self, sign_in, draft, role):
        browser = sign_in(role)

        answers = [
            browser.post("/kartu/desain/", {"source": str(FIRST_UUID)}),
            browser.post(address(draft), form_of(draft, front__number__x="44") | {"act": "save"}),
            browser.post(address(draft, "pratinjau/"), form_of(draft)),
            browser.post(address(draft, "uji/")),
        ]

        assert DesignVersion.objects.get().step == 1
        assert [answer.status_code for answer in answers][2:] == [403, 403]
        assert "Simpan draf" not in browser.get(address(draft)).content.decode()

    def test_see_without_a_role(self, sign_in, draft):
        assert sign_in("viewer").get("/kartu/desain/").status_code == 403

    def test_edit_with_a_role_in_one_regency(self, sign_in, draft):
        browser = sign_in("dinsos_province", 6203)

        assert browser.post(address(draft, "pratinjau/"), form_of(draft)).status_code == 403

    def test_approve_what_one_proposed(self, sign_in, draft):
        browser = sign_in("dinsos_province")
        browser.post(address(draft), form_of(draft) | {"act": "propose"})

        page = browser.post(address(draft, "putuskan/"), {"act": "approve"})

        assert page.status_code == 422
        assert "tidak boleh menyetujui usulannya sendiri" in page.content.decode()
        assert DesignVersion.objects.get().state == "proposed"

    def test_see_a_family_of_another_regency(self, sign_in, draft, card):
        browser = sign_in("dinsos_province", name="dewi")
        RoleGrant.objects.filter(user__username="dewi").update(area_id=6210)
        RoleGrant.objects.create(
            user=User.objects.get(username="dewi"), role="admin",
            proposed_by_person=new_uuid(), approved_by_person=new_uuid(),
            from_at="2026-01-01T00:00Z",
        )  # fmt: skip

        browser.post(address(draft), form_of(draft, card=card.number) | {"act": "sample"})

        assert "design_card" not in browser.session
        assert not Entry.objects.filter(kind="household.looked").exists()


class TestEdit:
    @pytest.fixture
    def browser(self, sign_in, draft) -> Client:
        return sign_in("dinsos_province")

    def save(self, browser, draft, **changed):
        return browser.post(address(draft), form_of(draft, **changed) | {"act": "save"})

    @pytest.mark.parametrize("typed", ["kiri", "", "9999", "1e3", "٣", "-1000"])
    def test_refuses_a_place_that_is_none_beside_its_field(self, browser, draft, typed):
        page = self.save(browser, draft, front__number__x=typed)

        assert page.status_code == 422
        assert "«Dari kiri» harus angka dari -60 sampai 1071" in page.content.decode()

    def test_refuses_a_hostile_logo_beside_its_field(self, browser, draft):
        browser.post(address(draft), form_of(draft, add__front="logo") | {"act": "add:front"})
        draft.refresh_from_db()
        file = io.BytesIO(b'<svg viewBox="0 0 9 9"><script/></svg>')
        file.name = "a.svg"

        page = browser.post(
            address(draft),
            form_of(draft) | {"act": "logo:front.logo", "file.front.logo": file},
        )

        assert page.status_code == 422
        assert "memuat «script», yang tidak didukung" in page.content.decode()

    def test_keeps_a_logo_where_the_form_says(self, browser, draft):
        browser.post(address(draft), form_of(draft, add__front="logo") | {"act": "add:front"})
        draft.refresh_from_db()
        file = io.BytesIO()
        Image.new("RGBA", (40, 40), "red").save(file, "PNG")
        file.seek(0)
        file.name = "a.png"

        browser.post(
            address(draft),
            form_of(draft) | {"act": "logo:front.logo", "file.front.logo": file},
        )

        draft.refresh_from_db()
        assert read(draft.content).pictures

    def test_warns_of_what_is_broken_and_keeps_it(self, browser, draft):
        self.save(browser, draft, front__qr__x="560")

        page = browser.get(address(draft)).content.decode()
        draft.refresh_from_db()
        assert draft.step == 2
        assert "menyentuh bidang kosong di sekeliling «Kode QR kartu»" in page

    def test_goes_back_and_forward(self, browser, draft):
        self.save(browser, draft, front__number__x="50")

        def at() -> int:
            draft.refresh_from_db()
            return read(draft.content).front.of("number")["x"]

        assert at() == 50
        browser.post(address(draft), form_of(draft) | {"act": "undo"})
        assert at() == 42
        browser.post(address(draft), form_of(draft) | {"act": "redo"})
        assert at() == 50

    def test_refuses_to_propose_what_is_broken_and_loses_nothing_typed(self, browser, draft):
        page = browser.post(address(draft), form_of(draft, front__qr__x="560") | {"act": "propose"})

        draft.refresh_from_db()
        assert page.status_code == 422
        assert "belum dapat diusulkan" in page.content.decode()
        assert (draft.state, read(draft.content).front.of("qr")["x"]) == ("draft", 560)

    def test_previews_what_is_typed_without_keeping_it(self, browser, draft):
        answer = browser.post(
            address(draft, "pratinjau/"), form_of(draft, front__qr__x="560")
        ).json()

        draft.refresh_from_db()
        assert draft.step == 1
        assert answer["boxes"]["front.qr"] == [560, 192, 836, 468]
        assert "front.family_name" in {each["part"] for each in answer["findings"]}

    def test_answers_a_preview_of_nonsense_with_its_sentence(self, browser, draft):
        answer = browser.post(
            address(draft, "pratinjau/"), form_of(draft, front__number__colour="merah")
        )

        assert answer.status_code == 422
        assert "warna seperti" in answer.json()["sentence"]

    def test_shows_a_real_family_with_the_code_of_a_sample_and_records_it_once(
        self, browser, draft, card
    ):
        browser.post(address(draft), form_of(draft, card=card.number) | {"act": "sample"})
        for _ in range(3):
            answer = browser.get(address(draft, "gambar/depan/besar/"))

        (code,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(answer.content)))
        looks = Entry.objects.filter(kind="household.looked")
        assert code.text == token(11866024)
        assert [look.facts["page"] for look in looks] == ["design"]

    def test_a_trial_page_has_both_sides_in_their_size_and_is_recorded(self, browser, draft):
        content = browser.post(address(draft, "uji/")).content

        pdf = pypdfium2.PdfDocument(content)
        page = pdf[0]
        pixels = page.render(scale=300 / 72).to_numpy()
        text = page.get_textpage()
        words = text.get_text_range()
        text.close()
        page.close()
        pdf.close()
        assert "CONTOH" in words
        assert len(zxingcpp.read_barcodes(pixels, formats=zxingcpp.BarcodeFormat.QRCode)) == 2
        assert Entry.objects.filter(kind="design.tested").count() == 1

    def test_a_discarded_draft_leaves_the_list(self, browser, draft):
        browser.post(address(draft), form_of(draft) | {"act": "discard"})

        assert draft.name not in browser.get("/kartu/desain/").content.decode()


class TestDecide:
    def test_asks_a_reason_of_who_sends_back(self, sign_in, draft, budi, noon):
        decide.propose(draft, actor=budi, at=noon)

        page = sign_in("supervisor").post(address(draft, "putuskan/"), {"act": "return"})

        assert "Tulis alasan" in page.content.decode()

    def test_approves_and_retires(self, sign_in, draft, budi, noon):
        decide.propose(draft, actor=budi, at=noon)
        wati = sign_in("supervisor")

        wati.post(address(draft, "putuskan/"), {"act": "approve"})
        assert "Dipakai sekarang" in wati.get(address(draft)).content.decode()
        wati.post(address(draft, "putuskan/"), {"act": "retire"})

        assert "masih dapat dicetak ulang" in wati.get(address(draft)).content.decode()

    def test_a_proposer_takes_it_back(self, sign_in, draft):
        browser = sign_in("dinsos_province")
        browser.post(address(draft), form_of(draft) | {"act": "propose"})

        browser.post(address(draft, "tarik/"))

        assert DesignVersion.objects.get().state == "draft"


@pytest.fixture
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        yield started
        started.close()
        connections.close_all()


def desk(chromium: Browser, live: LiveBetang, client: Client, width: int = 1366) -> Page:
    """Sit somebody who is signed in down before a screen, whose policy on scripts is kept."""
    user = User.objects.get(pk=client.session[SESSION_KEY])
    context = chromium.new_context(viewport={"width": width, "height": 768})
    let_in(context, user, live)
    page = context.new_page()
    page.on("dialog", lambda dialog: dialog.accept())
    return page


@pytest.mark.browser
@pytest.mark.server
def test_a_design_is_edited_refused_mended_proposed_and_approved(
    live_betang, programme, sign_in, chromium
):
    live_betang.start("site")
    dewi = desk(chromium, live_betang, sign_in("dinsos_province", name="dewi"))
    wati = desk(chromium, live_betang, sign_in("supervisor", name="wati"))
    complaints: list[str] = []
    dewi.on("console", lambda told: complaints.append(told.text) if told.type == "error" else None)
    dewi.goto(f"{live_betang.origin}/kartu/desain/")
    dewi.click("text=Draf baru dari ini")
    picture, drawn = "[data-side=front] img", "#design-editor[data-drawn]:not([aria-busy])"
    dewi.wait_for_selector(drawn)

    def redrawn(doing) -> None:
        # A page that has just come has not been drawn yet: its first drawing is not the answer.
        dewi.wait_for_selector(drawn)
        doing()
        dewi.wait_for_selector(drawn)

    def code_left() -> int:
        shot = dewi.locator(picture).screenshot()
        (code,) = zxingcpp.read_barcodes(
            Image.open(io.BytesIO(shot)).resize((2022, 1276)), formats=zxingcpp.BarcodeFormat.QRCode
        )
        return round(code.position.top_left.x / 2)

    # By keyboard: the code moves 30 dots to the left, and the picture with it.
    was = code_left()
    handle = dewi.locator('g[data-part="front.qr"]')
    handle.focus()
    redrawn(lambda: [dewi.keyboard.press("Shift+ArrowLeft") for _ in range(3)])
    assert dewi.input_value('[name="front.qr.x"]') == "653"
    assert abs(was - code_left() - 30) <= 2

    # By mouse, onto the family's name: said at once, and refused when it is proposed.
    box = handle.bounding_box()
    redrawn(lambda: (
        dewi.mouse.move(box["x"] + 60, box["y"] + 60), dewi.mouse.down(),
        dewi.mouse.move(box["x"] - 40, box["y"] + 60, steps=4), dewi.mouse.up(),
    ))  # fmt: skip
    expect(dewi.locator("#findings")).to_contain_text("menyentuh bidang kosong")
    told_there = dewi.locator('details[data-for="front.number"] .part-found')
    expect(told_there).to_contain_text("Jauhkan: tepi kode selebar 4 modul harus kosong")
    dewi.click("button[value=propose]")
    dewi.wait_for_selector("text=belum dapat diusulkan")

    # Back to where it was, proposed; nobody approves his own.
    dewi.wait_for_selector(drawn)  # from here on a finding opens its part
    dewi.click("#findings a >> nth=0")
    dewi.wait_for_selector("details.part[open]")
    dewi.evaluate("document.querySelector('details[data-for=\"front.qr\"]').open = true")
    redrawn(lambda: dewi.fill('[name="front.qr.x"]', "683"))
    dewi.click("button[value=propose]")
    dewi.wait_for_selector("text=Anda yang mengusulkan rancangan ini")
    assert dewi.locator("button[value=approve]").count() == 0
    wati.goto(dewi.url)
    wati.click("button[value=approve]")
    wati.wait_for_selector("text=Dipakai sekarang")

    # The page that refused the proposal is the one answer that is no success.
    assert [each for each in complaints if "422" not in each] == []
    assert DesignVersion.objects.get().state == "approved"


@pytest.mark.browser
@pytest.mark.server
def test_the_pages_have_no_fault(live_betang, programme, sign_in, draft, chromium):
    live_betang.start("site")
    client = sign_in("dinsos_province", name="dewi")
    found = {}
    for width in (1366, 360):
        page = desk(chromium, live_betang, client, width)
        for path in ("/kartu/desain/", address(draft), address(draft, "bandingkan/"),
                     f"/kartu/desain/{FIRST_UUID}/"):  # fmt: skip
            page.goto(f"{live_betang.origin}{path}")
            page.wait_for_load_state("networkidle")
            page.evaluate(AXE.read_text())
            if wrong := faults(page):
                found[f"{path} {width}"] = wrong

    assert found == {}
