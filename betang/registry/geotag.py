"""Record where a family's home is: every point is kept, the best one becomes the home point.

A point is graded by its accuracy, by the phone's own word that it was faked, and by the village's
polygon where one is loaded (`betang.core.geo.location_grade`). A grade marks; it stops nobody.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import orjson
from django.db import connection

from betang.areas.boundaries import inside
from betang.core.actor import Actor
from betang.core.errors import NotFoundError
from betang.core.geo.location_grade import RANK, LocationGrade, grade
from betang.core.geo.point import Point
from betang.journal.record import Happening, record_many
from betang.registry.follow_up import close_by_point

PLACES = """
SELECT uuid, id, village_id FROM registry_household
WHERE uuid = ANY(%s) AND state = 'active' ORDER BY id
"""

#: A point again under the same uuid is the same point. A home point moves to a point that is at
#: least as good, the latest of the best; ranks are those of `LocationGrade`, best first.
KEEP = """
WITH given AS (
  SELECT * FROM json_to_recordset(%s) AS g(
    uuid uuid, household bigint, lat float8, lng float8, accuracy_m float8, grade text,
    rank smallint, at timestamptz, heard_at timestamptz, source text, device uuid)
), fresh AS (
  INSERT INTO registry_geotag
    (uuid, household_id, lat, lng, accuracy_m, grade, at, heard_at, source, device)
  SELECT uuid, household, lat, lng, accuracy_m, grade, at, heard_at, source, device FROM given
  ON CONFLICT (uuid) DO NOTHING
  RETURNING uuid
), best AS (
  SELECT DISTINCT ON (household) given.* FROM given JOIN fresh USING (uuid)
  ORDER BY household, rank, at DESC
), moved AS (
  UPDATE registry_household h SET
    home_lat = best.lat, home_lng = best.lng, home_accuracy_m = best.accuracy_m,
    home_grade = best.grade
  FROM best WHERE h.id = best.household
    AND (h.home_lat IS NULL OR h.home_grade IS NULL
         OR best.rank <= array_position(%s::text[], h.home_grade) - 1)
  RETURNING best.uuid
)
SELECT fresh.uuid, moved.uuid IS NOT NULL FROM fresh LEFT JOIN moved USING (uuid)
"""


class UnknownHouseholdError(NotFoundError):
    """There is no such household."""

    code = "household.unknown"
    sentence = "Keluarga ini tidak terdaftar."
    do = "Periksa nomor keluarganya."


class HomePoint(NamedTuple):
    """A point somebody took at a home. `uuid` is the event's: the same one is the same point."""

    uuid: UUID
    household: UUID
    point: Point
    accuracy_m: float | None
    mocked: bool
    at: datetime
    source: str
    actor: Actor
    device: UUID | None = None


class Graded(NamedTuple):
    """What became of a point; `fresh` is false where it was known before."""

    uuid: UUID
    grade: LocationGrade
    fresh: bool
    moved_home: bool


def geotag_many(points: Sequence[HomePoint], *, at: datetime) -> list[Graded | None]:
    """Keep many points at once, `at` being when we heard; one answer a point, in their order.

    The answer is None where the household is not known. Each fresh point records one entry.
    """
    if not points:
        return []
    with connection.cursor() as cursor:
        cursor.execute(PLACES, [[point.household for point in points]])
        places = {uuid: (pk, village) for uuid, pk, village in cursor.fetchall()}
    grades = _grades(points, places)
    rows = [
        {
            "uuid": point.uuid,
            "household": places[point.household][0],
            "lat": round(point.point.lat, 6),
            "lng": round(point.point.lng, 6),
            "accuracy_m": point.accuracy_m,
            "grade": grades[point.uuid],
            "rank": RANK[grades[point.uuid]],
            "at": point.at,
            "heard_at": at,
            "source": point.source,
            "device": point.device,
        }
        for point in {point.uuid: point for point in points}.values()
        if point.household in places
    ]
    with connection.cursor() as cursor:
        cursor.execute(KEEP, [orjson.dumps(rows).decode(), [str(one) for one in LocationGrade]])
        kept: dict[UUID, bool] = dict(cursor.fetchall())
    record_many(
        "household.geotagged",
        [
            Happening(
                point.household,
                point.actor,
                point.at,
                places[point.household][1],
                {
                    "grade": grades[point.uuid],
                    "accuracy_m": point.accuracy_m,
                    "source": point.source,
                },
            )
            for point in points
            if point.uuid in kept
        ],
    )
    if kept:
        close_by_point(
            [point.household for point in points if point.uuid in kept],
            actor=points[0].actor,
            at=at,
        )
    return [
        Graded(point.uuid, grades[point.uuid], point.uuid in kept, kept.get(point.uuid, False))
        if point.household in places
        else None
        for point in points
    ]


def geotag(point: HomePoint, *, at: datetime) -> Graded:
    """Keep one point; raises `UnknownHouseholdError`."""
    graded = geotag_many([point], at=at)[0]
    if graded is None:
        raise UnknownHouseholdError
    return graded


def _grades(
    points: Sequence[HomePoint], places: dict[UUID, tuple[int, int]]
) -> dict[UUID, LocationGrade]:
    """Grade the points, asking each village's polygon once for all of its points."""
    by_village: dict[int, list[HomePoint]] = {}
    for point in points:
        if point.household in places:
            by_village.setdefault(places[point.household][1], []).append(point)
    grades = {}
    for village, here in by_village.items():
        answers = inside(village, [one.point for one in here])
        for one, answer in zip(here, answers, strict=True):
            grades[one.uuid] = grade(
                accuracy_m=one.accuracy_m, inside_village=answer, mocked=one.mocked
            )
    return grades
