"""Who approves or administers needs a second factor, and opens nothing before it is there."""

import os
import subprocess
import sys

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth
from django.test import Client

from betang import settings as house
from betang.accounts.access import DECIDING
from betang.accounts.models import Role, RoleGrant, User
from betang.accounts.users import create_user
from betang.cli import doctor
from betang.core.actor import SYSTEM
from betang.stream.viewers import areas_of_session
from tests.web.test_guard import RULED

PASSWORD = "tiga perahu biru"
SET_UP = "/akun/pengaman/pasang/"
#: What serves to set it up: the page itself, six digits, a passkey, the password once more.
OPEN = {SET_UP, "/akun/kode/pasang/", "/akun/kunci-sandi/tambah/", "/akun/ulang/"}


@pytest.fixture(autouse=True)
def demanded(settings):
    settings.SECOND_FACTOR_ROLES = frozenset(DECIDING)


def code_now(secret):
    counter = next(iter(auth.yield_hotp_counters_from_time()))
    return auth.format_hotp_value(auth.hotp_value(secret, counter))


def account_with(role, budi, wati, noon):
    user = create_user("dina", full_name="Dina", password=PASSWORD, actor=SYSTEM, at=noon)
    RoleGrant.objects.create(
        user=user, role=role, proposed_by_person=budi.person, approved_by_person=wati.person,
        from_at=noon,
    )  # fmt: skip
    return user


class TestWithoutOne:
    @pytest.mark.parametrize("path", [path for path, _ in RULED if path not in OPEN])
    def test_nothing_opens(self, sign_in, path):
        dina = sign_in("supervisor")

        for answer in (dina.get(path), dina.post(path)):
            assert (answer.status_code, answer.get("Location")) in {(302, SET_UP), (403, None)}

    @pytest.mark.parametrize("role", sorted(DECIDING))
    def test_each_role_that_decides_is_led_to_its_page(self, sign_in, role):
        assert sign_in(role).get("/")["Location"] == SET_UP

    @pytest.mark.parametrize("role", sorted(set(Role.values) - DECIDING))
    def test_every_other_role_is_offered_it(self, sign_in, role):
        client = sign_in(role)

        assert client.get("/").status_code == 200
        assert client.get("/akun/pengaman/").status_code == 200
        assert client.get(SET_UP)["Location"] == "/akun/pengaman/"

    def test_recovery_codes_alone_are_none(self, sign_in):
        dina = sign_in("supervisor")
        user = User.objects.get(username="supervisor.provinsi")
        Authenticator.objects.create(user=user, type="recovery_codes", data={})

        assert dina.get("/")["Location"] == SET_UP

    def test_the_live_stream_shows_nothing(self, sign_in):
        dina = sign_in("supervisor")
        key = dina.session.session_key

        before = areas_of_session(key)
        user = User.objects.get(username="supervisor.provinsi")
        Authenticator.objects.create(user=user, type="totp", data={})

        assert before == ()
        assert areas_of_session(key) == (62,)

    def test_the_page_leads_to_setting_it_up_and_out_and_nowhere_else(self, sign_in):
        dina = sign_in("supervisor")

        page = dina.get(SET_UP).content.decode()

        assert "/akun/kode/pasang/" in page
        assert "/akun/kunci-sandi/tambah/" in page
        assert "/keluar/" in page
        assert "/keluarga/" not in page
        dina.post("/keluar/")
        assert "_auth_user_id" not in dina.session


class TestSettingItUp:
    def test_leads_from_the_password_through_the_code_into_the_house(self, areas, budi, wati, noon):
        account_with("supervisor", budi, wati, noon)
        client = Client()

        entered = client.post("/masuk/", {"login": "dina", "password": PASSWORD}, follow=True)
        assert entered.redirect_chain[-1][0] == SET_UP
        again = client.get("/akun/kode/pasang/")["Location"]
        assert again.startswith("/akun/ulang/")
        client.post(again, {"password": PASSWORD})
        page = client.get("/akun/kode/pasang/")
        assert "/keluarga/" not in page.content.decode()  # no room that would not open
        secret = page.context["form"].secret
        client.post("/akun/kode/pasang/", {"code": code_now(secret)})

        assert client.get("/").status_code == 200

    def test_is_undone_by_taking_the_last_one_away(self, sign_in):
        dina = sign_in("supervisor")
        user = User.objects.get(username="supervisor.provinsi")
        Authenticator.objects.create(user=user, type="totp", data={})
        assert dina.get("/").status_code == 200

        Authenticator.objects.all().delete()

        assert dina.get("/")["Location"] == SET_UP


class TestACode:
    @pytest.fixture
    def secret(self, areas, budi, wati, noon):
        user = account_with("supervisor", budi, wati, noon)
        secret = auth.generate_totp_secret()
        auth.TOTP.activate(user, secret)
        return secret

    def enter(self):
        client = Client()
        client.post("/masuk/", {"login": "dina", "password": PASSWORD})
        return client

    def test_is_refused_from_a_second_browser_whichever_process_answers(self, secret, monkeypatch):
        """Allauth remembers used codes in its own process only."""
        monkeypatch.setattr(auth.TOTP, "_mark_code_used", lambda totp, code: True)
        code = code_now(secret)
        first, second = self.enter(), self.enter()

        first.post("/akun/langkah-kedua/", {"code": code})
        second.post("/akun/langkah-kedua/", {"code": f"{code[:3]} {code[3:]}"})

        assert "_auth_user_id" in first.session
        assert "_auth_user_id" not in second.session

    def test_is_guessed_at_most_five_times(self, secret):
        for _ in range(5):
            self.enter().post("/akun/langkah-kedua/", {"code": "000000"})
        client = self.enter()

        client.post("/akun/langkah-kedua/", {"code": code_now(secret)})

        assert "_auth_user_id" not in client.session


class TestTheSetting:
    def test_names_every_role_that_decides_unless_it_is_a_demonstration(self, monkeypatch):
        assert {role.value for role in DECIDING} == doctor.DECIDING_ROLES
        text = (house.ROOT / "settings.py").read_text()
        assert ",".join(sorted(doctor.DECIDING_ROLES)) in text

    @pytest.mark.parametrize(
        ("roles", "demo", "good"),
        [
            ("", None, False),
            ("admin,treasurer", None, False),
            ("admin,auditor,dinsos_province,dinsos_regency,supervisor,treasurer", None, True),
            (None, None, True),
            (None, "1", True),
        ],
    )
    def test_is_told_by_the_doctor_where_it_is_off(self, monkeypatch, roles, demo, good):
        for name, value in (("BETANG_SECOND_FACTOR_ROLES", roles), ("BETANG_DEMO", demo)):
            monkeypatch.delenv(name, raising=False)
            if value is not None:
                monkeypatch.setenv(name, value)

        (check,) = [check for check in doctor.look() if check.name == "Langkah kedua"]

        assert check.good is good
        assert ("supervisor" in check.found) is not good
        assert ("peragaan" in check.found) is bool(demo)

    def test_refuses_a_role_that_does_not_exist(self):
        environment = os.environ | {
            "BETANG_SECOND_FACTOR_ROLES": "admin,superviser",
            "DJANGO_SETTINGS_MODULE": "betang.settings",
        }

        ran = subprocess.run(
            [sys.executable, "-c", "import django; django.setup()"],
            env=environment, check=False, capture_output=True, text=True,
        )  # fmt: skip

        assert ran.returncode != 0
        assert "BETANG_SECOND_FACTOR_ROLES: superviser" in ran.stderr
