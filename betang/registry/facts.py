"""The declared facts of a household: what a rule text may ask, one row a household.

NULL is "unknown", never "no". Most columns are the household's own; presence and aid elsewhere are
aggregates kept at acceptance (`registry.receive`, `registry.outside_aid`, `registry.presence`), so
that 800,000 households are judged by reading one table. `disagreements` counts what has drifted.
"""

from django.db import connection

#: name -> (SQL type, Indonesian label, SQL expression over the household `h`)
_COLUMNS: dict[str, tuple[str, str, str]] = {
    "decile": ("smallint", "Desil kesejahteraan nasional", "h.decile"),
    "income_rupiah": ("integer", "Penghasilan keluarga sebulan", "h.income_rupiah"),
    "size": ("smallint", "Jumlah anggota keluarga menurut daftar", "h.size"),
    "members_alive": (
        "smallint",
        "Jumlah anggota yang hidup dan menetap",
        "h.members_alive",
    ),
    "dwelling": ("text", "Tempat tinggal", "h.dwelling"),
    "floor_area_m2": ("smallint", "Luas lantai (m²)", "h.floor_area_m2"),
    "floor_code": ("smallint", "Lantai terluas (kode DTSEN)", "h.floor_code"),
    "wall_code": ("smallint", "Dinding terluas (kode DTSEN)", "h.wall_code"),
    "roof_code": ("smallint", "Atap terluas (kode DTSEN)", "h.roof_code"),
    "water_code": ("smallint", "Sumber air minum (kode DTSEN)", "h.water_code"),
    "lighting_code": ("smallint", "Sumber penerangan (kode DTSEN)", "h.lighting_code"),
    "fuel_code": ("smallint", "Bahan bakar memasak (kode DTSEN)", "h.fuel_code"),
    "toilet_code": ("smallint", "Fasilitas buang air besar (kode DTSEN)", "h.toilet_code"),
    "extreme_poverty": ("boolean", "Kemiskinan ekstrem", "h.extreme_poverty"),
    "has_pkh": ("boolean", "Menerima PKH", "{PKH}"),
    "has_sembako": ("boolean", "Menerima bantuan sembako (BPNT)", "{SEMBAKO}"),
    "has_bltdd": ("boolean", "Menerima BLT Dana Desa", "{BLTDD}"),
    "head_deceased": ("boolean", "Kepala keluarga meninggal", "h.head_deceased"),
    "head_moved": ("boolean", "Kepala keluarga pindah", "h.head_moved"),
    "any_deceased": ("boolean", "Ada anggota yang meninggal", "h.any_deceased"),
    "any_moved": ("boolean", "Ada anggota yang pindah", "h.any_moved"),
    "inside_province": ("boolean", "Tinggal di Kalimantan Tengah", "h.inside_province"),
    "has_home_point": ("boolean", "Punya titik koordinat rumah", "h.home_lat IS NOT NULL"),
    "home_grade": ("text", "Mutu titik koordinat", "h.home_grade"),
    "regency": ("bigint", "Kode kabupaten/kota", "h.village_id / 1000000"),
    "is_urban": ("boolean", "Tinggal di kelurahan", "h.village_id % 10000 < 2000"),
}

#: Yes-or-no conditions under their DTSEN names in `conditions`.
_OWNED = {
    "owns_refrigerator": ("Punya lemari es", "aset_bergerak_lemari_es"),
    "owns_air_conditioner": ("Punya AC", "aset_bergerak_ac"),
    "owns_flat_television": ("Punya TV layar datar", "aset_bergerak_tv_datar"),
    "owns_jewellery": ("Punya emas/perhiasan", "aset_bergerak_emas_perhiasan"),
    "owns_computer": ("Punya komputer/laptop/tablet", "aset_bergerak_komputer_laptop_tablet"),
    "owns_motorcycle": ("Punya sepeda motor", "aset_bergerak_sepeda_motor"),
    "owns_car": ("Punya mobil", "aset_bergerak_mobil"),
    "owns_boat": ("Punya perahu", "aset_bergerak_perahu"),
    "owns_motor_boat": ("Punya kapal/perahu motor", "aset_bergerak_kapal_perahu_motor"),
    "owns_smartphone": ("Punya ponsel pintar", "aset_bergerak_smartphone"),
    "owns_other_land": ("Punya lahan di tempat lain", "lahan_tempat_lain"),
    "owns_other_house": ("Punya rumah di tempat lain", "rumah_tempat_lain"),
    "receives_pbi": ("Peserta PBI jaminan kesehatan", "pbi"),
}
_LIVESTOCK = {
    "cattle": ("Jumlah sapi", "jml_sapi"),
    "buffaloes": ("Jumlah kerbau", "jml_kerbau"),
    "horses": ("Jumlah kuda", "jml_kuda"),
    "pigs": ("Jumlah babi", "jml_babi"),
    "goats": ("Jumlah kambing/domba", "jml_kambing_domba"),
}


def _condition(key: str, told: str, zero: str) -> str:
    """Read one of the conditions: named, or zero, or unknown (`intake.check_home`)."""
    return (
        f"CASE WHEN h.conditions ? '{key}' THEN {told} "
        f"WHEN NOT (h.conditions->'unknown') ? '{key}' THEN {zero} END"
    )


_COLUMNS |= {
    name: ("boolean", label, _condition(key, f"(h.conditions->>'{key}') = '1'", "false"))
    for name, (label, key) in _OWNED.items()
}
_COLUMNS |= {
    name: ("integer", label, _condition(key, f"(h.conditions->>'{key}')::integer", "0"))
    for name, (label, key) in _LIVESTOCK.items()
}

#: The declared facts: name -> (SQL type, Indonesian label).
FACTS: dict[str, tuple[str, str]] = {
    name: (sql_type, label) for name, (sql_type, label, _) in _COLUMNS.items()
}


def _aid(column: str, programme: str) -> str:
    """Unknown for everybody while no list of the programme was ever accepted (asked once)."""
    return (
        f"CASE WHEN (SELECT count(*) FROM registry_outsideaidlist WHERE programme = '{programme}')"
        f" > 0 THEN h.{column} END"
    )


_AID = {
    "PKH": _aid("has_pkh", "PKH"),
    "SEMBAKO": _aid("has_sembako", "SEMBAKO"),
    "BLTDD": _aid("has_bltdd", "BLTDD"),
}

#: One row a household that may be judged: `household_id`, `village_id` and every fact.
FACTS_SQL = (
    "SELECT h.id AS household_id, h.village_id, "
    + ", ".join(
        f"{expression.format(**_AID) if expression.startswith('{') else expression} AS {name}"
        for name, (_, _, expression) in _COLUMNS.items()
    )
    + " FROM registry_household AS h WHERE h.state = 'active'"
)
FACTS_RELATION = f"({FACTS_SQL})"

DISAGREEMENTS = """
WITH told AS (
  SELECT household_id,
    count(*) FILTER (WHERE presence = 'alive') AS members_alive,
    bool_or(presence = 'deceased') FILTER (WHERE is_head) AS head_deceased,
    bool_or(presence = 'moved') FILTER (WHERE is_head) AS head_moved,
    bool_or(presence = 'moved') AS any_moved,
    bool_or(presence = 'deceased') AS any_deceased,
    NOT bool_or(left_province) FILTER (WHERE is_head) AS inside_province
  FROM registry_member GROUP BY household_id)
SELECT count(*) FROM registry_household AS h JOIN told ON told.household_id = h.id
WHERE (h.members_alive, h.head_deceased, h.head_moved, h.any_moved, h.any_deceased,
       h.inside_province)
  IS DISTINCT FROM (told.members_alive, told.head_deceased, told.head_moved, told.any_moved,
       told.any_deceased, told.inside_province)
"""


def disagreements() -> int:
    """Count households whose kept facts differ from their members' rows. It must be 0."""
    with connection.cursor() as cursor:
        cursor.execute(DISAGREEMENTS)
        return int(cursor.fetchone()[0])
