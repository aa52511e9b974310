"""Cards of a running programme, taken over with an honest grade of what they prove.

None of them has our signature or our key, so none can ever be green: key version 0 is a key that
nobody has. A chip of unknown make gives a UID, which a cheap tag can copy; what is only printed
gives nothing but a number to look up (docs/protocols/card.md, "Cards that were taken over").
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple

from django.db import connection

from betang.accounts.access import village_range
from betang.cards import token
from betang.cards.issue import IssuedRun, issue_cards
from betang.cards.models import Card, TakeOver
from betang.cards.models.card import NO_KEY
from betang.core.actor import Actor
from betang.core.identifiers import new_uuid, new_uuids
from betang.core.identity.card_number import ISSUE_MAX
from betang.intake.read import read_table
from betang.journal.record import record
from betang.keys.sealing import blind_index_many

NUMBER, HOUSEHOLD, FAMILY, NIK, UID = (
    "nomor_kartu", "nomor_keluarga", "no_kk", "nik", "uid",
)  # fmt: skip
KNOWN = (NUMBER, HOUSEHOLD, FAMILY, NIK, UID)
UID_DIGITS = (8, 14, 20)

#: What can be wrong with a row, in the order in which it is looked for.
WRONG = {
    "number_missing": "nomor kartunya kosong atau lebih dari 40 huruf",
    "number_twice": "nomor kartu itu ada dua kali dalam daftar",
    "number_taken_over": "nomor kartu itu sudah diambil alih",
    "uid_malformed": "UID bukan 8, 14 atau 20 angka heksadesimal",
    "uid_twice": "UID itu ada dua kali, atau milik kartu lain",
    "household_unknown": "keluarganya tidak ditemukan dari nomor keluarga, KK atau NIK",
    "household_twice": "keluarga itu sudah ada pada baris sebelumnya",
    "household_has_card": "keluarga itu sudah memegang kartu yang berlaku",
    "no_issue_left": "keluarga itu sudah 99 kali menerima kartu",
}

HOUSEHOLDS = """
SELECT g.n, coalesce(
    (SELECT h.id FROM registry_household h WHERE h.number = g.number AND g.number <> ''),
    (SELECT h.id FROM registry_household h WHERE h.family_number_index = g.family
     ORDER BY h.state = 'active' DESC, h.id LIMIT 1),
    (SELECT m.household_id FROM registry_member m WHERE m.nik_index = g.nik))
FROM unnest(%s::int[], %s::text[], %s::bytea[], %s::bytea[]) AS g(n, number, family, nik)
"""
FACTS = """
SELECT h.id, h.number, h.village_id,
       coalesce((SELECT max(c.issue) FROM cards_card c WHERE c.household_id = h.id), 0),
       EXISTS (SELECT FROM cards_card c WHERE c.household_id = h.id
               AND c.state IN ('ordered', 'printed', 'in_custody', 'active'))
FROM registry_household h WHERE h.id = ANY(%s)
"""
INSERT = """
WITH given AS (
    SELECT * FROM unnest(%(uuids)s::uuid[], %(numbers)s::text[], %(families)s::bigint[],
        %(issues)s::int[], %(villages)s::bigint[], %(uids)s::bytea[], %(printed)s::text[],
        %(grades)s::text[])
    AS g(uuid, number, family, issue, village, uid, printed, grade)
), made AS (
    INSERT INTO cards_card (uuid, number, household_id, issue, village_id, state, chip_uid, counter,
        public_counter, key_version, qr, issued_at, expires_on, handed_over_at, blocked_reason,
        grade)
    SELECT uuid, number, family, issue, village, 'active', uid, 0, 0, %(no_key)s, '', %(at)s,
           %(until)s, %(at)s, '', grade
    FROM given RETURNING id, uuid
)
INSERT INTO cards_takenover (card_id, take_over_id, printed_number)
SELECT m.id, %(run)s, g.printed FROM made m JOIN given g USING (uuid)
"""
GIVE_WAY = """
WITH ended AS (
    UPDATE cards_card c SET state = 'replaced', blocked_reason = 'superseded', ended_at = %(at)s
    WHERE c.id IN (SELECT id FROM cards_card WHERE grade <> 'ours' AND state = 'active'
                   AND village_id BETWEEN %(low)s AND %(high)s
                   AND EXISTS (SELECT FROM eligibility_enrolment e
                               WHERE e.household_id = cards_card.household_id
                               AND e.until_on IS NULL)
                   ORDER BY id FOR NO KEY UPDATE)
    RETURNING c.number
)
INSERT INTO cards_revocation (card_number, reason, at)
SELECT number, 'superseded', %(at)s FROM ended ORDER BY number
ON CONFLICT (card_number) DO NOTHING
"""


@dataclass(slots=True)
class _Row:
    row: int
    number: str
    household: str
    family: str
    nik: str
    uid: str
    wrong: str = ""
    id: int = 0


class _Family(NamedTuple):
    id: int
    number: str
    village: int
    issue: int
    has_card: bool


def take_over(content: bytes, *, name: str, actor: Actor, at: datetime) -> TakeOver:
    """Take over the cards of a list (CSV or XLSX); the same file again changes nothing.

    A row that cannot stand is told with its code (`WRONG`), the others are taken. Raises what
    `intake.read.read_table` raises for what is no list.
    """
    digest = sha256(content).digest()
    before = TakeOver.objects.filter(file_sha256=digest).first()
    if before is not None:
        return before
    table = read_table(content, known=KNOWN, required=(NUMBER,))
    rows = [_read(found) for frame in table.chunks() for found in frame.iter_rows(named=True)]
    _look_up(rows)
    families = _families([row.id for row in rows if row.id])
    _judge(rows, families)
    good = [row for row in rows if not row.wrong]
    run = TakeOver.objects.create(
        file_sha256=digest,
        file_name=name[-120:],
        at=at,
        by_person=actor.person,
        rows=len(rows),
        taken=len(good),
        report=[[row.row, row.wrong] for row in rows if row.wrong],
    )
    _insert(good, families, run, at=at)
    record(
        "cards.taken_over",
        run.uuid,
        actor=actor,
        at=at,
        rows=run.rows,
        count=run.taken,
        file_sha256=digest.hex(),
    )
    return run


def upgrade(*, actor: Actor, at: datetime, area: int | None = None) -> IssuedRun:
    """Let the taken-over cards of `area` give way to ours, ordered in the same act.

    They are superseded at once: between the two cards a family is served as one without a card.
    """
    low, high = village_range(area or 62)
    with connection.cursor() as cursor:
        cursor.execute(GIVE_WAY, {"low": low, "high": high, "at": at})
        count = int(cursor.rowcount)
    run = issue_cards(actor=actor, at=at, area=area)
    if count:
        record("cards.upgraded", new_uuid(), actor=actor, at=at, area=area, count=count)
    return run


def _read(found: dict[str, object]) -> _Row:
    def cell(name: str) -> str:
        return "".join(str(found.get(name) or "").split())

    uid = cell(UID).replace(":", "").lower()
    row = int(str(found["row"]))
    return _Row(row, cell(NUMBER), cell(HOUSEHOLD), cell(FAMILY), cell(NIK), uid)


def _look_up(rows: Sequence[_Row]) -> None:
    """Find the household of each row: by our number, else by KK, else by NIK."""
    families = blind_index_many("family_number", [row.family for row in rows])
    niks = blind_index_many("nik", [row.nik for row in rows])
    with connection.cursor() as cursor:
        cursor.execute(
            HOUSEHOLDS,
            [
                list(range(len(rows))),
                [row.household for row in rows],
                [index if row.family else None for row, index in zip(rows, families, strict=True)],
                [index if row.nik else None for row, index in zip(rows, niks, strict=True)],
            ],
        )
        for n, household in cursor.fetchall():
            rows[n].id = household or 0


def _families(ids: Sequence[int]) -> dict[int, _Family]:
    with connection.cursor() as cursor:
        cursor.execute(FACTS, [list(ids)])
        return {row[0]: _Family(*row) for row in cursor.fetchall()}


def _judge(rows: Sequence[_Row], families: dict[int, _Family]) -> None:
    """Give each row the first thing that is wrong with it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT printed_number FROM cards_takenover WHERE printed_number = ANY(%s)",
            [[row.number for row in rows]],
        )
        known = {row[0] for row in cursor.fetchall()}
        uids = [bytes.fromhex(row.uid) for row in rows if _is_uid(row.uid)]
        cursor.execute("SELECT chip_uid FROM cards_card WHERE chip_uid = ANY(%s)", [uids])
        taken = {bytes(row[0]).hex() for row in cursor.fetchall()}
    numbers: set[str] = set()
    seen: set[int] = set()
    for row in rows:
        family = families.get(row.id)
        found = {
            "number_missing": not row.number or len(row.number) > 40,
            "number_twice": row.number in numbers,
            "number_taken_over": row.number in known,
            "uid_malformed": bool(row.uid) and not _is_uid(row.uid),
            "uid_twice": bool(row.uid) and row.uid in taken,
            "household_unknown": family is None,
            "household_twice": row.id in seen,
            "household_has_card": family is not None and family.has_card,
            "no_issue_left": family is not None and family.issue >= ISSUE_MAX,
        }
        row.wrong = next((code for code in WRONG if found[code]), "")
        if not row.wrong:
            numbers.add(row.number)
            seen.add(row.id)
            taken.add(row.uid)


def _is_uid(text: str) -> bool:
    return len(text) in UID_DIGITS and all(letter in "0123456789abcdef" for letter in text)


def _insert(
    rows: Sequence[_Row], families: dict[int, _Family], run: TakeOver, *, at: datetime
) -> None:
    if not rows:
        return
    found = [families[row.id] for row in rows]
    grades = [Card.Grade.FOREIGN_CHIP if row.uid else Card.Grade.PRINTED_ONLY for row in rows]
    given: dict[str, Any] = {
        "uuids": new_uuids(len(rows)),
        "numbers": [f"62{one.number}{one.issue + 1:02d}" for one in found],
        "families": [one.id for one in found],
        "issues": [one.issue + 1 for one in found],
        "villages": [one.village for one in found],
        "uids": [bytes.fromhex(row.uid) if row.uid else None for row in rows],
        "printed": [row.number for row in rows],
        "grades": [grade.value for grade in grades],
        "run": run.pk,
        "no_key": NO_KEY,
        "at": at,
        "until": token.expires_on(at),
    }
    with connection.cursor() as cursor:
        cursor.execute(INSERT, given)
