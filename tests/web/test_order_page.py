"""The page of a payment order: two persons, a treasurer who sends, a bank that is asked once."""

import threading
import time

import pytest
from django.test import Client
from django.utils import timezone

from betang import worker
from betang.accounts.models import RoleGrant, User
from betang.errands import work
from betang.errands.models import Errand
from betang.journal.models import Entry
from betang.ledger.balance import imbalance
from betang.payments.models import Disbursement, Order
from betang.payments.prepare import prepare
from tests.conftest import PATIENCE_S
from tests.payments.conftest import (  # noqa: F401 - fixtures of the bank
    agreed,
    bank,
    bank_process,
    office,
    ready,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.server]
KINDS = (Errand.Kind.SEND, Errand.Kind.RECONCILE)


@pytest.fixture
def people(office, settings, budi, wati):  # noqa: F811
    """Sign in by role; the worker finds the bank where the settings say."""
    settings.BANK_URL = office.bank_process.url
    settings.BANK_KEYS = str(office.bank_process.folder)

    def signed_in(role: str, name: str = "") -> Client:
        user, made = User.objects.get_or_create(
            username=name or role, defaults={"full_name": (name or role).title()}
        )
        if made:
            RoleGrant.objects.create(
                user=user, role=role, proposed_by_person=budi.person,
                approved_by_person=wati.person, from_at=timezone.now(),
            )  # fmt: skip
        client = Client()
        client.force_login(user)
        return client

    return signed_in


@pytest.fixture
def order(ready):  # noqa: F811
    return Order.objects.get()


def address(order, act=""):
    return f"/penyaluran/{order.uuid}/{act}"


def at_work(kind=Errand.Kind.SEND):
    return worker.errand_once(kind, threading.Event())


def send(client, order, **form):
    return client.post(address(order, "kirim/"), {"sure": "yes"} | form)


def page(client, order, query=""):
    answer = client.get(address(order) + query)
    assert answer.status_code == 200
    return answer.content.decode()


def until(holds):
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


class TestWho:
    @pytest.mark.parametrize("role", ["dinsos_province", "auditor", "supervisor", "admin"])
    def test_sends_nothing_without_being_treasurer(self, people, order, role):
        assert send(people(role), order).status_code == 403
        assert not Errand.objects.exists()

    def test_releases_nothing_without_being_treasurer(self, people, office, budi):  # noqa: F811
        office.open_accounts()
        order = prepare(office.cycle, actor=budi, at=timezone.now()).order

        assert people("dinsos_province").post(address(order, "setujui/")).status_code == 403
        people("treasurer").post(address(order, "setujui/"))

        order.refresh_from_db()
        assert order.state == "approved"

    def test_does_not_release_what_he_prepared_himself(self, people, office):  # noqa: F811
        office.open_accounts()
        clerk = people("treasurer")
        clerk.post("/penyaluran/siapkan/", {"cycle": str(office.cycle.uuid)})
        order = Order.objects.get()

        answer = clerk.post(address(order, "setujui/"), follow=True)

        assert "tidak boleh menyetujui usulannya sendiri" in answer.content.decode()
        assert "Lepas perintah bayar</button>" not in answer.content.decode()

    def test_may_compare_as_auditor_and_send_nothing(self, people, order):
        auditor = people("auditor")

        auditor.post(address(order, "cocokkan/"))

        assert Errand.objects.get().kind == "reconcile"
        assert "Kirim ke bank</button>" not in page(auditor, order)

    def test_did_not_come_from_another_site(self, people, order):
        client = Client(enforce_csrf_checks=True)
        people("treasurer")
        client.force_login(User.objects.get(username="treasurer"))

        assert send(client, order).status_code == 403
        assert not Errand.objects.exists()


class TestSending:
    def test_asks_for_the_tick(self, people, order):
        answer = send(people("treasurer"), order, sure="")

        assert answer.status_code == 422
        assert "sudah Anda periksa" in answer.content.decode()
        assert not Errand.objects.exists()

    def test_is_refused_before_the_second_person(self, people, office, budi):  # noqa: F811
        office.open_accounts()
        order = prepare(office.cycle, actor=budi, at=timezone.now()).order

        answer = send(people("treasurer"), order)

        assert "belum dilepas orang kedua" in answer.content.decode()
        assert not Errand.objects.exists()

    def test_by_a_double_click_pays_each_family_once(self, people, office, order):  # noqa: F811
        treasurer, second = people("treasurer"), people("treasurer", "kedua")

        answers = [send(each, order).status_code for each in (treasurer, treasurer, second)]
        while at_work():
            pass
        late = send(second, order)

        counts = office.bank_process.ask("counts")
        assert answers == [302, 422, 422]
        assert "tidak ada yang dikirim" in late.content.decode()
        assert (counts["transfers"], counts["transfer_requests"]) == (10, 10)
        assert counts["accounts_paid_twice"] == 0
        assert Errand.objects.count() == 1
        assert imbalance() == []

    def test_is_in_the_name_of_the_treasurer(self, people, order):
        send(people("treasurer"), order)
        at_work()

        user = User.objects.get(username="treasurer")
        assert {entry.person for entry in Entry.objects.filter(kind="disbursement.sent")} == {
            user.person
        }

    def test_is_refused_when_the_role_ended_meanwhile(self, people, office, order):  # noqa: F811
        send(people("treasurer"), order)
        RoleGrant.objects.filter(role="treasurer").update(until_at=timezone.now())

        at_work()

        assert Errand.objects.get().told["code"] == "not_allowed"
        assert office.bank_process.ask("counts")["transfer_requests"] == 0

    def test_after_a_kill_is_named_and_goes_on_by_asking_first(
        self, people, office, order, live_betang  # noqa: F811
    ):  # fmt: skip
        """Kill -9 of the worker in the middle; the next one names it, a person presses again."""
        treasurer = people("treasurer")
        live_betang.environment |= {
            "BETANG_BANK_URL": office.bank_process.url,
            "BETANG_BANK_KEYS": str(office.bank_process.folder),
        }
        office.bank_process.ask("faults", fault="slow", references=office.references(), times=1)
        send(treasurer, order)
        live_betang.start("worker")
        until(lambda: office.bank_process.ask("counts")["transfers"] > 0)
        live_betang.kill("worker")
        until(lambda: not work.at_work("send"))

        told = page(treasurer, order)
        live_betang.start("worker")
        until(lambda: Errand.objects.get().state == "interrupted")
        again = page(treasurer, order)
        send(treasurer, order)
        until(lambda: Errand.objects.latest("id").state == "done")

        counts = office.bank_process.ask("counts")
        for each in (told, again):
            assert "terputus sebelum selesai" in each
            assert "Tanyakan dan kirim lagi" in each
        assert (counts["transfers"], counts["accounts_paid_twice"]) == (10, 0)
        assert office.states() == {"paid": 10}
        assert imbalance() == []

    def test_without_a_bank_says_who_must_set_it(self, people, order, settings):
        settings.BANK_URL = ""
        treasurer = people("treasurer")

        told = page(treasurer, order)
        send(treasurer, order)
        at_work()

        assert "Alamat bank belum diatur" in told
        assert "Kirim ke bank</button>" not in told
        assert Errand.objects.get().told["code"] == "bank.not_configured"

    def test_of_one_order_leaves_another_alone(self, people, office, order):  # noqa: F811
        first = Disbursement.objects.order_by("id").first()
        other = Order.objects.create(
            cycle=order.cycle, state="approved", count=1, total_rupiah=250_000, digest="0" * 64,
            prepared_by_person=office.clerk.person, prepared_at=timezone.now(),
            approved_by_person=office.treasurer.person, approved_at=timezone.now(),
        )  # fmt: skip
        Disbursement.objects.filter(pk=first.pk).update(order=other)

        send(people("treasurer"), order)
        at_work()

        assert office.states() == {"paid": 9, "prepared": 1}
        first.refresh_from_db()
        assert first.state == "prepared"


class TestWhatIsShown:
    def test_each_failure_has_its_reason_and_what_to_do(self, people, office, order):  # noqa: F811
        number = office.references()[0]
        Disbursement.objects.filter(reference=number).update(
            state="failed", answer="4031718", settled_at=timezone.now()
        )

        told = page(people("dinsos_province"), order)

        assert "Rekening tidak aktif." in told
        assert "siapkan perintah bayar baru" in told
        assert number in told

    def test_how_many_went_each_way(self, people, office, order):  # noqa: F811
        treasurer = people("treasurer")
        send(treasurer, order)
        at_work()

        answer = treasurer.get(address(order))

        assert {label: sum_ and sum_["count"] for label, sum_ in answer.context["sums"]} == {
            "Disiapkan": None, "Dikirim": None, "Belum pasti": None, "Dibayar": 10, "Gagal": None,
        }  # fmt: skip
        assert "Selesai dibayar" in answer.content.decode()
        assert "Kirim ke bank</button>" not in answer.content.decode()

    def test_the_comparison_with_the_bank(self, people, order):
        clerk, treasurer = people("dinsos_province"), people("treasurer")
        send(treasurer, order)
        at_work()

        clerk.post(address(order, "cocokkan/"))
        assert "menunggu giliran" in page(clerk, order)
        at_work(Errand.Kind.RECONCILE)

        answer = clerk.get(address(order))
        assert answer.context["reconciled"] == {"matched": 10}
        assert "10 baris rekening koran dibaca" in answer.content.decode()

    def test_the_part_that_a_script_asks_for(self, people, order):
        treasurer = people("treasurer")
        send(treasurer, order)
        part = f"/penyaluran/kemajuan/{Errand.objects.get().uuid}/"

        before = treasurer.get(part).content.decode()
        at_work()
        after = treasurer.get(part).content.decode()

        assert f'data-errand="{part}"' in before
        assert "data-errand=" not in after
        assert people("supervisor").get(part).status_code == 403

    @pytest.mark.parametrize(
        "query", ["?keadaan=failed", "?keadaan=x&urut=-nilai", "?urut=selesai"]
    )
    def test_bears_every_filter(self, people, order, query):
        page(people("auditor"), order, query)
