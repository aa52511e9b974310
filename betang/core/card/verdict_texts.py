"""What the screen says for each reason of a verdict: one sentence, and what to do. Indonesian.

The twin in TypeScript shows the same texts: `vectors/verdict.json` carries them.
"""

from typing import NamedTuple


class Text(NamedTuple):
    """A sentence for the screen, and the next step."""

    sentence: str
    do: str


_OFFICE = "Jangan layani. Catat kejadiannya dan hubungi penyelia."

TEXTS: dict[str, Text] = {
    "tap.genuine": Text("Kartu asli.", "Lanjutkan."),
    "qr.valid": Text("Kartu asli menurut kode QR.", "Lanjutkan."),
    "qr.without_nfc": Text(
        "Kode QR asli. HP ini tidak dapat membaca cip kartu.",
        "Cocokkan wajah pemegang kartu, ambil foto, lalu lanjutkan.",
    ),
    "qr.tap_missing": Text(
        "Kode QR asli, tetapi cip kartu belum dibaca.",
        "Tempelkan kartu dua kali. Bila cip tidak terbaca, ambil foto dan tulis alasannya.",
    ),
    "tap.only_one": Text(
        "Cip kartu baru terbaca satu kali.",
        "Tempelkan kartu sekali lagi. Bila tidak terbaca, ambil foto dan tulis alasannya.",
    ),
    "tap.past_window": Text(
        "Kartu belum dapat dipastikan: cip sudah sering dibaca sejak data HP ini diperbarui.",
        "Ambil foto dan tulis alasannya, lalu perbarui data saat ada sinyal.",
    ),
    "list.old": Text(
        "Kartu asli, tetapi daftar kartu yang dicabut di HP ini sudah lebih dari 14 hari.",
        "Ambil foto, lalu lanjutkan. Perbarui data saat ada sinyal.",
    ),
    "list.too_old": Text(
        "Daftar kartu yang dicabut di HP ini sudah lebih dari 30 hari.",
        "Jangan layani dahulu. Perbarui data saat ada sinyal.",
    ),
    "lease.none": Text(
        "Kartu asli, tetapi keluarga ini tidak ada dalam penugasan HP ini.",
        "Layani saat ada sinyal.",
    ),
    "lease.reserve_first": Text(
        "Kartu asli, tetapi keluarga ini belum ada dalam penugasan HP ini.",
        "Ambil dahulu bantuan keluarga ini secara daring, lalu layani.",
    ),
    "custody.none": Text(
        "Kartu ini tidak tercatat dibawa oleh HP ini.",
        "Serahkan lewat petugas yang membawanya, atau minta pemindahan ke penyelia.",
    ),
    "nothing.shown": Text(
        "Belum ada kartu yang dibaca.", "Pindai kode QR di depan kartu atau tempelkan kartu."
    ),
    "qr.not_ours": Text(
        "Ini bukan kartu program. Kartu dari masa kampanye tidak dapat dipakai.",
        "Sampaikan dengan baik: hak keluarga ditentukan oleh data, bukan oleh kartu itu. "
        "Bantu mereka memeriksa apakah keluarganya terdaftar.",
    ),
    "qr.malformed": Text("Kode QR tidak dapat dipakai: isinya tidak lengkap.", _OFFICE),
    "qr.bad_signature": Text("Kode QR ini palsu atau telah diubah.", _OFFICE),
    "qr.other_issuer": Text("Kartu ini diterbitkan pihak lain.", _OFFICE),
    "key.unknown": Text(
        "Tanda tangan kartu ini tidak dikenal.",
        "Perbarui data saat ada sinyal, lalu pindai lagi. Jangan layani dahulu.",
    ),
    "key.other_purpose": Text("Tanda tangan kartu ini bukan tanda tangan kartu.", _OFFICE),
    "key.rotated_out": Text(
        "Kartu ini memakai tanda tangan yang sudah ditarik.",
        "Ajukan penggantian kartu untuk keluarga ini.",
    ),
    "key.not_valid_then": Text("Tanggal kartu ini tidak sesuai dengan tanda tangannya.", _OFFICE),
    "card.expired": Text(
        "Masa berlaku kartu ini sudah habis.", "Ajukan penggantian kartu untuk keluarga ini."
    ),
    "card.revoked": Text(
        "Kartu ini sudah diblokir.",
        "Sampaikan bahwa kartu tidak berlaku lagi, dan bantu keluarga menghubungi Dinas Sosial.",
    ),
    "card.superseded": Text(
        "Kartu ini sudah diganti dengan yang baru.", "Minta keluarga menunjukkan kartu yang baru."
    ),
    "card.unknown": Text("Kartu ini tidak tercatat.", _OFFICE),
    "card.not_active": Text(
        "Kartu ini belum diserahkan atau tidak aktif.",
        "Serahkan kartu dahulu, atau hubungi penyelia.",
    ),
    "tap.replayed": Text(
        "Tempelan ini sudah pernah dipakai. Kartu mungkin disalin.",
        "Tempelkan kartu asli sekali lagi. Bila tetap merah, jangan layani dan hubungi penyelia.",
    ),
    "tap.forged": Text("Cip kartu ini palsu.", _OFFICE),
    "tap.other_card": Text("Cip dan kode QR berasal dari kartu yang berbeda.", _OFFICE),
}
