"""The columns of a list and their codes (docs/protocols/list.md)."""

from typing import NamedTuple

#: Columns without which a file is no list.
REQUIRED = ("no_kk", "nik", "nama", "hubungan_keluarga", "kode_kelurahan_desa")
#: Columns of the person that may be missing.
PERSON = (
    "kode_kabupaten_kota",
    "kode_kecamatan",
    "nama_kelurahan_desa",
    "id_jenis_kelamin",
    "tanggal_lahir",
    "status_individu",
    "tanggal_status",
)
#: Free text of the family: read from the head's row.
FAMILY_TEXTS = ("alamat", "rt", "rw", "titik_acuan")


class NumberColumn(NamedTuple):
    """A whole number with its range, and the registry's column that keeps it."""

    low: int
    high: int
    kept_as: str


#: Numbers of the family with a column of their own in the registry.
FAMILY_NUMBERS = {
    "jenis_tempat_tinggal": NumberColumn(1, 4, "living"),
    "id_status_penguasaan_bangunan": NumberColumn(1, 5, "tenure"),
    "jumlah_anggota_keluarga": NumberColumn(1, 30, "size"),
    "desil_nasional": NumberColumn(1, 10, "decile"),
    "penghasilan_bulanan": NumberColumn(0, 2_000_000_000, "income_rupiah"),
    "kemiskinan_ekstrem": NumberColumn(0, 2, "extreme_poverty"),
    "luas_lantai_bangunan": NumberColumn(0, 9_999, "floor_area_m2"),
    "id_lantai_terluas": NumberColumn(1, 9, "floor_code"),
    "id_dinding_terluas": NumberColumn(1, 7, "wall_code"),
    "id_atap_terluas": NumberColumn(1, 8, "roof_code"),
    "id_sumber_airminum": NumberColumn(1, 11, "water_code"),
    "id_sumberpenerangan": NumberColumn(1, 4, "lighting_code"),
    "id_bb_utama": NumberColumn(0, 11, "fuel_code"),
    "id_fasilitas_bab": NumberColumn(1, 6, "toilet_code"),
}
#: Coordinates of the home.
FAMILY_DECIMALS = {
    "lintang": (-90.0, 90.0, "home_lat"),
    "bujur": (-180.0, 180.0, "home_lng"),
    "akurasi_m": (0.0, 100_000.0, "home_accuracy_m"),
}
ASSETS = (
    *(
        f"aset_bergerak_{name}"
        for name in (
            "tabung_gas", "lemari_es", "ac", "pemanas_air", "tv_datar", "emas_perhiasan",
            "komputer_laptop_tablet", "sepeda_motor", "sepeda", "mobil", "perahu",
            "kapal_perahu_motor", "smartphone", "telepon_rumah",
        )
    ),
    "lahan_tempat_lain",
    "rumah_tempat_lain",
)  # fmt: skip
#: Numbers of the family kept together as `conditions`, under their DTSEN names.
CONDITIONS: dict[str, tuple[int, int]] = {
    "pbi": (0, 2),
    "id_jenis_kloset": (1, 4),
    "id_pembuangan_tinja": (1, 6),
    **dict.fromkeys(ASSETS, (0, 2)),
    **{f"jml_{name}": (0, 10_000) for name in ("sapi", "kerbau", "kuda", "babi", "kambing_domba")},
}
KNOWN = (
    *REQUIRED,
    *PERSON,
    *FAMILY_TEXTS,
    *FAMILY_NUMBERS,
    *FAMILY_DECIMALS,
    *CONDITIONS,
)

RELATIONS = {
    "1": "head",
    "2": "spouse",
    "3": "child",
    "4": "child_in_law",
    "5": "grandchild",
    "6": "parent",
    "7": "parent_in_law",
    "8": "relative",
    "9": "other",
    "KEPALA KELUARGA": "head",
    "SUAMI": "spouse",
    "ISTRI": "spouse",
    "SUAMI/ISTRI": "spouse",
    "ANAK": "child",
    "MENANTU": "child_in_law",
    "CUCU": "grandchild",
    "ORANG TUA": "parent",
    "MERTUA": "parent_in_law",
    "FAMILI LAIN": "relative",
    "LAINNYA": "other",
}
SEXES = {
    "1": "L", "L": "L", "LAKI-LAKI": "L", "LAKI LAKI": "L",
    "2": "P", "P": "P", "PEREMPUAN": "P",
}  # fmt: skip
#: Status -> presence and whether the person left the province.
STATUSES = {
    "1": ("alive", False),
    "ADA": ("alive", False),
    "2": ("deceased", False),
    "MENINGGAL": ("deceased", False),
    "3": ("moved", False),
    "PINDAH": ("moved", False),
    "4": ("moved", True),
}
#: What clerks and programs write for "nothing".
BLANKS = ("", "-", "NULL", "null", "None", "NaN", "#N/A")

#: The registry's words for a dwelling: by kind of place, else by who holds the building.
DWELLING_BY_LIVING = {2: "river", 3: "camp", 4: "none"}
DWELLING_BY_TENURE = {1: "own", 2: "rent", 3: "shared", 4: "shared"}
