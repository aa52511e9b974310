"""Freeze a run: which ordered cards, in which order, with which names, in which design.

One transaction of the caller's. From here on the list does not change: a card leaves it only when
the run is cancelled.
"""

from datetime import datetime
from hashlib import sha256

from django.db import connection

from betang.cards import design
from betang.cards.models import PrintPart, PrintRow, PrintRun
from betang.cards.printing.rows import bounds, faces_of, lines
from betang.cards.typeset import BOLD, typeface
from betang.cards.within import WITHIN
from betang.core.actor import Actor
from betang.core.errors import RefusedError
from betang.journal.record import record
from betang.programmes.models import Programme

#: One freezing at a time: the second waits, and then finds those cards taken.
LOCK = "SELECT pg_advisory_xact_lock(hashtext('betang.cards.freeze'))"
#: A name that the fonts cannot write waits for a person: one of them must not stop a run. Which
#: letters occur at all is asked once, so that names are looked at in the database.
FREEZE = f"""
WITH waiting AS MATERIALIZED (
    SELECT c.id, c.number, c.village_id, h.head_name
    FROM cards_card c JOIN registry_household h ON h.id = c.household_id
    WHERE c.state = 'ordered' AND {WITHIN.format("c.village_id")}
      AND NOT EXISTS (SELECT FROM cards_printrow p WHERE p.card_id = c.id AND p.left_out = '')
    ORDER BY c.village_id, c.number LIMIT %(limit)s
    FOR NO KEY UPDATE OF c
), lacking AS (
    SELECT coalesce(string_agg(letter, ''), '') AS letters
    FROM (SELECT DISTINCT unnest(string_to_array(head_name, NULL)) AS letter FROM waiting) l
    WHERE letter <> ALL(%(glyphs)s)
), judged AS (
    SELECT w.*, translate(w.head_name, l.letters, '') <> w.head_name AS unwritable
    FROM waiting w CROSS JOIN lacking l
)
INSERT INTO cards_printrow (run_id, card_id, position, name, left_out, result, spoilt_reason)
SELECT %(run)s, id,
    CASE WHEN NOT unwritable
        THEN row_number() OVER (PARTITION BY unwritable ORDER BY village_id, number) END,
    CASE WHEN unwritable THEN '' ELSE head_name END,
    CASE WHEN unwritable THEN 'name' ELSE '' END, '', ''
FROM judged
ORDER BY village_id, number
"""


class NothingToPrintError(RefusedError):
    """No card waits to be printed."""

    code = "cards.nothing_to_print"
    sentence = "Tidak ada kartu yang menunggu dicetak."
    do = (
        "Terbitkan kartu dahulu dengan `betang cards issue`; kartu yang sudah dibekukan ada pada "
        "`betang cards run list`."
    )


def freeze(
    *, actor: Actor, at: datetime, area: int | None = None, limit: int | None = None
) -> PrintRun:
    """Freeze the ordered cards of `area` that are in no run; at most `limit` of them.

    Raises `NothingToPrintError`, also where every name is one that the fonts cannot write.
    """
    programme = Programme.objects.order_by("pk").first()
    run = PrintRun.objects.create(
        at=at, area=area, count=0, design=design.current(programme).name, rows_sha256=b"",
        frozen_by_person=actor.person,
    )  # fmt: skip
    glyphs = [chr(code) for code in typeface(BOLD).glyphs if code]
    asked = {"area": area, "limit": limit, "run": run.pk, "glyphs": glyphs}
    with connection.cursor() as cursor:
        cursor.execute(LOCK)
        cursor.execute(FREEZE, asked)
        rows = cursor.rowcount
    run.left_out = PrintRow.objects.filter(run=run).exclude(left_out="").count()
    run.count = rows - run.left_out
    if not run.count:
        raise NothingToPrintError
    run.rows_sha256 = _cut(run)
    run.save(update_fields=["count", "left_out", "rows_sha256"])
    record(
        "print.frozen", run.uuid, actor=actor, at=at, area=area, count=run.count,
        left_out=run.left_out, rows_sha256=run.rows_sha256.hex(), design=run.design,
    )  # fmt: skip
    return run


def _cut(run: PrintRun) -> bytes:
    """Cut the run into parts, each with the digest of its rows; give the digest of all."""
    whole, parts = sha256(), []
    for number, first, last in bounds(run.count):
        written = lines(faces_of(run, first, last))
        whole.update(written)
        rows_sha256 = sha256(written).digest()
        parts.append(
            PrintPart(run=run, number=number, first=first, last=last, rows_sha256=rows_sha256)
        )
    PrintPart.objects.bulk_create(parts)
    return whole.digest()
