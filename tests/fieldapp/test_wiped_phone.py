"""A phone that the office has wiped: its families are gone, its unsent records are not."""

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from betang.accounts import devices
from betang.accounts.models import Device
from betang.cards.models import Card
from tests.fieldapp.conftest import enrol, wait_for_worker
from tests.fieldapp.office import SERVED, code, confirm
from tests.fieldapp.test_cloned_phone import deliver

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.django_db(transaction=True)]

#: What is left of the vault, the roster and the queue.
KEPT = """async () => {
  const open = indexedDB.open("betang");
  const db = await new Promise((done) => (open.onsuccess = () => done(open.result)));
  const all = (table) => new Promise((done) => {
    const asked = db.transaction(table).objectStore(table).getAll();
    asked.onsuccess = () => done(asked.result);
  });
  const meta = await all("meta");
  const vault = meta.find((row) => row.key === "vault").value;
  return {
    keys: [vault.signing_key, vault.roster_key].filter(Boolean).length,
    roster: (await all("roster")).length,
    queue: (await all("queue")).length,
  };
}"""


@pytest.fixture
def served(live_betang, village, phone, camera, budi) -> Page:
    """A phone that delivered one right, all of it sent."""
    card = Card.objects.filter(village_id=SERVED).order_by("pk").first()
    live_betang.start("site")
    page = phone(camera=camera(card.qr))
    enrol(page, code(live_betang.origin, village, budi))
    confirm(page, village, budi)
    wait_for_worker(page)
    deliver(page, live_betang.origin)
    page.get_by_text("sudah diterima server").wait_for()
    page.get_by_role("button", name="Selesai").click()
    return page


def test_a_wipe_is_carried_out_at_the_next_contact_and_told(served, budi):
    assert served.evaluate(KEPT) | {"roster": 0} == {"keys": 2, "roster": 0, "queue": 1}
    devices.order_wipe(Device.objects.get(), reason="Tertinggal.", actor=budi, at=timezone.now())

    served.get_by_role("button", name="Catatan").first.click()
    served.get_by_role("button", name="Kirim dan perbarui").click()

    served.get_by_text("Data keluarga di HP ini sudah dihapus").wait_for()
    served.get_by_text("Semua catatan sudah diterima server").wait_for()
    assert served.evaluate(KEPT) == {"keys": 0, "roster": 0, "queue": 1}
    device = Device.objects.get()
    assert device.wiped_at is not None  # told before the screen changed
    assert (device.unsent, device.state) == (0, "suspended")
