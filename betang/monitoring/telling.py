"""Journal entries as sentences for the live feed: what, where, never who.

Only kinds that a person watching a cycle wants to see are told; the rest stay in the journal.
"""

from typing import Any

from betang.core.money import number, rupiah

#: Kind -> sentence. `{place}` is the area's name; the rest are facts of the entry.
SENTENCES: dict[str, str] = {
    "batch.accepted": "Daftar keluarga diterima{rows_text}",
    "run.assessed": "Penilaian kelayakan selesai{count_text}",
    "decree.approved": "SK penetapan penerima disetujui{in_place}",
    "cards.issued": "Kartu dibuat{count_text}",
    "cards.printed": "Kartu dicetak{count_text}",
    "cards.entrusted": "Kartu dititipkan kepada petugas{count_text}",
    "cards.sent": "Kiriman kartu berangkat{count_text}",
    "cards.counted": "Kiriman kartu dihitung penerima{count_text}",
    "cycle.opened": "Tahap dibuka{count_text}",
    "cycle.closed": "Tahap ditutup",
    "lease.granted": "Penugasan luring diberikan{rights_text}",
    "card.handed_over": "Kartu diserahkan{in_place}",
    "card.blocked": "Kartu diblokir{in_place}",
    "card.copied": "Kartu salinan ditolak{in_place}",
    "investigation.opened": "Penelusuran kartu dibuka{in_place}",
    "investigation.closed": "Penelusuran kartu selesai{in_place}",
    "benefit.delivered": "Bantuan diserahkan{in_place}",
    "delivery.contested": "Penyerahan kedua tidak dihitung{in_place}",
    "delivery.counted": "Penyerahan yang disengketakan dihitung{in_place}",
    "delivery.reversed": "Penyerahan yang terhitung dibatalkan{in_place}",
    "claim.refused": "Pengambilan ganda ditolak{in_place}",
    "days.planned": "Hari penyaluran direncanakan{count_text}",
    "day.opened": "Hari penyaluran dibuka{in_place}",
    "day.closed": "Hari penyaluran ditutup{in_place}",
    "day.moved": "Hari penyaluran dipindahkan{in_place}",
    "day.cancelled": "Hari penyaluran dibatalkan{in_place}",
    "device.enrolled": "Gawai baru menunggu pencocokan kata",
    "device.confirmed": "Gawai petugas disahkan",
    "device.frozen": "Gawai dibekukan: diduga digandakan",
    "device.revoked": "Gawai dicabut",
    "disbursement.sent": "Penyaluran dikirim ke bank{count_text}",
    "disbursement.paid": "Bank membayar{rupiah_text}{in_place}",
    "disbursement.failed": "Bank menolak satu penyaluran{in_place}",
    "disbursement.reconciled": "Rekening koran dicocokkan",
    "household.proposed": "Keluarga baru didaftarkan di lapangan{in_place}",
    "registration.accepted": "Keluarga dari lapangan masuk daftar{in_place}",
    "case.opened": "Kasus dibuka{in_place}",
    "case.resolved": "Kasus diputus{in_place}",
}

#: Alert kind -> (what it is called, what to do first).
ALERTS: dict[str, tuple[str, str]] = {
    "double_claim": (
        "Pengambilan ganda ditolak",
        "Bandingkan kedua bukti pada kasusnya, lalu hubungi kedua petugas.",
    ),
    "card_copied": (
        "Kartu salinan atau ulangan ditolak",
        "Buka kartu ini, lihat siapa yang menunjukkannya, dan blokir bila perlu.",
    ),
    "card_counter_down": (
        "Hitungan cip sebuah kartu mundur",
        "Buka penelusuran kartu ini: tempelannya direkam lebih dahulu, lalu dipakai kemudian.",
    ),
    "card_two_places": (
        "Satu kartu di dua tempat dalam waktu yang mustahil",
        "Buka penelusuran kartu ini, bandingkan kedua bukti, lalu hubungi kedua petugas.",
    ),
    "card_shown_after_end": (
        "Kartu yang tidak berlaku masih ditunjukkan",
        "Lihat mengapa kartu itu berakhir. Keluarga yang menemukan kartu lamanya perlu dibantu.",
    ),
    "amber_day": (
        "Petugas terlalu sering melayani tanpa dua tempelan",
        "HP ini dapat membaca cip. Tanyakan alasannya dan bandingkan foto penyerahannya.",
    ),
    "fast_day": (
        "Petugas melayani terlalu cepat dari keluarga ke keluarga",
        "Cocokkan foto, tempat, dan jam penyerahan hari itu; tanyakan apakah ia memegang kartu.",
    ),
    "office_not_asked": (
        "Gawai tidak bertanya ke kantor padahal ada sinyal",
        "Bandingkan foto dan tempat penyerahan hari itu, lalu tanyakan kepada petugasnya.",
    ),
    "nfc_changed": (
        "Kemampuan HP membaca cip berbeda dari saat didaftarkan",
        "Temui petugasnya dan periksa HP itu; daftarkan ulang bila HP-nya memang lain.",
    ),
    "collects_for_many": (
        "Satu orang mengambil untuk banyak keluarga",
        "Bandingkan foto dan surat kuasanya, lalu tanyakan kepada beberapa keluarga itu.",
    ),
    "hands_over_many": (
        "Satu gawai menyerahkan kartu terlalu banyak",
        "Cocokkan foto dan jamnya; kunjungi beberapa keluarga yang tercatat menerima kartu.",
    ),
    "cards_of_many_villages": (
        "Kartu dari banyak desa ditunjukkan pada satu gawai",
        "Tanyakan di mana petugas melayani hari itu; kartu tidak boleh dikumpulkan orang lain.",
    ),
    "card_book_differs": (
        "Neraca kartu tidak sama dengan kartunya",
        "Jangan pindahkan kartu. Jalankan `betang cards balance` dan laporkan kepada pengelola.",
    ),
    "device_frozen": (
        "Gawai dibekukan: rantai catatannya bercabang",
        "Gawai ini diduga digandakan atau dipulihkan. Temui petugasnya, lalu periksa kedua cabang.",
    ),
    "event_parked": (
        "Satu catatan lapangan belum dapat diproses",
        "Catatan tersimpan dan dicoba lagi oleh sistem. Laporkan bila tidak selesai hari ini.",
    ),
    "payment_failed": (
        "Bank menolak penyaluran",
        "Periksa rekening keluarga ini; setelah dibetulkan, dua orang dapat mengirim ulang.",
    ),
    "payment_mismatched": (
        "Rekening koran tidak cocok dengan catatan",
        "Jangan kirim ulang. Tanyakan status kepada bank, lalu cocokkan lagi.",
    ),
    "day_differs": (
        "Hitungan petugas berbeda dari catatan penyerahan",
        "Buka hari penyaluran ini, bandingkan daftar bertanda tangan dengan catatan gawainya.",
    ),
    "day_though_cancelled": (
        "Hari penyaluran yang dibatalkan tetap dibuka",
        "Hubungi petugasnya: undangan sudah dialihkan, sebagian keluarga mungkin datang dua kali.",
    ),
    "day_not_opened": (
        "Hari penyaluran belum dibuka satu jam setelah waktunya",
        "Hubungi petugasnya. Bila gagal karena banjir atau jalan, pindahkan harinya.",
    ),
    "day_not_closed": (
        "Hari penyaluran kemarin belum ditutup",
        "Mintalah petugas menutup hari di aplikasinya dan mengirim catatannya.",
    ),
    "device_silent": (
        "Gawai tidak mengirim data lebih dari satu hari",
        "Hubungi petugasnya; mintalah ia membuka aplikasi di tempat bersinyal.",
    ),
    "device_lost": (
        "Gawai tidak mengirim data lebih dari tiga hari",
        "Datangi atau hubungi petugasnya hari ini. Bila gawainya hilang atau rusak, gantilah.",
    ),
    "device_list_old": (
        "Daftar kartu di gawai lebih dari 14 hari",
        "Minta petugasnya sinkron; lewat 30 hari gawai ini tidak dapat melayani tanpa sinyal.",
    ),
    "device_too_old": (
        "Aplikasi di gawai terlalu lama untuk menyalurkan",
        "Bantu petugasnya memperbarui aplikasi; catatan yang sudah dibuat tetap diterima.",
    ),
    "data_not_current": (
        "Penugasan luring berakhir tanpa kabar",
        "Angka desa ini belum mutakhir. Hubungi petugas sebelum melayani keluarga di tempat lain.",
    ),
}


def tell(kind: str, facts: dict[str, Any], place: str | None) -> str | None:
    """Write an entry as a sentence, or None for a kind that is not told."""
    sentence = SENTENCES.get(kind)
    if sentence is None:
        return None
    count, rows = facts.get("count"), facts.get("rows")
    parts = {
        "in_place": f" di {place}" if place else "",
        "count_text": f": {number(count)}" if isinstance(count, int) else "",
        "rows_text": f": {number(rows)} baris" if isinstance(rows, int) else "",
        "rights_text": (
            f": {number(facts['rights'])} alokasi" if isinstance(facts.get("rights"), int) else ""
        ),
        "rupiah_text": (
            f" {rupiah(facts['amount_rupiah'])}"
            if isinstance(facts.get("amount_rupiah"), int)
            else ""
        ),
    }
    return sentence.format(**parts)


def alert_title(kind: str) -> str:
    """Give the words for an alert's kind."""
    return ALERTS.get(kind, (kind, ""))[0]


def alert_advice(kind: str) -> str:
    """Say what to do first about an alert of this kind."""
    return ALERTS.get(kind, ("", ""))[1]
