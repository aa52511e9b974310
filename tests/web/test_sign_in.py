"""Sign in by name or phone; a wrong password is told plainly, and often enough is too often."""

import pytest
from django.core.cache import cache
from django.test import Client

from betang.accounts.users import close_user, create_user
from betang.core.actor import SYSTEM

PASSWORD = "tiga perahu biru"


@pytest.fixture
def sari(areas, noon):
    cache.clear()
    return create_user(
        "sari.dewi", full_name="Sari", phone="0812 3456 7890", password=PASSWORD,
        actor=SYSTEM, at=noon,
    )  # fmt: skip


def enter(login, password=PASSWORD, client=None):
    return (client or Client()).post("/masuk/", {"login": login, "password": password})


class TestSignIn:
    def test_refuses_a_wrong_password_without_saying_which_was_wrong(self, sari):
        wrong = enter("sari.dewi", "salah sama sekali")
        nobody = enter("tidak.ada", "salah sama sekali")

        assert wrong.status_code == nobody.status_code == 200
        assert wrong.context["form"].errors == nobody.context["form"].errors

    def test_keeps_what_was_typed_but_never_the_password(self, sari):
        page = enter("sari.dewi", "rahasia-yang-salah").content.decode()

        assert 'value="sari.dewi"' in page
        assert "rahasia-yang-salah" not in page

    def test_refuses_a_closed_account(self, sari, wati, noon):
        close_user(sari, actor=wati, at=noon)

        client = Client()
        enter("sari.dewi", client=client)
        enter("081234567890", client=client)

        assert client.get("/akun/").status_code == 302

    def test_refuses_a_sixth_guess(self, sari):
        for _ in range(5):
            enter("sari.dewi", "salah sama sekali")

        sixth = enter("sari.dewi", PASSWORD)

        assert "_auth_user_id" not in sixth.client.session

    @pytest.mark.parametrize(
        "login", ["sari.dewi", "SARI.DEWI", "0812-3456-7890", "+6281234567890"]
    )
    def test_lets_in_by_name_or_phone(self, sari, login):
        assert enter(login).status_code == 302

    def test_there_is_no_sign_up(self, areas):
        assert Client().get("/akun/daftar/").status_code == 404
