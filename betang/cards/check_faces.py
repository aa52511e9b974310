"""Looking at printed faces as a phone would, before they are released.

A layout that looked fine left 30 to 100 % of cards unreadable (cards.md): so pages are rasterised
at the printer's resolution, the code is decoded and compared with the row, and so are the words.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pypdfium2
import zxingcpp

from betang.cards.faces import Face, spaced

PRINTER_DPI = 300
QR_ONLY = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)


def unreadable(path: Path, faces: Sequence[Face], indexes: Sequence[int]) -> list[str]:
    """Give the numbers of the cards at `indexes` whose faces do not say what their rows say.

    It proves that the file is right, not that the printer prints it well.
    """
    wrong = []
    pdf = pypdfium2.PdfDocument(path)
    try:
        if len(pdf) != 2 * len(faces):
            return [face.number for face in faces]
        for index in indexes:
            face = faces[index]
            front, back = pdf[2 * index], pdf[2 * index + 1]
            if not (_front_says(front, face) and _back_says(back, face)):
                wrong.append(face.number)
    finally:
        pdf.close()
    return wrong


def _front_says(page: Any, face: Face) -> bool:
    first_word = face.name.split()[:1]
    return (
        _codes(page) == [face.qr]
        and _has_number(page, face)
        and all(word in _words(page) for word in first_word)
    )


def _back_says(page: Any, face: Face) -> bool:
    """Say whether the back leads to the public page and bears the number."""
    codes = _codes(page)
    public = len(codes) == 1 and codes[0].startswith("https://") and codes[0].endswith("/k")
    return public and _has_number(page, face)


def _codes(page: Any) -> list[str]:
    image = page.render(scale=PRINTER_DPI / 72, grayscale=True).to_numpy()
    # QR only, as the field app scans: a card's texture can look like a bar code of two digits.
    return [code.text for code in zxingcpp.read_barcodes(image, formats=QR_ONLY)]


def _has_number(page: Any, face: Face) -> bool:
    return spaced(face.number) in _words(page)


def _words(page: Any) -> str:
    text_page = page.get_textpage()
    try:
        return " ".join(str(text_page.get_text_range()).split())
    finally:
        text_page.close()
