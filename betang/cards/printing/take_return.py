"""Take a return file of the bureau: chips are bound, cards printed, spoilt ones ended; set-based.

What is wrong with the file as a whole refuses it. A row that cannot stand is held with its line and
its reason, and the others are taken: a bureau corrects ten rows, not 300,000. The same file twice
changes nothing.
"""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, BinaryIO

from django.db import connection, transaction

from betang.cards.models import PrintReturn, PrintRow, PrintRun
from betang.cards.printing.runs import alone
from betang.core.actor import Actor
from betang.core.bureau.return_file import ReturnHead, ReturnRefusedError, read_return
from betang.core.errors import RefusedError
from betang.journal.record import record
from betang.keys import chip_master

State = PrintRun.State
#: A bureau's clock may be wrong by this much.
CLOCK_AHEAD_MAX = timedelta(days=1)

MAKE = """
CREATE TEMP TABLE IF NOT EXISTS said (line int, number text, uid bytea, key_version int,
    result text, reason text, code text) ON COMMIT DROP
"""
EMPTY = "DELETE FROM said"
COPY = "COPY said (line, number, uid, key_version, result, reason, code) FROM STDIN"
#: Without it the planner takes the table for a short one, and compares every row with every other.
COUNTED = "ANALYZE said"
LOCK = """
SELECT count(*) FROM (
    SELECT c.id FROM cards_card c JOIN cards_printrow p ON p.card_id = c.id
    WHERE p.run_id = %s ORDER BY c.id FOR NO KEY UPDATE OF c
) locked
"""
#: The first thing that is wrong with a row; `again` for what an earlier file said just so.
JUDGE = """
WITH judged AS (
    SELECT s.line, CASE
        WHEN p.id IS NULL THEN 'return.card_unknown'
        WHEN count(*) OVER (PARTITION BY s.number) > 1 THEN 'return.card_twice'
        WHEN s.uid IS NOT NULL AND count(*) OVER (PARTITION BY s.uid) > 1 THEN 'return.uid_twice'
        WHEN p.result = s.result AND c.chip_uid IS NOT DISTINCT FROM s.uid THEN 'again'
        WHEN p.result <> '' THEN 'return.answered_before'
        WHEN s.uid IS NULL THEN ''
        WHEN EXISTS (SELECT FROM cards_card o WHERE o.chip_uid = s.uid AND o.id <> c.id)
            THEN 'return.uid_used'
        WHEN c.chip_uid <> s.uid THEN 'return.card_has_chip'
        WHEN k.id IS NULL AND %(listed)s OR k.run_id <> %(run)s THEN 'return.uid_not_listed'
        WHEN s.key_version <> coalesce(k.key_version, %(version)s) THEN 'return.key_version'
        ELSE '' END AS code
    FROM said s
    LEFT JOIN cards_card c ON c.number = s.number
    LEFT JOIN cards_printrow p ON p.card_id = c.id AND p.run_id = %(run)s AND p.left_out = ''
    LEFT JOIN cards_printchip k ON k.uid = s.uid
)
UPDATE said s SET code = j.code FROM judged j WHERE j.line = s.line AND s.code = ''
"""
FIND = """
INSERT INTO cards_printfinding (back_id, line, code, card_number)
SELECT %s, line, code, number FROM said WHERE code NOT IN ('', 'again') ORDER BY line
"""
#: All of them came into being, the spoilt too: the ledger of custody counts what was printed.
#: Who was blocked meanwhile stays so, with the chip that is in the card.
PRINTED = """
UPDATE cards_card c SET
    chip_uid = coalesce(s.uid, c.chip_uid),
    key_version = CASE WHEN s.uid IS NULL THEN c.key_version ELSE s.key_version END,
    personalised_at = CASE WHEN s.result = 'ok' THEN %(made_at)s ELSE c.personalised_at END,
    checked_at = CASE WHEN s.result = 'ok' THEN %(made_at)s ELSE c.checked_at END,
    print_run_id = %(run)s,
    state = CASE WHEN c.state = 'ordered' THEN 'printed' ELSE c.state END
FROM said s WHERE s.number = c.number AND s.code = ''
"""
#: `IS NOT DISTINCT FROM`, lest the planner look for printed cards by their state: it still believes
#: that there are none, and would compare each of them with every spoilt row.
SPOILT = """
WITH bad AS MATERIALIZED (
    SELECT c.id FROM said s JOIN cards_card c ON c.number = s.number
    WHERE s.code = '' AND s.result = 'spoilt'
), spoilt AS (
    UPDATE cards_card c SET state = 'spoilt', ended_at = %(made_at)s, blocked_reason = 'spoilt'
    FROM bad WHERE bad.id = c.id AND c.state IS NOT DISTINCT FROM 'printed'
    RETURNING c.number
)
INSERT INTO cards_revocation (card_number, reason, at)
SELECT number, 'spoilt', %(at)s FROM spoilt ORDER BY number
ON CONFLICT (card_number) DO NOTHING
"""
ANSWERED = """
UPDATE cards_printrow p SET result = s.result, spoilt_reason = s.reason
FROM said s JOIN cards_card c ON c.number = s.number
WHERE p.card_id = c.id AND p.run_id = %(run)s AND p.left_out = '' AND s.code = ''
"""
COUNTS = """
SELECT count(*) FILTER (WHERE code = '' AND result = 'ok'),
       count(*) FILTER (WHERE code = '' AND result = 'spoilt'),
       count(*) FILTER (WHERE code = 'again'),
       count(*) FILTER (WHERE code NOT IN ('', 'again'))
FROM said
"""
#: Why a file as a whole is refused.
WHY = {
    "return.not_ours": "bukan berkas kembalian biro, atau kepalanya berubah",
    "return.cut_off": "berkas terpotong sebelum baris penutupnya",
    "return.altered": "isinya tidak cocok dengan jumlah periksa di baris penutup",
    "return.count": "jumlah barisnya tidak sama dengan yang tertulis di kepala berkas",
    "return.other_run": "berkas ini milik proses cetak lain",
    "return.made_at": "waktu pembuatannya sebelum pelepasan, atau di masa depan",
}


class ReturnFileError(RefusedError):
    """The return file as a whole cannot be taken; nothing of it was."""

    code = "print.return_file"
    sentence = "Berkas kembalian tidak diterima (baris {line}): {why}."
    do = "Mintalah biro mengirim ulang berkas yang utuh; jangan menyuntingnya."


def take_return(run: PrintRun, file: BinaryIO, *, actor: Actor, at: datetime) -> PrintReturn:
    """Take a return file for `run`; give what came of it, with its findings.

    Raises `ReturnFileError`, `NotNowError` for a run that no bureau has.
    """
    digest = _digest(file)
    with alone(run, State.RELEASED, State.RETURNED), transaction.atomic():
        before = PrintReturn.objects.filter(sha256=digest).first()
        if before is not None and before.run_id == run.pk:
            return before
        try:
            head, rows = read_return(file)
            _must_fit(run, head, at)
            with connection.cursor() as cursor:
                cursor.execute(MAKE)
                cursor.execute(EMPTY)
                with cursor.copy(COPY) as copy:
                    for row in rows:
                        copy.write_row(row)
        except ReturnRefusedError as error:
            raise ReturnFileError(why=WHY[error.code], line=error.line) from error
        back = PrintReturn.objects.create(
            run=run, sha256=digest, made_at=head.made_at, at=at, by_person=actor.person,
            count=head.count,
        )  # fmt: skip
        _take(run, back)
        _tell(run, back, actor=actor)
    return back


def missing(run: PrintRun) -> int:
    """Count the cards of a run of which the bureau said nothing that could be taken."""
    return PrintRow.objects.filter(run=run, left_out="", result="").count()


def _digest(file: BinaryIO) -> bytes:
    hashed = sha256()
    while chunk := file.read(1 << 20):
        hashed.update(chunk)
    file.seek(0)
    return hashed.digest()


def _must_fit(run: PrintRun, head: ReturnHead, at: datetime) -> None:
    if head.run != run.uuid or run.bureau_id is None:
        raise ReturnRefusedError("return.other_run", 1)
    assert run.released_at is not None
    if not run.released_at - CLOCK_AHEAD_MAX <= head.made_at <= at + CLOCK_AHEAD_MAX:
        raise ReturnRefusedError("return.made_at", 1)


def _take(run: PrintRun, back: PrintReturn) -> None:
    """Judge what was said, and do what follows from the rows that stand."""
    facts: dict[str, Any] = {
        "run": run.pk, "listed": run.chips.exists(), "version": chip_master.current_version(),
        "made_at": back.made_at, "at": back.at,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(COUNTED)
        cursor.execute(LOCK, [run.pk])
        cursor.execute(JUDGE, facts)
        cursor.execute(FIND, [back.pk])
        cursor.execute(COUNTS)
        back.ok, back.spoilt, back.again, back.held = cursor.fetchone()
        for statement in (PRINTED, SPOILT, ANSWERED):
            cursor.execute(statement, facts)


def _tell(run: PrintRun, back: PrintReturn, *, actor: Actor) -> None:
    back.save(update_fields=["ok", "spoilt", "again", "held"])
    owed = missing(run)
    if not owed:
        run.state, run.returned_at = State.RETURNED, back.at
        run.save(update_fields=["state", "returned_at"])
    record(
        "print.returned", run.uuid, actor=actor, at=back.at, area=run.area,
        sha256=bytes(back.sha256).hex(), count=back.count, ok=back.ok, spoilt=back.spoilt,
        again=back.again, held=back.held, missing=owed,
    )  # fmt: skip
