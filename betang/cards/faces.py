"""Card faces as a PDF: two pages a card, the design once, the signed code as vector runs on dots.

Measured on one core: see `benchmarks/bench_cards.py`. A page holds only what differs; the design
and the two fonts are shared objects.
"""

import zlib
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pikepdf
import zxingcpp
from pikepdf import Array, Dictionary, Name

from betang.cards import design
from betang.cards.ink import DOT, HEIGHT, INK, INK_SOFT, WIDTH, Ink
from betang.cards.typeset import BOLD, REGULAR, embed, typeface
from betang.core.clock import day

NAME_SIZES = (13.0, 12.0, 11.0, 10.0, 9.0)
QR_VERSION = 11


class Face(NamedTuple):
    """What differs from card to card."""

    number: str
    name: str
    qr: str
    expires_on: date


class Look(NamedTuple):
    """What is the same on all cards of a run."""

    card_name: str
    issuer: str
    host: str
    sample: bool


def spaced(number: str) -> str:
    """Write a card number in groups that are read aloud: 62 1234 5678 97 01."""
    return " ".join((number[:2], number[2:6], number[6:10], number[10:12], number[12:]))


def write_faces(path: Path, faces: Sequence[Face], look: Look) -> None:
    """Write the fronts and backs of `faces` to one PDF, in order: front, back, front, back."""
    with pikepdf.new() as pdf:
        resources = _resources(pdf, faces, look)
        back_code = _runs(f"https://{look.host}/k", design.BACK_MODULE, 3, *_back_origin())
        for face in faces:
            _page(pdf, resources, _front(face))
            _page(pdf, resources, _back(face, back_code))
        pdf.docinfo["/Producer"] = "Betang"
        pdf.save(path, compress_streams=False, object_stream_mode=pikepdf.ObjectStreamMode.generate)


def _front(face: Face) -> bytes:
    """Draw what is this card's on the front."""
    bold, regular, ink = typeface(BOLD), typeface(REGULAR), Ink()
    ink.operators.append("/Front Do")
    ink.fill(INK_SOFT)
    top = HEIGHT - design.BAND - 62 * DOT
    ink.operators.append(regular.show("Keluarga", design.MARGIN, top, 6.6))
    ink.fill(INK)
    size, lines = bold.lines(face.name, design.TEXT_WIDTH, NAME_SIZES, 2)
    y = top - size - 0.6
    for line in lines:
        ink.operators.append(bold.show(line, design.MARGIN, y, size))
        y -= size + 1.2
    y = 252 * DOT
    ink.fill(INK_SOFT)
    ink.operators.append(regular.show("Nomor kartu", design.MARGIN, y, 6.6))
    ink.fill(INK)
    ink.operators.append(bold.show(spaced(face.number), design.MARGIN, y - 11, 10, tracking=0.2))
    middle = design.FIELD_X + design.FIELD / 2
    for weight, text, size, below in (
        (regular, "Berlaku sampai", 6, 8.2),
        (bold, day(face.expires_on), 7, 16.2),
    ):
        x = middle - weight.width(text, size) / 2
        ink.operators.append(weight.show(text, x, design.FIELD_Y - below, size))
    quiet = 4 * design.MODULE
    ink.operators.append(
        _runs(
            face.qr,
            design.MODULE,
            QR_VERSION,
            design.FIELD_X + quiet,
            design.FIELD_Y + design.FIELD - quiet,
        )
    )
    return ink.content()


def _back(face: Face, back_code: str) -> bytes:
    """Draw what is this card's on the back."""
    bold, regular, ink = typeface(BOLD), typeface(REGULAR), Ink()
    ink.operators.append("/Back Do")
    ink.operators.append(back_code)
    ink.fill(INK_SOFT)
    ink.operators.append(regular.show("Nomor kartu", design.MARGIN, 64 * DOT, 6.2))
    ink.fill(INK)
    ink.operators.append(bold.show(spaced(face.number), design.MARGIN, 26 * DOT, 10, tracking=0.2))
    return ink.content()


def _back_origin() -> tuple[float, float]:
    quiet = 4 * design.BACK_MODULE
    return design.BACK_X + quiet, design.BACK_Y + design.BACK_FIELD - quiet


def _runs(text: str, module: float, version: int, x: float, y: float) -> str:
    """Give a QR code as horizontal runs of dark modules, its upper left corner at (x, y).

    One matrix maps modules to points, so that the numbers are small integers on whole dots.
    """
    code = zxingcpp.create_barcode(
        text, zxingcpp.BarcodeFormat.QRCode, ec_level="M", version=version
    )
    light = np.asarray(code.to_image(scale=1, add_quiet_zones=False))
    dark = np.zeros((light.shape[0], light.shape[1] + 2), dtype=np.int8)
    dark[:, 1:-1] = light == 0
    change = np.diff(dark, axis=1)
    rows, starts = np.nonzero(change == 1)
    _, ends = np.nonzero(change == -1)
    runs = " ".join(
        [
            f"{start} {row} {end - start} 1 re"
            for row, start, end in zip(rows.tolist(), starts.tolist(), ends.tolist(), strict=True)
        ]
    )
    return f"q 0 g {module:.2f} 0 0 {-module:.2f} {x:.2f} {y:.2f} cm {runs} f Q"


def _resources(pdf: pikepdf.Pdf, faces: Iterable[Face], look: Look) -> Any:
    """Put the design and the fonts into the PDF once, with every character the run needs."""
    front = design.front(card_name=look.card_name, issuer=look.issuer, sample=look.sample)
    back = design.back(host=look.host, sample=look.sample)
    told = " ".join(f"{title} {text}" for title, text in design.ADVICE)
    fixed = f"{look.card_name.upper()} {look.issuer} {look.host}/k {told} {design.WORDS}"
    dates = " ".join(day(face.expires_on) for face in faces)
    characters = {*fixed, *dates, *"0123456789"}
    characters.update(*(face.name for face in faces))
    fonts = Dictionary({f"/{weight}": embed(pdf, weight, characters) for weight in (REGULAR, BOLD)})
    states = Dictionary(Faint=Dictionary(ca=0.16), Plain=Dictionary(ca=1))
    inner = pdf.make_indirect(Dictionary(Font=fonts, ExtGState=states))
    return pdf.make_indirect(
        Dictionary(
            Font=fonts,
            XObject=Dictionary(Front=_form(pdf, front, inner), Back=_form(pdf, back, inner)),
        )
    )


def _form(pdf: pikepdf.Pdf, content: bytes, resources: Any) -> Any:
    """Make a form XObject of the card's size."""
    return pdf.make_stream(
        zlib.compress(content),
        Type=Name.XObject,
        Subtype=Name.Form,
        BBox=Array([0, 0, WIDTH, HEIGHT]),
        Resources=resources,
        Filter=Name.FlateDecode,
    )


def _page(pdf: pikepdf.Pdf, resources: Any, content: bytes) -> None:
    page = Dictionary(
        Type=Name.Page,
        MediaBox=Array([0, 0, WIDTH, HEIGHT]),
        Resources=resources,
        Contents=pdf.make_stream(zlib.compress(content, 6), Filter=Name.FlateDecode),
    )
    pdf.pages.append(pikepdf.Page(pdf.make_indirect(page)))
