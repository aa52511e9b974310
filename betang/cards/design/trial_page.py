"""One A4 page with both sides of a card in their true size, to be printed on any printer."""

from datetime import datetime
from io import BytesIO

import pikepdf
from pikepdf import Array, Dictionary, Name

from betang.cards.faces import Face, Look, write_faces
from betang.cards.ink import HEIGHT, WIDTH
from betang.core.actor import Actor
from betang.journal.record import record

A4 = 595.28, 841.89
LEFT = (A4[0] - WIDTH) / 2
#: Where the two sides lie, from the foot of the page.
PLACES = 560.0, 320.0
#: A mark begins this far from a corner, and is this long.
GAP, LONG = 6, 14


def trial_page(look: Look, face: Face, *, actor: Actor, at: datetime) -> bytes:
    """Draw the page; that a design left the system on paper is recorded."""
    assert look.sample, "a page for trying is no card"
    drawn, out = BytesIO(), BytesIO()
    write_faces(drawn, [face], look)
    with pikepdf.open(drawn) as cards, pikepdf.new() as pdf:
        marks, objects = [], Dictionary()
        for place, page in zip(PLACES, cards.pages, strict=True):
            name = f"/Side{len(objects.keys())}"
            objects[name] = pdf.copy_foreign(page.as_form_xobject())
            marks += [f"q 1 0 0 1 {LEFT:.2f} {place:.2f} cm {name} Do Q", _corners(place)]
        content = pdf.make_stream(" ".join(marks).encode("ascii"))
        pdf.pages.append(
            pikepdf.Page(
                pdf.make_indirect(
                    Dictionary(
                        Type=Name.Page,
                        MediaBox=Array([0, 0, *A4]),
                        Resources=Dictionary(XObject=objects),
                        Contents=content,
                    )
                )
            )
        )
        pdf.docinfo["/Producer"] = "Betang"
        pdf.save(out)
    record("design.tested", look.design.uuid, actor=actor, at=at, name=look.design.name)
    return out.getvalue()


def _corners(low: float) -> str:
    """Mark the corners of a card, outside of it, for scissors."""
    lines = ["0.5 w 0.4 G"]
    for x, outwards in ((LEFT, -1), (LEFT + WIDTH, 1)):
        for y, away in ((low, -1), (low + HEIGHT, 1)):
            lines += [
                f"{x + outwards * GAP:.2f} {y:.2f} m {x + outwards * (GAP + LONG):.2f} {y:.2f} l S",
                f"{x:.2f} {y + away * GAP:.2f} m {x:.2f} {y + away * (GAP + LONG):.2f} l S",
            ]
    return " ".join(lines)
