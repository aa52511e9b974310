"""What has been read and waits to be received: two unlogged tables a batch, sealed already.

They are the registry's own, filled by whoever reads lists (`intake`), and hold no NIK or KK in the
clear. A crash empties unlogged tables; the batch's blob fills them again.
"""

import os
import time
from collections.abc import Iterable
from io import BytesIO
from typing import NamedTuple
from uuid import UUID

import polars as pl
from django.db import connection

from betang.core.ahead import ahead
from betang.keys.sealing import blind_index_many, seal_many

#: Rows sealed and copied at a time: bounds the memory of a province-wide list.
SLICE = 50_000
#: Three hexadecimal digits: half a counter. Formatting each number anew costs thrice as much.
THREE_HEX = tuple(f"{number:03x}" for number in range(1 << 12))

HOME_COLUMNS = {
    "key": "integer",
    "row": "integer",
    "uuid": "uuid",
    "family_number_sealed": "bytea",
    "family_number_index": "bytea",
    "village": "bigint",
    "head_name": "text",
    "address": "text",
    "rt": "text",
    "rw": "text",
    "dwelling": "text",
    "anchor": "text",
    "home_lat": "float8",
    "home_lng": "float8",
    "home_accuracy_m": "float8",
    "decile": "smallint",
    "income_rupiah": "integer",
    "size": "smallint",
    "floor_area_m2": "smallint",
    "floor_code": "smallint",
    "wall_code": "smallint",
    "roof_code": "smallint",
    "water_code": "smallint",
    "lighting_code": "smallint",
    "fuel_code": "smallint",
    "toilet_code": "smallint",
    "extreme_poverty": "boolean",
    "conditions": "jsonb",
}
PERSON_COLUMNS = {
    "key": "integer",
    "row": "integer",
    "uuid": "uuid",
    "nik_sealed": "bytea",
    "nik_index": "bytea",
    "nik_last4": "text",
    "name": "text",
    "birth_on": "date",
    "sex": "text",
    "relation": "text",
    "is_head": "boolean",
    "presence": "text",
    "presence_on": "date",
    "left_province": "boolean",
}


class Tables(NamedTuple):
    """The names of a batch's tables, quoted and safe: made of a UUID only."""

    homes: str
    people: str
    match: str


def tables(batch: UUID) -> Tables:
    """Name the tables of a batch."""
    return Tables(
        f"staging.incoming_home_{batch.hex}",
        f"staging.incoming_person_{batch.hex}",
        f"staging.incoming_match_{batch.hex}",
    )


def create(batch: UUID) -> None:
    """Make the empty tables of a batch, forgetting what was there."""
    named = tables(batch)
    drop(batch)
    with connection.cursor() as cursor:
        for table, columns in ((named.homes, HOME_COLUMNS), (named.people, PERSON_COLUMNS)):
            listed = ", ".join(f"{name} {kind}" for name, kind in columns.items())
            cursor.execute(f"CREATE UNLOGGED TABLE {table} ({listed})")


def drop(batch: UUID) -> None:
    """Forget what a batch brought."""
    named = tables(batch)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {named.homes}, {named.people}, {named.match}")


def add_homes(batch: UUID, parts: Iterable[pl.DataFrame]) -> None:
    """Copy households in: the columns of `HOME_COLUMNS`, with `kk` as a number instead of sealed.

    `key` numbers the family within the batch. Parts are best `SLICE` rows at most.
    """
    _copy(tables(batch).homes, HOME_COLUMNS, map(_sealed_homes, parts))


def add_people(batch: UUID, people: pl.DataFrame) -> None:
    """Copy persons in: the columns of `PERSON_COLUMNS`, with `nik` as a number or null."""
    parts = map(_sealed_people, people.iter_slices(SLICE))
    _copy(tables(batch).people, PERSON_COLUMNS, parts)


def finish(batch: UUID) -> None:
    """Analyse the columns that a merge joins by: once, after the last row."""
    named = tables(batch)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {named.homes} (key, row, family_number_index)")
        cursor.execute(f"ANALYZE {named.people} (key, row, nik_index, is_head)")


def held(batch: UUID) -> int | None:
    """Count the households that wait; None where the tables are gone."""
    named = tables(batch)
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s), to_regclass(%s)", [named.homes, named.people])
        if None in cursor.fetchone():
            return None
        cursor.execute(f"SELECT count(*) FROM {named.homes}")
        (homes,) = cursor.fetchone()
    return int(homes)


def _sealed_homes(part: pl.DataFrame) -> pl.DataFrame:
    numbers = part["kk"].cast(pl.String).to_list()
    return part.with_columns(
        uuid=_uuids(part.height),
        family_number_sealed=_hexed(seal_many(numbers)),
        family_number_index=_hexed(blind_index_many("family_number", numbers)),
    )


def _sealed_people(part: pl.DataFrame) -> pl.DataFrame:
    text = part["nik"].cast(pl.String)
    known = text.drop_nulls().to_list()
    numbers = pl.DataFrame(
        {
            "row": part.filter(part["nik"].is_not_null())["row"],
            "nik_sealed": _hexed(seal_many(known)),
            "nik_index": _hexed(blind_index_many("nik", known)),
        }
    )
    return part.with_columns(
        uuid=_uuids(part.height), nik_last4=text.str.slice(-4).fill_null("")
    ).join(numbers, on="row", how="left", maintain_order="left")


def _copy(table: str, columns: dict[str, str], parts: Iterable[pl.DataFrame]) -> None:
    """Copy the parts in one COPY: the server stores one while a thread seals the next."""
    listed = ", ".join(columns)
    lines = (_lines(part.select(list(columns))) for part in parts)
    with connection.cursor() as cursor:
        copying = cursor.cursor.copy(f"COPY {table} ({listed}) FROM STDIN (FORMAT csv)")
        with copying as copy:
            for text in ahead(lines):
                copy.write(text)


def _lines(part: pl.DataFrame) -> memoryview:
    """Write CSV as bytes: as text it would be decoded, and encoded again to be sent."""
    lines = BytesIO()
    part.write_csv(lines, include_header=False)
    return lines.getbuffer()


def _hexed(values: list[bytes]) -> pl.Series:
    """Write bytes as PostgreSQL reads them in text."""
    return "\\x" + pl.Series(values, dtype=pl.Binary).bin.encode("hex")


def _uuids(count: int) -> pl.Series:
    """Make UUIDv7 in order: one millisecond, a 24-bit counter, 48 random bits (RFC 9562, 6.2)."""
    assert count < 1 << 24
    moment = f"{time.time_ns() // 1_000_000 & 0xFFFF_FFFF_FFFF:012x}"
    random = os.urandom(6 * count).hex()
    counters = (f"{moment}7{high}8{low}" for high in THREE_HEX for low in THREE_HEX)
    return pl.Series(
        [
            counter + random[start : start + 12]
            for counter, start in zip(counters, range(0, len(random), 12), strict=False)
        ],
        dtype=pl.String,
    )
