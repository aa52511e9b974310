"""The answers of the public page, in plain words; written with the same care for yes and no."""

from datetime import datetime
from typing import NamedTuple

from betang.cards import look as looks
from betang.cards.models import Card
from betang.core.card.chip import read_tap


class Answer(NamedTuple):
    """What is told: a colour with its sign, a title, sentences."""

    colour: str
    title: str
    sentences: tuple[str, ...]


GENUINE = Answer(
    "green",
    "Kartu ini asli dan berlaku",
    (
        "Kartu ini tercatat dan masih berlaku.",
        "Tunjukkan kartu ini kepada petugas saat bantuan dibagikan.",
        "Kartu dan bantuan tidak dipungut biaya.",
    ),
)
KNOWN_NUMBER = Answer(
    "green",
    "Nomor ini tercatat dan berlaku",
    (
        "Nomor saja belum membuktikan bahwa kartunya asli.",
        "Untuk memastikan, baca kode di bagian depan kartu atau tempelkan kartu ke HP.",
        "Kartu dan bantuan tidak dipungut biaya.",
    ),
)
KNOWN_CODE = Answer(
    "green",
    "Kode kartu ini asli dan berlaku",
    (
        "Kode ini ditandatangani oleh program dan kartunya masih berlaku.",
        "Kode dapat difoto. Hanya tempelan kartu yang membuktikan kartunya sendiri.",
        "Kartu dan bantuan tidak dipungut biaya.",
    ),
)
WAITING = Answer(
    "amber",
    "Kartu ini asli, tetapi belum diserahkan",
    (
        "Kartu ini tercatat, tetapi belum diserahkan secara resmi kepada keluarganya.",
        "Petugas lapangan mengaktifkannya saat menyerahkan.",
    ),
)
ENDED = Answer(
    "red",
    "Kartu ini tidak berlaku lagi",
    (
        "Kartu dengan nomor ini sudah diblokir atau diganti.",
        "Jika ini kartu keluarga Anda, tanyakan kartu pengganti kepada petugas lapangan.",
    ),
)
UNKNOWN = Answer(
    "red",
    "Nomor ini tidak tercatat",
    (
        "Periksa kembali angka yang Anda ketik; nomor kartu tercetak di bagian depan.",
        "Kartu dari masa kampanye bukan kartu program ini dan tidak pernah berlaku.",
        "Memilikinya tidak mengurangi hak Anda untuk didata.",
    ),
)
EXPIRED = Answer(
    "amber",
    "Masa berlaku kartu ini sudah lewat",
    (
        "Kartu ini asli, tetapi sudah melewati tanggal berlakunya.",
        "Tanyakan penggantian kepada petugas.",
    ),
)
NOT_A_CARD = Answer(
    "red",
    "Kode ini bukan kode kartu kami",
    (
        "Kode yang dibaca tidak ditandatangani oleh program ini.",
        "Pastikan yang dibaca adalah kode di bagian depan kartu.",
        "Jika kartunya benar, laporkan kepada petugas: kartu itu mungkin tiruan.",
    ),
)
USED = Answer(
    "amber",
    "Tautan ini sudah dipakai, tempelkan lagi",
    (
        "Setiap tempelan kartu hanya dapat diperiksa satu kali.",
        "Tempelkan kartu sekali lagi ke HP.",
    ),
)


FORGED = Answer(
    "red",
    "Kartu ini tidak asli",
    (
        "Cip pada kartu ini tidak memberi jawaban yang benar.",
        "Jangan menerima atau menyerahkan kartu ini. Laporkan kepada petugas atau penyelia.",
    ),
)


def by_number(number: str, *, at: datetime) -> Answer:
    """Answer for a printed number. A number proves nothing about the card in the hand."""
    return _of(Card.objects.filter(number=number).first(), KNOWN_NUMBER, at)


def by_qr(text: str, *, at: datetime) -> Answer:
    """Answer for the code on the front."""
    look = looks.by_qr(text, at=at)
    if look.code == "genuine":
        return _of(look.card, KNOWN_CODE, at)
    if look.code == "unknown":
        return UNKNOWN
    return EXPIRED if look.code.endswith("expired") else NOT_A_CARD


def by_tap(uid: str, counter: str, mac: str, *, at: datetime) -> Answer:
    """Answer for a tap, without raising the real counter."""
    tap = read_tap(uid, counter, mac)
    if tap is None:
        return NOT_A_CARD
    look = looks.by_tap(tap, at=at)
    if look.code == "genuine":
        return _of(look.card, GENUINE, at)
    return {"used": USED, "forged": FORGED}.get(look.code, UNKNOWN)


def _of(card: Card | None, shown: Answer, at: datetime) -> Answer:
    """Answer `shown` for a card that counts; the card's own state has the first word."""
    if card is None:
        return UNKNOWN
    if card.state in {"blocked", "replaced", "returned", "spoilt"}:
        return ENDED
    if card.expires_on < at.date():
        return EXPIRED
    return shown if card.state == "active" else WAITING
