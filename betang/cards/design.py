"""The card's one printed design, front and back: what is the same on every card.

Calm and unlike a bank card: paper and wood, deep river green, a longhouse on its posts above the
water. Versioned designs that staff edit come with the cards issue; `NAME` says which one was used.
"""

from betang.cards.ink import (
    DOT,
    HEIGHT,
    INK,
    INK_SOFT,
    PAPER,
    PAPER_DEEP,
    RIVER,
    RIVER_DEEP,
    RIVER_PALE,
    WHITE,
    WIDTH,
    WOOD,
    WOOD_DEEP,
    WOOD_PALE,
    Colour,
    Ink,
)
from betang.cards.typeset import BOLD, REGULAR, typeface

NAME = "rumah-panjang-1"

#: A module is 4 dots at 300 dpi: smaller and free scaling left cards unreadable (cards.md).
MODULE = 4 * DOT
#: The code's field: 61 modules (version 11) and a quiet zone of 4 on each side.
FIELD_MODULES = 61 + 8
FIELD = FIELD_MODULES * MODULE
MARGIN = 42 * DOT
FIELD_X, FIELD_Y = WIDTH - MARGIN - FIELD, 170 * DOT

BAND = 142 * DOT
TEXT_WIDTH = FIELD_X - 2 * MARGIN
GROUND = 96 * DOT

#: The static code on the back: larger modules, for any phone.
BACK_MODULE = 5 * DOT
BACK_FIELD = (29 + 8) * BACK_MODULE
BACK_X, BACK_Y = WIDTH - MARGIN - BACK_FIELD, 366 * DOT

ADVICE = (
    ("Tunjukkan kartu ini", "saat bantuan diserahkan. Tidak ada biaya apa pun."),
    ("Tempelkan ke HP", "untuk memeriksa bahwa kartu ini asli dan berlaku."),
    ("Kartu ini bukan kartu bank.", "Di dalamnya tidak ada uang dan tidak ada NIK."),
    ("Kartu hilang atau ditemukan?", "Beri tahu kantor desa atau kelurahan."),
)

#: Every other word on the card: its letters go into the subset fonts.
WORDS = "CONTOH Periksa kartu tempelkan di sini Keluarga Nomor kartu Berlaku sampai"


def front(*, card_name: str, issuer: str, sample: bool) -> bytes:
    """Draw what is the same on every front; `sample` adds the watermark CONTOH."""
    ink = Ink()
    ink.fill(PAPER)
    ink.box(0, 0, WIDTH, HEIGHT)
    _longhouse(ink, ground=GROUND, tone=WOOD, deep=WOOD_DEEP, light=WOOD_PALE)
    _river(ink, GROUND)
    ink.fill(RIVER)
    ink.box(0, HEIGHT - BAND, WIDTH, BAND)
    _carved_edge(ink, HEIGHT - BAND)
    bold, regular = typeface(BOLD), typeface(REGULAR)
    size, (name,) = bold.lines(card_name.upper(), WIDTH - 2 * MARGIN, (12.5, 11.5, 10.5, 9), 1)
    _text(ink, WHITE, bold.show(name, MARGIN, HEIGHT - 61 * DOT, size, tracking=0.35))
    _text(ink, RIVER_PALE, regular.show(issuer, MARGIN, HEIGHT - 103 * DOT, 7.2, tracking=0.15))
    if sample:
        _watermark(ink, 37, 54)
    ink.fill(WHITE)
    ink.rounded(FIELD_X, FIELD_Y, FIELD, FIELD, 3)
    return ink.content()


def back(*, host: str, sample: bool) -> bytes:
    """Draw what is the same on every back."""
    ink = Ink()
    ink.fill(PAPER)
    ink.box(0, 0, WIDTH, HEIGHT)
    ink.fill(PAPER_DEEP)
    ink.box(0, 0, WIDTH, 104 * DOT)
    ink.fill(RIVER)
    ink.box(0, HEIGHT - 18 * DOT, WIDTH, 18 * DOT)
    bold, regular = typeface(BOLD), typeface(REGULAR)
    if sample:
        _watermark(ink, 40, 50)
    y = HEIGHT - 84 * DOT
    for title, told in ADVICE:
        ink.fill(WOOD)
        ink.box(MARGIN, y - 1.2, 2, 8.2)
        _text(ink, INK, bold.show(title, MARGIN + 7, y, 7.6))
        _text(ink, INK_SOFT, regular.show(told, MARGIN + 7, y - 9.2, 6.6))
        y -= 25.4
    ink.fill(WHITE)
    ink.rounded(BACK_X, BACK_Y, BACK_FIELD, BACK_FIELD, 3)
    middle = BACK_X + BACK_FIELD / 2
    _centred(ink, BOLD, "Periksa kartu", middle, BACK_Y - 9.4, 6.6)
    _centred(ink, REGULAR, f"{host}/k", middle, BACK_Y - 17.4, 4.9)
    _tap_sign(ink, middle, 212 * DOT)
    _centred(ink, REGULAR, "tempelkan di sini", middle, 164 * DOT - 5, 5.4)
    return ink.content()


def _text(ink: Ink, tone: Colour, operators: str) -> None:
    ink.fill(tone)
    ink.operators.append(operators)


def _centred(ink: Ink, weight: str, text: str, x: float, y: float, size: float) -> None:
    face = typeface(weight)
    tone = INK if weight == BOLD else INK_SOFT
    _text(ink, tone, face.show(text, x - face.width(text, size) / 2, y, size))


def _watermark(ink: Ink, size: float, y: float) -> None:
    """Write CONTOH large and slanted, over the design and under what must be read."""
    ink.operators.append("/Faint gs")
    face = typeface(BOLD)
    ink.fill(WOOD_DEEP)
    ink.operators.append(face.show_turned("CONTOH", 22, y - 18, size, cosine=0.9659, sine=0.2588))
    ink.operators.append("/Plain gs")


def _carved_edge(ink: Ink, y: float) -> None:
    """Edge the band with a row of small triangles, as carved eaves have."""
    step, height = 8 * DOT, 7 * DOT
    ink.fill(WOOD)
    ink.box(0, y - 3 * DOT, WIDTH, 3 * DOT)
    x = 0.0
    while x < WIDTH:
        ink.shape((x, y - 3 * DOT), (x + step, y - 3 * DOT), (x + step / 2, y - 3 * DOT - height))
        x += step


def _longhouse(ink: Ink, *, ground: float, tone: Colour, deep: Colour, light: Colour) -> None:
    """Draw a longhouse: a long roof with raised ends, a row of rooms, posts above the water."""
    left, right = -20.0, FIELD_X - 8
    floor, eaves, ridge = ground + 4.5, ground + 11.5, ground + 20
    ink.fill(light)
    for post in range(int(left) + 4, int(right) - 2, 9):
        ink.box(post, ground - 9, 1.5, floor - ground + 9)
    ink.box(left, floor, right - left - 2, eaves - floor)
    ink.fill(PAPER)
    room = left + 5.0
    while room + 5 < right - 6:
        ink.box(room, floor + 1.8, 3.6, 3.6)
        room += 9
    ink.fill(light)
    ink.box(left, floor - 1.6, right - left + 1, 1.6)
    ink.fill(WOOD_PALE)
    ink.shape(
        (left, eaves - 1), (right + 4, eaves - 1), (right + 1, eaves + 2), (right - 3, ridge + 2.6),
        (right - 7, ridge), (left, ridge),
    )  # fmt: skip
    ink.stroke(PAPER, 0.5)
    ink.line((left, eaves + 2.4), (right, eaves + 2.4))
    ink.line((left, eaves + 5.4), (right - 2.4, eaves + 5.4))
    ink.stroke(tone, 0.7)
    ink.line((left, ridge), (right - 7, ridge), (right - 3, ridge + 2.6))
    ink.stroke(light, 1.1)
    ink.line((right - 15, ground - 8), (right - 7, floor - 1))
    ink.line((right - 12.4, ground - 8), (right - 4.4, floor - 1))


def _river(ink: Ink, ground: float) -> None:
    """Draw the river below the house, deeper towards the edge of the card."""
    ink.fill(RIVER)
    ink.box(0, 0, WIDTH, ground - 52 * DOT)
    for row, (tone, width) in enumerate(((RIVER_PALE, 0.8), (RIVER, 0.9), (RIVER, 1.3))):
        ink.stroke(tone, width)
        ink.wave(-6.0 - 5 * row, ground - 9.5 - 2.0 * row, 18, 1.7, 16)
    ink.fill(RIVER_DEEP)
    ink.box(0, 0, WIDTH, 10 * DOT)


def _tap_sign(ink: Ink, x: float, y: float) -> None:
    """Draw the place to tap: the card, with its house, and three waves."""
    ink.fill(RIVER)
    ink.rounded(x - 19, y - 6.5, 20, 13, 1.8)
    ink.fill(PAPER)
    ink.shape((x - 15.5, y + 0.2), (x - 2.5, y + 0.2), (x - 4.5, y + 3.4), (x - 13.5, y + 3.4))
    ink.box(x - 14, y - 3.2, 10, 2.4)
    ink.stroke(RIVER, 1.3)
    for radius in (4.0, 7.2, 10.4):
        ink.arc_cup(x + 5, y, radius)
