"""What the registry's tables refuse by themselves, and the numbers they make."""

import pytest
from django.db import IntegrityError, connection, transaction

from betang.core.identifiers import new_uuid
from betang.core.identity.household_number import household_number
from betang.registry.facts import FACTS, FACTS_SQL
from betang.registry.models import Household, Member, OutsideAid
from tests.registry.test_geotag import homes, members, village  # noqa: F401 -- fixtures


class TestTheDatabaseRefuses:
    @pytest.mark.parametrize(
        ("column", "value", "rule"),
        [
            ("dwelling", "'palace'", "registry_household_dwelling"),
            ("decile", "11", "registry_household_decile"),
            ("income_rupiah", "-1", "registry_household_income"),
            ("state", "'lost'", "registry_household_state"),
            ("number", "'0123456789'", "registry_household_number_form"),
        ],
    )
    def test_a_household_that_cannot_be(self, homes, column, value, rule):  # noqa: F811
        with (
            pytest.raises(IntegrityError, match=rule),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"UPDATE registry_household SET {column} = {value}")

    def test_two_families_under_one_kk_number(self, homes):  # noqa: F811
        with (
            pytest.raises(IntegrityError, match="registry_household_family_number_once"),
            transaction.atomic(),
        ):
            Household.objects.update(family_number_index=b"1" * 16)

    def test_two_people_with_one_nik_and_two_heads_of_one_family(self, members):  # noqa: F811
        with pytest.raises(IntegrityError, match="registry_member_nik_once"), transaction.atomic():
            Member.objects.update(nik_index=b"1" * 16)
        with pytest.raises(IntegrityError, match="registry_member_one_head"), transaction.atomic():
            Member.objects.update(is_head=True)

    def test_aid_of_nobody(self, db):
        with (
            pytest.raises(IntegrityError, match="registry_outsideaid_names_somebody"),
            transaction.atomic(),
        ):
            OutsideAid.objects.create(programme="PKH", list_uuid=new_uuid())


class TestHouseholdNumbers:
    def test_are_the_same_in_sql_and_in_python(self, db):
        serials = [*range(1, 300), 9_999_999, 899_999_999, 900_000_001]

        with connection.cursor() as cursor:
            cursor.execute("SELECT registry_household_number(n) FROM unnest(%s) AS n", [serials])
            made = [number for (number,) in cursor.fetchall()]

        assert made == [household_number(serial) for serial in serials]


class TestFacts:
    def test_have_the_types_that_they_declare(self, homes):  # noqa: F811
        names = ", ".join(f"pg_typeof({name})::text" for name in FACTS)

        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {names} FROM ({FACTS_SQL}) AS f LIMIT 1")
            types = dict(zip(FACTS, cursor.fetchone(), strict=True))

        assert types == {name: sql_type for name, (sql_type, _) in FACTS.items()}

    def test_leave_out_households_that_are_no_more(self, homes):  # noqa: F811
        Household.objects.filter(pk=homes[0].pk).update(state="merged")

        with connection.cursor() as cursor:
            cursor.execute(f"SELECT household_id FROM ({FACTS_SQL}) AS f")
            assert cursor.fetchall() == [(homes[1].pk,)]
