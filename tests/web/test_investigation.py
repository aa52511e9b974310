"""The investigation of a card: who may see it, what it shows, and what is done from there."""

import os
from datetime import timedelta

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page

from benchmarks.promised import make_decree
from betang.accounts.models import Device, RoleGrant, User
from betang.areas.models import Area, Boundary
from betang.areas.outline import Window, outlines
from betang.cards.clones.suspect import look
from betang.cards.custody import receive
from betang.cards.hand_over import hand_over
from betang.cards.issue import issue_cards
from betang.cards.models import Card, Investigation
from betang.cards.present import PresentedRow, record_presentations
from betang.cards.tap import Where, present
from betang.core.identifiers import new_uuid
from betang.core.identity.household_number import household_number
from betang.eligibility.models import Enrolment
from betang.journal.models import Entry
from betang.keys import chip_master
from betang.programmes.models import Programme
from betang.registry.models import Household
from sandbox.chip.virtual_chip import VirtualChip
from tests.conftest import LiveBetang
from tests.signed_in import let_in
from tests.web.test_accessibility import AXE, faults

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
VILLAGE = 6203011001
HERE, UPRIVER = Where(None, -3.01, 114.39), Where(None, -0.98, 113.62)
SAID = "Keluarga ditemui; kartu ada pada mereka."


def _square(lng: float, lat: float, side: float) -> dict[str, object]:
    ring = [[lng, lat], [lng + side, lat], [lng + side, lat + side], [lng, lat + side], [lng, lat]]
    return {"type": "Polygon", "coordinates": [ring]}


def boundaries() -> None:
    """Two regencies side by side, and a district of the first."""
    Boundary.objects.create(area_id=6203, geojson=_square(113.5, -3.5, 1.5))
    Boundary.objects.create(area_id=6210, geojson=_square(113.0, -2.0, 1.5))
    Boundary.objects.create(area_id=620301, geojson=_square(114.2, -3.2, 0.4))
    Area.objects.filter(code=VILLAGE).update(lat=-3.0, lng=114.4)


def phone(noon, *, nfc: bool = True, name: str = "Sari") -> Device:
    made = new_uuid()
    owner = User.objects.create(username=str(made), full_name=name, person=new_uuid())
    return Device.objects.create(
        short_id=made.hex[-8:].upper(), owner=owner, public_jwk={}, thumbprint=made.bytes,
        has_nfc=nfc, state="active", enrolled_at=noon,
    )  # fmt: skip


def copied_card(budi, wati, noon) -> Card:
    """A card that its family used for weeks, and whose kept taps were used far away."""
    chip_master.make_test_master()
    programme = Programme.objects.create(code="KHBS", name="KHBS", card_name="KHBS")
    decree = make_decree(programme, proposer=budi, approver=wati, at=noon, count=0)
    household = Household.objects.create(
        uuid=new_uuid(), number=household_number(7), village_id=VILLAGE, head_name="Sumiati"
    )
    Enrolment.objects.create(
        household=household, programme=programme, decree=decree, from_on=noon.date()
    )
    issue_cards(actor=budi, at=noon, virtual_chips=True)
    Card.objects.update(state="printed")
    receive(actor=budi, at=noon)
    card = hand_over(Card.objects.get().number, actor=budi, at=noon)
    master = bytes.fromhex(chip_master.test_master_path().read_text())
    chip = VirtualChip.of(bytes(card.chip_uid), master=master, host=settings.CARD_HOST)
    sari, rudi = phone(noon), phone(noon, name="Rudi Hartono")
    kept = chip.tap(), chip.tap()
    for week in range(5):
        at = noon + timedelta(days=7 * week)
        taps = [chip.tap(), chip.tap()]
        _tell(card, sari, taps, at=at, heard=at + timedelta(hours=4), where=HERE)
    second = noon + timedelta(days=28, minutes=40)
    _tell(card, rudi, kept, at=second, heard=second + timedelta(days=1), where=UPRIVER)
    tap = chip.tap()
    present(
        tap.uid, tap.counter, tap.mac, act="deliver", actor=sari.actor, device=sari.uuid,
        at=noon + timedelta(days=30), lease=True, where=HERE,
    )  # fmt: skip
    return card


def _tell(card, device, taps, *, at, heard, where) -> None:
    row = PresentedRow(
        card.number, "deliver", "green", "tap.genuine", taps, device.uuid, device.actor, at,
        where, 12,
    )  # fmt: skip
    record_presentations([row], heard_at=heard)
    look([(device.uuid, heard)], at=heard, share=0)


@pytest.fixture
def demo(settings) -> None:
    settings.DEMO = True


@pytest.fixture
def card(areas, keys, demo, budi, wati, noon) -> Card:
    boundaries()
    return copied_card(budi, wati, noon)


def address(card: Card) -> str:
    return f"/kartu/{card.uuid}/telusur/"


class TestWhoMaySee:
    @pytest.mark.parametrize("role", ["facilitator", "bureau", "treasurer", "viewer", "admin"])
    def test_is_nobody_who_works_with_the_card(self, card, sign_in, role):
        client = sign_in(role)

        assert client.get(address(card)).status_code == 403
        assert client.get("/kartu/telusur/").status_code == 403

    def test_is_nobody_of_another_regency(self, card, sign_in):
        client = sign_in("supervisor", 6210)

        assert client.get(address(card)).status_code == 404
        assert str(card.uuid) not in client.get("/kartu/telusur/").content.decode()

    def test_is_the_auditor_who_changes_nothing(self, card, sign_in):
        client = sign_in("auditor")
        posted = [
            client.post(address(card), {"act": "close", "finding": "unclear", "sentence": SAID}),
            client.post(address(card), {"act": "block", "reason": "copied", "sure_block": "yes"}),
            client.post(address(card), {"act": "replace", "sure_replace": "yes"}),
        ]

        assert [answer.status_code for answer in posted] == [200, 200, 200]
        assert Investigation.objects.get().state == "open"
        assert Card.objects.get().state == "active"


class TestThePage:
    def test_shows_both_evidences_map_and_chart(self, card, sign_in):
        page = sign_in("supervisor").get(address(card)).content.decode()

        assert "Hitungan cip mundur" in page
        assert "Di dua tempat dalam waktu yang mustahil" in page
        assert page.count('<div class="evidence">') == 4
        assert "Rudi Hartono" in page
        assert page.count('<svg class="sightings"') == 2
        assert 'class="sighting flagged"' in page
        assert "Kab. Kapuas" in page
        assert "style=" not in page

    def test_records_who_looked(self, card, sign_in):
        sign_in("supervisor").get(address(card))

        assert Entry.objects.filter(kind="household.looked", facts__page="card").count() == 1

    def test_is_reached_from_the_card_the_list_and_the_alert(self, card, sign_in):
        client = sign_in("supervisor")

        assert address(card) in client.get(f"/kartu/{card.uuid}/").content.decode()
        assert address(card) in client.get("/kartu/telusur/").content.decode()
        assert "/kartu/telusur/" in client.get("/kartu/").content.decode()

    def test_of_a_card_that_nobody_saw_says_so(self, areas, keys, demo, budi, wati, noon, sign_in):
        household = Household.objects.create(
            uuid=new_uuid(), number=household_number(8), village_id=VILLAGE, head_name="Warga"
        )
        unseen = Card.objects.create(
            number=f"62{household.number}01", household=household, issue=1, village_id=VILLAGE,
            qr="", issued_at=noon, expires_on=noon.date(),
        )  # fmt: skip

        page = sign_in("supervisor").get(address(unseen)).content.decode()

        assert "belum pernah ditunjukkan" in page


class TestActing:
    @pytest.mark.parametrize(
        ("posted", "told"),
        [
            ({"act": "close", "finding": "", "sentence": SAID}, "Pilih kesimpulan"),
            ({"act": "close", "finding": "copied", "sentence": "ya"}, "sepuluh"),
            ({"act": "block", "reason": "copied"}, "Centang kotak ini"),
            ({"act": "block", "reason": "x", "sure_block": "yes"}, "tidak dikenal"),
            ({"act": "replace"}, "Centang kotak ini"),
            ({"act": "open"}, "sedang ditelusuri"),
        ],
    )
    def test_is_refused_beside_its_field(self, card, sign_in, posted, told):
        answer = sign_in("supervisor").post(address(card), posted)

        assert answer.status_code == 422
        assert told in answer.content.decode()
        assert Investigation.objects.get().state == "open"
        assert Card.objects.get().state == "active"

    def test_closes_with_a_finding_that_is_shown_and_counted(self, card, sign_in):
        client = sign_in("supervisor")

        client.post(address(card), {"act": "close", "finding": "copied", "sentence": SAID})

        assert SAID in client.get(address(card)).content.decode()
        assert "Seberapa sering" in client.get("/kartu/telusur/").content.decode()
        assert address(card) in client.get("/kartu/telusur/?keadaan=closed").content.decode()

    def test_blocks_and_then_replaces(self, card, sign_in):
        client = sign_in("supervisor")

        client.post(address(card), {"act": "block", "reason": "copied", "sure_block": "yes"})
        blocked = Card.objects.get(pk=card.pk).state
        client.post(address(card), {"act": "replace", "sure_replace": "yes"})

        assert blocked == "blocked"
        assert Card.objects.get(pk=card.pk).state == "replaced"
        assert Card.objects.filter(household=card.household, issue=2).exists()

    def test_opens_again_after_the_end(self, card, sign_in, budi, noon):
        client = sign_in("supervisor")
        client.post(address(card), {"act": "close", "finding": "unclear", "sentence": SAID})

        client.post(address(card), {"act": "open"})

        assert Investigation.objects.filter(state="open", cause="asked").count() == 1


class TestOutlines:
    def test_of_nothing_loaded_are_none(self, areas):
        assert outlines(Window(113, -4, 115, -2)) == []

    def test_of_a_wide_window_are_regencies_and_of_a_narrow_one_districts(self, areas):
        boundaries()

        wide = {outline.code for outline in outlines(Window(112, -4, 116, 0))}
        narrow = {outline.code for outline in outlines(Window(114.1, -3.3, 114.5, -2.9))}

        assert (wide, narrow) == ({6203, 6210}, {620301})


def desk(browser: Browser, live: LiveBetang, budi, wati, noon, width: int, scheme: str) -> Page:
    user, made = User.objects.get_or_create(
        username="penyelia", defaults={"full_name": "Penyelia", "person": new_uuid()}
    )
    if made:
        RoleGrant.objects.create(
            user=user, role="supervisor", proposed_by_person=budi.person,
            approved_by_person=wati.person, from_at=noon,
        )  # fmt: skip
    context = browser.new_context(
        viewport={"width": width, "height": 768}, color_scheme=scheme, bypass_csp=True
    )
    let_in(context, user, live)
    return context.new_page()


@pytest.mark.browser
@pytest.mark.server
@pytest.mark.django_db(transaction=True)
def test_in_a_browser_it_fits_and_axe_finds_nothing(live_betang, card, browser, budi, wati, noon):
    live_betang.start("site")
    found: dict[str, list[str]] = {}
    for width in (360, 1366):
        for scheme in ("light", "dark"):
            page = desk(browser, live_betang, budi, wati, noon, width, scheme)
            for name, path in (("card", address(card)), ("list", "/kartu/telusur/")):
                page.goto(live_betang.origin + path, wait_until="domcontentloaded")
                opened = "document.querySelectorAll('details').forEach(one => one.open = true)"
                page.evaluate(opened)
                page.add_script_tag(path=AXE)
                found[f"{name} {width} {scheme}"] = faults(page)
                folder = os.environ.get("BETANG_PICTURES")
                if folder:
                    page.screenshot(path=f"{folder}/{name}-{width}-{scheme}.png", full_page=True)

    page.goto(live_betang.origin + address(card))
    page.select_option("#id_finding", "copied")
    page.fill("#id_sentence", SAID)
    with page.expect_navigation():
        page.click("button[value=close]")
    page.get_by_text("Penelusuran selesai").wait_for()

    assert {name: told for name, told in found.items() if told} == {}
    assert Investigation.objects.get().finding == "copied"
