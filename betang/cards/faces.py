"""Card faces as a PDF: two pages a card, the design once, the signed code as vector runs on dots.

Measured on one core: see `benchmarks/bench_cards.py`. A page holds only what differs; the design
and the two fonts are shared objects.
"""

import zlib
from collections.abc import Iterable, Sequence
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import pikepdf
from pikepdf import Array, Dictionary, Name

from betang.cards.design.draw import Drawn, drawn, spaced
from betang.cards.design.picture import embedded
from betang.cards.design.version import Design, first
from betang.cards.ink import HEIGHT, WIDTH
from betang.cards.typeset import BOLD, REGULAR, embed
from betang.core.clock import day

__all__ = ["Face", "Look", "spaced", "write_artwork", "write_faces"]


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
    design: Design = first()


def write_faces(path: Path | BytesIO, faces: Sequence[Face], look: Look) -> None:
    """Write the fronts and backs of `faces` to one PDF, in order: front, back, front, back."""
    sides = _sides(look)
    with pikepdf.new() as pdf:
        resources = _resources(pdf, faces, look, sides)
        for face in faces:
            for form, side in zip(("/Front", "/Back"), sides, strict=True):
                own = "\n".join([f"{form} Do", *(part(face) for part in side.own)])
                _page(pdf, resources, own.encode("ascii"))
        pdf.docinfo["/Producer"] = "Betang"
        # The same cards are the same bytes, whichever process draws them, and when.
        pdf.save(
            path,
            compress_streams=False,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            deterministic_id=True,
        )


def write_artwork(path: Path, look: Look) -> None:
    """Write what is the same on every card, front and back: for bureaus that print it first."""
    with pikepdf.new() as pdf:
        resources = _resources(pdf, [], look, _sides(look))
        for form in ("/Front", "/Back"):
            _page(pdf, resources, f"{form} Do".encode("ascii"))
        pdf.docinfo["/Producer"] = "Betang"
        pdf.save(path, deterministic_id=True)


def _sides(look: Look) -> list[Drawn]:
    return [
        drawn(
            side,
            card_name=look.card_name,
            issuer=look.issuer,
            host=look.host,
            sample=look.sample,
            pictures=look.design.pictures,
        )
        for _, side in look.design.layout.sides
    ]


def _resources(pdf: pikepdf.Pdf, faces: Iterable[Face], look: Look, sides: Sequence[Drawn]) -> Any:
    """Put the design and the fonts into the PDF once, with every character the run needs."""
    characters = {*"0123456789 "}.union(*(side.characters for side in sides))
    characters.update(*(day(face.expires_on) for face in faces))
    characters.update(*(face.name for face in faces))
    fonts = Dictionary({f"/{weight}": embed(pdf, weight, characters) for weight in (REGULAR, BOLD)})
    states = Dictionary(Faint=Dictionary(ca=0.16), Plain=Dictionary(ca=1))
    pictures = Dictionary({
        picture.resource: embedded(pdf, picture) for picture in look.design.pictures.values()
    })  # fmt: skip
    inner = pdf.make_indirect(Dictionary(Font=fonts, ExtGState=states, XObject=pictures))
    front, back = (_form(pdf, side.common, inner) for side in sides)
    return pdf.make_indirect(Dictionary(Font=fonts, XObject=Dictionary(Front=front, Back=back)))


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
