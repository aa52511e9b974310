"""The answers of the public page, in plain words; written with the same care for yes and no.

None says whose card it is, nor from which village; a test reads each of them.
"""

from datetime import datetime
from typing import NamedTuple

from betang.cards import look as looks
from betang.cards.models import Card
from betang.core.card.chip import read_tap
from betang.core.clock import WIB


class Answer(NamedTuple):
    """What is told: a colour with its sign, a title, what it means, what to do."""

    colour: str
    title: str
    sentences: tuple[str, ...]
    steps: tuple[str, ...] = ()


SHOW = "Tunjukkan kartu ini kepada petugas saat bantuan dibagikan."
FOUND = "Bila Anda menemukan kartu ini, serahkan ke kantor desa atau kelurahan mana pun."
ASK_REPLACEMENT = (
    "Bila ini kartu keluarga Anda, mintalah kartu pengganti di kantor desa atau kelurahan. Bantuan "
    "Anda tidak hilang."
)
KEEP_PHOTO = "Jangan mengirim foto kartu atau kodenya kepada siapa pun."

GENUINE = Answer(
    "green",
    "Kartu ini asli dan berlaku",
    ("Cip di dalam kartu menjawab dengan benar, dan kartunya masih berlaku.",),
    (SHOW, FOUND, KEEP_PHOTO),
)
KNOWN_NUMBER = Answer(
    "green",
    "Nomor ini tercatat dan berlaku",
    ("Nomor saja belum membuktikan bahwa kartunya asli.",),
    ("Tempelkan kartu ke HP, atau baca kode di bagian depannya, untuk memastikan.", SHOW),
)
KNOWN_CODE = Answer(
    "green",
    "Kode kartu ini asli dan berlaku",
    (
        "Kode ini ditandatangani oleh program dan kartunya masih berlaku.",
        "Kode dapat difoto. Hanya tempelan kartu yang membuktikan kartunya sendiri.",
    ),
    (SHOW, FOUND, KEEP_PHOTO),
)
WAITING = Answer(
    "amber",
    "Kartu ini asli, tetapi belum diserahkan",
    ("Kartu ini tercatat, tetapi belum diserahkan secara resmi kepada keluarganya.",),
    (
        "Petugas lapangan mengaktifkannya saat menyerahkan, di hadapan keluarganya.",
        "Bila kartu sudah di tangan Anda, tanyakan kepada petugas atau kantor desa.",
    ),
)
BLOCKED = Answer(
    "red",
    "Kartu ini sudah diblokir",
    ("Kartu ini pernah berlaku, lalu dilaporkan hilang, rusak, atau disalahgunakan.",),
    (ASK_REPLACEMENT, "Kartu yang ditemukan kembali tetap diserahkan ke kantor desa."),
)
REPLACED = Answer(
    "red",
    "Kartu ini sudah diganti",
    ("Keluarganya memegang kartu yang lebih baru. Kartu ini tidak berlaku lagi.",),
    ("Pakai kartu yang baru. Serahkan kartu ini ke kantor desa atau kelurahan.", ASK_REPLACEMENT),
)
ENDED = Answer(
    "red",
    "Kartu ini tidak dipakai lagi",
    ("Kartu ini rusak saat dibuat atau sudah dikembalikan, dan tidak pernah berlaku lagi.",),
    ("Serahkan kartu ini ke kantor desa atau kelurahan.", ASK_REPLACEMENT),
)
EXPIRED = Answer(
    "amber",
    "Masa berlaku kartu ini sudah lewat",
    ("Kartu ini asli, tetapi sudah melewati tanggal berlakunya.",),
    (ASK_REPLACEMENT,),
)
USED = Answer(
    "amber",
    "Tautan ini sudah dipakai, tempelkan lagi",
    (
        (
            "Setiap tempelan hanya dapat diperiksa satu kali. Ini biasa bila halaman dimuat ulang "
            "atau tautannya dikirim lewat pesan."
        ),
    ),
    (
        "Tempelkan kartu sekali lagi ke HP.",
        "Bila jawabannya tetap begini setelah tiga kali, laporkan: mungkin kartunya disalin.",
    ),
)
FORGED = Answer(
    "red",
    "Kartu ini tidak asli",
    ("Cip pada kartu ini tidak memberi jawaban yang benar.",),
    (
        "Jangan menerima, membeli, atau menyerahkan kartu ini.",
        "Laporkan, dan katakan dari siapa Anda mendapatkannya.",
    ),
)
NOT_OURS = Answer(
    "red",
    "Ini bukan kartu program ini",
    (
        (
            "Yang dibaca bukan cip atau kode Kartu Huma Betang: mungkin kartu kampanye, kartu "
            "program lain, atau tautan yang tidak lengkap."
        ),
        "Kartu kampanye tidak pernah berlaku. Memilikinya tidak mengurangi hak Anda untuk didata.",
    ),
    (
        (
            "Pastikan yang dibaca adalah kode di bagian depan kartu, atau tempelkan kartunya "
            "sekali lagi."
        ),
        "Kartu bantuan lain (KKS, KIS, KIP) diperiksa oleh programnya sendiri.",
        "Bila tampilannya sama persis dengan kartu kami, laporkan: kartu itu mungkin tiruan.",
    ),
)
NOT_SIGNED = Answer(
    "red",
    "Kode ini bukan kode kartu kami",
    ("Bentuk kodenya mirip, tetapi tidak ditandatangani oleh program ini.",),
    FORGED.steps,
)
KEY_ENDED = Answer(
    "red",
    "Kartu ini perlu diganti",
    ("Kunci yang menandatangani kartu ini sudah dicabut. Itu bukan kesalahan pemegangnya.",),
    (ASK_REPLACEMENT,),
)
UNKNOWN = Answer(
    "red",
    "Nomor ini tidak tercatat",
    (
        "Tidak ada kartu program ini dengan nomor itu.",
        "Kartu kampanye tidak pernah berlaku. Memilikinya tidak mengurangi hak Anda untuk didata.",
    ),
    (
        "Periksa kembali angka yang Anda ketik; nomor kartu tercetak di bagian depan.",
        "Bila nomornya tercetak persis begitu, laporkan: kartu itu mungkin tiruan.",
    ),
)
CANNOT_TELL = Answer(
    "amber",
    "Kartu ini belum dapat diperiksa di sini",
    ("Server ini sedang tidak dapat memeriksa cip. Ini bukan tanda bahwa kartunya palsu.",),
    ("Coba lagi nanti, atau baca kode di bagian depan kartu.",),
)

ALL = (
    GENUINE, KNOWN_NUMBER, KNOWN_CODE, WAITING, BLOCKED, REPLACED, ENDED, EXPIRED, USED, FORGED,
    NOT_OURS, NOT_SIGNED, KEY_ENDED, UNKNOWN, CANNOT_TELL,
)  # fmt: skip

_ENDED = {"blocked": BLOCKED, "replaced": REPLACED, "returned": ENDED, "spoilt": ENDED}
_OF_TAP = {"used": USED, "forged": FORGED, "cannot_tell": CANNOT_TELL}
_OF_QR = {
    "unknown": UNKNOWN,
    "card.expired": EXPIRED,
    "qr.not_ours": NOT_OURS,
    "qr.other_issuer": NOT_OURS,
    "key.rotated_out": KEY_ENDED,
}


def by_number(number: str, *, at: datetime) -> Answer:
    """Answer for a printed number. A number proves nothing about the card in the hand."""
    return _of(Card.objects.filter(number=number).first(), KNOWN_NUMBER, at)


def by_qr(text: str, *, at: datetime) -> Answer:
    """Answer for the code on the front."""
    look = looks.by_qr(text, at=at)
    if look.code == "genuine":
        return _of(look.card, KNOWN_CODE, at)
    return _OF_QR.get(look.code, NOT_SIGNED)


def by_tap(uid: str, counter: str, mac: str, *, at: datetime) -> Answer:
    """Answer for a tap, without raising the real counter."""
    tap = read_tap(uid, counter, mac)
    if tap is None:
        return NOT_OURS
    look = looks.by_tap(tap, at=at)
    if look.code == "genuine":
        return _of(look.card, GENUINE, at)
    return _OF_TAP.get(look.code, NOT_OURS)


def _of(card: Card | None, shown: Answer, at: datetime) -> Answer:
    """Answer `shown` for a card that counts; the card's own state has the first word."""
    if card is None:
        return UNKNOWN
    if card.state in _ENDED:
        return _ENDED[card.state]
    if card.expires_on < at.astimezone(WIB).date():
        return EXPIRED
    return shown if card.state == "active" else WAITING
