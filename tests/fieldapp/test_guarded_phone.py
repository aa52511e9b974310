"""What guards a phone: the promise to keep, the lock, a revoked key, an old list, an order."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest

from tests.fieldapp.conftest import (
    draft_kept,
    enrol,
    let_keep,
    switch_on,
    type_pin,
    wait_for_worker,
)

pytestmark = [pytest.mark.browser]

#: All that the browser keeps for the app: bytes as Latin-1 text, so that names can be looked for.
KEPT = """
async () => {
  const text = (value) => JSON.stringify(value, (_, one) =>
    one instanceof Uint8Array ? String.fromCharCode(...one.slice(0, 60000)) : one);
  const db = await new Promise((done) => {
    const asked = indexedDB.open("betang");
    asked.onsuccess = () => done(asked.result);
  });
  const all = (store, how) => new Promise((done) => {
    const asked = db.transaction(store).objectStore(store)[how]();
    asked.onsuccess = () => done(text(asked.result));
  });
  const kept = {};
  for (const store of db.objectStoreNames) {
    kept[store] = (await all(store, "getAllKeys")) + (await all(store, "getAll"));
  }
  db.close();
  for (const name of await caches.keys()) {
    const asked = await (await caches.open(name)).keys();
    kept[name] = text(asked.map((request) => request.url));
  }
  kept.elsewhere = text([{ ...localStorage }, { ...sessionStorage }, history.state, location.href,
                         document.title, document.cookie]);
  return kept;
}
"""


def served_day(page, stand_in) -> None:
    """Enrol; the server is gone and the phone was switched off and on again."""
    enrol(page, stand_in.code())
    page.get_by_text("keluarga belum dilayani").wait_for()
    wait_for_worker(page)


class TestAPhoneThatDoesNotPromiseToKeep:
    def test_gets_no_family_and_no_lease_until_it_does(self, phone, stand_in):
        page = phone(keeps=False)

        enrol(page, stand_in.code())
        page.get_by_text("Pasang aplikasi ini di HP dahulu").wait_for()
        page.get_by_role("button", name="Periksa lagi").click()
        page.get_by_text("HP ini belum menjamin penyimpanan").wait_for()

        assert not {"/api/v1/bundle", "/api/v1/tickets"} & set(stand_in.asked)
        assert json.loads(page.evaluate(KEPT)["roster"].partition("][")[0] + "]") == []
        let_keep(page)
        page.get_by_text("keluarga belum dilayani").wait_for()  # goes on by itself


class TestALeftPhone:
    def test_locks_itself_and_asks_for_nothing(self, phone, stand_in):
        page = phone()
        page.clock.install()
        served_day(page, stand_in)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))

        page.clock.fast_forward("05:30")
        page.get_by_text("Ketik PIN").wait_for()
        page.wait_for_timeout(500)  # what was asked before it locked is told by now
        asked.clear()
        page.clock.fast_forward("10:00")
        page.wait_for_timeout(500)

        assert asked == []
        type_pin(page)
        page.get_by_text("keluarga belum dilayani").wait_for()


class TestARevokedLeaseKey:
    def test_ends_the_leases_it_signed_though_no_family_changed(self, phone, stand_in):
        page = phone()
        served_day(page, stand_in)
        stand_in.unchanged = True
        stand_in.revoked_keys = {"lease"}

        page.get_by_role("button", name="Catatan").click()
        page.get_by_role("button", name="Kirim dan perbarui").click()
        page.get_by_role("button", name="Hari ini").click()
        page.get_by_text("Belum ada penugasan").wait_for()

        stand_in.stop()
        page.context.close()
        page = switch_on(phone, stand_in.origin)
        page.get_by_text("Belum ada penugasan").wait_for()


class TestAListThatGrowsOld:
    @pytest.mark.parametrize(
        ("days", "told"), [(15, "sudah lebih dari 14 hari"), (31, "sudah lebih dari 30 hari")]
    )
    def test_is_amber_and_then_delivers_nothing(self, phone, stand_in, camera, days, told):
        stand_in.lease_days = 60
        sight = camera(stand_in.card_text(0))
        page = phone(camera=sight)
        served_day(page, stand_in)
        stand_in.stop()
        page.context.close()

        later = stand_in.now + timedelta(days=days, hours=1)
        page = switch_on(phone, stand_in.origin, camera=sight, at=later)
        page.get_by_text("Tanpa sinyal").wait_for()
        page.get_by_role("button", name="Pindai").first.click()

        page.get_by_text(told).first.wait_for()
        assert page.get_by_role("heading", name="Kartu asli").count() == 0
        delivers = page.get_by_role("button", name="Lanjut dengan foto").count()
        assert delivers == (1 if days == 15 else 0)


class TestARosterWhoseTimeIsOver:
    def test_is_gone_and_comes_again_with_the_next_contact(self, phone, stand_in):
        page = phone()
        served_day(page, stand_in)
        stand_in.stop()
        page.context.close()

        page = switch_on(phone, stand_in.origin, at=stand_in.now + timedelta(days=8))
        page.get_by_text("Data keluarga sudah dihapus dari HP ini").wait_for()
        assert json.loads(page.evaluate(KEPT)["roster"].partition("][")[0] + "]") == []

        stand_in.start()
        stand_in.lease_days = 20
        page.get_by_role("button", name="Catatan").click()
        page.get_by_role("button", name="Kirim dan perbarui").click()
        page.get_by_role("button", name="Hari ini").click()
        page.get_by_text("keluarga belum dilayani").wait_for()


class TestWhatAUsedPhoneKeeps:
    def test_names_nobody_and_tells_no_note(self, phone, stand_in):
        page = phone()
        served_day(page, stand_in)
        page.get_by_role("button", name="Keluarga", exact=True).click()
        page.get_by_role("button", name="Siti").click()
        page.get_by_role("button", name="Masalah").click()
        page.get_by_text("Barang kurang").click()
        text = "berasnya bau apak sekali"
        with draft_kept(page, text):
            page.get_by_label("Ceritakan singkat").fill(text)
        drafted = page.evaluate(KEPT)
        page.get_by_role("button", name="Kirim laporan").or_(
            page.get_by_role("button", name="Simpan laporan")
        ).click()
        page.get_by_text("No. 1").or_(page.get_by_text("Selesai")).first.wait_for()
        kept = page.evaluate(KEPT)

        assert len(drafted["drafts"]) > 60
        secrets = ["apak sekali", "NIK", *(f["household"]["head_name"] for f in stand_in.families)]
        secrets += [
            f["household"]["number"] for f in stand_in.families if f is not place_of(stand_in)
        ]
        for store, content in (drafted | kept).items():
            readable = content + opened(content)
            assert [one for one in secrets if one in readable] == [], store


def place_of(stand_in) -> dict[str, Any]:
    """The family that the record is about: its number stands in the signed payload."""
    return next(f for f in stand_in.families if f["household"]["head_name"] == "Siti Aminah")


def opened(content: str) -> str:
    """What stands in the signed texts: base64url is no seal."""
    parts = [
        part for word in content.split('"') if word.startswith("eyJ") for part in word.split(".")
    ]
    raw = [base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in parts]
    return b" ".join(raw).decode("utf-8", "replace")
