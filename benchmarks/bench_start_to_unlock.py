"""From the start of the app to the PIN pad, and from the PIN to the families of the day.

The phone is six times slower and no server answers. Every start is a new process of the browser on
the same profile, the app from the service worker's store. The `floor` of the start is the second
that is asked (`ratio` is p95 over it). The floor of unlocking is PBKDF2 alone with the vault's
rounds, derived in the same page after each unlocking; it runs on a thread that the browser cannot
slow, in ours as in the floor.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import connection
from playwright.sync_api import Page, Playwright, sync_playwright

from benchmarks import field_phone, served
from benchmarks.row import Row
from benchmarks.village import FAMILIES

#: Starts of each of the two phones.
SIZE = 10
ROSTERS = (FAMILIES, 1_000)
ASKED_MS = 1_000.0

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
async () => {
  const bytes = new TextEncoder().encode("271828");
  const began = performance.now();
  const key = await crypto.subtle.importKey("raw", bytes, "PBKDF2", false, ["deriveKey"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt: new Uint8Array(16), iterations: 250000 };
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
    starts, unlocks, floors, slow = [], [], [], 0.0
    for _ in range(size):
        with field_phone.switched_on(playwright, profile) as page:
            page.add_init_script(START)
            field_phone.slow_down(page)
            page.goto(field_phone.HOME, wait_until="commit")
            starts.append(float(page.evaluate("window.pad")))
            unlocks.append(_unlocked(page, families))
            floors.append(float(page.evaluate(PBKDF2)))
            slow = slow or field_phone.slowness(page)

    def row(name: str, values: list[float], part: float, floor: float) -> Row:
        value = field_phone.percentile(values, part)
        return {
            "name": f"start_to_unlock, {families}, {name} p{part * 100:.0f}", "value": value,
            "unit": "ms", "floor": floor, "ratio": value / floor, "peak_mb": None, "size": size,
        }  # fmt: skip

    return [
        *(row("start", starts, part, ASKED_MS) for part in (0.5, 0.95)),
        *(
            row("unlock", unlocks, part, field_phone.percentile(floors, part))
            for part in (0.5, 0.95)
        ),
        row("times slower", [slow], 0.5, field_phone.SLOWER) | {"unit": "times"},
    ]


def _unlocked(page: Page, families: int) -> float:
    field_phone.type_pin(page, field_phone.PIN[:-1])
    page.evaluate(UNLOCK, families)
    field_phone.type_pin(page, field_phone.PIN[-1])
    return float(page.evaluate("window.unlocking"))
