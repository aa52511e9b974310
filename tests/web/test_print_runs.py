"""The pages of print runs: who may not; then one run from the frozen list to its return."""

import threading
from io import BytesIO

import pyrage
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from betang import worker
from betang.accounts.models import User
from betang.cards.issue import issue_cards
from betang.cards.models import Bureau, Card, PrintRun
from betang.cards.printing import bureaus
from betang.errands.models import Errand
from betang.journal.models import Entry
from betang.keys import ring
from sandbox.bureau.answer import answer, chip_stock, honest
from sandbox.bureau.package import open_package
from tests.cards.conftest import decree, family  # noqa: F401 - fixtures of families
from tests.cards.printing.conftest import nothing_left  # noqa: F401 - a folder of the test's own

pytestmark = pytest.mark.django_db(transaction=True)
ROOM = "/kartu/cetak/"


@pytest.fixture
def ordered(family, keys, budi, noon):  # noqa: F811
    """Three cards that wait."""
    for name in ("Sumiati", "Tambun", "Bungai"):
        family(head_name=name)
    issue_cards(actor=budi, at=noon)


@pytest.fixture
def identity():
    return pyrage.x25519.Identity.generate()


@pytest.fixture
def bureau(db, identity, budi, wati, noon) -> Bureau:
    proposed = bureaus.propose("PT Kartu", str(identity.to_public()), actor=budi, at=noon)
    return bureaus.approve(proposed, actor=wati, at=noon)


@pytest.fixture
def dina(office):
    """A clerk of the province, who freezes."""
    return office("dina", "dinsos_province")


@pytest.fixture
def rudi(office):
    """A supervisor, the second person."""
    return office("rudi", "supervisor")


def at_work(kind):
    assert worker.errand_once(kind, threading.Event())
    errand = Errand.objects.filter(kind=kind).order_by("-id").first()
    assert errand.state == "done", errand.told


def there(run, act=""):
    return f"{ROOM}{run.uuid}/{act}"


def text(client, run):
    answered = client.get(there(run))
    assert answered.status_code == 200
    return answered.content.decode()


@pytest.fixture
def run(ordered, dina) -> PrintRun:
    assert dina.post(ROOM, {"area": "", "limit": ""}).status_code == 302
    return PrintRun.objects.get()


@pytest.fixture
def drawn(run, dina) -> PrintRun:
    dina.post(there(run, "gambar/"), {"check_all": "yes"})
    at_work("print")
    run.refresh_from_db()
    return run


class TestWho:
    @pytest.mark.parametrize("role", ["facilitator", "treasurer", "viewer", "admin"])
    def test_sees_nothing_of_it(self, office, role):
        assert office(role, role).get(ROOM).status_code == 403

    @pytest.mark.parametrize("role", ["supervisor", "auditor", "bureau"])
    def test_sees_but_freezes_nothing(self, office, ordered, role):
        client = office(role, role)

        assert client.get(ROOM).status_code == 200
        client.post(ROOM, {"area": "", "limit": ""})

        assert not PrintRun.objects.exists()

    @pytest.mark.parametrize("act", ["gambar/", "batal/", "lepas/", "tutup/", "kantor/"])
    def test_acts_on_nothing_as_the_bureau(self, office, run, act):
        assert office("biro", "bureau").post(there(run, act), {"reason": "x"}).status_code == 403

    def test_fetches_no_package_as_an_auditor(self, office, run):
        assert office("audit", "auditor").get(there(run, "paket/")).status_code == 403


class TestFreezing:
    @pytest.mark.parametrize("form", [{"area": "62x"}, {"area": "123"}, {"limit": "0"}])
    def test_tells_what_is_wrong_with_the_form(self, ordered, dina, form):
        answered = dina.post(ROOM, form)

        assert answered.status_code == 422
        assert "4, 6 atau 10 angka" in answered.content.decode()

    def test_tells_that_nothing_waits(self, keys, dina):
        answered = dina.post(ROOM, {"area": "", "limit": ""})

        assert "Tidak ada kartu yang menunggu" in answered.content.decode()
        assert not PrintRun.objects.exists()


class TestCancelling:
    def test_asks_for_a_reason(self, run, dina):
        answered = dina.post(there(run, "batal/"), {"reason": " "})

        assert answered.status_code == 422
        assert "Alasannya belum diisi" in answered.content.decode()

    def test_frees_the_cards(self, drawn, dina):
        dina.post(there(drawn, "batal/"), {"reason": "salah wilayah"})

        assert "salah wilayah" in text(dina, drawn)
        assert dina.post(ROOM, {}).status_code == 302


class TestReleasing:
    def test_is_refused_to_who_froze_it(self, drawn, bureau, dina):
        answered = dina.post(there(drawn, "lepas/"), {"bureau": str(bureau.uuid)})

        assert "Pengusul tidak boleh" in answered.content.decode()
        assert not Errand.objects.filter(kind="pack").exists()

    @pytest.mark.parametrize("chosen", ["", "x", "01a20c9f-0fc6-7667-8fa8-9f7db1f46fbc"])
    def test_asks_for_a_bureau(self, drawn, bureau, rudi, chosen):
        answered = rudi.post(there(drawn, "lepas/"), {"bureau": chosen})

        assert "belum dipilih" in answered.content.decode()

    def test_before_the_drawing_is_refused(self, run, bureau, rudi):
        answered = rudi.post(there(run, "lepas/"), {"bureau": str(bureau.uuid)})

        assert "Dibekukan" in answered.content.decode()


def test_a_run_from_the_frozen_list_to_the_bureaus_answer(
    drawn, bureau, identity, dina, rudi, office, tmp_path
):
    assert "Menunggu orang kedua" in text(dina, drawn)
    assert "Lepas dan segel" in text(rudi, drawn)

    rudi.post(there(drawn, "lepas/"), {"bureau": str(bureau.uuid)})
    at_work("pack")
    biro = office("biro", "bureau")
    assert "Unduh paket" in text(biro, drawn)
    sealed = tmp_path / "package.age"
    sealed.write_bytes(b"".join(biro.get(there(drawn, "paket/")).streaming_content))
    assert Entry.objects.filter(kind="print.fetched").count() == 1
    opened = open_package(sealed, str(identity), ring.keyring(), tmp_path / "opened")
    rows = honest([row["card_number"] for row in opened.cards()], chip_stock(3, seed=5))
    drawn.refresh_from_db()

    def send(wrong: str):
        content = BytesIO(answer(drawn.uuid, drawn.released_at, rows, wrong=wrong))
        return biro.post(
            there(drawn, "kembali/"), {"back": SimpleUploadedFile("k.csv", content.read())}
        )

    assert "jumlah periksa" in send("altered").content.decode()
    send("foreign-card")
    told = text(rudi, drawn)
    assert "bukan bagian dari proses cetak ini" in told
    assert "1 kartu belum dilaporkan biro" in told
    send("")

    assert "Setiap kartu sudah dilaporkan" in text(dina, drawn)
    assert Card.objects.filter(state="printed").count() == 3


def test_the_progress_of_a_drawing_is_answered_alone(drawn, dina):
    errand = Errand.objects.get(kind="print")

    told = dina.get(f"{ROOM}kemajuan/{errand.uuid}/").content.decode()

    assert 'id="run-sums"' in told
    assert "<html" not in told


class TestBureaus:
    PAGE = "/kartu/cetak/biro/"

    def test_tells_what_is_no_key(self, dina):
        answered = dina.post(self.PAGE, {"name": "PT Kartu", "recipient": "age1x"})

        assert "bukan kunci publik age" in answered.content.decode()

    def test_takes_two_persons(self, dina, rudi, identity):
        key = str(identity.to_public())
        dina.post(self.PAGE, {"name": "PT Kartu", "recipient": key})
        bureau = Bureau.objects.get()
        dina.post(f"{self.PAGE}{bureau.uuid}/setujui/")
        bureau.refresh_from_db()
        assert bureau.approved_at is None

        rudi.post(f"{self.PAGE}{bureau.uuid}/setujui/")

        bureau.refresh_from_db()
        assert bureau.approved_by_person == User.objects.get(username="rudi").person
        assert key in dina.get(self.PAGE).content.decode()
        dina.post(f"{self.PAGE}{bureau.uuid}/akhiri/")
        assert "Tidak dipakai lagi" in rudi.get(self.PAGE).content.decode()
