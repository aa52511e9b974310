"""From the start of the app to the PIN pad, and from the PIN to the families of the day.

The phone is six times slower and no server answers. A cold start is a new process of the browser on
the same profile, the app from the service worker's store; a warm one loads the page anew in that
process. Floors: of the start a page of one button in a new process too, and beside it the second
that is asked (`ratio` of the second row); of unlocking PBKDF2 alone with the vault's rounds, in the
same page; it runs on a thread that the browser cannot slow, in ours as in the floor. The row of the
page's thread is its time of the processor, which a busy machine disturbs least. Of ten values the
p95 is the slowest.
"""

import re
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.db import connection
from playwright.sync_api import Page, Playwright, sync_playwright

from benchmarks import field_phone, served
from benchmarks.row import Row
from benchmarks.village import FAMILIES

#: Starts of each of the two phones.
SIZE = 10
ROSTERS = (FAMILIES, 1_000)
ASKED_MS = 1_000.0
VAULT = Path(__file__).parents[1] / "fieldapp" / "store" / "vault.ts"
BARE = f"{settings.ORIGIN}/bare"

START = """
window.pad = painted(() => document.querySelector(".keys button:not([disabled])"))
  .then(([, at]) => at);
"""
#: From the touch of the last digit; the number of families proves that the roster is open.
UNLOCK = """
(families) => {
  window.unlocking = new Promise((done) => {
    let last = 0;
    addEventListener("click", ({ timeStamp }) => { last = timeStamp; }, { capture: true });
    painted(() => {
      const figure = document.querySelector(".figure");
      return figure && figure.textContent.replace(/\\D/g, "") === String(families);
    }).then(([, at]) => done(at - last));
  });
}
"""
PBKDF2 = """
async (iterations) => {
  const bytes = new TextEncoder().encode("271828");
  const began = performance.now();
  const key = await crypto.subtle.importKey("raw", bytes, "PBKDF2", false, ["deriveKey"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt: new Uint8Array(16), iterations };
  await crypto.subtle.deriveKey(how, key, { name: "AES-GCM", length: 256 }, false, ["wrapKey"]);
  return performance.now() - began;
}
"""


def run(size: int = SIZE) -> list[Row]:
    """Start and unlock `size` times with each roster."""
    cycle, villages = field_phone.make_villages(*ROSTERS)
    rows: list[Row] = []
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        profiles = [Path(folder) / str(families) for families in ROSTERS]
        with served.site(workers=1):
            for profile, village in zip(profiles, villages, strict=True):
                field_phone.enrol(playwright, profile, village, cycle)
        connection.close()
        for profile, families in zip(profiles, ROSTERS, strict=True):
            rows += _starts(playwright, profile, families, size)
    return rows


def _starts(playwright: Playwright, profile: Path, families: int, size: int) -> list[Row]:
    found = re.search(r"ITERATIONS = ([\d_]+);", VAULT.read_text())
    assert found, "the vault's rounds"
    rounds = int(found[1].replace("_", ""))
    starts, threads, warms, bares, unlocks, floors, slow = [], [], [], [], [], [], 0.0
    for _ in range(size):
        bares.append(_bare(playwright, profile))
        with field_phone.switched_on(playwright, profile) as page:
            page.add_init_script(START)
            field_phone.slow_down(page)
            thread = field_phone.thread_ms(page)
            page.goto(field_phone.HOME, wait_until="commit")
            starts.append(float(page.evaluate("window.pad")))
            threads.append(thread())
            unlocks.append(_unlocked(page, families))
            floors.append(float(page.evaluate(PBKDF2, rounds)))
            page.reload(wait_until="commit")
            warms.append(float(page.evaluate("window.pad")))
            slow = slow or field_phone.slowness(page)

    def row(name: str, values: list[float], part: float, floor: float | None) -> Row:
        value = field_phone.percentile(values, part)
        return {
            "name": f"start_to_unlock, {families}, {name} p{part * 100:.0f}", "value": value,
            "unit": "ms", "floor": floor, "ratio": value / floor if floor else None,
            "peak_mb": None, "size": size,
        }  # fmt: skip

    rows = [row("page's thread", threads, 0.5, None)]
    for part in (0.5, 0.95):
        rows += [
            row("cold", starts, part, field_phone.percentile(bares, part)),
            row("cold, asked", starts, part, ASKED_MS),
            row("warm", warms, part, None),
            row("unlock", unlocks, part, field_phone.percentile(floors, part)),
        ]
    rows.append(row("times slower", [slow], 0.5, field_phone.SLOWER) | {"unit": "times"})
    return rows


def _bare(playwright: Playwright, profile: Path) -> float:
    """Give the time of one button's first drawing, in a new process of the same slowed phone."""
    with field_phone.switched_on(playwright, profile) as page:
        page.add_init_script(START)
        field_phone.slow_down(page)
        body = '<!doctype html><div class="keys"><button>1</button></div>'
        page.route(BARE, lambda route: route.fulfill(body=body, content_type="text/html"))
        page.goto(BARE, wait_until="commit")
        return float(page.evaluate("window.pad"))


def _unlocked(page: Page, families: int) -> float:
    field_phone.type_pin(page, field_phone.PIN[:-1])
    page.evaluate(UNLOCK, families)
    field_phone.type_pin(page, field_phone.PIN[-1])
    return float(page.evaluate("window.unlocking"))
