"""Sign in by name or phone; a wrong password is told plainly, and often enough is too often."""

import pytest
from allauth.mfa.totp.internal import auth
from django.test import Client

from betang.accounts.models import RoleGrant
from betang.accounts.users import close_user, create_user
from betang.core.actor import SYSTEM
from betang.core.identifiers import new_uuid

PASSWORD = "tiga perahu biru"


@pytest.fixture
def sari(areas, noon):
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

    def test_counts_guesses_by_account_however_its_name_or_number_is_written(self, sari):
        for login in (
            "sari.dewi",
            "Sari.Dewi",
            "0812-3456-7890",
            "0812 3456 7890",
            "+6281234567890",
        ):
            enter(login, "salah sama sekali")

        sixth = enter("0812.3456.7890", PASSWORD)

        assert "_auth_user_id" not in sixth.client.session

    @pytest.mark.parametrize(
        "login", ["sari.dewi", "SARI.DEWI", "0812-3456-7890", "+6281234567890"]
    )
    def test_lets_in_by_name_or_phone(self, sari, login):
        assert enter(login).status_code == 302

    def test_there_is_no_sign_up(self, areas):
        assert Client().get("/akun/daftar/").status_code == 404


class TestSecondStep:
    @pytest.fixture
    def secret(self, sari):
        secret = auth.generate_totp_secret()
        auth.TOTP.activate(sari, secret)
        return secret

    def code(self, secret):
        counter = next(iter(auth.yield_hotp_counters_from_time()))
        return auth.format_hotp_value(auth.hotp_value(secret, counter))

    def test_the_password_alone_does_not_let_in(self, secret):
        client = Client()

        answer = enter("sari.dewi", client=client)

        assert answer["Location"].startswith("/akun/langkah-kedua/")
        assert client.get("/akun/").status_code == 302

    def test_a_wrong_code_does_not_let_in(self, secret):
        client = Client()
        enter("sari.dewi", client=client)

        answer = client.post("/akun/langkah-kedua/", {"code": "000000"})

        assert answer.status_code == 200
        assert client.get("/akun/").status_code == 302

    def test_the_right_code_does(self, secret):
        client = Client()
        enter("sari.dewi", client=client)

        client.post("/akun/langkah-kedua/", {"code": self.code(secret)})

        assert "_auth_user_id" in client.session

    def test_the_page_draws_the_secret_as_a_picture_in_the_page(self, sari):
        client = Client()
        enter("sari.dewi", client=client)
        RoleGrant.objects.create(
            user=sari, role="auditor", proposed_by_person=new_uuid(),
            approved_by_person=new_uuid(), from_at=sari.created_at,
        )  # fmt: skip

        again = client.get("/akun/kode/pasang/")["Location"]  # the password, once more
        client.post(again, {"password": PASSWORD})
        page = client.get("/akun/kode/pasang/").content.decode()

        assert "<svg" in page
        assert 'src="data:' not in page
