"""Everything that can be wrong in a row: stable codes, what is wrong, what to do (Indonesian).

docs/protocols/list.md says when each applies; a test holds the two together.
"""

from typing import NamedTuple

ERROR = "error"
WARNING = "warning"


class FindingKind(NamedTuple):
    """What a code means to the clerk."""

    severity: str
    sentence: str
    do: str


CODES: dict[str, FindingKind] = {
    "row.broken": FindingKind(
        ERROR,
        "Jumlah kolom baris ini tidak sama dengan judul kolom, atau ada tanda kutip tak tertutup.",
        "Periksa tanda pemisah dan tanda kutip pada baris ini, lalu unggah ulang.",
    ),
    "row.empty": FindingKind(
        ERROR, "Baris tidak berisi NIK maupun No. KK.", "Isi salah satunya atau hapus barisnya."
    ),
    "text.control": FindingKind(
        ERROR,
        "Isian memuat karakter kendali (ganti baris atau karakter tersembunyi).",
        "Ketik ulang isian ini tanpa ganti baris.",
    ),
    "text.long": FindingKind(
        ERROR, "Isian terlalu panjang.", "Ringkas isian; nama paling panjang 100 huruf."
    ),
    "text.formula": FindingKind(
        ERROR,
        "Isian berbentuk rumus lembar kerja.",
        "Tulis isinya sebagai teks biasa, bukan rumus.",
    ),
    "text.spaces": FindingKind(
        WARNING, "Ada spasi berlebih; sudah dirapikan.", "Tidak perlu tindakan."
    ),
    "text.latin1": FindingKind(
        WARNING,
        "Huruf di baris ini bukan UTF-8; dibaca sebagai Windows-1252.",
        "Periksa ejaan namanya; simpan daftar berikutnya sebagai CSV UTF-8.",
    ),
    "nik.missing": FindingKind(
        WARNING,
        "NIK kosong; orang ini dicatat tanpa NIK.",
        "Lengkapi setelah Dukcapil menerbitkan NIK.",
    ),
    "nik.scientific": FindingKind(
        ERROR,
        "NIK berubah menjadi bilangan ilmiah; angkanya sudah hilang.",
        "Ambil NIK dari sumber asli dan simpan kolomnya sebagai teks.",
    ),
    "nik.digits": FindingKind(
        ERROR, "NIK memuat karakter selain angka.", "Perbaiki NIK sesuai KTP atau KK."
    ),
    "nik.length": FindingKind(
        ERROR, "NIK tidak berjumlah 16 angka.", "Perbaiki NIK sesuai KTP atau KK."
    ),
    "nik.area": FindingKind(
        ERROR, "Kode wilayah dalam NIK tidak ada.", "Perbaiki NIK sesuai KTP atau KK."
    ),
    "nik.date": FindingKind(
        ERROR, "Tanggal lahir dalam NIK mustahil.", "Perbaiki NIK sesuai KTP atau KK."
    ),
    "nik.serial": FindingKind(
        ERROR, "Nomor urut NIK 0000 tidak berlaku.", "Perbaiki NIK sesuai KTP atau KK."
    ),
    "nik.repeated": FindingKind(
        ERROR,
        "NIK ini ada pada lebih dari satu baris.",
        "Pastikan di keluarga mana orang ini tercatat, hapus baris lainnya.",
    ),
    "nik.elsewhere": FindingKind(
        ERROR,
        "NIK ini sudah terdaftar pada keluarga lain.",
        "Pastikan orang ini pindah KK; bila ya, sertakan kedua keluarga dalam daftar.",
    ),
    "kk.missing": FindingKind(ERROR, "No. KK kosong.", "Isi No. KK."),
    "kk.scientific": FindingKind(
        ERROR,
        "No. KK berubah menjadi bilangan ilmiah; angkanya sudah hilang.",
        "Ambil No. KK dari sumber asli dan simpan kolomnya sebagai teks.",
    ),
    "kk.form": FindingKind(ERROR, "No. KK bukan 16 angka yang sah.", "Perbaiki No. KK."),
    "kk.shared": FindingKind(
        ERROR,
        "Satu No. KK dipakai dua keluarga (dua kepala keluarga atau dua desa).",
        "Pisahkan kedua keluarga dengan No. KK masing-masing.",
    ),
    "kk.no_head": FindingKind(
        ERROR,
        "Keluarga ini tidak memiliki kepala keluarga.",
        "Tandai satu anggota sebagai kepala keluarga (hubungan 1).",
    ),
    "kk.changed": FindingKind(
        WARNING,
        "Kepala keluarga ini terdaftar dengan No. KK lain; No. KK akan diganti.",
        "Pastikan KK baru memang telah terbit.",
    ),
    "family.waits": FindingKind(
        ERROR,
        "Baris kepala keluarga tertahan, sehingga anggota lainnya ikut menunggu.",
        "Perbaiki baris kepala keluarga, lalu unggah keluarga ini lagi.",
    ),
    "name.missing": FindingKind(ERROR, "Nama kosong.", "Isi nama sesuai KTP."),
    "relation.unknown": FindingKind(
        ERROR, "Hubungan keluarga tidak dikenal.", "Pakai kode 1 sampai 9."
    ),
    "area.missing": FindingKind(ERROR, "Kode desa/kelurahan kosong.", "Isi kode wilayah."),
    "area.unknown": FindingKind(
        ERROR,
        "Kode desa/kelurahan tidak ada di provinsi ini.",
        "Periksa kode pada daftar wilayah Kemendagri.",
    ),
    "area.bps_code": FindingKind(
        ERROR,
        "Kode ini kode BPS, sedangkan daftar dinyatakan memakai kode Kemendagri.",
        "Ganti dengan kode Kemendagri, atau unggah daftarnya sebagai daftar kode BPS.",
    ),
    "area.bps_unconfirmed": FindingKind(
        ERROR,
        "Padanan kode BPS ini belum dipastikan petugas.",
        "Pastikan padanannya dengan `betang areas confirm`, lalu unggah lagi.",
    ),
    "area.parts_disagree": FindingKind(
        ERROR,
        "Kode kabupaten, kecamatan, dan desa tidak saling memuat.",
        "Samakan ketiga kode wilayahnya.",
    ),
    "area.lost_zero": FindingKind(
        WARNING,
        "Angka nol di depan kode wilayah hilang; sudah dipulihkan.",
        "Simpan kolom kode sebagai teks.",
    ),
    "area.name_differs": FindingKind(
        WARNING,
        "Nama desa tidak sama dengan nama menurut kodenya.",
        "Periksa apakah kodenya benar.",
    ),
    "birth.format": FindingKind(
        WARNING,
        "Tanggal lahir ditulis dengan cara yang berbeda dari kebanyakan baris; tetap terbaca.",
        "Pakai bentuk 1990-12-31 untuk semua baris.",
    ),
    "birth.unreadable": FindingKind(
        WARNING,
        "Tanggal lahir tidak terbaca atau mustahil; dicatat belum diketahui.",
        "Perbaiki tanggal lahir sesuai KTP.",
    ),
    "birth.disagrees": FindingKind(
        WARNING,
        "Tanggal lahir berbeda dari yang ada dalam NIK.",
        "Cocokkan NIK dan tanggal lahir dengan KTP.",
    ),
    "sex.disagrees": FindingKind(
        WARNING,
        "Jenis kelamin berbeda dari yang ada dalam NIK.",
        "Cocokkan NIK dan jenis kelamin dengan KTP.",
    ),
    "person.deceased": FindingKind(
        WARNING, "Orang ini dilaporkan meninggal.", "Siapkan akta kematian atau surat desa."
    ),
    "person.moved": FindingKind(
        WARNING, "Orang ini dilaporkan pindah.", "Siapkan surat pindah atau surat desa."
    ),
    "dwelling.no_anchor": FindingKind(
        WARNING,
        "Keluarga tanpa tempat tinggal tetap belum punya titik acuan.",
        'Isi titik acuan, misalnya "dekat dermaga desa".',
    ),
    "value.unreadable": FindingKind(
        WARNING,
        "Isian bukan angka atau di luar rentang; dicatat belum diketahui.",
        "Pakai kode pada petunjuk pengisian.",
    ),
}

ERRORS = frozenset(code for code, kind in CODES.items() if kind.severity == ERROR)
