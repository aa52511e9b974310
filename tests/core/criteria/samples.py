"""A small world of facts, and a rule text over it, for the tests of the rule language."""

FACTS = {
    "decile": ("smallint", "Desil"),
    "income_rupiah": ("integer", "Penghasilan sebulan"),
    "size": ("smallint", "Jumlah anggota"),
    "dwelling": ("text", "Tempat tinggal"),
    "has_pkh": ("boolean", "Menerima PKH"),
    "deceased": ("boolean", "Meninggal"),
    "born_on": ("date", "Tanggal lahir"),
    "score": ("double precision", "Nilai"),
    "code": ("char(4)", "Kode"),
    "conditions": ("jsonb", "Keadaan"),
}

TEXT = """rules 1

name: Uji
programme: KHBS
valid_from: 2026-01-01

# Batas tahun ini.
parameter decile_max = 4
parameter ump_rupiah = 3473621

require decile_within
  label: Desil kesejahteraan
  when: decile <= decile_max
  true: Desil keluarga {decile}, paling tinggi {decile_max}.
  false: Desil keluarga {decile}, melebihi {decile_max}.
  unknown: Desil keluarga belum diketahui.

require income
  label: Penghasilan
  when: income_rupiah < ump_rupiah
        OR (income_rupiah IS NULL
            AND decile <= 2)
  true: Penghasilan {income_rupiah} di bawah UMP {ump_rupiah}.
  false: Penghasilan {income_rupiah} tidak di bawah UMP {ump_rupiah}.
  unknown: Penghasilan belum diketahui.

exclude receives_pkh
  label: Menerima PKH
  when: has_pkh
  true: Menerima PKH: {has_pkh}.
  false: Menerima PKH: {has_pkh}.
  unknown: Belum diketahui.
"""


def with_when(expression: str) -> str:
    """Give the sample text with another expression for its first indicator."""
    return TEXT.replace(
        "when: decile <= decile_max\n", f"when: decile <= decile_max AND ({expression})\n"
    )
