"""Families as they are in truth, before anybody typed them wrong."""

from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from sandbox.province.places import Places
from sandbox.province.words import ANCHORS, LASTS, MEN, STREETS, WOMEN

Ints = npt.NDArray[np.int64]
#: The day on which the list was drawn: fixed, so that the same seed gives the same ages for ever.
DRAWN_ON = np.datetime64("2026-10-01", "D")
#: Families of 1 to 8 persons; 3.7 on average, as in the province.
SIZES = (0.07, 0.14, 0.22, 0.27, 0.16, 0.08, 0.04, 0.02)
#: Share of families in each national decile; a list for aid leans to the poor.
DECILES = (0.16, 0.16, 0.15, 0.13, 0.11, 0.09, 0.07, 0.06, 0.04, 0.03)
#: `jenis_tempat_tinggal` and `id_status_penguasaan_bangunan` together: own, rent, shared, river
#: house, work camp, no fixed place.
DWELLINGS = ((1, 1), (1, 2), (1, 3), (2, 1), (3, 4), (4, 5))
DWELLING_SHARES = (0.70, 0.11, 0.09, 0.055, 0.03, 0.015)
#: Districts of other provinces where people of this one were first registered.
ELSEWHERE = (357301, 637103, 647202, 330515)
#: Serials 9000 and up are kept for twins, so that no NIK is made twice by accident.
SERIALS = 8_999
ASSETS = (  # noqa: SIM905 -- a wall of quotes reads worse
    "tabung_gas lemari_es ac pemanas_air tv_datar emas_perhiasan komputer_laptop_tablet "
    "sepeda_motor sepeda mobil perahu kapal_perahu_motor smartphone telepon_rumah"
).split()
ASSET_SHARES = (0.5, 0.4, 0.05, 0.01, 0.45, 0.2, 0.1, 0.6, 0.3, 0.04, 0.25, 0.1, 0.75, 0.01)
LIVESTOCK = ("sapi", "kerbau", "kuda", "babi", "kambing_domba")
#: Column -> shares of the codes from the first on (docs/protocols/list.md).
HOUSING: dict[str, tuple[int, tuple[float, ...]]] = {
    "id_lantai_terluas": (1, (0.01, 0.12, 0.02, 0.05, 0.52, 0.22, 0.02, 0.03, 0.01)),
    "id_dinding_terluas": (1, (0.22, 0.02, 0.66, 0.03, 0.04, 0.02, 0.01)),
    "id_atap_terluas": (1, (0.01, 0.04, 0.72, 0.06, 0.01, 0.09, 0.06, 0.01)),
    "id_sumber_airminum": (1, (0.03, 0.2, 0.15, 0.2, 0.08, 0.06, 0.02, 0.03, 0.15, 0.07, 0.01)),
    "id_sumberpenerangan": (1, (0.72, 0.12, 0.11, 0.05)),
    "id_bb_utama": (0, (0.01, 0.01, 0.02, 0.02, 0.7, 0.01, 0.01, 0.02, 0.01, 0.01, 0.17, 0.01)),
    "id_fasilitas_bab": (1, (0.66, 0.1, 0.06, 0.07, 0.02, 0.09)),
    "id_jenis_kloset": (1, (0.7, 0.1, 0.05, 0.15)),
    "id_pembuangan_tinja": (1, (0.5, 0.02, 0.28, 0.15, 0.03, 0.02)),
}


def families(
    rng: np.random.Generator, places: Places, village: Ints, chunk: int, chunks: int
) -> pl.DataFrame:
    """Make one chunk: a row a person, with `family` (from 0 in the chunk) and typed columns.

    `village` holds each family's place. Serials of NIK and KK are split between the chunks, so
    that no number is made twice.
    """
    count = len(village)
    size = rng.choice(len(SIZES), count, p=SIZES) + 1
    family = np.repeat(np.arange(count), size)
    place = np.arange(len(family)) - np.repeat(np.cumsum(size) - size, size)
    code = places.codes[village]
    people = _people(rng, size, family, place)
    area = code[family] // 10_000
    away = rng.random(len(family)) < 0.12
    area = np.where(away, rng.choice(places.codes // 10_000, len(family)), area)
    abroad = rng.random(len(family)) < 0.05
    area = np.where(abroad, rng.choice(np.array(ELSEWHERE), len(family)), area)
    nik = _numbered(area, people["born"], people["woman"], chunk, chunks)
    issued = DRAWN_ON - rng.integers(30, 5_000, count)
    kk = _numbered(code // 10_000, issued, np.zeros(count, dtype=bool), chunk, chunks)
    home = _homes(rng, places, village, size)
    frame = pl.DataFrame(
        {
            "family": family,
            "place": place,
            "no_kk": kk[family],
            "nik": nik,
            "nama": _names(rng, people["woman"]),
            "hubungan_keluarga": people["relation"],
            "id_jenis_kelamin": np.where(people["woman"], 2, 1),
            "tanggal_lahir": people["born"],
            "status_individu": np.ones(len(family), dtype=np.int64),
            "kode_kabupaten_kota": code[family] // 1_000_000,
            "kode_kecamatan": code[family] // 10_000,
            "kode_kelurahan_desa": code[family],
        }
    )
    return frame.hstack(home.select(pl.all().gather(family)))


def aid(rng: np.random.Generator, frame: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Choose who is on the lists of other programmes, by decile; keyed by the true numbers."""
    heads = frame.filter(pl.col("place") == 0)
    decile = heads["desil_nasional"].fill_null(5).to_numpy()
    count = len(heads)
    pkh = rng.random(count) < np.select([decile <= 2, decile <= 4], [0.15, 0.08], 0.005)
    basic = np.select([decile <= 2, decile <= 4, decile == 5], [0.14, 0.09, 0.04], 0.004)
    sembako = rng.random(count) < np.where(pkh, 0.6, basic)
    village_aid = rng.random(count) < np.where(decile <= 4, 0.04, 0.005)
    numbers = heads.select("no_kk", "nik")
    chosen = {"PKH": pkh, "SEMBAKO": sembako, "BLTDD": village_aid}
    return {programme: numbers.filter(pl.Series(on)) for programme, on in chosen.items()}


def _people(rng: np.random.Generator, size: Ints, family: Ints, place: Ints) -> dict[str, Any]:
    count, people = len(size), len(family)
    lone = (rng.random(count) < 0.16) | (size == 1)
    woman_head = rng.random(count) < np.where(lone, 0.6, 0.03)
    age = rng.integers(24, 79, count)
    relation = np.full(people, 3)
    relation[place == 0] = 1
    relation[(place == 1) & ~lone[family]] = 2
    elder = (place == size[family] - 1) & (place >= 4) & (rng.random(people) < 0.3)
    relation[elder] = 6
    woman = rng.random(people) < 0.5
    woman = np.where(relation == 1, woman_head[family], woman)
    woman = np.where(relation == 2, ~woman_head[family], woman)
    head_age = age[family]
    years = np.select(
        [relation == 1, relation == 2, relation == 6],
        [
            head_age,
            np.clip(head_age + rng.integers(-7, 5, people), 19, 85),
            np.clip(head_age + rng.integers(20, 31, people), 45, 98),
        ],
        (rng.random(people) * np.clip(head_age - 19, 1, 30)).astype(np.int64),
    )
    born = DRAWN_ON - (years * 365 + years // 4 + rng.integers(1, 365, people))
    return {"relation": relation, "woman": woman, "born": born}


def _numbered(
    area: Ints,
    on: npt.NDArray[np.datetime64],
    woman: npt.NDArray[np.bool_],
    chunk: int,
    chunks: int,
) -> Ints:
    """Write sixteen-digit numbers: area, day (women + 40), month, year, and a serial of its own."""
    month_of = on.astype("datetime64[M]")
    day = (on - month_of).astype(np.int64) + 1 + np.where(woman, 40, 0)
    months = month_of.astype(np.int64)
    prefix = area * 1_000_000 + day * 10_000 + (months % 12 + 1) * 100 + (1970 + months // 12) % 100
    order = np.argsort(prefix, kind="stable")
    ranked = prefix[order]
    first = np.concatenate(([True], ranked[1:] != ranked[:-1]))
    start = np.maximum.accumulate(np.where(first, np.arange(len(ranked)), 0))
    rank = np.empty(len(prefix), dtype=np.int64)
    rank[order] = np.arange(len(ranked)) - start
    share = SERIALS // chunks
    if rank.max(initial=0) >= share:
        raise SystemExit(
            "terlalu banyak keluarga untuk nomor urut NIK; pakai --families lebih kecil"
        )
    numbers: Ints = prefix * 10_000 + 1 + chunk * share + rank
    return numbers


def _names(rng: np.random.Generator, woman: npt.NDArray[np.bool_]) -> pl.Series:
    count = len(woman)
    pool = pl.Series(MEN + WOMEN)
    first = np.where(
        woman,
        len(MEN) + rng.integers(0, len(WOMEN), count),
        rng.integers(0, len(MEN), count),
    )
    again = np.where(
        woman,
        len(MEN) + rng.integers(0, len(WOMEN), count),
        rng.integers(0, len(MEN), count),
    )
    words = rng.random(count)
    second = pl.Series(LASTS).gather(rng.integers(0, len(LASTS), count))
    frame = pl.DataFrame(
        {"first": pool.gather(first), "middle": pool.gather(again), "last": second, "words": words}
    )
    return frame.select(
        pl.when(pl.col("words") < 0.12)
        .then(pl.col("first"))
        .when(pl.col("words") < 0.72)
        .then(pl.concat_str("first", "last", separator=" "))
        .otherwise(pl.concat_str("first", "middle", "last", separator=" "))
        .alias("nama")
    )["nama"]


def _homes(rng: np.random.Generator, places: Places, village: Ints, size: Ints) -> pl.DataFrame:
    """Make the columns of the family, one row a family."""
    count = len(size)
    kind = rng.choice(len(DWELLINGS), count, p=DWELLING_SHARES)
    living = np.array(DWELLINGS)[kind]
    decile = rng.choice(len(DECILES), count, p=DECILES) + 1
    income = 350_000 * (1 + decile) * rng.lognormal(0, 0.35, count) // 50_000 * 50_000
    street = pl.Series(STREETS).gather(rng.integers(0, len(STREETS), count))
    house = pl.Series(rng.integers(1, 200, count)).cast(pl.String)
    names = pl.Series(places.names).gather(village)
    columns: dict[str, Any] = {
        "nama_kelurahan_desa": names,
        "alamat": street + " No. " + house,
        "rt": pl.Series(rng.integers(1, 16, count)).cast(pl.String).str.zfill(3),
        "rw": pl.Series(rng.integers(1, 6, count)).cast(pl.String).str.zfill(3),
        "jenis_tempat_tinggal": living[:, 0],
        "id_status_penguasaan_bangunan": living[:, 1],
        "titik_acuan": _unless(
            rng.random(count) > 0.1,
            pl.Series(ANCHORS).gather(rng.integers(0, len(ANCHORS), count)),
            always=kind >= 3,
        ),
        "jumlah_anggota_keluarga": size,
        "desil_nasional": _unless(rng.random(count) < 0.03, pl.Series(decile)),
        "penghasilan_bulanan": _unless(rng.random(count) < 0.1, pl.Series(income.astype(np.int64))),
        "kemiskinan_ekstrem": (decile == 1).astype(np.int64) * (rng.random(count) < 0.4),
        "pbi": (decile <= 4).astype(np.int64) * (rng.random(count) < 0.8),
        "luas_lantai_bangunan": np.where(kind == 5, 6, rng.integers(12, 90, count)),
    }
    for name, (start, shares) in HOUSING.items():
        weights = np.array(shares) / sum(shares)
        columns[name] = rng.choice(len(shares), count, p=weights) + start
    for name, share in zip(ASSETS, ASSET_SHARES, strict=True):
        columns[f"aset_bergerak_{name}"] = (rng.random(count) < share).astype(np.int64)
    for name in ("lahan_tempat_lain", "rumah_tempat_lain"):
        columns[name] = (rng.random(count) < 0.06).astype(np.int64)
    for name in LIVESTOCK:
        columns[f"jml_{name}"] = rng.integers(0, 4, count) * (rng.random(count) < 0.08)
    columns |= _points(rng, places, village)
    return pl.DataFrame(columns)


def _points(rng: np.random.Generator, places: Places, village: Ints) -> dict[str, Any]:
    """Home points for a third of the families, where the places have points themselves."""
    lat, lng = places.lats[village], places.lngs[village]
    known = ~np.isnan(lat) & (rng.random(len(village)) < 0.33)
    lat = np.round(lat + rng.normal(0, 0.002, len(village)), 6)
    lng = np.round(lng + rng.normal(0, 0.002, len(village)), 6)
    return {
        "lintang": _unless(~known, pl.Series(np.nan_to_num(lat))),
        "bujur": _unless(~known, pl.Series(np.nan_to_num(lng))),
        "akurasi_m": _unless(~known, pl.Series(rng.integers(4, 60, len(village)))),
    }


def _unless(
    blank: npt.NDArray[np.bool_], values: pl.Series, always: npt.NDArray[np.bool_] | None = None
) -> pl.Series:
    """Leave `values` out where `blank`, except where `always`."""
    kept = ~blank if always is None else ~blank | always
    nothing = pl.Series([None], dtype=values.dtype)
    return values.zip_with(pl.Series(kept), nothing.new_from_index(0, len(values)))
