"""Where parts lie: inside the card, apart from each other, away from the codes; none missing."""

from collections.abc import Iterator
from itertools import combinations

from betang.cards.design.finding import Finding, found
from betang.cards.design.language import FRAME, GRID_H, GRID_W, KINDS, QUIET
from betang.cards.design.layout import Part, Side

#: 2 mm: how far the cut of a card and the print of a card printer may be off.
SAFE = 24
CODES = ("qr", "back_qr")
Box = tuple[int, int, int, int]


def laid_out(name: str, side: Side) -> Iterator[Finding]:
    """Check where the parts of a side lie."""
    yield from _missing(name, side)
    parts = [part for part in side.parts if not KINDS[part.kind].decoration]
    for part in side.parts:
        if not _meet(part.box, (0, 0, GRID_W, GRID_H)):
            yield found(
                "outside", name, part, "letaknya di luar kartu.", "Geser ke dalam, atau hapus."
            )
    for part in parts:
        yield from _margin(name, part)
    for one, other in combinations(parts, 2):
        yield from _apart(name, one, other)


def clear_of(part: Part) -> Box:
    """Give what a part keeps for itself: a code also the white frame of its quiet zone."""
    left, top, right, bottom = part.box
    if part.kind not in CODES:
        return part.box
    return left - FRAME, top - FRAME, right + FRAME, bottom + FRAME


def _missing(name: str, side: Side) -> Iterator[Finding]:
    for kind, told in KINDS.items():
        if name in told.must and side.of(kind) is None:
            yield found(
                "missing", name, None, f"«{told.label}» tidak ada, padahal wajib.",
                f"Tambahkan bagian «{told.label}».",
            )  # fmt: skip
    for part in side.parts:
        if part.kind == "logo" and not part["picture"]:
            yield found(
                "missing", name, part, "belum ada gambarnya.", "Unggah gambar, atau hapus bagian."
            )


def _margin(name: str, part: Part) -> Iterator[Finding]:
    left, top, right, bottom = part.box
    room = min(left, top, GRID_W - right, GRID_H - bottom)
    if room < 0:
        yield found(
            "outside", name, part, f"keluar {-room} titik dari tepi kartu.",
            "Geser ke dalam atau perkecil kotaknya.",
        )  # fmt: skip
    elif room < SAFE:
        yield found(
            "margin", name, part, f"hanya {room} titik dari tepi kartu; paling sedikit {SAFE}.",
            "Geser menjauh dari tepi: mesin potong dapat meleset 2 mm.",
        )  # fmt: skip


def _apart(name: str, one: Part, other: Part) -> Iterator[Finding]:
    if not _meet(clear_of(one), clear_of(other)):
        return
    code, part = (one, other) if one.kind in CODES else (other, one)
    if code.kind in CODES:
        yield found(
            "quiet_zone", name, part,
            f"menyentuh bidang kosong di sekeliling «{KINDS[code.kind].label}».",
            f"Jauhkan: tepi kode selebar {QUIET} modul harus kosong supaya dapat dibaca HP.",
        )  # fmt: skip
        return
    yield found(
        "overlap", name, one, f"kotaknya bertumpuk dengan «{other.words}».",
        "Geser salah satu, atau perkecil lebar dan besar hurufnya.",
    )  # fmt: skip


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
