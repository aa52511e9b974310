"""How a chip's visit to the station ends: each way has a name, a sentence and what to do."""

from dataclasses import dataclass
from typing import NamedTuple


class Ending(NamedTuple):
    """What the station tells; `{card}` is the number of the card concerned, if there is one."""

    sentence: str
    do: str


ENDINGS = {
    "done": Ending("Kartu {card} selesai dan ketukannya terbukti asli.", "Ambil kartu berikutnya."),
    "again": Ending("Kartu {card} sudah selesai sebelumnya.", "Ambil kartu berikutnya."),
    "pulled": Ending(
        "Kartu terangkat sebelum selesai.", "Letakkan kartu yang sama sekali lagi; jangan digeser."
    ),
    "reader_gone": Ending(
        "Alat pembaca terlepas.", "Pasang lagi alatnya, lalu letakkan kartu yang sama."
    ),
    "wrong_product": Ending(
        "Ini bukan cip NTAG 424 DNA; tidak ada yang ditulis.", "Singkirkan dan laporkan pemasok."
    ),
    "not_original": Ending(
        "Tanda tangan pabrik cip ini tidak sah; tidak ada yang ditulis.",
        "Singkirkan cip ini dan laporkan: mungkin tiruan.",
    ),
    "random_uid": Ending(
        "Cip ini menyembunyikan nomornya (UID acak); tidak ada yang ditulis.",
        "Singkirkan; pesan cip tanpa UID acak.",
    ),
    "other_card": Ending(
        "Cip ini sudah milik kartu {card}, yang tidak sedang dikerjakan di sesi ini.",
        "Singkirkan dan periksa kartunya.",
    ),
    "card_has_chip": Ending(
        "Kartu {card} sudah mulai ditulis dengan cip lain.",
        "Letakkan kartu {card} itu; bila cipnya rusak, `betang cards personalise give-up`.",
    ),
    "bureau_chip": Ending(
        "Cip ini terdaftar sebagai persediaan biro cetak; tidak ada yang ditulis.",
        "Kembalikan ke persediaan biro.",
    ),
    "given_up": Ending("Cip ini pernah dinyatakan rusak.", "Musnahkan; ambil cip lain."),
    "unrecorded": Ending(
        "Cip ini memegang kunci program, tetapi tidak tercatat pada kartu mana pun.",
        "Singkirkan dan laporkan kepada provinsi.",
    ),
    "foreign_keys": Ending(
        "Cip ini memegang kunci sistem lain; kuncinya tidak diubah.", "Singkirkan; ambil cip lain."
    ),
    "locked_settings": Ending(
        "Berkas pada cip ini sudah dikunci dengan cara lain.", "Singkirkan; ambil cip lain."
    ),
    "differs": Ending(
        "Isi cip tidak seperti yang ditulis.",
        "Letakkan sekali lagi; bila tetap, `betang cards personalise give-up`.",
    ),
    "tap_wrong": Ending(
        "Ketukan cip kartu {card} tidak terbukti asli.",
        "Letakkan sekali lagi; bila tetap, jangan bagikan kartu ini dan laporkan.",
    ),
    "delay": Ending(
        "Cip menunda jawabannya karena terlalu banyak kunci salah.",
        "Biarkan di atas alat satu menit, lalu letakkan lagi.",
    ),
    "refused": Ending(
        "Cip menolak perintah.", "Letakkan sekali lagi; bila tetap, ambil cip lain dan laporkan."
    ),
    "all_done": Ending("Semua kartu sesi ini sudah selesai.", "Tutup sesinya."),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one visit ended: `state` is a name in `ENDINGS`; `step` where it was."""

    state: str
    step: str
    uid: bytes | None = None
    card: str = ""

    @property
    def sentence(self) -> str:
        """Say it, and what to do now."""
        ending = ENDINGS[self.state]
        return f"{ending.sentence} {ending.do}".format(card=self.card)


class ChipEndedError(Exception):
    """The visit ends here, in a state that has a name."""

    def __init__(self, state: str, card: str = "") -> None:
        assert state in ENDINGS
        super().__init__(state)
        self.state, self.card = state, card


class ChipGoneError(Exception):
    """The chip left the field."""


class ReaderGoneError(Exception):
    """The reader left the computer."""
