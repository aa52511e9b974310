/** The pocket guide: what to do in each situation, as short as it can be said. */

export interface Situation {
  readonly what: string;
  readonly steps: readonly string[];
}

export const GUIDE: readonly Situation[] = [
  {
    what: "Kartu merah",
    steps: [
      "Jangan serahkan apa pun, dan jangan menyita kartunya dengan paksa.",
      "Bacakan sebabnya. Kartu dari masa kampanye bukan kesalahan keluarga.",
      "Tekan “Catat kejadian”. Bila keluarga merasa berhak, bantu membuat pengaduan.",
    ],
  },
  {
    what: "Cip kartu tidak terbaca",
    steps: ["Tempelkan tepat di belakang HP, lepaskan pelindungnya.", "Bila tetap tidak terbaca, lanjutkan dengan foto dan tulis alasannya."],
  },
  {
    what: "Yang datang bukan keluarganya",
    steps: [
      "Dengan surat kuasa: pilih “Yang mewakili”, foto suratnya dan orangnya.",
      "Tanpa surat kuasa: pilih “Tidak jadi diserahkan”. Haknya tetap ada.",
    ],
  },
  {
    what: "Keluarga menolak bantuan",
    steps: ["Jangan membujuk lebih dari sekali.", "Pilih “Tidak jadi diserahkan”, lalu “Keluarga menolak”. Kantor akan menemui keluarga."],
  },
  {
    what: "Barangnya kurang atau rusak",
    steps: [
      "Centang “Yang diserahkan kurang dari ini” dan isi jumlah sebenarnya.",
      "Jangan minta tanda tangan untuk barang yang tidak diterima.",
      "Catat juga di “Catat barang” atau “Laporkan masalah”.",
    ],
  },
  {
    what: "Ada yang meninggal atau pindah",
    steps: ["Buka keluarga, lalu “Hasil kunjungan”.", "Pilih siapa, kapan, dan siapa penerusnya. Kantor mengurus kartunya."],
  },
  {
    what: "Keluarga tanpa rumah tetap",
    steps: [
      "Buka keluarga, lalu “Tempat tinggal dan titik”.",
      "Tulis titik acuan yang dikenal orang, dan siapa yang dapat dititipi pesan.",
      "Ambil titik di tempat keluarga biasa ditemui. Bila belum ada, simpan saja; kantor menindaklanjuti.",
    ],
  },
  {
    what: "Ada yang meminta uang",
    steps: [
      "Jangan berdebat di depan antrean; keselamatan keluarga lebih dahulu.",
      "Pilih “Laporkan masalah”, lalu “Ada pungutan”. Keluarga boleh tidak disebut.",
      "Laporan tidak terlihat oleh pendamping lain.",
    ],
  },
  {
    what: "HP mati atau kehabisan baterai",
    steps: [
      "Layani dengan daftar bernomor yang dicetak; minta tanda tangan, cap, atau cap jempol.",
      "Setelah HP menyala, buka keluarganya dan pilih “Ketik dari kertas”. Foto kertasnya.",
    ],
  },
  { what: "HP hilang", steps: ["Segera hubungi penyelia agar HP dicabut.", "Catatan yang belum terkirim ikut hilang; siapkan kertas-kertasnya."] },
];
