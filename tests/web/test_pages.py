"""The pages of a working office: each opens for those it is for, and acts only as it may."""

import threading

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from betang import worker
from betang.accounts.models import Device, RoleGrant, User
from betang.accounts.roles import propose
from betang.cards.models import Card
from betang.core.identifiers import new_uuid
from betang.errands.models import Errand
from betang.grievances.models import Case
from betang.intake.findings import CODES
from betang.intake.models import Batch, Finding
from betang.journal import feed
from betang.journal.models import Entry
from betang.journal.record import record
from betang.monitoring.models import Alert
from betang.monitoring.watch import follow
from betang.programmes.models import Cycle
from betang.registry.models import Household
from tests.sync.world import VILLAGES, World, make_world

LISTS = (
    "/", "/?tampilan=tabel", "/?dinding=1", "/wilayah/6201/", "/wilayah/6201011001/", "/keluarga/",
    "/kartu/", "/tahap/", "/penerimaan/", "/aturan/", "/gawai/", "/peringatan/", "/pengguna/",
    "/akun/", "/penyaluran/", "/kasus/", "/pendaftaran/",
)  # fmt: skip


@pytest.fixture
def world(db, keys, budi, wati) -> World:
    """An office in the middle of a cycle: one delivery, one card, one alert."""
    made = make_world(budi, wati)
    phone = made.leased()
    phone.deliver(made.rights(VILLAGES[0])[0])
    phone.push()
    household = Household.objects.filter(village_id=VILLAGES[0]).first()
    assert household is not None
    card = Card.objects.create(
        number=f"62{household.number}01", household=household, issue=1, village_id=VILLAGES[0],
        state="active", qr="", issued_at=made.at, handed_over_at=made.at, expires_on="2036-01-01",
    )  # fmt: skip
    record("card.copied", card.uuid, actor=budi, at=made.at, area=VILLAGES[0], number=card.number)
    feed.move()
    follow([each for each in feed.after(0) if each.kind == "card.copied"])
    return made


@pytest.fixture
def office(world, sign_in_bare):
    return sign_in_bare


@pytest.fixture
def sign_in_bare(world, budi, wati):
    """Sign in without making areas: the world has its own."""
    from django.test import Client

    def signed_in(role: str, area: int | None = None) -> Client:
        user, made = User.objects.get_or_create(
            username=f"{role}.{area}", defaults={"full_name": role}
        )
        if made:
            RoleGrant.objects.create(
                user=user, role=role, area_id=area, proposed_by_person=budi.person,
                approved_by_person=wati.person, from_at=timezone.now(),
            )  # fmt: skip
        client = Client()
        client.force_login(user)
        return client

    return signed_in


class TestEveryPage:
    @pytest.mark.parametrize("path", LISTS)
    def test_opens_for_the_province(self, office, path):
        answer = office("dinsos_province").get(path)

        assert answer.status_code == 200
        assert "<h1" in answer.content.decode()

    def test_the_details_open_too(self, office, world):
        clerk = office("supervisor")
        addresses = [
            f"/keluarga/{Household.objects.first().uuid}/",
            f"/kartu/{Card.objects.first().uuid}/",
            f"/tahap/{world.cycle.uuid}/",
            f"/gawai/{Device.objects.first().uuid}/",
            f"/peringatan/{Alert.objects.first().uuid}/",
            f"/pengguna/{User.objects.first().uuid}/",
        ]

        assert {clerk.get(address).status_code for address in addresses} == {200}

    @pytest.mark.parametrize(
        "path", ["/keluarga/?hal=", "/kartu/?urut=-nomor&keadaan=nix", "/?x=1"]
    )
    def test_bears_odd_addresses(self, office, path):
        assert office("dinsos_province").get(path).status_code == 200

    def test_a_page_that_does_not_exist_says_what_to_do(self, office):
        answer = office("dinsos_province").get("/tidak-ada/")

        assert answer.status_code == 404
        assert "Periksa alamat" in answer.content.decode()


class TestCardPage:
    def address(self):
        return f"/kartu/{Card.objects.get().uuid}/"

    def test_with_the_name_of_the_head_is_a_look_at_the_family(self, office):
        office("supervisor").get(self.address())

        entry = Entry.objects.get(kind="household.looked")
        assert entry.subject == Card.objects.get().household.uuid
        assert entry.facts == {"page": "card"}

    def test_without_the_name_is_none(self, office):
        page = office("bureau").get(self.address()).content.decode()

        assert Card.objects.get().household.head_name not in page
        assert not Entry.objects.filter(kind="household.looked").exists()


class TestFindings:
    def test_taken_out_as_a_file_are_recorded_with_their_count(self, office):
        batch = Batch.objects.create(
            uuid=new_uuid(), kind="households", file_name="daftar.csv", sha256=b"0" * 32,
            state="reported", uploaded_by_person=new_uuid(), at=timezone.now(),
        )  # fmt: skip
        for row in (2, 3):
            Finding.objects.create(
                batch=batch, row_number=row, column_name="nik", code=next(iter(CODES)),
                severity="error", value_masked="62…01",
            )  # fmt: skip

        answer = office("dinsos_province").get(f"/penerimaan/{batch.uuid}/temuan.csv")

        assert len(answer.getvalue().splitlines()) == 1 + 2
        entry = Entry.objects.get(kind="findings.exported")
        assert (entry.subject, entry.facts) == (batch.uuid, {"count": 2})


class TestBlock:
    def address(self):
        return f"/kartu/{Card.objects.get().uuid}/"

    @pytest.mark.parametrize(
        ("form", "field"),
        [
            ({"reason": "lost"}, "Centang kotak"),
            ({"reason": "", "sure": "yes"}, "Alasan pemblokiran"),
            ({"reason": "because", "sure": "yes"}, "Alasan pemblokiran"),
        ],
    )
    def test_asks_for_a_reason_and_a_tick(self, office, form, field):
        answer = office("supervisor").post(self.address(), form)

        assert answer.status_code == 422
        assert field in answer.content.decode()
        assert Card.objects.get().state == "active"

    def test_an_auditor_sees_and_does_not_block(self, office):
        office("auditor").post(self.address(), {"reason": "lost", "sure": "yes"})

        assert Card.objects.get().state == "active"

    def test_blocks_with_both(self, office):
        answer = office("supervisor").post(self.address(), {"reason": "lost", "sure": "yes"})

        assert answer.status_code == 302
        assert Card.objects.get().state == "blocked"


class TestAlert:
    def test_stays_open_without_a_reason(self, office):
        address = f"/peringatan/{Alert.objects.get().uuid}/"

        assert office("supervisor").post(address, {"reason": "ok"}).status_code == 422
        assert Alert.objects.get().state == "open"

    def test_is_closed_with_one(self, office):
        address = f"/peringatan/{Alert.objects.get().uuid}/"

        office("supervisor").post(address, {"reason": "Kartu diperiksa dan diblokir."})

        assert Alert.objects.get().state == "closed"
        assert Entry.objects.filter(kind="alert.closed").count() == 1


class TestRoles:
    def test_the_proposer_is_told_that_another_must_approve(self, office, budi):
        clerk = office("dinsos_province")
        me = User.objects.get(username="dinsos_province.None")
        other = User.objects.create(username="eko", full_name="Eko")
        grant = propose(other, "viewer", actor=me.actor, at=timezone.now())

        answer = clerk.post(f"/peran/{grant.uuid}/setujui/", follow=True)

        assert "tidak boleh menyetujui usulannya sendiri" in answer.content.decode()
        grant.refresh_from_db()
        assert grant.approved_by_person is None


class TestUpload:
    def test_says_beside_the_field_what_is_wrong(self, office):
        clerk = office("dinsos_province")
        file = SimpleUploadedFile("daftar.csv", b"bukan,daftar\n1,2\n")

        answer = clerk.post("/penerimaan/unggah/", {"file": file, "kind": "households"})

        assert answer.status_code == 422
        assert not Batch.objects.exists()

    def test_asks_for_a_file(self, office):
        answer = office("dinsos_province").post("/penerimaan/unggah/", {"kind": "households"})

        assert "Belum ada berkas" in answer.content.decode()


class TestDevices:
    def test_a_code_is_shown_once_as_a_picture(self, office):
        answer = office("admin").post("/gawai/daftarkan/", {"facilitator": "sari"})

        page = answer.content.decode()
        assert "<svg" in page
        assert "/lapangan/#enrol=" in page
        assert "no-store" in answer["Cache-Control"]

    def test_nobody_without_a_role_in_the_field_gets_one(self, office):
        answer = office("admin").post("/gawai/daftarkan/", {"facilitator": "auditor.None"})

        assert answer.status_code == 422

    def test_six_wrong_words_confirm_nothing(self, office, world):
        phone = world.phone()
        device = world.device(phone)

        answer = office("admin").post(
            f"/gawai/{device.uuid}/sahkan/", {"words": "a b c d e f", "area": "6201"}
        )

        assert answer.status_code == 422
        device.refresh_from_db()
        assert device.state == "pending"

    def test_the_right_words_do(self, office, world):
        phone = world.phone()
        device = world.device(phone)

        office("admin").post(
            f"/gawai/{device.uuid}/sahkan/", {"words": " ".join(phone.words), "area": "6201"}
        )

        device.refresh_from_db()
        assert device.state == "active"

    def test_stopping_asks_for_a_reason(self, office):
        device = Device.objects.get()

        answer = office("supervisor").post(f"/gawai/{device.uuid}/hentikan/", {"act": "revoke"})

        assert answer.status_code == 422
        device.refresh_from_db()
        assert device.state == "active"


class TestCycle:
    def test_is_planned_with_six_digits(self, office, world):
        clerk = office("dinsos_province")
        form = {"programme": "KHBS", "code": "dua", "name": "Tahap II",
                "opens_on": "2026-06-01", "closes_on": "2026-07-01"}  # fmt: skip

        assert clerk.post("/tahap/", form).status_code == 422
        assert clerk.post("/tahap/", form | {"code": "202602", "opens_on": ""}).status_code == 422
        assert clerk.post("/tahap/", form | {"code": "202602"}).status_code == 302
        assert Cycle.objects.filter(code="202602", state="planned").count() == 1

    def test_a_viewer_of_cycles_cannot_close_one(self, office, world):
        office("auditor").post(f"/tahap/{world.cycle.uuid}/tutup/")

        world.cycle.refresh_from_db()
        assert world.cycle.state == "open"

    def test_counts_what_lies_in_phones_of_the_own_areas_alone(self, office, world):
        address = f"/tahap/{world.cycle.uuid}/"

        here, there, whole = (
            office("auditor", area).get(address).context["on_phones"] for area in (6201, 6202, None)
        )

        assert here > 0
        assert there == 0
        assert whole == here

    def test_closing_is_recorded(self, office, world):
        office("dinsos_province").post(f"/tahap/{world.cycle.uuid}/tutup/", {"sure_close": "yes"})

        assert Entry.objects.filter(kind="cycle.closed").count() == 1

    def test_is_not_closed_or_opened_by_who_did_not_tick_that_he_read(self, office, world):
        clerk = office("dinsos_province")

        closed = clerk.post(f"/tahap/{world.cycle.uuid}/tutup/")
        opened = clerk.post(f"/tahap/{world.cycle.uuid}/buka/", {"sure_close": "yes"})

        world.cycle.refresh_from_db()
        assert (closed.status_code, opened.status_code) == (422, 422)
        assert "sudah Anda baca" in closed.content.decode()
        assert world.cycle.state == "open"
        assert not Errand.objects.exists()

    def test_says_what_is_left_before_it_is_closed(self, office, world):
        page = office("dinsos_province").get(f"/tahap/{world.cycle.uuid}/")

        assert page.context["unserved"] == len(world.rights()) - 1
        assert "Belum diserahkan" in page.content.decode()

    def test_once_closed_is_neither_opened_nor_closed(self, office, world):
        clerk = office("dinsos_province")
        clerk.post(f"/tahap/{world.cycle.uuid}/tutup/", {"sure_close": "yes"})

        again = clerk.post(f"/tahap/{world.cycle.uuid}/tutup/", {"sure_close": "yes"})
        opened = clerk.post(f"/tahap/{world.cycle.uuid}/buka/", {"sure_open": "yes"})

        assert "sudah ditutup" in opened.content.decode()
        assert (again.status_code, opened.status_code) == (422, 422)
        assert not Errand.objects.exists()

    def test_takes_in_who_was_enrolled_since_once_for_two_who_press(self, office, world):
        clerk, other = office("dinsos_province"), office("dinsos_province", 62)
        address = f"/tahap/{world.cycle.uuid}/buka/"

        first = clerk.post(address, {"sure_open": "yes"})
        second = other.post(address, {"sure_open": "yes"})

        assert (first.status_code, second.status_code) == (302, 422)
        assert "sudah diminta" in second.content.decode()
        assert "menunggu giliran" in clerk.get(f"/tahap/{world.cycle.uuid}/").content.decode()
        assert worker.errand_once("open", threading.Event())
        assert Errand.objects.get().told["entitlements"] == 0


class TestCase:
    @pytest.fixture
    def contested(self, office, world):
        """A second phone claims what the first has delivered: the system opened a case."""
        right = world.rights(VILLAGES[0])[0]
        other = world.confirmed()
        other.rights = {right: str(world.programme.uuid)}
        other.deliver(right)
        other.push()
        return Case.objects.get()

    def test_shows_both_evidences(self, office, contested):
        page = office("supervisor").get(f"/kasus/{contested.uuid}/").content.decode()

        assert "Dihitung" in page
        assert "Tidak dihitung" in page

    def test_is_not_found_in_another_regency(self, office, contested):
        assert office("dinsos_regency", 6202).get(f"/kasus/{contested.uuid}/").status_code == 404

    def test_is_a_look_at_its_family(self, office, contested):
        office("supervisor").get(f"/kasus/{contested.uuid}/")

        entry = Entry.objects.get(kind="household.looked")
        assert entry.subject == contested.household.uuid
        assert entry.facts == {"page": "case"}

    def test_an_auditor_decides_nothing(self, office, contested):
        office("auditor").post(
            f"/kasus/{contested.uuid}/", {"act": "resolve", "outcome": "dismissed", "text": "x"}
        )

        contested.refresh_from_db()
        assert contested.state == "open"

    def test_is_decided_with_an_outcome_and_a_reason(self, office, contested):
        address = f"/kasus/{contested.uuid}/"
        clerk = office("supervisor")

        assert (
            clerk.post(address, {"act": "resolve", "outcome": "", "text": "x"}).status_code == 422
        )
        clerk.post(address, {"act": "resolve", "outcome": "dismissed", "text": "Keliru gawai."})

        contested.refresh_from_db()
        assert contested.state == "resolved"
        assert "Keliru gawai." in clerk.get(address).content.decode()
