"""A camera whose sight the test changes: a browser reads a camera's file once and for all.

The page gets a stream of a canvas; the app's own reader finds the code in its frames.
"""

import zxingcpp
from PIL import Image
from playwright.sync_api import Page

CAMERA = """
(() => {
  if (!navigator.mediaDevices) return;
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [720, 1280];
  const context = canvas.getContext("2d");
  let seen = null;
  function draw() {
    context.fillStyle = "#6f5a41";
    context.fillRect(0, 0, 720, 1280);
    context.fillStyle = "#665239";
    for (let y = 90; y < 1280; y += 180) context.fillRect(0, y, 720, 5);
    if (seen === null) return;
    const { rows, half } = seen;
    const unit = Math.floor(460 / rows.length);
    const side = unit * rows.length;
    const [left, top] = [360 - side / 2 + (half ? 190 : 0), 640 - side / 2 + (half ? 60 : 0)];
    context.fillStyle = "#ffffff";
    context.fillRect(left - 44, top - 100, side + 88, side + 144);
    context.fillStyle = "#0f5b4a";
    context.fillRect(left - 44, top - 100, side + 88, 56);
    context.fillStyle = "#111111";
    rows.forEach((row, y) => [...row].forEach((one, x) => {
      if (one === "1") context.fillRect(left + x * unit, top + y * unit, unit, unit);
    }));
  }
  window.__see = (what) => { seen = what; draw(); };
  draw();
  setInterval(draw, 60);
  navigator.mediaDevices.getUserMedia = async () => canvas.captureStream(15);
})()
"""


def give_camera(page: Page) -> Page:
    """Let the page's phone have this camera, from its next address on."""
    page.add_init_script(CAMERA)
    return page


def show(page: Page, text: str | None, *, half: bool = False) -> None:
    """Hold a code before the camera, or nothing; of `half` a code nothing can be read."""
    page.evaluate("what => __see(what)", text and {"rows": _modules(text), "half": half})


def _modules(text: str) -> list[str]:
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    drawn = zxingcpp.write_barcode_to_image(code, scale=1, add_quiet_zones=False)
    image = Image.fromarray(drawn).convert("1")
    return [
        "".join("0" if image.getpixel((x, y)) else "1" for x in range(image.width))
        for y in range(image.height)
    ]
