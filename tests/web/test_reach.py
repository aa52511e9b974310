"""Nobody reaches farther than two persons let him: not by roles, passwords, devices or lists."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from betang.accounts.models import Device, Recovery, RoleGrant, User
from betang.accounts.roles import propose
from betang.core.identifiers import new_uuid
from betang.intake.models import Batch

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

    @pytest.mark.parametrize("role", ["supervisor", "dinsos_regency", "admin"])
    def test_of_a_peer_who_decides_is_refused_alone(self, sign_in, kapuas, role):
        sign_in(role, 6203, name="rekan")
        peer = User.objects.get(username="rekan")

        answer = kapuas.post(f"/pengguna/{peer.uuid}/sandi/", {"password": NEW})

        peer.refresh_from_db()
        assert answer.status_code == 422
        assert "dua orang" in answer.content.decode()
        assert not peer.check_password(NEW)

    def test_by_two_is_refused_to_who_asked_and_to_another_regency(self, sign_in, kapuas):
        sign_in("supervisor", 6203, name="rekan")
        peer = User.objects.get(username="rekan")
        kapuas.post(f"/pengguna/{peer.uuid}/pemulihan/")
        asked = Recovery.objects.get()

        own = kapuas.post(f"/pemulihan/{asked.uuid}/", {"password": NEW})
        elsewhere = sign_in("supervisor", 6210).post(f"/pemulihan/{asked.uuid}/", {"password": NEW})
        clerk = sign_in("dinsos_regency", 6203).post(f"/pemulihan/{asked.uuid}/", {"password": NEW})

        peer.refresh_from_db()
        assert (own.status_code, elsewhere.status_code, clerk.status_code) == (422, 403, 403)
        assert not peer.check_password(NEW)

    def test_is_not_asked_for_where_one_does_not_reach(self, sign_in, kapuas):
        victim = account(sign_in, "supervisor", 6210)

        assert kapuas.post(f"/pengguna/{victim.uuid}/pemulihan/").status_code == 403
        assert not Recovery.objects.exists()

    def test_by_two_gives_the_account_back(self, sign_in, kapuas):
        sign_in("supervisor", 6203, name="rekan")
        peer = User.objects.get(username="rekan")
        province = sign_in("dinsos_province")
        kapuas.post(f"/pengguna/{peer.uuid}/pemulihan/")

        assert "rekan" in province.get("/pengguna/").content.decode().lower()
        page = province.get(f"/pengguna/{peer.uuid}/").content.decode()
        asked = Recovery.objects.get()
        done = province.post(f"/pemulihan/{asked.uuid}/", {"password": NEW})

        peer.refresh_from_db()
        assert f"/pemulihan/{asked.uuid}/" in page
        assert done.status_code == 302
        assert peer.check_password(NEW)

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

    def test_that_decides_waits_until_the_administrator_named_the_nik(self, sign_in, keys, kapuas):
        sari, admin = account(sign_in, "facilitator", 6203), sign_in("admin")
        asked = {"role": "supervisor", "area": "6203"}

        refused = kapuas.post(f"/pengguna/{sari.uuid}/peran/", asked)
        not_his = kapuas.post(f"/pengguna/{sari.uuid}/nik/", {"nik": "6271015508990004"})
        wrong = admin.post(f"/pengguna/{sari.uuid}/nik/", {"nik": "123"})
        admin.post(f"/pengguna/{sari.uuid}/nik/", {"nik": "6271 0155 0899 0004"})
        done = kapuas.post(f"/pengguna/{sari.uuid}/peran/", asked)

        assert "NIK-nya tercatat" in refused.content.decode()
        assert (refused.status_code, not_his.status_code, wrong.status_code) == (422, 403, 422)
        assert done.status_code == 302
        page = admin.get(f"/pengguna/{sari.uuid}/").content.decode()
        assert "0004" in page
        assert "6271015508990004" not in page
        assert RoleGrant.objects.filter(user=sari, role="supervisor").count() == 1


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


class TestList:
    """A list of families is read and decided by who answers for all the regencies in it."""

    def listed(self, noon, *regencies, **more):
        given = {
            "uuid": new_uuid(), "kind": "households", "file_name": "daftar-keluarga.csv",
            "sha256": new_uuid().bytes * 2, "state": "reported", "regencies": list(regencies),
            "uploaded_by_person": new_uuid(), "at": noon,
        }  # fmt: skip
        return Batch.objects.create(**given | more)

    @pytest.mark.parametrize("regencies", [(6210,), (6203, 6210), ()])
    def test_that_touches_another_regency_is_not_found(self, sign_in, noon, regencies):
        batch = self.listed(noon, *regencies)
        clerk = sign_in("dinsos_regency", 6203)

        for path in ("", "temuan.csv"):
            assert clerk.get(f"/penerimaan/{batch.uuid}/{path}").status_code == 404
        for path in ("terima/", "tolak/"):
            assert clerk.post(f"/penerimaan/{batch.uuid}/{path}").status_code == 404
        assert "daftar-keluarga" not in clerk.get("/penerimaan/").content.decode()
        batch.refresh_from_db()
        assert batch.state == "reported"

    def test_of_another_programme_is_left_to_the_province(self, sign_in, noon):
        batch = self.listed(noon, kind="exclusion", programme="PKH")
        clerk = sign_in("dinsos_regency", 6203)
        file = SimpleUploadedFile("pkh.csv", b"nik\n6201011208900001\n")

        sent = clerk.post("/penerimaan/unggah/", {"file": file, "kind": "PKH", "period": "2026"})

        assert sent.status_code == 422
        assert clerk.post(f"/penerimaan/{batch.uuid}/terima/").status_code == 404
        assert Batch.objects.count() == 1

    def test_is_seen_by_who_sent_it_and_accepted_by_no_one_there(self, sign_in, noon):
        clerk = sign_in("dinsos_regency", 6203)
        sender = User.objects.get(username="dinsos_regency.6203")
        batch = self.listed(noon, 6210, uploaded_by_person=sender.person)

        assert clerk.get(f"/penerimaan/{batch.uuid}/").status_code == 200
        assert clerk.post(f"/penerimaan/{batch.uuid}/terima/").status_code == 403

    def test_is_seen_and_turned_away_in_its_own_regency(self, sign_in, noon):
        batch = self.listed(noon, 6203)
        clerk = sign_in("dinsos_regency", 6203)

        assert clerk.get(f"/penerimaan/{batch.uuid}/").status_code == 200
        clerk.post(f"/penerimaan/{batch.uuid}/tolak/")
        batch.refresh_from_db()
        assert batch.state == "rejected"


class TestPayments:
    def test_of_the_province_are_not_shown_to_an_auditor_of_one_regency(self, sign_in):
        assert sign_in("auditor", 6203).get("/penyaluran/").status_code == 403
        assert sign_in("auditor").get("/penyaluran/").status_code == 200


class TestManagingADevice:
    def test_reaches_no_farther_than_the_role_that_manages(self, sign_in, budi, wati):
        """Who audits the province and supervises one regency stops phones of that regency only."""
        both = sign_in("auditor", name="dua.peran")
        RoleGrant.objects.create(
            user=User.objects.get(username="dua.peran"), role="supervisor", area_id=6203,
            proposed_by_person=budi.person, approved_by_person=wati.person, from_at=timezone.now(),
        )  # fmt: skip
        andi = account(sign_in, "facilitator", 6210)
        phone = Device.objects.create(
            short_id="ABCD9999", owner=andi, public_jwk={}, thumbprint=new_uuid().bytes * 2,
            enrolled_at=timezone.now(), state="active",
        )  # fmt: skip

        stopped = both.post(f"/gawai/{phone.uuid}/hentikan/", {"act": "revoke", "reason": "coba"})

        phone.refresh_from_db()
        assert both.get(f"/gawai/{phone.uuid}/").status_code == 200
        assert (stopped.status_code, phone.state) == (404, "active")
