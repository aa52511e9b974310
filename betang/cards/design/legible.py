"""Whether the codes are read: from the print itself, and as a phone in a hand sees them.

The frames are made by arithmetic (size, turn, blur, shade, noise of a cheap camera), so they stand
for many phones and for no real one: no card of ours was photographed yet (U).
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import zxingcpp
from PIL import Image, ImageFilter

from betang.cards.design.finding import Finding, found
from betang.cards.design.geometry import CODES
from betang.cards.design.language import BACK_MODULE_DOTS, MODULE_DOTS, QUIET
from betang.cards.design.layout import Part, Side
from betang.cards.design.render import Pixels

QR_ONLY = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)


class Frame(NamedTuple):
    """How a phone sees a card: how wide it lies in 1080 x 1920, turned, blurred, lit, noisy."""

    words: str
    width: int
    degrees: float
    blur: float
    light: float
    noise: float


#: The first is a steady hand; the others are each bad in one way.
FRAMES = (
    Frame("dari dekat, tegak", 980, 0, 0.6, 1.0, 4),
    Frame("agak jauh", 820, 3, 0.6, 0.9, 5),
    Frame("miring", 940, 17, 0.7, 0.9, 5),
    Frame("agak kabur", 980, 5, 1.1, 0.95, 4),
    Frame("di tempat teduh", 960, 8, 0.7, 0.5, 6),
)


def codes_read(name: str, side: Side, pages: list[tuple[Pixels, str]]) -> Iterator[Finding]:
    """Check that the code of a side says what it should, on each page, in print and in frames."""
    part = next((part for part in side.parts if part.kind in CODES), None)
    if part is None:
        return
    for pixels, wanted in pages:
        if not _quiet(part, pixels):
            yield found(
                "quiet_zone", name, part, "bidang kosong di sekelilingnya tidak kosong.",
                "Jauhkan bagian lain dari kode itu.",
            )  # fmt: skip
            return
        missed = [] if wanted in _read(Image.fromarray(pixels)) else ["pada cetakan 300 dpi"]
        missed += [f"oleh HP {frame.words}" for frame in FRAMES if not _seen(pixels, frame, wanted)]
        if missed:
            yield found(
                "qr_unreadable", name, part, f"tidak terbaca {', '.join(missed)}.",
                "Kembalikan warnanya menjadi hitam di atas putih dan kosongkan sekelilingnya.",
            )  # fmt: skip
            return


def _quiet(part: Part, pixels: Pixels) -> bool:
    """Say whether the ring of four modules around the code shows one light colour."""
    left, top, right, bottom = part.box
    if left < 0 or top < 0 or bottom > pixels.shape[0] or right > pixels.shape[1]:
        return True  # told as lying outside
    wide = QUIET * (MODULE_DOTS if part.kind == "qr" else BACK_MODULE_DOTS) - 1
    field = pixels[top:bottom, left:right].astype(int)
    light = np.array([int(part["light"][at : at + 2], 16) for at in (1, 3, 5)])
    off = np.abs(field - light).max(axis=2) > 8
    off[wide:-wide, wide:-wide] = False
    return not off.any()


def _seen(pixels: Pixels, frame: Frame, wanted: str) -> bool:
    """Say whether the code is read in a frame."""
    scale = frame.width / pixels.shape[1]
    grey = Image.fromarray(pixels).convert("L")
    small = grey.resize((frame.width, round(grey.height * scale)), Image.Resampling.BILINEAR)
    table = small.rotate(frame.degrees, Image.Resampling.BILINEAR, expand=True, fillcolor=96)
    seen = np.asarray(table.filter(ImageFilter.GaussianBlur(frame.blur)), dtype=float)
    shade = np.linspace(1.0, 0.75, seen.shape[1])
    noise = np.random.default_rng(frame.width).normal(0, frame.noise, seen.shape)
    lit = np.clip(seen * shade * frame.light + noise, 0, 255).astype(np.uint8)
    return wanted in _read(Image.fromarray(lit))


def _read(image: Image.Image) -> list[str]:
    return [code.text for code in zxingcpp.read_barcodes(np.asarray(image), formats=QR_ONLY)]
