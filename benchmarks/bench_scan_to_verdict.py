"""From the first frame of the camera to the painted verdict, on a phone six times slower.

The code is held in view, no server answers. The part after the code's text is known is ours. That
text is known when `scan` stops the camera, which it does in the same moment. The floor of the whole
is, alone in the same slowed page, the reader on one frame, one ES256 verification and one painted
frame; that of our part the last two. WebCrypto runs on a thread that the browser cannot slow. The
first scan after a start, which waits for the reader, is a row of its own.
"""

import io
from pathlib import Path
from tempfile import TemporaryDirectory

import zxingcpp
from django.db import connection
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Page, sync_playwright

from benchmarks import field_phone, served
from benchmarks.row import Row
from benchmarks.village import FAMILIES
from betang.cards import token
from betang.registry.models import Household

#: Scans after the first.
SIZE = 20
#: The first scan of so many starts.
STARTS = 4

NOTE = """
addEventListener("loadeddata", () => { window.seen_at = performance.now(); }, { capture: true });
const stop = MediaStreamTrack.prototype.stop;
MediaStreamTrack.prototype.stop = function () {
  window.known_at = performance.now();
  return stop.call(this);
};
"""
#: Gives [camera to verdict, text to verdict].
VERDICT = """
async () => {
  const [, at] = await painted(() => document.querySelector("main.verdict h1"));
  return [at - window.seen_at, at - window.known_at];
}
"""
FLOORS = """
async (times) => {
  const files = performance.getEntriesByType("resource").map(({ name }) => name);
  let reader = null;
  for (const file of files.filter((name) => name.endsWith(".js") && !name.endsWith("sw.js"))) {
    for (const each of Object.values(await import(file))) {
      if (each?.prototype?.detect) reader = new each({ formats: ["qr_code"] });
    }
  }
  if (!reader) throw new Error("the page holds no reader");
  const video = document.createElement("video");
  video.muted = true;
  const wish = { width: { ideal: 1920 }, height: { ideal: 1080 } };
  video.srcObject = await navigator.mediaDevices.getUserMedia({ video: wish });
  await video.play();
  const curve = { name: "ECDSA", namedCurve: "P-256" };
  const uses = ["sign", "verify"];
  const how = { name: "ECDSA", hash: "SHA-256" };
  const { publicKey, privateKey } = await crypto.subtle.generateKey(curve, true, uses);
  const message = new Uint8Array(200);
  const signature = await crypto.subtle.sign(how, privateKey, message);
  const taken = { decode: [], verify: [], paint: [] };
  for (let n = 0; n < times; n++) {
    let began = performance.now();
    const codes = await reader.detect(video);
    taken.decode.push(performance.now() - began);
    if (codes.length !== 1) throw new Error("no code in the frame");
    began = performance.now();
    await crypto.subtle.verify(how, publicKey, signature, message);
    taken.verify.push(performance.now() - began);
    began = performance.now();
    document.body.dataset.n = String(n);
    const [, at] = await painted(() => true);
    taken.paint.push(at - began);
  }
  for (const track of video.srcObject.getTracks()) track.stop();
  return taken;
}
"""


def run(size: int = SIZE) -> list[Row]:
    """Scan one card `size` times, and once after each of a few starts."""
    cycle, (village,) = field_phone.make_villages(FAMILIES)
    firsts: list[list[float]] = []
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        profile, camera = Path(folder) / "phone", Path(folder) / "camera.mjpeg"
        camera.write_bytes(_frame(_card(village)) * 4)
        with served.site(workers=1):
            field_phone.enrol(playwright, profile, village, cycle)
        connection.close()
        for _ in range(STARTS):
            with field_phone.switched_on(playwright, profile, camera) as page:
                page.add_init_script(NOTE)
                field_phone.slow_down(page)
                page.goto(field_phone.HOME, wait_until="commit")
                field_phone.type_pin(page)
                firsts.append(_scan(page))
                if len(firsts) == STARTS:
                    scans = [_scan(page) for _ in range(size)]
                    floors = page.evaluate(FLOORS, size)
                    slow = field_phone.slowness(page)
    return _rows(firsts, scans, floors, slow)


def _scan(page: Page) -> list[float]:
    page.get_by_role("button", name="Pindai", exact=True).click()
    times: list[float] = page.evaluate(VERDICT)
    assert page.locator("main.verdict.red").count() == 0, "the card is genuine"
    page.get_by_role("button", name="Selesai").click()
    return times


def _rows(
    firsts: list[list[float]], scans: list[list[float]], floors: dict[str, list[float]], slow: float
) -> list[Row]:
    def at(values: list[float], part: float) -> float:
        return field_phone.percentile(values, part)

    def row(name: str, values: list[float], part: float, floor: float | None = None) -> Row:
        value = at(values, part)
        return {
            "name": f"scan_to_verdict, {name} p{part * 100:.0f}", "value": value, "unit": "ms",
            "floor": floor, "ratio": value / floor if floor else None, "peak_mb": None,
            "size": len(values),
        }  # fmt: skip

    rows = [row("first", [whole for whole, _ in firsts], 0.5)]
    for part in (0.5, 0.95):
        ours = at(floors["verify"], part) + at(floors["paint"], part)
        whole = at(floors["decode"], part) + ours
        rows.append(row("camera", [one for one, _ in scans], part, whole))
        rows.append(row("text", [one for _, one in scans], part, ours))
    rows += [row(f"bare {name}", values, 0.5) for name, values in floors.items()]
    rows.append(row("times slower", [slow], 0.5, field_phone.SLOWER) | {"unit": "times"})
    return rows


def _card(village: int) -> str:
    """The text of the QR of a family's card, signed by the site's key."""
    family = Household.objects.filter(village_id=village).order_by("pk")[0]
    at = timezone.now()
    claims = token.claims(
        number=f"62{family.number}01", name=family.head_name, village=village,
        issued_at=at, last_day=token.expires_on(at),
    )  # fmt: skip
    return token.writer().token(claims)


def _frame(text: str) -> bytes:
    """Give what the camera sees: the code in the middle of a white table."""
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    modules = Image.fromarray(zxingcpp.write_barcode_to_image(code, scale=6)).convert("RGB")
    frame = Image.new("RGB", (1280, 720), "white")
    frame.paste(modules, (640 - modules.width // 2, 360 - modules.height // 2))
    jpeg = io.BytesIO()
    frame.save(jpeg, "JPEG", quality=92)
    return jpeg.getvalue()
