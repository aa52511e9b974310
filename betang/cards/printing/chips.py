"""The bureau's stock of blank chips, and the keys that go to it: wrapped, for these chips alone.

A blank chip's UID is known only to who holds it. So the bureau lists the UIDs of the chips it will
use; the package carries K0 to K4 of each, wrapped under the run's transport key, never a master.
Which card gets which chip is bound when the bureau returns, not here.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from typing import BinaryIO

from django.db import connection, transaction

from betang.cards.models import PrintRun
from betang.cards.printing.runs import alone
from betang.core.actor import Actor
from betang.core.errors import RefusedError
from betang.journal.record import record
from betang.keys import chip_master

State = PrintRun.State
HEAD = b"uid"
#: A UID as hexadecimal and the end of its line, with room for a stray space.
LINE_BYTES_MAX = 40
#: Three times the province's cards: more is a wrong file.
CHIPS_MAX = 1_000_000
_UID = re.compile(rb"04[0-9A-Fa-f]{12}")

MAKE = "CREATE TEMP TABLE IF NOT EXISTS listed (line int, uid bytea) ON COMMIT DROP"
EMPTY = "DELETE FROM listed"
COPY = "COPY listed (line, uid) FROM STDIN"
#: Without it the planner takes the table for a short one.
COUNTED = "ANALYZE listed"
#: The first line that cannot stand, and how many there are.
WRONG = """
SELECT min(line), count(*), (array_agg(why ORDER BY line))[1] FROM (
    SELECT l.line, CASE
        WHEN l.uid IS NULL THEN 'form'
        WHEN count(*) OVER (PARTITION BY l.uid) > 1 THEN 'twice'
        WHEN EXISTS (SELECT FROM cards_card c WHERE c.chip_uid = l.uid) THEN 'card'
        WHEN EXISTS (SELECT FROM cards_printchip p WHERE p.uid = l.uid AND p.run_id <> %s)
            THEN 'run'
        END AS why
    FROM listed l
) judged WHERE why IS NOT NULL
"""
FORGET = "DELETE FROM cards_printchip WHERE run_id = %s"
KEEP = """
INSERT INTO cards_printchip (run_id, uid, key_version) SELECT %s, uid, %s FROM listed ORDER BY uid
"""
WHY = {
    "form": "UID harus 14 angka heksadesimal yang diawali 04",
    "twice": "UID ini tertulis dua kali",
    "card": "UID ini sudah dipakai sebuah kartu",
    "run": "UID ini sudah terdaftar pada proses cetak lain",
}


class ChipListError(RefusedError):
    """The list of chips cannot be used; none of it was taken."""

    code = "print.chip_list"
    sentence = "{count} baris daftar cip tidak dapat dipakai; yang pertama baris {line}: {why}."
    do = "Perbaiki daftarnya (baris pertama `uid`, lalu satu UID sebaris) dan kirim ulang semuanya."


class TooFewChipsError(RefusedError):
    """Fewer chips are listed than the run has cards."""

    code = "print.too_few_chips"
    sentence = "Daftar cip berisi {chips} UID, kartunya {count}."
    do = "Mintalah biro mendaftarkan cip sejumlah kartu dan cadangannya."


def list_chips(run: PrintRun, file: BinaryIO, *, actor: Actor, at: datetime) -> int:
    """Take the bureau's list of blank chips for `run`, in place of an earlier one; give how many.

    All or nothing. Raises `ChipListError`, `NotNowError` once the run was released.
    """
    version, hashed = chip_master.current_version(), sha256()
    with (
        alone(run, State.FROZEN, State.DRAWING, State.CHECKED),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(MAKE)
        cursor.execute(EMPTY)
        with cursor.copy(COPY) as copy:
            for line, uid, raw in _lines(file):
                hashed.update(raw)
                copy.write_row((line, uid))
        cursor.execute(COUNTED)
        cursor.execute(WRONG, [run.pk])
        line, count, why = cursor.fetchone()
        if count:
            raise ChipListError(count=count, line=line, why=WHY[why])
        cursor.execute(FORGET, [run.pk])
        cursor.execute(KEEP, [run.pk, version])
        kept = int(cursor.rowcount)
        record(
            "print.chips", run.uuid, actor=actor, at=at, area=run.area, count=kept,
            sha256=hashed.hexdigest(),
        )  # fmt: skip
    return kept


def _lines(file: BinaryIO) -> Iterator[tuple[int, bytes | None, bytes]]:
    """Give line number, UID (None where it cannot be read) and raw bytes of each line."""
    first = file.readline(LINE_BYTES_MAX)
    if first.removeprefix(b"\xef\xbb\xbf").strip().lower() != HEAD:
        raise ChipListError(count=1, line=1, why="baris pertama bukan `uid`")
    number = 1
    while raw := file.readline(LINE_BYTES_MAX):
        number += 1
        if number > CHIPS_MAX:
            raise ChipListError(count=1, line=number, why="daftarnya terlalu panjang")
        text = raw.strip()
        if text:
            yield number, bytes.fromhex(text.decode()) if _UID.fullmatch(text) else None, raw
