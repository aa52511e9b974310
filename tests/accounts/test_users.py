"""Accounts are made for people: a name that can be typed, one number one account."""

import threading

import pytest
from django.db import IntegrityError, connection, transaction

from betang.accounts.models import User
from betang.accounts.roles import approve, propose
from betang.accounts.users import (
    FullNameError,
    NikFormError,
    NikNamedError,
    NoMarkError,
    PersonKnownError,
    PersonsDifferError,
    PersonUnknownError,
    PhoneFormError,
    UsernameFormError,
    UsernameTakenError,
    WeakPasswordError,
    create_user,
    name_nik,
    normal_phone,
    require_mark,
)
from betang.core.actor import SYSTEM
from betang.core.errors import SamePersonError
from betang.core.identifiers import new_uuid
from betang.journal.models import Entry
from betang.keys.sealing import open_sealed
from tests.conftest import PATIENCE_S

GOOD = "tiga perahu biru"
NIK = "6271015508990004"
OTHER_NIK = "6271015508990005"


def make(username="sari.dewi", **more):
    given = {"full_name": "Sari", "password": GOOD, "actor": SYSTEM} | more
    return create_user(username, **given)


class TestCreateUser:
    @pytest.mark.parametrize("name", ["", "ab", "Sari Dewi!", "1sari", "sa\nri", "x" * 61])
    def test_refuses_a_name_that_cannot_be_typed_everywhere(self, db, noon, name):
        with pytest.raises(UsernameFormError) as refused:
            make(name, at=noon)

        assert refused.value.field == "username"

    @pytest.mark.parametrize("full_name", ["", "  \n ", "x" * 121, "Sari\x7fDewi"])
    def test_refuses_what_is_no_name_of_a_person(self, db, noon, full_name):
        with pytest.raises(FullNameError) as refused:
            make(full_name=full_name, at=noon)

        assert refused.value.field == "full_name"

    @pytest.mark.parametrize("password", ["", "pendek", "1234567890", "password123"])
    def test_refuses_a_weak_password_and_keeps_nothing(self, db, noon, password):
        with pytest.raises(WeakPasswordError):
            make(password=password, at=noon)

        assert not User.objects.exists()

    def test_refuses_a_name_in_use(self, db, noon):
        make(at=noon)

        with pytest.raises(UsernameTakenError):
            make("SARI.DEWI", at=noon)

    def test_makes_an_account_and_records_it_without_a_name(self, db, noon):
        user = make(at=noon)

        assert user.check_password(GOOD)
        entry = Entry.objects.get(kind="user.created")
        assert entry.subject == user.uuid
        assert entry.facts == {}


class TestOneHumanWithTwoAccounts:
    """Counts as one where maker and approver are compared, whoever makes the second account."""

    @pytest.mark.parametrize("nik", ["123", "6201" * 4, "6271015508990000", "627101550899000X"])
    def test_is_not_known_by_a_number_that_is_no_nik(self, db, noon, nik):
        with pytest.raises(NikFormError):
            make(nik=nik, at=noon)

    def test_is_not_known_by_nothing(self):
        with pytest.raises(NoMarkError):
            require_mark(" ", None)

    @pytest.mark.parametrize(
        ("field", "mark"),
        [("nik", {"nik": "6271 0155 0899 0004"}), ("phone", {"phone": "+62812-3456-7890"})],
    )
    def test_is_refused_until_somebody_says_so(self, keys, noon, field, mark):
        make(nik=NIK, phone="0812 3456 7890", at=noon)

        with pytest.raises(PersonKnownError) as refused:
            make("sari.dua", at=noon, **mark)

        assert refused.value.field == field
        assert User.objects.count() == 1

    def test_is_refused_where_the_first_account_is_not_there(self, keys, noon):
        with pytest.raises(PersonUnknownError):
            make(nik=NIK, same_person=True, at=noon)

    def test_is_refused_where_nik_and_phone_are_of_two_humans(self, keys, noon):
        make(nik=NIK, at=noon)
        make("andi.b", phone="0812 3456 7890", at=noon)

        with pytest.raises(PersonsDifferError):
            make("lain", nik=NIK, phone="0812 3456 7890", same_person=True, at=noon)

    def test_is_refused_where_the_caller_names_another_human(self, keys, noon):
        make(nik=NIK, at=noon)

        with pytest.raises(PersonsDifferError):
            make("lain", nik=NIK, same_person=True, person=new_uuid(), at=noon)

    def test_is_refused_by_the_database_too(self, keys, noon):
        make(nik=NIK, at=noon)
        other = make("lain", at=noon)
        sealed = User.objects.get(username="sari.dewi")

        with pytest.raises(IntegrityError, match="another person"):
            User.objects.filter(pk=other.pk).update(nik_index=sealed.nik_index)

    @pytest.mark.parametrize("mark", [{"nik": NIK}, {"phone": "0812 3456 7890"}])
    def test_is_one_person_and_approves_nothing_of_his_own(self, keys, noon, mark):
        first = make(nik=NIK, phone="0812 3456 7890", at=noon)
        second = make("sari.dua", same_person=True, at=noon, **mark)
        third = make("andi.b", at=noon)

        grant = propose(third, "supervisor", actor=first.actor, at=noon)

        assert second.person == first.person
        assert second.phone is None  # it stays with the account that signs in by it
        with pytest.raises(SamePersonError):
            approve(grant, actor=second.actor, at=noon)
        created = Entry.objects.filter(kind="user.created", subject=second.uuid).get()
        assert created.facts == {"accounts": 2}

    def test_keeps_the_nik_sealed(self, keys, noon):
        user = make(nik="6271 0155 0899 0004", at=noon)

        user.refresh_from_db()
        assert open_sealed(user.nik_sealed) == NIK.encode()
        assert NIK.encode() not in bytes(user.nik_sealed) + bytes(user.nik_index)
        assert user.nik_last4 == "0004"


@pytest.mark.django_db(transaction=True)
def test_of_two_accounts_made_at_once_for_one_nik_one_is_refused(keys, noon):
    told, together = [], threading.Barrier(2)

    def create(name):
        together.wait(PATIENCE_S)
        try:
            with transaction.atomic():
                told.append(make(name, nik=NIK, at=noon).username)
        except PersonKnownError as refusal:
            told.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=create, args=(name,)) for name in ("satu", "dua")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)

    assert len(told) == 2
    assert told.count("user.person_known") == 1
    assert User.objects.count() == 1


class TestNameNik:
    def test_refuses_what_is_no_nik(self, keys, noon):
        with pytest.raises(NikFormError):
            name_nik(make(at=noon), "123", actor=SYSTEM, at=noon)

    def test_refuses_a_second_nik_for_an_account(self, keys, noon):
        user = make(nik=NIK, at=noon)

        with pytest.raises(NikNamedError):
            name_nik(user, OTHER_NIK, actor=SYSTEM, at=noon)

    def test_refuses_the_nik_of_another_accounts_human(self, keys, noon):
        make(nik=NIK, at=noon)
        other = make("andi.b", at=noon)

        with pytest.raises(PersonKnownError):
            name_nik(other, NIK, actor=SYSTEM, at=noon)

        other.refresh_from_db()
        assert other.nik_index is None

    def test_names_it_for_a_second_account_of_the_same_human(self, keys, noon):
        make(nik=NIK, phone="0812 3456 7890", at=noon)
        second = make("sari.dua", phone="0812 3456 7890", same_person=True, at=noon)

        name_nik(second, NIK, actor=SYSTEM, at=noon)

        assert second.nik_last4 == "0004"
        entry = Entry.objects.get(kind="user.nik_named")
        assert (entry.subject, entry.facts) == (second.uuid, {})


class TestNormalPhone:
    @pytest.mark.parametrize("text", ["12345", "0812abc", "+1 202 555 0100", "0812"])
    def test_refuses_what_is_no_indonesian_number(self, text):
        with pytest.raises(PhoneFormError):
            normal_phone(text)

    @pytest.mark.parametrize(
        "text", ["0812-3456-7890", "+62 812 3456 7890", "62812 3456 7890", "(0812) 34567890"]
    )
    def test_writes_one_number_one_way(self, text):
        assert normal_phone(text) == "+6281234567890"
