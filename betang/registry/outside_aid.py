"""Aid that families have elsewhere: the accepted lists of PKH, sembako and BLT-DD.

Only blind indexes are kept: the registry can say that a family is on a list, not who else is.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import polars as pl
from django.db import connection

from betang.keys.sealing import blind_index_many
from betang.registry.incoming import tables
from betang.registry.models import OUTSIDE_PROGRAMMES, OutsideAidList

SLICE = 50_000
#: Programme -> the household's column that keeps the answer.
FLAGS = {"PKH": "has_pkh", "SEMBAKO": "has_sembako", "BLTDD": "has_bltdd"}

#: Households that a list names by KK, or through any member by NIK.
_NAMED = """
SELECT h.id FROM registry_outsideaid a
JOIN registry_household h ON h.family_number_index = a.family_number_index AND h.state = 'active'
WHERE a.programme = %(programme)s
UNION
SELECT r.household_id FROM registry_outsideaid a
JOIN registry_member r ON r.nik_index = a.nik_index
WHERE a.programme = %(programme)s
"""

MARK_ALL = (
    """
UPDATE registry_household h SET {flag} = NOT h.{flag}
FROM (SELECT h.id, named.id IS NOT NULL AS named
      FROM registry_household h LEFT JOIN ("""
    + _NAMED
    + """) AS named ON named.id = h.id) AS told
WHERE told.id = h.id AND h.{flag} <> told.named
"""
)


def replace_list(
    programme: str,
    *,
    list_uuid: UUID,
    niks: Sequence[str],
    family_numbers: Sequence[str],
    period: str,
    people: int,
    at: datetime,
) -> int:
    """Let a list of `programme` be the one that counts; give how many households changed.

    The caller checked who may, and records it.
    """
    assert programme in OUTSIDE_PROGRAMMES, programme
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM registry_outsideaid WHERE programme = %s", [programme])
        for kind, column, values in (
            ("nik", "nik_index", niks),
            ("family_number", "family_number_index", family_numbers),
        ):
            for start in range(0, len(values), SLICE):
                indexes = blind_index_many(kind, values[start : start + SLICE])
                frame = pl.DataFrame(
                    {"index": "\\x" + pl.Series(indexes, dtype=pl.Binary).bin.encode("hex")}
                ).with_columns(
                    programme=pl.lit(programme),
                    list=pl.lit(str(list_uuid)),
                    period=pl.lit(period),
                )
                copying = cursor.cursor.copy(
                    f"COPY registry_outsideaid ({column}, programme, list_uuid, period) "
                    "FROM STDIN (FORMAT csv)"
                )
                with copying as copy:
                    copy.write(frame.write_csv(include_header=False))
        cursor.execute("ANALYZE registry_outsideaid")
    OutsideAidList.objects.update_or_create(
        programme=programme,
        defaults={"list_uuid": list_uuid, "period": period, "people": people, "at": at},
    )
    return mark_all(programme)


def mark_all(programme: str) -> int:
    """Set the flag of every household as the counting list says; give how many changed."""
    with connection.cursor() as cursor:
        cursor.execute(MARK_ALL.format(flag=FLAGS[programme]), {"programme": programme})
        return int(cursor.rowcount)


def mark_batch(batch: UUID) -> None:
    """Set the flags of the households that a batch has just brought."""
    named = tables(batch)
    with connection.cursor() as cursor:
        for programme in OutsideAidList.objects.values_list("programme", flat=True):
            flag = FLAGS[programme]
            cursor.execute(
                f"UPDATE registry_household h SET {flag} = NOT h.{flag} "
                f"FROM (SELECT m.household_id AS id, named.id IS NOT NULL AS named "
                f"FROM {named.match} m LEFT JOIN ({_NAMED}) AS named "
                f"ON named.id = m.household_id) AS told "
                f"WHERE told.id = h.id AND h.{flag} <> told.named",
                {"programme": programme},
            )


def mark_household(household: int) -> None:
    """Set the flags of a household that has just been made, by the lists that count now."""
    with connection.cursor() as cursor:
        for programme in OutsideAidList.objects.values_list("programme", flat=True):
            flag = FLAGS[programme]
            cursor.execute(
                f"UPDATE registry_household h SET {flag} = h.id IN ({_NAMED}) "
                "WHERE h.id = %(household)s",
                {"programme": programme, "household": household},
            )
