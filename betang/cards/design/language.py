"""The words a card design is written in: what kinds of parts there are, and what each can say.

`docs/protocols/design.md` says the same for people; the reader of layouts, the editor's form and
the command line are all made from these tables, so that none of them knows a word of its own.
"""

from dataclasses import dataclass

FORMAT = "betang-card-design/1"
SIDES = ("front", "back")
SIDE_WORDS = {"front": "depan", "back": "belakang"}

#: The grid: the dots of a 300 dpi printer on an ID-1 card.
GRID_W, GRID_H = 1011, 638
#: How far a decoration may reach over the edge, so that a cut that is not exact shows no white.
BLEED = 60
PARTS_MAX = 40
TEXT_MAX = 90
#: A module of the front code is 4 dots, never less or more (cards.md); of the back code 5.
MODULE_DOTS, BACK_MODULE_DOTS = 4, 5
QUIET = 4
QR_MODULES, BACK_QR_MODULES = 61, 29
QR_FIELD = (QR_MODULES + 2 * QUIET) * MODULE_DOTS
BACK_QR_FIELD = (BACK_QR_MODULES + 2 * QUIET) * BACK_MODULE_DOTS
#: The white frame around a code's quiet zone, whose corners may be round.
FRAME = 10

PATTERNS = {
    "longhouse": "Rumah betang",
    "river": "Sungai",
    "carved_edge": "Tepi ukiran",
    "weave": "Anyaman",
    "tendril": "Sulur pakis",
}
WEIGHTS = {"regular": "Biasa", "bold": "Tebal"}
ALIGNS = {"left": "Kiri", "centre": "Tengah", "right": "Kanan"}


@dataclass(frozen=True, slots=True)
class Field:
    """One thing a part says: its type, its bounds, its words on the form."""

    label: str
    type: str  # dots | size | count | text | colour | choice | tick | picture
    low: float = 0
    high: float = 0
    default: object = None
    choices: tuple[tuple[str, str], ...] = ()


def _choice(label: str, words: dict[str, str], default: str) -> Field:
    return Field(label, "choice", default=default, choices=tuple(words.items()))


INK, SOFT, GREEN, WOOD, WHITE = "#1D2A25", "#55645D", "#0F5B4A", "#B98A5A", "#FFFFFF"

FIELDS: dict[str, Field] = {
    "x": Field("Dari kiri", "dots", -BLEED, GRID_W + BLEED, 60),
    "y": Field("Dari atas", "dots", -BLEED, GRID_H + BLEED, 60),
    "w": Field("Lebar", "dots", 1, GRID_W + 2 * BLEED, 400),
    "h": Field("Tinggi", "dots", 1, GRID_H + 2 * BLEED, 100),
    "text": Field("Tulisan", "text", 1, TEXT_MAX, "Tulisan baru"),
    "title": Field("Judul", "text", 1, TEXT_MAX, "Judul"),
    "size": Field("Besar huruf (pt)", "size", 3, 30, 7.0),
    "size_min": Field("Paling kecil (pt)", "size", 3, 30, 9.0),
    "lines": Field("Baris paling banyak", "count", 1, 3, 1),
    "weight": _choice("Tebal huruf", WEIGHTS, "regular"),
    "align": _choice("Rata", ALIGNS, "left"),
    "upper": Field("Huruf besar semua", "tick", default=False),
    "colour": Field("Warna", "colour", default=INK),
    "soft": Field("Warna baris kedua", "colour", default=SOFT),
    "mark": Field("Warna tanda", "colour", default=WOOD),
    "dark": Field("Warna modul", "colour", default="#000000"),
    "light": Field("Warna bidang", "colour", default=WHITE),
    "radius": Field("Lengkung sudut", "dots", 0, 60, 0),
    "pattern": _choice("Ragam hias", PATTERNS, "carved_edge"),
    "picture": Field("Gambar", "picture", default=""),
}

_TYPE = ("x", "y", "w", "size", "weight", "align", "colour")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of part: its name for people, its fields, where and how often it stands."""

    label: str
    fields: tuple[str, ...]
    sides: tuple[str, ...] = SIDES
    decoration: bool = False  # lies under the others, and may be written upon
    once: bool = False
    must: tuple[str, ...] = ()  # the sides on which a card without it is no card
    preset: tuple[tuple[str, object], ...] = ()


KINDS: dict[str, Kind] = {
    "box": Kind("Bidang warna", ("x", "y", "w", "h", "colour", "radius"), decoration=True),
    "ornament": Kind(
        "Ragam hias", ("pattern", "x", "y", "w", "h", "colour"), decoration=True,
        preset=(("colour", WOOD),),
    ),
    "card_name": Kind(
        "Nama kartu", (*_TYPE, "size_min", "upper"),
        preset=(("size", 12.0), ("weight", "bold"), ("w", 900)),
    ),
    "issuer": Kind("Penerbit", _TYPE, preset=(("w", 700),)),
    "family_name": Kind(
        "Nama keluarga", (*_TYPE, "size_min", "lines"), ("front",), once=True, must=("front",),
        preset=(("size", 13.0), ("weight", "bold"), ("lines", 2), ("w", 600)),
    ),
    "number": Kind(
        "Nomor kartu", _TYPE, once=True, must=SIDES,
        preset=(("size", 10.0), ("weight", "bold")),
    ),
    "valid_until": Kind(
        "Berlaku sampai", _TYPE, ("front",), once=True, must=("front",),
        preset=(("weight", "bold"),),
    ),
    "qr": Kind(
        "Kode QR kartu", ("x", "y", "dark", "light"), ("front",), once=True, must=("front",)
    ),
    "back_qr": Kind(
        "Kode QR pemeriksaan", ("x", "y", "dark", "light"), ("back",), once=True, must=("back",)
    ),
    "address": Kind("Alamat pemeriksaan", _TYPE, preset=(("size", 5.0), ("w", 300))),
    "tap_sign": Kind(
        "Tanda tempel", ("x", "y", "w", "colour"), preset=(("w", 145), ("colour", GREEN))
    ),
    "advice": Kind(
        "Petunjuk", ("title", "text", "x", "y", "w", "size", "colour", "soft", "mark"),
        preset=(("w", 620), ("size", 7.6)),
    ),
    "text": Kind("Tulisan", ("text", *_TYPE)),
    "logo": Kind("Logo", ("picture", "x", "y", "w", "h"), preset=(("w", 110), ("h", 110))),
}  # fmt: skip

TEXT_KINDS = frozenset({
    "card_name", "issuer", "family_name", "number", "valid_until", "address", "text",
})  # fmt: skip


def default_of(kind: str, name: str) -> object:
    """Give what a new part of this kind says in field `name`."""
    return dict(KINDS[kind].preset).get(name, FIELDS[name].default)
