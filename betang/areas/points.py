"""Distribution points: one a village by default, more from a list, given up but never deleted."""

import csv
from collections.abc import Callable, Sequence
from datetime import datetime
from io import StringIO
from typing import NamedTuple

from django.db import connection

from betang.areas.models import DistributionPoint
from betang.core.actor import Actor
from betang.core.errors import FieldsError
from betang.core.identifiers import new_uuid, new_uuids
from betang.journal.record import record

#: The province has about 1,500 points; a list of more lines is another file.
LINES_MAX = 5_000
NAME_CHARACTERS_MAX = 80
#: Degrees that hold Kalimantan Tengah with room to spare: a point in Jakarta is a slip.
LATITUDES = (-4.5, 1.5)
LONGITUDES = (110.0, 116.5)
VILLAGE_DIGITS = 10
COLUMNS = ("desa", "nama", "lat", "lng")

KEEP = """
WITH told AS (
    SELECT * FROM unnest(%s::uuid[], %s::bigint[], %s::text[], %s::float8[], %s::float8[])
    AS t(uuid, village, name, lat, lng)
)
INSERT INTO areas_distributionpoint AS p (uuid, village_id, name, lat, lng, active)
SELECT uuid, village, name, lat, lng, true FROM told
ON CONFLICT (village_id, lower(name)) DO UPDATE
    SET lat = coalesce(excluded.lat, p.lat), lng = coalesce(excluded.lng, p.lng), active = true
RETURNING xmax = 0
"""
#: The village's own office stands for a point until somebody names a better one.
DEFAULT = """
INSERT INTO areas_distributionpoint (uuid, village_id, name, lat, lng, active)
SELECT t.uuid, a.code,
       CASE WHEN a.kind = 'kelurahan' THEN 'Kantor Kelurahan ' ELSE 'Balai Desa ' END || a.name,
       a.lat, a.lng, true
FROM unnest(%s::uuid[], %s::bigint[]) AS t(uuid, village)
JOIN areas_area a ON a.code = t.village AND a.level = 4
ON CONFLICT DO NOTHING RETURNING 1
"""


class NotAListError(FieldsError):
    """The file is not a list of points at all."""

    code = "points.not_a_list"
    sentence = "Berkas ini bukan daftar titik penyaluran."
    do = "Kirim CSV dengan kolom desa, nama, lat, lng; paling banyak 5.000 baris."


class WrongLineError(ValueError):
    """A line that cannot be taken; its text says why and what to do."""


class Wrong(NamedTuple):
    """A line that was not taken: its number in the file, its text, and why, with what to do."""

    line: int
    text: str
    why: str


class Loaded(NamedTuple):
    """How many points are new, how many were there and are as the list says, and what is wrong."""

    made: int
    kept: int
    wrong: list[Wrong]


class _Row(NamedTuple):
    village: int
    name: str
    lat: float | None
    lng: float | None


def make_points(villages: Sequence[int], *, actor: Actor, at: datetime) -> int:
    """Make a point for each of `villages`, named after its office; give how many are new."""
    if not villages:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(DEFAULT, [new_uuids(len(villages)), list(villages)])
        made = len(cursor.fetchall())
    if made:
        record("points.made", new_uuid(), actor=actor, at=at, count=made)
    return made


def load_points(text: str, *, within: Callable[[int], bool], actor: Actor, at: datetime) -> Loaded:
    """Take the points of a CSV in; a line that is wrong is given back, and stops no other.

    `within` says whether the actor may set points in a village. Raises `NotAListError`.
    """
    lines = [line for line in enumerate(text.lstrip("\ufeff").splitlines(), 1) if line[1].strip()]
    if not lines or len(lines) > LINES_MAX or "\0" in text:
        raise NotAListError(field="list")
    mark = ";" if ";" in lines[0][1] else ","
    if lines[0][1].casefold().replace(" ", "").startswith("desa" + mark):
        lines = lines[1:]
    rows: dict[tuple[int, str], _Row] = {}
    wrong = []
    known = _villages([line for _, line in lines], mark)
    for number, line in lines:
        try:
            read = _read(next(csv.reader(StringIO(line), delimiter=mark)), known, within)
        except (WrongLineError, csv.Error) as error:
            wrong.append(Wrong(number, line, str(error)))
            continue
        if rows.setdefault((read.village, read.name.lower()), read) is not read:
            wrong.append(Wrong(number, line, "Titik ini sudah ada pada baris sebelumnya: hapus."))
    fresh = _keep(list(rows.values()))
    if rows:
        record("points.loaded", new_uuid(), actor=actor, at=at, count=len(rows), refused=len(wrong))
    return Loaded(sum(fresh), len(fresh) - sum(fresh), wrong)


def set_active(point: DistributionPoint, *, active: bool, actor: Actor, at: datetime) -> None:
    """Give a point up, or take it up again. Its past days stay."""
    if DistributionPoint.objects.filter(pk=point.pk, active=not active).update(active=active):
        record(
            "point.changed", point.uuid, actor=actor, at=at, area=point.village_id, active=active
        )


def _keep(rows: Sequence[_Row]) -> list[bool]:
    if not rows:
        return []
    villages, names, lats, lngs = (list(column) for column in zip(*rows, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(KEEP, [new_uuids(len(rows)), villages, names, lats, lngs])
        return [row[0] for row in cursor.fetchall()]


def _villages(lines: Sequence[str], mark: str) -> set[int]:
    named = {line.partition(mark)[0].strip().strip('"').replace(".", "") for line in lines}
    codes = [int(one) for one in named if one.isascii() and one.isdigit() and len(one) < 18]
    with connection.cursor() as cursor:
        cursor.execute("SELECT code FROM areas_area WHERE level = 4 AND code = ANY(%s)", [codes])
        return {row[0] for row in cursor.fetchall()}


def _read(cells: Sequence[str], known: set[int], within: Callable[[int], bool]) -> _Row:
    """Read one line; raises `WrongLineError` with what is wrong with it and what to do."""
    cells = [cell.strip() for cell in cells] + [""] * 4
    code, name = cells[0].replace(".", ""), " ".join(cells[1].split())
    why = ""
    if not (code.isascii() and code.isdigit() and len(code) == VILLAGE_DIGITS):
        why = f"Kode desa \u201c{cells[0][:20]}\u201d bukan sepuluh angka: isi kode Kemendagri."
    elif int(code) not in known:
        why = f"Tidak ada desa atau kelurahan berkode {code}: periksa kodenya."
    elif not within(int(code)):
        why = f"Desa {code} di luar wilayah Anda: mintalah pengelola wilayah itu."
    elif not name:
        why = "Nama titik kosong: isi namanya, misalnya Balai Desa Mendawai."
    elif len(name) > NAME_CHARACTERS_MAX:
        why = f"Nama titik lebih dari {NAME_CHARACTERS_MAX} huruf: singkatkan."
    if why:
        raise WrongLineError(why)
    return _Row(int(code), name, *_place(cells[2], cells[3]))


def _place(lat_text: str, lng_text: str) -> tuple[float | None, float | None]:
    """Read latitude and longitude, or nothing where both are empty."""
    if not lat_text and not lng_text:
        return None, None
    try:
        lat, lng = (float(text.replace(",", ".")) for text in (lat_text, lng_text))
    except ValueError as error:
        raise WrongLineError(
            "Lintang dan bujur bukan angka: isi seperti -2.208300, atau kosongkan keduanya."
        ) from error
    if not (LATITUDES[0] <= lat <= LATITUDES[1] and LONGITUDES[0] <= lng <= LONGITUDES[1]):
        raise WrongLineError(
            "Titik ini di luar Kalimantan Tengah: periksa lintang dan bujur, mungkin tertukar."
        )
    return lat, lng
