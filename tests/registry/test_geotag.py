"""Home points, presence and dwellings, as the field tells them."""

from datetime import timedelta

import pytest

from betang.areas.models import Area
from betang.areas.models import Boundary as BoundaryRow
from betang.core.geo.location_grade import LocationGrade
from betang.core.geo.point import Point
from betang.core.identifiers import new_uuid
from betang.core.identity.household_number import household_number
from betang.journal.models import Entry
from betang.registry.dwelling import Dwelling, tell_dwellings
from betang.registry.facts import disagreements
from betang.registry.geotag import HomePoint, UnknownHouseholdError, geotag, geotag_many
from betang.registry.models import Geotag, Household, Member
from betang.registry.presence import Presence, report_presence

SQUARE = {
    "type": "Polygon",
    "coordinates": [[[111.0, -2.0], [111.1, -2.0], [111.1, -2.1], [111.0, -2.1], [111.0, -2.0]]],
}
INSIDE, OUTSIDE = Point(-2.05, 111.05), Point(-3.0, 112.0)


def entries(kind):
    return Entry.objects.filter(kind=kind).count()


@pytest.fixture
def village(db):
    above = None
    for level, code, kind in (
        (1, 62, "provinsi"), (2, 6299, "kabupaten"), (3, 629901, "kecamatan"),
        (4, 6_299_012_001, "desa"),
    ):  # fmt: skip
        above = Area.objects.create(code=code, level=level, parent=above, name="X", kind=kind)
    return above


@pytest.fixture
def homes(village):
    return [
        Household.objects.create(
            uuid=new_uuid(), number=household_number(serial), village=village, head_name="Budi",
            members_alive=2, head_deceased=False, head_moved=False, any_moved=False,
            any_deceased=False, inside_province=True,
        )
        for serial in (1, 2)
    ]  # fmt: skip


@pytest.fixture
def members(homes):
    return [
        Member.objects.create(uuid=new_uuid(), household=homes[0], name=name, is_head=head)
        for name, head in (("Budi", True), ("Sari", False))
    ]


@pytest.fixture
def boundary(village):
    return BoundaryRow.objects.create(area=village, geojson=SQUARE)


@pytest.fixture
def seen(homes, sari, noon):
    def point(at=INSIDE, accuracy_m=8.0, *, home=0, mocked=False, later=0, uuid=None):
        return HomePoint(
            uuid or new_uuid(), homes[home].uuid, at, accuracy_m, mocked,
            noon + timedelta(minutes=later), "handover", sari,
        )  # fmt: skip

    return point


class TestGeotag:
    def test_refuses_a_household_that_is_not_known(self, seen, noon):
        stray = seen()._replace(household=new_uuid())

        with pytest.raises(UnknownHouseholdError):
            geotag(stray, at=noon)

        assert Geotag.objects.count() == 0

    def test_answers_none_for_it_among_others(self, seen, noon):
        answers = geotag_many([seen()._replace(household=new_uuid()), seen()], at=noon)

        assert answers[0] is None
        assert answers[1].moved_home
        assert geotag_many([], at=noon) == []

    def test_keeps_the_point_and_moves_the_home(self, homes, seen, noon):
        graded = geotag(seen(), at=noon)

        home = Household.objects.get(pk=homes[0].pk)
        assert (graded.grade, graded.fresh, graded.moved_home) == (LocationGrade.GOOD, True, True)
        assert (home.home_lat, home.home_lng, home.home_grade) == (-2.05, 111.05, "good")
        entry = Entry.objects.get(kind="household.geotagged")
        assert entry.facts == {"grade": "good", "accuracy_m": 8.0, "source": "handover"}
        assert entry.area == homes[0].village_id

    def test_the_same_point_again_changes_nothing(self, seen, noon):
        point = seen()
        geotag(point, at=noon)

        again = geotag_many([point, point], at=noon)

        assert [(one.fresh, one.moved_home) for one in again] == [(False, False)] * 2
        assert Geotag.objects.count() == entries("household.geotagged") == 1

    def test_the_same_point_twice_in_one_batch_is_one(self, seen, noon):
        point = seen()

        geotag_many([point, point], at=noon)

        assert Geotag.objects.count() == 1

    def test_doubts_a_point_outside_the_village_where_boundaries_are_loaded(
        self, boundary, seen, noon
    ):
        assert geotag(seen(OUTSIDE), at=noon).grade is LocationGrade.DOUBTFUL
        assert geotag(seen(INSIDE), at=noon).grade is LocationGrade.GOOD

    def test_doubts_a_faked_point(self, seen, noon):
        assert geotag(seen(mocked=True), at=noon).grade is LocationGrade.DOUBTFUL

    def test_a_worse_point_is_kept_and_moves_nothing(self, homes, seen, noon):
        geotag(seen(accuracy_m=8), at=noon)

        worse = geotag(seen(Point(-2.06, 111.06), accuracy_m=80, later=5), at=noon)

        assert (worse.fresh, worse.moved_home) == (True, False)
        assert Household.objects.get(pk=homes[0].pk).home_lat == -2.05
        assert Geotag.objects.count() == 2

    def test_of_many_the_latest_of_the_best_becomes_the_home(self, homes, seen, noon):
        geotag_many(
            [
                seen(Point(-2.01, 111.05), 9, later=1),
                seen(Point(-2.02, 111.05), 9, later=3),
                seen(Point(-2.03, 111.05), 500, later=9),
                seen(Point(-2.04, 111.05), None, home=1),
            ],
            at=noon,
        )

        assert [(home.home_lat, home.home_grade) for home in Household.objects.order_by("pk")] == [
            (-2.02, "good"),
            (-2.04, "poor"),
        ]


class TestPresence:
    def test_of_nobody_known_changes_nothing(self, members, sari, noon):
        assert report_presence([Presence(new_uuid(), "moved")], actor=sari, at=noon) == 0
        assert entries("members.presence_changed") == 0

    def test_keeps_the_familys_facts_true(self, homes, members, sari, noon):
        seen = [Presence(members[0].uuid, "deceased", noon.date())]

        changed = report_presence(seen, actor=sari, at=noon)
        again = report_presence(seen, actor=sari, at=noon)

        home = Household.objects.get(pk=homes[0].pk)
        assert (changed, again) == (1, 0)
        assert (home.head_deceased, home.members_alive, home.any_deceased) == (True, 1, True)
        assert disagreements() == 0
        assert entries("members.presence_changed") == 1

    def test_takes_the_last_word_on_each(self, members, sari, noon):
        report_presence(
            [
                Presence(members[0].uuid, "moved", left_province=True),
                Presence(members[0].uuid, "alive"),
            ],
            actor=sari,
            at=noon,
        )

        assert Member.objects.get(pk=members[0].pk).presence == "alive"


class TestDwelling:
    def test_is_told_with_its_landmark_and_wipes_nothing(self, homes, sari, noon):
        uuid = homes[0].uuid
        told = [Dwelling(uuid, "none", "dekat dermaga"), Dwelling(new_uuid(), "own")]

        changed = tell_dwellings(told, actor=sari, at=noon)
        again = tell_dwellings([Dwelling(uuid, None, "")], actor=sari, at=noon)

        home = Household.objects.get(pk=homes[0].pk)
        assert (changed, again) == (1, 0)
        assert (home.dwelling, home.anchor) == ("none", "dekat dermaga")
        assert Entry.objects.get(kind="household.dwelling_told").facts == {"dwelling": "none"}
