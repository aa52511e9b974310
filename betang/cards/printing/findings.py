"""What is said of a row of a return file that was not taken."""

from typing import NamedTuple


class Finding(NamedTuple):
    """What is wrong with a row, and what the office asks of the bureau."""

    sentence: str
    do: str


ASK_ROW = "Mintalah biro memperbaiki baris ini dan mengirimnya dalam berkas susulan."
ASK_CHIP = "Mintalah biro membaca kembali cip pada kartu ini dan melaporkan UID yang sebenarnya."

FINDINGS: dict[str, Finding] = {
    "row.fields": Finding("Barisnya tidak berisi lima kolom.", ASK_ROW),
    "row.card_number": Finding("Nomor kartunya bukan 14 angka yang diawali 62.", ASK_ROW),
    "row.uid": Finding("UID bukan 14 angka heksadesimal yang diawali 04.", ASK_ROW),
    "row.key_version": Finding("Versi kuncinya bukan angka 0 sampai 255.", ASK_ROW),
    "row.result": Finding("Hasilnya bukan `ok` atau `spoilt`.", ASK_ROW),
    "row.reason": Finding(
        "Sebab rusaknya tidak dikenal, atau tertulis pada kartu yang baik.", ASK_ROW
    ),
    "return.card_unknown": Finding(
        "Nomor kartu ini bukan bagian dari proses cetak ini.",
        "Tanyakan kepada biro kartu mana yang dimaksud. Kartu asing harus diserahkan, bukan "
        "dibuang.",
    ),
    "return.card_twice": Finding("Kartu ini tertulis lebih dari sekali dalam berkas.", ASK_ROW),
    "return.uid_twice": Finding("UID ini tertulis pada lebih dari satu kartu.", ASK_CHIP),
    "return.answered_before": Finding(
        "Berkas sebelumnya sudah melaporkan kartu ini dengan isi yang lain.",
        "Laporan pertama tetap berlaku. Tanyakan kepada biro mengapa berubah.",
    ),
    "return.uid_used": Finding("Cip dengan UID ini sudah terpasang pada kartu lain.", ASK_CHIP),
    "return.card_has_chip": Finding("Kartu ini sudah berpasangan dengan cip lain.", ASK_CHIP),
    "return.uid_not_listed": Finding(
        "UID ini tidak ada dalam daftar cip proses cetak ini.",
        "Jangan terima kartunya sebelum biro menjelaskan asal cipnya.",
    ),
    "return.key_version": Finding("Versi kuncinya bukan versi yang dikirim.", ASK_CHIP),
}
