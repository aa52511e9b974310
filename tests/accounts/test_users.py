"""Accounts are made for people: a name that can be typed, one number one account."""

import pytest

from betang.accounts.models import User
from betang.accounts.users import (
    FullNameError,
    PhoneFormError,
    UsernameFormError,
    UsernameTakenError,
    WeakPasswordError,
    create_user,
    normal_phone,
    recover,
)
from betang.core.actor import SYSTEM
from betang.core.errors import SamePersonError
from betang.journal.models import Entry

GOOD = "tiga perahu biru"


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

    def test_refuses_a_name_or_number_in_use(self, db, noon):
        make(phone="0812 3456 7890", at=noon)

        with pytest.raises(UsernameTakenError):
            make("SARI.DEWI", at=noon)
        with pytest.raises(UsernameTakenError) as refused:
            make("lain", phone="+62812-3456-7890", at=noon)
        assert refused.value.field == "phone"

    def test_makes_an_account_and_records_it_without_a_name(self, db, noon):
        user = make(at=noon)

        assert user.check_password(GOOD)
        entry = Entry.objects.get(kind="user.created")
        assert entry.subject == user.uuid
        assert entry.facts == {}


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


class TestRecover:
    def test_refuses_to_recover_oneself(self, db, noon):
        user = make(at=noon)

        with pytest.raises(SamePersonError):
            recover(user, "kata sandi yang baru", actor=user.actor, at=noon)

    def test_gives_a_new_password_that_replaces_the_old(self, db, noon, wati):
        user = make(at=noon)

        recover(user, "kata sandi yang baru", actor=wati, at=noon)

        user.refresh_from_db()
        assert user.check_password("kata sandi yang baru")
        assert not user.check_password(GOOD)
