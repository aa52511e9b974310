"""The page of bank accounts: one brings the bank's file, another accepts it, the bank is asked."""

import threading

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from betang import worker
from betang.errands.models import Errand
from betang.journal.models import Entry
from betang.payments.models import AccountFile, BankAccount
from tests.payments.conftest import agreed, bank, bank_process, office  # noqa: F401
from tests.web.test_order_page import people  # noqa: F401 - a fixture

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.server]
ROOT = "/penyaluran/rekening/"


def upload(client, content):
    return client.post(f"{ROOT}unggah/", {"file": SimpleUploadedFile("bank.csv", content)})


def at_work():
    return worker.errand_once(Errand.Kind.CHECK, threading.Event())


@pytest.fixture
def clerk(people):  # noqa: F811
    return people("dinsos_province")


@pytest.fixture
def answer(clerk, office):  # noqa: F811
    """What the bank says to the file that the page gave."""
    return office.bank_process.burekol(clerk.post(f"{ROOT}minta/").content.decode())


class TestTheRequest:
    def test_holds_names_and_is_not_for_an_auditor(self, people):  # noqa: F811
        assert people("auditor").post(f"{ROOT}minta/").status_code == 403
        assert people("auditor").get(f"{ROOT}minta/").status_code in {403, 405}
        assert not Entry.objects.filter(kind="accounts.requested").exists()

    def test_asks_for_each_family_without_an_account_and_is_recorded(self, clerk):
        given = clerk.post(f"{ROOT}minta/")

        assert given.content.decode().count("\n") == 11
        assert "attachment" in given["Content-Disposition"]
        assert Entry.objects.get(kind="accounts.requested").facts["count"] == 10


class TestTheAnswer:
    @pytest.mark.parametrize("content", [b"bukan,berkas\n1,2\n", b"\xff\xfe\x00"])
    def test_that_is_none_is_refused_with_a_sentence(self, clerk, content):
        assert upload(clerk, content).status_code == 422
        assert clerk.post(f"{ROOT}unggah/").status_code == 422
        assert not AccountFile.objects.exists()

    def test_is_not_accepted_by_who_brought_it(self, clerk, answer):
        page = clerk.get(upload(clerk, answer)["Location"])
        file = AccountFile.objects.get()

        refused = clerk.post(f"{ROOT}{file.uuid}/terima/", follow=True)

        assert "Terima berkas</button>" not in page.content.decode()
        assert "tidak boleh menyetujui usulannya sendiri" in refused.content.decode()
        assert not BankAccount.objects.exists()

    def test_is_accepted_by_another_once(self, people, clerk, answer):  # noqa: F811
        upload(clerk, answer)
        address = f"{ROOT}{AccountFile.objects.get().uuid}/terima/"
        treasurer = people("treasurer")

        treasurer.post(address)
        again = treasurer.post(address, follow=True)

        assert "sudah diputus" in again.content.decode()
        assert BankAccount.objects.count() == 10

    def test_that_is_turned_down_changes_nothing(self, people, clerk, answer):  # noqa: F811
        upload(clerk, answer)
        file = AccountFile.objects.get()

        people("treasurer").post(f"{ROOT}{file.uuid}/tolak/")

        assert "Ditolak" in clerk.get(f"{ROOT}{file.uuid}/").content.decode()
        assert not BankAccount.objects.exists()

    def test_brought_twice_is_told_so(self, clerk, answer):
        upload(clerk, answer)

        assert "sudah pernah dimasukkan" in upload(clerk, answer).content.decode()


class TestTheNames:
    @pytest.fixture
    def opened(self, people, clerk, answer):  # noqa: F811
        upload(clerk, answer)
        people("treasurer").post(f"{ROOT}{AccountFile.objects.get().uuid}/terima/")

    def test_are_not_asked_for_by_an_auditor(self, people, opened):  # noqa: F811
        assert people("auditor").post(f"{ROOT}periksa/").status_code == 403
        assert people("auditor").get(ROOT).status_code == 200
        assert not Errand.objects.exists()

    def test_are_compared_by_the_worker_once_for_two_who_press(self, clerk, people, opened):  # noqa: F811
        first = clerk.post(f"{ROOT}periksa/")
        second = people("treasurer").post(f"{ROOT}periksa/")
        while at_work():
            pass

        told = clerk.get(ROOT).content.decode()
        assert (first.status_code, second.status_code) == (302, 422)
        assert Errand.objects.get().told == {"verified": 10, "failed": 0, "unknown": 0}
        assert "Nama diperiksa" in told
        assert "Tidak ada rekening yang perlu diperiksa" in told
