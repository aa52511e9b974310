"""A chip reader for the browser: Web NFC's `NDEFReader`, fed by the test.

No desktop browser has one. What it hands to the app is what the standard says: a `reading` event
with a serial number and an NDEF message of one URL.
"""

import time

from playwright.sync_api import Page

from sandbox.chip.virtual_chip import VirtualChip
from tests.holding import until_true

READER = """
window.__readers = new Set();
window.NDEFReader = class extends EventTarget {
  async scan({ signal }) {
    window.__readers.add(this);
    signal.addEventListener("abort", () => window.__readers.delete(this));
  }
};
window.__touch = (url, serialNumber) => {
  const data = new DataView(new TextEncoder().encode(url).buffer);
  for (const reader of [...window.__readers]) {
    const event = new Event("reading");
    Object.assign(event, { serialNumber, message: { records: [{ recordType: "url", data }] } });
    reader.dispatchEvent(event);
  }
};
"""
ROSTER = """
async () => {
  const db = await new Promise((done, failed) => {
    const asked = indexedDB.open("betang");
    asked.onsuccess = () => done(asked.result);
    asked.onerror = failed;
  });
  const count = await new Promise((done) => {
    const asked = db.transaction("tickets").objectStore("tickets").count();
    asked.onsuccess = () => done(asked.result);
  });
  db.close();
  return count;
}
"""


def give_reader(page: Page) -> Page:
    """Let the page's phone have NFC, from its next address on."""
    page.add_init_script(READER)
    return page


def touch(page: Page, *chips: VirtualChip | str) -> str:
    """Hold a card (or a tag that says an address) to the phone, several in one moment.

    Give what the last one said.
    """
    until_true(page, "() => window.__readers.size === 1")
    urls = [chip if isinstance(chip, str) else chip.read_url() for chip in chips]
    page.evaluate(
        "(said) => said.forEach(([url, serial]) => window.__touch(url, serial))",
        [(url, _serial(url)) for url in urls],
    )
    return urls[-1]


def _serial(url: str) -> str:
    uid = url.split("u=")[1][:14].lower()
    return ":".join(uid[at : at + 2] for at in range(0, 14, 2))


def wait_for_tickets(page: Page, cards: int) -> None:
    """Wait until the phone keeps tickets of so many cards (and their salt)."""
    deadline = time.monotonic() + 120  # a round that runs already is followed by one in a minute
    while page.evaluate(ROSTER) != cards + 1:
        assert time.monotonic() < deadline, "the tickets did not come"
        page.wait_for_timeout(100)
