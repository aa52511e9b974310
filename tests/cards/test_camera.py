"""A printed card in front of a poor camera: tilted, blurred, noisy, dark, compressed.

Simulated: no real printer, plastic or phone has confirmed it (cards.md marks that U).
"""

from datetime import date
from io import BytesIO

import numpy as np
import pypdfium2
import pytest
import zxingcpp
from PIL import Image, ImageEnhance, ImageFilter

from betang.cards.faces import Face, Look, write_faces
from tests.core.card.vectors import read

LONGEST = max((case["text"] for case in read("qr.json")["valid"]), key=len)
LOOK = Look(
    "Kartu Huma Betang Sejahtera", "Pemerintah Provinsi", "kartu.betang.example", sample=True
)
#: A card that fills most of a 1080p frame's height has about 900 pixels across.
ACROSS = 900


@pytest.fixture(scope="module")
def printed(tmp_path_factory) -> Image.Image:
    """The front, as a 300 dpi printer would lay it on the card."""
    path = tmp_path_factory.mktemp("card") / "f.pdf"
    write_faces(path, [Face("62123456789701", "Sumiati", LONGEST, date(2031, 11, 12))], LOOK)
    pdf = pypdfium2.PdfDocument(path)
    try:
        return pdf[0].render(scale=300 / 72, grayscale=True).to_pil()
    finally:
        pdf.close()


def seen(
    card: Image.Image, *, angle: float, blur: float, noise: float, light: float
) -> Image.Image:
    """Give what a camera makes of `card`: turned, seen from a side, blurred, noisy, as JPEG."""
    width, height = card.size
    table = Image.new("L", (width + 240, height + 240), 120)
    table.paste(card, (120, 120))
    turned = table.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=120)
    lean, (right, bottom) = 40, turned.size
    corners = (0, 0, lean, bottom, right - lean, bottom, right, 0)
    frame = turned.transform(turned.size, Image.Transform.QUAD, corners, Image.Resampling.BICUBIC)
    scale = ACROSS / width
    frame = frame.resize((int(frame.width * scale), int(frame.height * scale)))
    frame = ImageEnhance.Brightness(frame.filter(ImageFilter.GaussianBlur(blur))).enhance(light)
    random = np.random.default_rng(62)
    pixels = np.asarray(frame, dtype=np.float32) + random.normal(0, noise, frame.size[::-1])
    out = BytesIO()
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(out, "JPEG", quality=55)
    return Image.open(out)


@pytest.mark.parametrize("angle", [0, 7, -25, 90, 178])
@pytest.mark.parametrize(
    ("blur", "noise", "light"), [(0.4, 4, 1.0), (0.9, 8, 0.5), (0.7, 12, 1.25)]
)
def test_the_code_is_read(printed, angle, blur, noise, light):
    frame = seen(printed, angle=angle, blur=blur, noise=noise, light=light)

    codes = zxingcpp.read_barcodes(
        np.asarray(frame), formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    )

    assert [code.text for code in codes] == [LONGEST]
