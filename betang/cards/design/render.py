"""A design as pictures: both sides of one card in dots of the printer, for eyes and for checks."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from typing import Any

import numpy as np
import pypdfium2
from numpy.typing import NDArray
from PIL import Image

from betang.cards.design.language import KINDS
from betang.cards.design.layout import Layout, Side
from betang.cards.design.version import Design
from betang.cards.faces import Face, Look, write_faces

Pixels = NDArray[np.uint8]
PRINTER_DPI = 300
#: Quick rather than small: the picture travels once, over a local line.
PNG_LEVEL = 1


def rendered(look: Look, faces: list[Face]) -> list[tuple[Pixels, Pixels]]:
    """Draw cards and look at them as a printer of 300 dpi would: front and back, RGB."""
    file = BytesIO()
    write_faces(file, faces, look)
    with _opened(file) as pdf:
        pages = [_page(pdf, index) for index in range(2 * len(faces))]
    return list(zip(pages[::2], pages[1::2], strict=True))


def backdrop(look: Look, face: Face) -> tuple[Pixels, Pixels]:
    """Draw what lies behind the words: decorations and logos only."""
    bare = Layout(*(_bare(side) for _, side in look.design.layout.sides))
    design = Design(look.design.uuid, look.design.name, bare, look.design.pictures)
    return rendered(look._replace(design=design, sample=False), [face])[0]


def png(pixels: Pixels, *, width: int | None = None) -> bytes:
    """Write pixels as a PNG, smaller where `width` says so."""
    image = Image.fromarray(pixels)
    if width:
        size = (width, round(image.height * width / image.width))
        image = image.resize(size, Image.Resampling.LANCZOS)
    out = BytesIO()
    image.save(out, "PNG", compress_level=PNG_LEVEL)
    return out.getvalue()


def _bare(side: Side) -> Side:
    kept = [part for part in side.parts if KINDS[part.kind].decoration or part.kind == "logo"]
    return replace(side, parts=tuple(kept))


@contextmanager
def _opened(file: BytesIO) -> Iterator[Any]:
    pdf = pypdfium2.PdfDocument(file.getvalue())
    try:
        yield pdf
    finally:
        pdf.close()


def _page(pdf: Any, index: int) -> Pixels:
    page = pdf[index]
    try:
        bitmap = page.render(scale=PRINTER_DPI / 72, rev_byteorder=True)
        pixels: Pixels = bitmap.to_numpy()[:, :, :3].copy()
    finally:
        page.close()
    return pixels
