"""Two persons give a role; an account without one opens nothing."""

from datetime import timedelta

import pytest

from betang.accounts.access import areas_of, may, within
from betang.accounts.models import RoleGrant, User
from betang.accounts.roles import (
    AlreadyProposedError,
    FoundedError,
    NotWaitingError,
    OwnRoleError,
    ProvinceRoleError,
    UnknownRoleError,
    approve,
    end,
    found,
    propose,
)
from betang.areas.models import Area
from betang.core.actor import SYSTEM, Actor
from betang.core.errors import SamePersonError
from betang.journal.models import Entry
from betang.registry.models import Household


@pytest.fixture
def areas(db: None) -> None:
    Area.objects.create(code=62, level=1, name="Kalimantan Tengah", kind="provinsi")
    for code, name in ((6203, "Kapuas"), (6210, "Gunung Mas")):
        Area.objects.create(code=code, level=2, parent_id=62, name=name, kind="kabupaten")


@pytest.fixture
def dewi(areas: None) -> User:
    return User.objects.create(username="dewi", full_name="Dewi")


class TestApprove:
    def test_refuses_the_person_who_proposed(self, dewi, budi, noon):
        grant = propose(dewi, "supervisor", 6203, actor=budi, at=noon)

        with pytest.raises(SamePersonError):
            approve(grant, actor=budi, at=noon)

        assert not may(dewi, "card.block")

    def test_refuses_the_person_who_would_get_the_role(self, dewi, budi, noon):
        grant = propose(dewi, "supervisor", 6203, actor=budi, at=noon)

        with pytest.raises(OwnRoleError):
            approve(grant, actor=dewi.actor, at=noon)

    def test_refuses_a_second_account_of_the_same_human(self, dewi, budi, noon):
        grant = propose(dewi, "supervisor", 6203, actor=budi, at=noon)
        other = User.objects.create(username="dewi.dua", full_name="Dewi", person=dewi.person)

        with pytest.raises(OwnRoleError):
            approve(grant, actor=other.actor, at=noon)

    def test_refuses_what_was_approved_before(self, dewi, budi, wati, noon):
        grant = propose(dewi, "supervisor", 6203, actor=budi, at=noon)
        approve(grant, actor=wati, at=noon)

        with pytest.raises(NotWaitingError):
            approve(grant, actor=wati, at=noon)

        assert Entry.objects.filter(kind="role.granted").count() == 1

    def test_lets_the_role_count_in_its_area_alone(self, dewi, budi, wati, noon):
        approve(propose(dewi, "supervisor", 6203, actor=budi, at=noon), actor=wati, at=noon)

        assert may(dewi, "card.block", 6203011001)
        assert not may(dewi, "card.block", 6210011001)
        assert areas_of(dewi) == [6203]

    @pytest.mark.parametrize(
        "permission", ["rules.approve", "rules.propose", "cycle.manage", "disbursement.send"]
    )
    def test_reaches_the_whole_province_from_no_regency(self, dewi, budi, wati, noon, permission):
        for role in ("supervisor", "dinsos_province", "treasurer"):
            RoleGrant.objects.create(
                user=dewi, role=role, area_id=6203, proposed_by_person=budi.person,
                approved_by_person=wati.person, from_at=noon,
            )  # fmt: skip

        assert not may(dewi, permission)
        assert not may(dewi, permission, 6203)

    def test_is_refused_by_the_database_too(self, dewi, budi, noon):
        grant = propose(dewi, "supervisor", 6203, actor=budi, at=noon)

        with pytest.raises(Exception, match="role_takes_two_persons"):
            RoleGrant.objects.filter(pk=grant.pk).update(approved_by_person=budi.person)


class TestPropose:
    def test_refuses_a_role_that_does_not_exist(self, dewi, budi, noon):
        with pytest.raises(UnknownRoleError):
            propose(dewi, "governor", actor=budi, at=noon)

    @pytest.mark.parametrize("role", ["dinsos_province", "treasurer", "bureau"])
    def test_refuses_a_role_of_the_province_in_a_regency(self, dewi, budi, noon, role):
        with pytest.raises(ProvinceRoleError) as refused:
            propose(dewi, role, 6203, actor=budi, at=noon)

        assert refused.value.field == "area"

    def test_refuses_the_same_role_twice(self, dewi, budi, noon):
        propose(dewi, "viewer", actor=budi, at=noon)

        with pytest.raises(AlreadyProposedError):
            propose(dewi, "viewer", actor=budi, at=noon)

    def test_gives_nothing_yet(self, dewi, budi, noon):
        propose(dewi, "dinsos_province", actor=budi, at=noon)

        assert not may(dewi, "board.see")


class TestEnd:
    def test_takes_the_right_at_once(self, dewi, budi, wati, noon):
        grant = approve(propose(dewi, "viewer", actor=budi, at=noon), actor=wati, at=noon)
        end(grant, actor=wati, at=noon + timedelta(hours=1))

        again = User.objects.get(pk=dewi.pk)

        assert not may(again, "board.see")


class TestFound:
    def test_refuses_one_human_in_both_places(self, dewi, noon):
        other = User.objects.create(username="dewi.dua", full_name="Dewi", person=dewi.person)

        with pytest.raises(SamePersonError):
            found(dewi, other, actor=SYSTEM, at=noon)

    def test_refuses_when_roles_exist(self, dewi, budi, wati, noon):
        approve(propose(dewi, "viewer", actor=budi, at=noon), actor=wati, at=noon)
        other = User.objects.create(username="eko", full_name="Eko")

        with pytest.raises(FoundedError):
            found(dewi, other, actor=SYSTEM, at=noon)

    def test_makes_an_admin_and_an_officer_of_the_province(self, dewi, noon):
        other = User.objects.create(username="eko", full_name="Eko")

        found(dewi, other, actor=SYSTEM, at=noon)

        assert may(dewi, "user.create")
        assert may(other, "role.approve", 6210)


class TestAdmin:
    def test_approves_nothing(self, dewi, budi, wati, noon):
        approve(propose(dewi, "admin", actor=budi, at=noon), actor=wati, at=noon)

        approvals = ("role.approve", "intake.approve", "rules.approve", "decree.approve")
        assert not any(may(dewi, permission) for permission in approvals)
        assert not may(dewi, "household.see")


class TestWithin:
    def test_keeps_nothing_for_an_account_without_areas(self, db):
        assert not Household.objects.filter(within("village__code", [])).exists()

    def test_a_closed_account_reaches_nothing(self, dewi, budi, wati, noon, charlie: Actor):
        approve(propose(dewi, "auditor", actor=budi, at=noon), actor=wati, at=noon)
        dewi.is_active = False
        dewi.__dict__.pop("_live_grants", None)

        assert areas_of(dewi) == []
