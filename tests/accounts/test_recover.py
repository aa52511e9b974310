"""A lost account comes back to its human; one that approves or administers, by two persons."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.db import IntegrityError

from betang.accounts.access import DECIDING
from betang.accounts.models import Recovery, RoleGrant, User
from betang.accounts.recover import (
    OwnRecoveryError,
    RecoveryNotWaitingError,
    RecoveryTakesTwoError,
    ask,
    confirm,
    recover,
    takes_two,
    waiting,
)
from betang.accounts.roles import propose
from betang.accounts.users import WeakPasswordError, create_user
from betang.core.actor import SYSTEM
from betang.core.errors import SamePersonError
from betang.journal.models import Entry

OLD = "tiga perahu biru"
NEW = "kata sandi yang baru"


@pytest.fixture
def dina(db, noon):
    return create_user("dina", full_name="Dina", password=OLD, actor=SYSTEM, at=noon)


@pytest.fixture
def supervisor(dina, budi, wati, noon):
    RoleGrant.objects.create(
        user=dina, role="supervisor", proposed_by_person=budi.person,
        approved_by_person=wati.person, from_at=noon,
    )  # fmt: skip
    return dina


def password_of(user):
    fresh = User.objects.get(pk=user.pk)
    return next(word for word in (OLD, NEW) if fresh.check_password(word))


class TestByOne:
    def test_refuses_ones_own_account(self, dina, noon):
        with pytest.raises(OwnRecoveryError):
            recover(dina, NEW, actor=dina.actor, at=noon)

    def test_refuses_a_weak_password(self, dina, wati, noon):
        with pytest.raises(WeakPasswordError):
            recover(dina, "pendek", actor=wati, at=noon)

    @pytest.mark.parametrize("role", sorted(DECIDING))
    def test_refuses_an_account_that_approves_or_administers(self, dina, budi, wati, noon, role):
        propose(dina, role, actor=budi, at=noon)

        with pytest.raises(RecoveryTakesTwoError):
            recover(dina, NEW, actor=wati, at=noon)

        assert password_of(dina) == OLD

    def test_refuses_it_while_such_a_role_has_an_end_that_lies_ahead(self, supervisor, wati, noon):
        supervisor.grants.update(until_at=noon + timedelta(days=1))

        with pytest.raises(RecoveryTakesTwoError):
            recover(supervisor, NEW, actor=wati, at=noon)
        assert not takes_two(supervisor, at=noon + timedelta(days=1))

    def test_gives_a_new_password_and_leaves_the_second_factor(self, dina, wati, noon):
        Authenticator.objects.create(user=dina, type="totp", data={})

        recover(dina, NEW, actor=wati, at=noon)

        assert password_of(dina) == NEW
        assert Authenticator.objects.exists()
        assert Entry.objects.get(kind="user.recovered").facts == {"second_factor": False}

    def test_takes_a_lost_second_factor_away(self, dina, wati, noon):
        Authenticator.objects.create(user=dina, type="totp", data={})
        Authenticator.objects.create(user=dina, type="recovery_codes", data={})

        recover(dina, NEW, actor=wati, at=noon, factor_lost=True)

        assert not Authenticator.objects.exists()
        assert Entry.objects.get(kind="user.recovered").facts == {"second_factor": True}


class TestByTwo:
    def test_refuses_the_owner_on_either_side(self, supervisor, budi, noon):
        with pytest.raises(OwnRecoveryError):
            ask(supervisor, actor=supervisor.actor, at=noon)
        asked = ask(supervisor, actor=budi, at=noon)

        with pytest.raises(OwnRecoveryError):
            confirm(asked, NEW, actor=supervisor.actor, at=noon)

    def test_refuses_who_asked(self, supervisor, budi, noon):
        asked = ask(supervisor, actor=budi, at=noon)

        with pytest.raises(SamePersonError):
            confirm(asked, NEW, actor=budi, at=noon)

        assert password_of(supervisor) == OLD

    def test_refuses_who_asked_in_the_database_too(self, supervisor, budi, noon):
        asked = ask(supervisor, actor=budi, at=noon)

        with pytest.raises(IntegrityError, match="recovery_takes_two_persons"):
            Recovery.objects.filter(pk=asked.pk).update(confirmed_by_person=budi.person)

    def test_refuses_it_a_day_later(self, supervisor, budi, wati, noon):
        asked = ask(supervisor, actor=budi, at=noon)
        later = noon + timedelta(hours=24)

        with pytest.raises(RecoveryNotWaitingError):
            confirm(asked, NEW, actor=wati, at=later)
        assert waiting(supervisor, at=later) is None

    def test_refuses_a_second_confirmation(self, supervisor, budi, wati, noon):
        asked = ask(supervisor, actor=budi, at=noon)
        confirm(asked, NEW, actor=wati, at=noon)

        with pytest.raises(RecoveryNotWaitingError):
            confirm(asked, OLD, actor=wati, at=noon)

    def test_a_new_request_takes_the_place_of_an_older_one(
        self, supervisor, budi, wati, charlie, noon
    ):
        older = ask(supervisor, actor=budi, at=noon)
        newer = ask(supervisor, actor=charlie, at=noon)

        with pytest.raises(RecoveryNotWaitingError):
            confirm(older, NEW, actor=wati, at=noon)
        assert waiting(supervisor, at=noon) == newer

    def test_gives_the_account_back_and_records_both_hands(self, supervisor, budi, wati, noon):
        asked = ask(supervisor, actor=budi, at=noon)

        confirm(asked, NEW, actor=wati, at=noon)

        assert password_of(supervisor) == NEW
        first = Entry.objects.get(kind="user.recovery_asked")
        second = Entry.objects.get(kind="user.recovered")
        assert (first.person, second.person) == (budi.person, wati.person)
        assert first.subject == second.subject == supervisor.uuid
        assert first.facts["recovery"] == second.facts["recovery"] == str(asked.uuid)
