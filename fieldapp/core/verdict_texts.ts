/** What the screen says for each reason of a verdict: the twin of betang/core/card/verdict_texts.py. */

export interface Text {
  readonly sentence: string;
  readonly do: string;
}

export const TEXTS: Readonly<Record<string, Text>> = {
  "tap.genuine": {
    sentence: "Kartu asli.",
    do: "Lanjutkan.",
  },
  "qr.valid": {
    sentence: "Kartu asli menurut kode QR.",
    do: "Lanjutkan.",
  },
  "qr.without_nfc": {
    sentence: "Kode QR asli. HP ini tidak dapat membaca cip kartu.",
    do: "Cocokkan wajah pemegang kartu, ambil foto, lalu lanjutkan.",
  },
  "qr.tap_missing": {
    sentence: "Kode QR asli, tetapi cip kartu belum dibaca.",
    do: "Tempelkan kartu dua kali. Bila cip tidak terbaca, ambil foto dan tulis alasannya.",
  },
  "tap.only_one": {
    sentence: "Cip kartu baru terbaca satu kali.",
    do: "Tempelkan kartu sekali lagi. Bila tidak terbaca, ambil foto dan tulis alasannya.",
  },
  "tap.past_window": {
    sentence: "Kartu belum dapat dipastikan: cip sudah sering dibaca sejak data HP ini diperbarui.",
    do: "Ambil foto dan tulis alasannya, lalu perbarui data saat ada sinyal.",
  },
  "list.old": {
    sentence: "Kartu asli, tetapi daftar kartu yang dicabut di HP ini sudah lebih dari 14 hari.",
    do: "Ambil foto, lalu lanjutkan. Perbarui data saat ada sinyal.",
  },
  "list.too_old": {
    sentence: "Daftar kartu yang dicabut di HP ini sudah lebih dari 30 hari.",
    do: "Jangan layani dahulu. Perbarui data saat ada sinyal.",
  },
  "lease.none": {
    sentence: "Kartu asli, tetapi keluarga ini tidak ada dalam penugasan HP ini.",
    do: "Layani saat ada sinyal.",
  },
  "lease.reserve_first": {
    sentence: "Kartu asli, tetapi keluarga ini belum ada dalam penugasan HP ini.",
    do: "Ambil dahulu bantuan keluarga ini secara daring, lalu layani.",
  },
  "custody.none": {
    sentence: "Kartu ini tidak tercatat dibawa oleh HP ini.",
    do: "Serahkan lewat petugas yang membawanya, atau minta pemindahan ke penyelia.",
  },
  "nothing.shown": {
    sentence: "Belum ada kartu yang dibaca.",
    do: "Pindai kode QR di depan kartu atau tempelkan kartu.",
  },
  "qr.not_ours": {
    sentence: "Ini bukan kartu program. Kartu dari masa kampanye tidak dapat dipakai.",
    do: "Sampaikan dengan baik: hak keluarga ditentukan oleh data, bukan oleh kartu itu. Bantu mereka memeriksa apakah keluarganya terdaftar.",
  },
  "qr.malformed": {
    sentence: "Kode QR tidak dapat dipakai: isinya tidak lengkap.",
    do: "Jangan layani. Catat kejadiannya dan hubungi penyelia.",
  },
  "qr.bad_signature": {
    sentence: "Kode QR ini palsu atau telah diubah.",
    do: "Jangan layani. Catat kejadiannya dan hubungi penyelia.",
  },
  "qr.other_issuer": {
    sentence: "Kartu ini diterbitkan pihak lain.",
    do: "Jangan layani. Catat kejadiannya dan hubungi penyelia.",
  },
  "key.unknown": {
    sentence: "Tanda tangan kartu ini tidak dikenal.",
    do: "Perbarui data saat ada sinyal, lalu pindai lagi. Jangan layani dahulu.",
  },
  "key.other_purpose": {
    sentence: "Tanda tangan kartu ini bukan tanda tangan kartu.",
    do: "Jangan layani. Catat kejadiannya dan hubungi penyelia.",
  },
  "key.rotated_out": {
    sentence: "Kartu ini memakai tanda tangan yang sudah ditarik.",
    do: "Ajukan penggantian kartu untuk keluarga ini.",
  },
  "key.not_valid_then": {
    sentence: "Tanggal kartu ini tidak sesuai dengan tanda tangannya.",
    do: "Jangan layani. Catat kejadiannya dan hubungi penyelia.",
  },
  "card.expired": {
    sentence: "Masa berlaku kartu ini sudah habis.",
    do: "Ajukan penggantian kartu untuk keluarga ini.",
  },
  "card.revoked": {
    sentence: "Kartu ini sudah diblokir.",
    do: "Sampaikan bahwa kartu tidak berlaku lagi, dan bantu keluarga menghubungi Dinas Sosial.",
  },
  "card.superseded": {
    sentence: "Kartu ini sudah diganti dengan yang baru.",
    do: "Minta keluarga menunjukkan kartu yang baru.",
  },
  "card.unknown": {
    sentence: "Kartu ini tidak tercatat.",
    do: "Jangan layani. Catat kejadiannya dan hubungi penyelia.",
  },
  "card.not_active": {
    sentence: "Kartu ini belum diserahkan atau tidak aktif.",
    do: "Serahkan kartu dahulu, atau hubungi penyelia.",
  },
  "tap.replayed": {
    sentence: "Tempelan ini sudah pernah dipakai. Kartu mungkin disalin.",
    do: "Tempelkan kartu asli sekali lagi. Bila tetap merah, jangan layani dan hubungi penyelia.",
  },
  "tap.forged": {
    sentence: "Cip kartu ini palsu.",
    do: "Jangan layani. Catat kejadiannya dan hubungi penyelia.",
  },
  "tap.other_card": {
    sentence: "Cip dan kode QR berasal dari kartu yang berbeda.",
    do: "Jangan layani. Catat kejadiannya dan hubungi penyelia.",
  },
};
