"""A phone that does not let the app keep: it promises nothing, or it is full. Without a server,
over restarts: nothing is called kept that is not, and nothing typed is lost.
"""

from pathlib import Path

import pytest
from playwright.sync_api import CDPSession, Page

from tests.fieldapp.album import Album
from tests.fieldapp.conftest import (
    enrol,
    open_phone_in_the_village,
    switch_on,
    type_pin,
    wait_for_worker,
)
from tests.fieldapp.stand_in import StandIn
from tests.fieldapp.steps import leave_with_families, open_records
from tests.holding import until_true, wait_until

pytestmark = [pytest.mark.browser]

COUNT = """
async (table) => {
  const open = indexedDB.open("betang");
  const db = await new Promise((done) => (open.onsuccess = () => done(open.result)));
  const asked = db.transaction(table).objectStore(table).count();
  const count = await new Promise((done) => (asked.onsuccess = () => done(asked.result)));
  db.close();
  return count;
}
"""


class TestAPhoneThatPromisesNothing:
    def test_has_no_family_after_a_restart_either_until_it_promises(self, phone, stand_in):
        page = phone(keeps=False)
        enrol(page, stand_in.code())
        page.get_by_text("Pasang aplikasi ini di HP dahulu").wait_for()
        wait_for_worker(page)
        page.context.close()
        stand_in.stop()

        page = switch_on(phone, stand_in.origin, keeps=False)
        page.get_by_text("Pasang aplikasi ini di HP dahulu").wait_for()
        assert page.evaluate(COUNT, "roster") == 0
        page.context.close()
        stand_in.start()
        page = switch_on(phone, stand_in.origin, keeps=False)  # with a signal it asks for none
        page.get_by_text("Pasang aplikasi ini di HP dahulu").wait_for()
        assert page.evaluate(COUNT, "roster") == 0
        page.context.close()
        page = switch_on(phone, stand_in.origin, keeps=True)
        page.get_by_text("keluarga belum dilayani").wait_for()
        page.context.close()

        stand_in.stop()
        page = switch_on(
            phone, stand_in.origin, keeps=False
        )  # it took its promise back: it still serves
        page.get_by_text("keluarga belum dilayani").wait_for()
        page.get_by_text("HP belum menjamin penyimpanan").wait_for()


@pytest.fixture
def sight(phone, stand_in: StandIn, camera) -> Path:
    """A phone with its families in a village without a server: what its camera sees."""
    sees: Path = camera(stand_in.card_text(0))
    leave_with_families(phone(camera=sees), stand_in)
    return sees


#: Write a little, in a store of the test's own, and say what came of it.
PROBE = """
async () => {
  const open = indexedDB.open("probe", 1);
  open.onupgradeneeded = () => open.result.createObjectStore("probe");
  try {
    const db = await new Promise((done, failed) => {
      open.onsuccess = () => done(open.result);
      open.onerror = () => failed(open.error);
    });
    const writing = db.transaction("probe", "readwrite");
    writing.objectStore("probe").put("x".repeat(2000), 1);
    const said = await new Promise((done) => {
      writing.oncomplete = () => done("written");
      writing.onabort = () => done(writing.error.name);
    });
    db.close();
    return said;
  } catch (error) {
    return error.name;
  }
}
"""


def fill(page: Page, origin: str) -> CDPSession:
    """Leave the browser no room for anything more; it goes by what it knew for half a minute."""
    session = page.context.new_cdp_session(page)
    assert page.evaluate(PROBE) == "written"
    session.send("Storage.overrideQuotaForOrigin", {"origin": origin, "quotaSize": 1})
    wait_until(lambda: page.evaluate(PROBE) == "QuotaExceededError", page, "there is room still")
    return session


def make_room(page: Page, session: CDPSession, origin: str) -> None:
    """Delete other things from the phone."""
    session.send("Storage.overrideQuotaForOrigin", {"origin": origin})
    wait_until(lambda: page.evaluate(PROBE) == "written", page, "there is no room yet")


def type_a_delivery(page: Page) -> None:
    page.get_by_role("button", name="Pindai").click()
    page.get_by_role("button", name="Lanjut", exact=True).click()
    page.get_by_text("Yang mewakili").click()
    page.get_by_label("Nama yang mewakili").fill("Ibu Ratna")
    page.get_by_text("Kepala keluarga").click()


class TestAFullPhone:
    def test_says_that_a_delivery_is_not_kept_and_keeps_it_when_there_is_room(
        self, phone, stand_in, sight
    ):
        page = open_phone_in_the_village(phone, stand_in.origin, sight)
        type_a_delivery(page)
        full = fill(page, stand_in.origin)
        page.get_by_role("button", name="Serahkan dan simpan").click()
        warning = page.get_by_role("alertdialog", name="Penyimpanan HP penuh")
        warning.get_by_text("belum tersimpan").wait_for()
        album = Album()
        album.look(page, "not-kept")
        assert album.faults == {}
        warning.get_by_role("button", name="Coba lagi").click()
        warning.get_by_text("masih penuh").wait_for()
        assert page.evaluate(COUNT, "queue") == 0
        assert page.get_by_text("Tersimpan di HP ini").count() == 0

        make_room(page, full, stand_in.origin)
        warning.get_by_role("button", name="Coba lagi").click()

        page.get_by_text("Tersimpan di HP ini").wait_for()
        page.context.close()
        page = open_phone_in_the_village(phone, stand_in.origin, sight)
        open_records(page)
        page.locator("li .chip", has_text="Di HP ini").wait_for()
        assert page.evaluate(COUNT, "queue") == 1

    def test_lets_a_delivery_go_and_has_what_was_typed_before_it_was_full(
        self, phone, stand_in, sight
    ):
        page = open_phone_in_the_village(phone, stand_in.origin, sight)
        type_a_delivery(page)
        page.get_by_role("button", name="Kembali").first.click()
        page.get_by_role("button", name="Pindai").click()
        page.get_by_role("button", name="Lanjut", exact=True).click()
        until_true(page, "document.querySelector('[name=collector]:checked') !== null")
        full = fill(page, stand_in.origin)
        page.get_by_role("button", name="Serahkan dan simpan").click()
        page.get_by_role("button", name="Jangan simpan").click()
        page.get_by_role("heading", name="Hari ini").wait_for()
        page.context.close()
        del full

        page = open_phone_in_the_village(phone, stand_in.origin, sight)
        page.get_by_role("button", name="Pindai").click()
        page.get_by_role("button", name="Lanjut", exact=True).click()
        until_true(page, "document.querySelector('[name=collector]:checked') !== null")
        page.get_by_role("button", name="Serahkan dan simpan").click()
        page.get_by_text("Tersimpan di HP ini").wait_for()
        assert page.evaluate(COUNT, "queue") == 1

    def test_says_at_the_lock_why_it_does_not_open(self, phone, stand_in, sight):
        page = phone(camera=sight)
        page.goto(f"{stand_in.origin}/lapangan/")
        page.get_by_text("Ketik PIN").wait_for()
        full = fill(page, stand_in.origin)

        type_pin(page)
        page.get_by_text("Penyimpanan HP penuh").wait_for()

        make_room(page, full, stand_in.origin)
        type_pin(page)
        page.get_by_text("keluarga belum dilayani").wait_for()
