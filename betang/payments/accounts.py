"""Bank accounts from the bank's file (docs/protocols/bank.md): what we ask for, what we take."""

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from betang.core.actor import Actor
from betang.core.errors import MalformedError, NotAllowedError
from betang.core.identifiers import new_uuid
from betang.journal.record import record
from betang.keys.sealing import blind_index_many, seal_many

NUMBER = re.compile(r"[0-9]{5,34}")  # SNAP BI: at most 34
REQUEST_COLUMNS = ["nomor_keluarga", "nama", "kode_desa"]
ANSWER_COLUMNS = ["nomor_keluarga", "nomor_rekening", "nama_pemilik", "keterangan"]


class NotAnAccountFileError(MalformedError):
    """The columns are not those of the bank's account file."""

    code = "accounts.not_an_account_file"
    sentence = "Berkas ini bukan berkas rekening: kolom {column} tidak ada."
    do = "Mintalah berkas jawaban bank dengan kolom " + ", ".join(ANSWER_COLUMNS) + "."


class AccountRow(NamedTuple):
    """One family's row of the bank's answer."""

    household_number: str
    account_number: str
    holder_name: str
    remark: str


#: A row that stands: the family's row id, the blind index of its account, the row.
Write = tuple[int, bytes, AccountRow]


class Refusal(NamedTuple):
    """A row that was not taken over: its line in the file, why, and what to do."""

    line: int
    code: str
    sentence: str


class Known(NamedTuple):
    """What we know of a row's family and account before taking it over."""

    household_id: int | None
    enrolled: bool
    state: str | None
    same: bool | None
    others: bool
    in_flight: bool


@dataclass(slots=True)
class Loaded:
    """What a file brought."""

    run: UUID
    opened: int = 0
    changed: int = 0
    same: int = 0
    refused: list[Refusal] = field(default_factory=list)


SENTENCES = {
    "unknown_household": "Nomor keluarga tidak dikenal. Cocokkan dengan daftar penerima.",
    "not_enrolled": "Keluarga ini bukan penerima yang ditetapkan. Jangan buka rekening bantuan.",
    "number_form": "Nomor rekening harus 5 sampai 34 angka. Mintalah perbaikan ke bank.",
    "no_account": "Bank belum membuka rekening. Perbaiki data keluarga, lalu ajukan lagi.",
    "no_holder": "Nama pemilik rekening kosong. Mintalah perbaikan ke bank.",
    "repeated": "Nomor keluarga atau rekening ini muncul lebih dari sekali dalam berkas.",
    "others_account": "Rekening ini sudah milik keluarga lain. Periksa sebelum diajukan lagi.",
    "in_flight": "Pembayaran ke rekening lama belum pasti. Tunggu sampai bank menjawab.",
    "verified_already": "Keluarga ini sudah punya rekening yang cocok. Rekening tidak diganti.",
}
WITHOUT_ACCOUNT = """
SELECT h.number, h.head_name, h.village_id FROM eligibility_enrolment n
JOIN registry_household h ON h.id = n.household_id
WHERE n.until_on IS NULL
  AND NOT EXISTS (SELECT FROM payments_bankaccount a WHERE a.household_id = h.id)
GROUP BY h.number, h.head_name, h.village_id ORDER BY h.number
"""
MATCH = """
WITH given AS (
    SELECT * FROM unnest(%s::int[], %s::text[], %s::bytea[]) AS g(line, household, number_index)
)
SELECT g.line, h.id, EXISTS (
           SELECT FROM eligibility_enrolment n
           WHERE n.household_id = h.id AND n.until_on IS NULL) AS enrolled,
       own.state, own.number_index = g.number_index AS same, other.id IS NOT NULL AS others,
       EXISTS (SELECT FROM payments_disbursement d
               WHERE d.account_id = own.id AND d.state IN ('sent', 'unknown')) AS in_flight
FROM given g
LEFT JOIN registry_household h ON h.number = g.household
LEFT JOIN payments_bankaccount own ON own.household_id = h.id
LEFT JOIN payments_bankaccount other ON other.number_index = g.number_index
    AND other.household_id IS DISTINCT FROM h.id
"""
WRITE = """
INSERT INTO payments_bankaccount (uuid, household_id, number_sealed, number_index, number_last4,
                                  holder_name, state, failure, opened_at)
SELECT g.*, 'none', '', %s FROM unnest(
    %s::uuid[], %s::bigint[], %s::bytea[], %s::bytea[], %s::text[], %s::text[]) AS g
ON CONFLICT (household_id) DO UPDATE SET
    number_sealed = excluded.number_sealed, number_index = excluded.number_index,
    number_last4 = excluded.number_last4, holder_name = excluded.holder_name,
    state = 'none', failure = '', checked_at = NULL
"""


def request_file() -> str:
    """Write the file that asks for an account for each enrolled family without one."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(REQUEST_COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(WITHOUT_ACCOUNT)
        writer.writerows(cursor.fetchall())
    return out.getvalue()


def without_account() -> int:
    """Count the enrolled families without an account."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({WITHOUT_ACCOUNT}) AS w")
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def read_answer(content: bytes) -> Iterator[AccountRow]:
    """Read the bank's file. Raises `NotAnAccountFileError`, `MalformedError`."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise MalformedError from wrong
    if "\0" in text:  # no text, and no database would keep it
        raise MalformedError
    reader = csv.DictReader(io.StringIO(text, newline=""))
    try:
        for column in ANSWER_COLUMNS:
            if column not in (reader.fieldnames or []):
                raise NotAnAccountFileError(column=column)
        for row in reader:
            yield AccountRow(*((row[column] or "").strip() for column in ANSWER_COLUMNS))
    except csv.Error as wrong:
        raise MalformedError from wrong


def load_accounts(rows: Iterable[AccountRow], *, actor: Actor, at: datetime) -> Loaded:
    """Take over the accounts of a file; what cannot stand is reported, the rest stands.

    The same file again changes nothing. A checked account is never replaced by a file: who could
    send us a file could otherwise redirect a family's money.
    """
    if actor.person is None:
        raise NotAllowedError
    loaded, writes = _judged(rows)
    _write(writes, at)
    digest = hashlib.sha256(b"".join(sorted(index for _, index, _ in writes))).hexdigest()
    record(
        "accounts.loaded", loaded.run, actor=actor, at=at, opened=loaded.opened,
        changed=loaded.changed, same=loaded.same, refused=len(loaded.refused), digest=digest,
    )  # fmt: skip
    return loaded


def judge_accounts(rows: Iterable[AccountRow]) -> Loaded:
    """Say what `load_accounts` would do now, and change nothing."""
    return _judged(rows)[0]


def _judged(rows: Iterable[AccountRow]) -> tuple[Loaded, list[Write]]:
    loaded = Loaded(new_uuid())
    given = _wellformed(rows, loaded)
    indexes = blind_index_many("account", [row.account_number for _, row in given])
    columns: list[Any] = [
        [line for line, _ in given],
        [row.household_number for _, row in given],
        indexes,
    ]
    with connection.cursor() as cursor:
        cursor.execute(MATCH, columns)
        found = {row[0]: Known(*row[1:]) for row in cursor.fetchall()}
    writes: list[Write] = []
    for (line, row), index in zip(given, indexes, strict=True):
        known = found[line]
        code = _refusal(known)
        if code:
            loaded.refused.append(Refusal(line, code, SENTENCES[code]))
        elif known.same:
            loaded.same += 1
        else:
            loaded.changed += known.state is not None
            loaded.opened += known.state is None
            assert known.household_id is not None  # or it would have been refused
            writes.append((known.household_id, index, row))
    loaded.refused.sort()
    return loaded, writes


def _wellformed(rows: Iterable[AccountRow], loaded: Loaded) -> list[tuple[int, AccountRow]]:
    """Keep rows of the right form that stand once in the file (line 1 is the header)."""
    kept: list[tuple[int, AccountRow]] = []
    seen: set[str] = set()
    for line, row in enumerate(rows, start=2):
        code = ""
        if not row.account_number:
            code = "no_account"
        elif not NUMBER.fullmatch(row.account_number):
            code = "number_form"
        elif not row.holder_name:
            code = "no_holder"
        elif row.household_number in seen or f"#{row.account_number}" in seen:
            code = "repeated"
        if code:
            loaded.refused.append(Refusal(line, code, SENTENCES[code]))
            continue
        seen |= {row.household_number, f"#{row.account_number}"}
        kept.append((line, row._replace(holder_name=row.holder_name[:100])))
    return kept


def _refusal(known: Known) -> str:
    if known.household_id is None:
        return "unknown_household"
    if known.others:
        return "others_account"
    if not known.enrolled:
        return "not_enrolled"
    if known.state == "verified" and not known.same:
        return "verified_already"
    if known.in_flight and not known.same:
        return "in_flight"  # asked about again, it may be sent again: to where it was sent first
    return ""


def _write(writes: list[Write], at: datetime) -> None:
    if not writes:
        return
    sealed = seal_many(row.account_number for _, _, row in writes)
    columns: list[Any] = [
        [new_uuid() for _ in writes],
        [household for household, _, _ in writes],
        sealed,
        [index for _, index, _ in writes],
        [row.account_number[-4:] for _, _, row in writes],
        [row.holder_name for _, _, row in writes],
    ]
    with connection.cursor() as cursor:
        cursor.execute(WRITE, [at, *columns])
