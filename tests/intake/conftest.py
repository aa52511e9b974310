"""Small lists, and the province's codes without a database."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest

from betang.areas.load import load_areas, match_bps
from betang.areas.look_up import CodeTable
from betang.areas.source import read_areas, read_bps
from betang.intake.models import Batch
from betang.intake.stage import stage

COLUMNS = (
    "no_kk", "nik", "nama", "hubungan_keluarga", "id_jenis_kelamin", "tanggal_lahir",
    "status_individu", "kode_kabupaten_kota", "kode_kecamatan", "kode_kelurahan_desa",
    "nama_kelurahan_desa", "desil_nasional", "penghasilan_bulanan",
)  # fmt: skip
HEAD = {
    "no_kk": "6201010101200001",
    "nik": "6201011208900001",
    "nama": "Budi Dohong",
    "hubungan_keluarga": "1",
    "id_jenis_kelamin": "1",
    "tanggal_lahir": "1990-08-12",
    "status_individu": "1",
    "kode_kabupaten_kota": "6201",
    "kode_kecamatan": "620101",
    "kode_kelurahan_desa": "6201011011",
    "nama_kelurahan_desa": "Candi",
    "desil_nasional": "2",
    "penghasilan_bulanan": "900000",
}
SPOUSE = HEAD | {
    "nik": "6201015303920001",
    "nama": "Sari",
    "hubungan_keluarga": "2",
    "id_jenis_kelamin": "2",
    "tanggal_lahir": "1992-03-13",
}
CHILD = HEAD | {
    "nik": "6201010102150001",
    "nama": "Agau",
    "hubungan_keluarga": "3",
    "tanggal_lahir": "2015-02-01",
}


def as_csv(rows: list[dict[str, str]], columns: tuple[str, ...] = COLUMNS) -> bytes:
    """Write rows as a list."""
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


@pytest.fixture(scope="session")
def codes() -> CodeTable:
    """All codes of the province, from the package."""
    areas = read_areas()
    return CodeTable(
        {area.code: area.name for area in areas if area.level == 4},
        {
            line.bps_code: (line.name, line.area, line.state)
            for line in match_bps(areas, read_bps())
            if line.level == 4
        },
    )


@pytest.fixture
def ready(db: None, keys: None, budi: Any, noon: Any) -> None:
    """A database with areas and keys."""
    load_areas(actor=budi, at=noon)


@pytest.fixture
def staged(ready: None, budi: Any, noon: Any) -> Callable[..., Batch]:
    """Stage rows as Budi does."""

    def stage_rows(*rows: dict[str, str], **options: Any) -> Batch:
        content = as_csv(list(rows))
        return stage(content, file_name="daftar.csv", actor=budi, at=noon, **options)

    return stage_rows
