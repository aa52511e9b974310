"""A small province: two regencies, a few villages, and households whose facts a test names."""

import pytest
from django.db import transaction

from betang.areas.models import Area
from betang.core.identifiers import new_uuid
from betang.programmes.create import create_programme
from betang.programmes.rule_sets import approve_rules, default_rules, propose_rules
from betang.registry.facts import FACTS
from betang.registry.models import Household, OutsideAidList

#: A family that the default rules find eligible.
GOOD = {
    "decile": 2,
    "income_rupiah": 1_500_000,
    "size": 4,
    "members_alive": 4,
    "dwelling": "own",
    "head_deceased": False,
    "head_moved": False,
    "any_deceased": False,
    "any_moved": False,
    "inside_province": True,
}


@pytest.fixture
def areas(db):
    def area(code, level, kind, parent=None):
        return Area.objects.create(
            code=code, level=level, kind=kind, name=f"Wilayah {code}", parent_id=parent
        )

    return {
        62: area(62, 1, "provinsi"),
        6201: area(6201, 2, "kabupaten", 62),
        620101: area(620101, 3, "kecamatan", 6201),
        6201012001: area(6201012001, 4, "desa", 620101),
        6271: area(6271, 2, "kota", 62),
        627101: area(627101, 3, "kecamatan", 6271),
        6271011001: area(6271011001, 4, "kelurahan", 627101),
    }


@pytest.fixture
def lists(db, noon):
    """The three lists of other aid were accepted, so nobody is unknown to be on them."""
    for programme in ("PKH", "SEMBAKO", "BLTDD"):
        OutsideAidList.objects.create(programme=programme, list_uuid=new_uuid(), people=0, at=noon)


@pytest.fixture
def household(areas, lists):
    def made(village=6201012001, **facts):
        fields = GOOD | facts
        # The number comes from the database: a default there, which Django must not override.
        row = Household(uuid=new_uuid(), village_id=village, head_name="Kepala", **fields)
        row.number = _next_number()
        row.save()
        return row

    return made


def _next_number():
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT registry_household_number(nextval('registry_household_serial'))")
        return cursor.fetchone()[0]


@pytest.fixture
def programme(budi, noon):
    return create_programme(actor=budi, at=noon)


@pytest.fixture
def approved(programme, budi, wati, noon):
    """Propose and approve a rule text; without one, the default."""

    def made(text=None):
        proposed = propose_rules(
            programme, text or default_rules(), facts=FACTS, actor=budi, at=noon
        )
        with transaction.atomic():  # as web, api and cli do; tests of two at once have none around
            return approve_rules(proposed, facts=FACTS, actor=wati, at=noon)

    return made
