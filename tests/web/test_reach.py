"""Nobody reaches farther than two persons let him: not by roles, passwords, devices or lists."""

import pytest
from django.utils import timezone

from betang.accounts.models import Device, RoleGrant, User
from betang.accounts.roles import propose
from betang.core.identifiers import new_uuid

NEW = "sampan hijau tua"


@pytest.fixture
def kapuas(sign_in):
    """A supervisor of one regency."""
    return sign_in("supervisor", 6203)


def account(sign_in, role, area=None):
    sign_in(role, area)
    return User.objects.get(username=f"{role}.{area or 'provinsi'}")


class TestRecover:
    @pytest.mark.parametrize(
        ("role", "area"), [("dinsos_province", None), ("treasurer", None), ("supervisor", 6210)]
    )
    def test_is_refused_for_an_account_that_reaches_farther(self, sign_in, kapuas, role, area):
        victim = account(sign_in, role, area)

        answer = kapuas.post(f"/pengguna/{victim.uuid}/sandi/", {"password": NEW})

        victim.refresh_from_db()
        assert answer.status_code == 403
        assert not victim.check_password(NEW)
        page = kapuas.get(f"/pengguna/{victim.uuid}/").content.decode()
        assert "Beri kata sandi baru" not in page

    def test_is_refused_where_one_of_the_roles_lies_outside(self, sign_in, kapuas, budi, noon):
        both = account(sign_in, "facilitator", 6203)
        propose(both, "facilitator", 6210, actor=budi, at=noon)

        answer = kapuas.post(f"/pengguna/{both.uuid}/sandi/", {"password": NEW})

        assert answer.status_code == 403

    def test_helps_a_facilitator_of_the_own_regency(self, sign_in, kapuas):
        sari = account(sign_in, "facilitator", 6203)

        kapuas.post(f"/pengguna/{sari.uuid}/sandi/", {"password": NEW})

        sari.refresh_from_db()
        assert sari.check_password(NEW)


class TestRole:
    @pytest.mark.parametrize("role", ["treasurer", "dinsos_province", "bureau"])
    def test_of_the_province_is_given_by_no_regency(self, sign_in, kapuas, role):
        sari = account(sign_in, "facilitator", 6203)

        for area in ("6203", ""):
            kapuas.post(f"/pengguna/{sari.uuid}/peran/", {"role": role, "area": area})

        assert not RoleGrant.objects.filter(user=sari, role=role).exists()


class TestDevice:
    def test_of_another_regency_stays_out_of_reach_of_a_mere_proposal(
        self, sign_in, kapuas, budi, noon
    ):
        andi = account(sign_in, "facilitator", 6210)
        phone = Device.objects.create(
            short_id="ABCD1234", owner=andi, public_jwk={}, thumbprint=new_uuid().bytes * 2,
            enrolled_at=timezone.now(),
        )  # fmt: skip
        propose(andi, "facilitator", 6203, actor=budi, at=noon)

        stopped = kapuas.post(f"/gawai/{phone.uuid}/hentikan/", {"act": "revoke", "reason": "coba"})

        phone.refresh_from_db()
        assert stopped.status_code == 404
        assert phone.state == "pending"
