"""A family is paid once, whatever the bank answers and whoever dies on the way."""

from contextlib import closing

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from betang.core.errors import SamePersonError
from betang.distribution.models import Entitlement, VillageTally
from betang.journal.models import Entry
from betang.ledger.balance import balance, imbalance
from betang.ledger.chart import AID, BANK, OWED, TREASURY
from betang.payments.models import BankAccount, BankMessage, Disbursement
from betang.payments.prepare import (
    NothingToPrepareError,
    NotWaitingError,
    OrderChangedError,
    approve,
    find_order,
    prepare,
)
from betang.payments.send import SENDER_LOCK, SenderRunningError
from sandbox.bank.book import TRANSFER_FAULTS
from tests.payments.conftest import Office, make_families

pytestmark = [pytest.mark.django_db, pytest.mark.server]


class TestPreparing:
    def test_refuses_when_no_account_is_checked(self, office, noon):
        with pytest.raises(NothingToPrepareError), transaction.atomic():
            prepare(office.cycle, actor=office.clerk, at=noon)

        assert Disbursement.objects.count() == 0

    def test_refuses_a_second_time_when_nothing_new_is_due(self, office, noon):
        office.open_accounts()
        prepare(office.cycle, actor=office.clerk, at=noon)

        with pytest.raises(NothingToPrepareError), transaction.atomic():
            prepare(office.cycle, actor=office.clerk, at=noon)

        assert Disbursement.objects.count() == 10

    def test_gives_each_family_the_one_reference_of_its_cycle(self, office, noon):
        office.open_accounts()

        done = prepare(office.cycle, actor=office.clerk, at=noon)

        assert (done.order.count, done.order.total_rupiah) == (10, 2_500_000)
        assert all(d.reference[:8] == "HB202601" for d in Disbursement.objects.all())
        assert {d.uuid.version for d in Disbursement.objects.all()} == {7}

    def test_says_how_many_families_it_leaves_out(self, office, noon):
        office.bank_process.ask("faults", fault="burekol_refused", share=0.5)
        office.open_accounts()

        done = prepare(office.cycle, actor=office.clerk, at=noon)

        assert 0 < done.order.count < 10
        assert done.order.count + done.without_account == 10


class TestApproving:
    @pytest.fixture
    def order(self, office, noon):
        office.open_accounts()
        return prepare(office.cycle, actor=office.clerk, at=noon).order

    def test_refuses_the_person_who_prepared(self, office, order, noon):
        with pytest.raises(SamePersonError):
            approve(order, actor=office.clerk, at=noon)

    def test_refuses_a_list_that_was_changed_behind_the_program(self, office, order, noon):
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE payments_disbursement SET account_id ="
                " (SELECT max(a.id) FROM payments_bankaccount a WHERE a.id <> account_id)"
                " WHERE id = (SELECT min(id) FROM payments_disbursement)"
            )

        with pytest.raises(OrderChangedError), transaction.atomic():
            approve(order, actor=office.treasurer, at=noon)

        assert find_order(order.uuid).state == "prepared"

    def test_refuses_the_second_of_two_approvals(self, office, order, noon):
        approve(order, actor=office.treasurer, at=noon)

        with pytest.raises(NotWaitingError):
            approve(find_order(order.uuid), actor=office.treasurer, at=noon)

        assert Entry.objects.filter(kind="order.approved").count() == 1

    def test_books_what_is_owed_and_brings_the_money(self, office, order, noon):
        approve(order, actor=office.treasurer, at=noon)

        assert balance(OWED) == -2_500_000
        assert balance(AID) == balance(BANK) == -balance(TREASURY) == 2_500_000


class TestSending:
    def test_refuses_while_another_sender_runs(self, ready, other_session):
        other_session.execute("SELECT pg_advisory_lock(%s)", [SENDER_LOCK])

        with pytest.raises(SenderRunningError):
            ready.send()

        assert ready.bank_process.ask("counts")["transfer_requests"] == 0

    def test_sends_nothing_that_is_not_approved(self, office, noon):
        office.open_accounts()
        prepare(office.cycle, actor=office.clerk, at=noon)

        run = office.send()

        assert run.sent == 0
        assert office.bank_process.ask("counts")["transfer_requests"] == 0

    def test_sends_nothing_to_an_account_that_is_not_verified_any_more(self, ready):
        # Another payment failed on it, and a file put a number in its place that nobody checked.
        changed = Disbursement.objects.order_by("id").first()
        BankAccount.objects.filter(pk=changed.account_id).update(state="none")

        run = ready.send()

        assert run.sent == 9
        assert ready.states() == {"paid": 9, "prepared": 1}
        BankAccount.objects.filter(pk=changed.account_id).update(state="verified")
        assert ready.send().sent == 1

    def test_pays_every_family_once_and_the_books_agree(self, ready):
        run = ready.send(chunk=4)

        counts = ready.bank_process.ask("counts")
        assert run.ends == {"paid": 10, "failed": 0, "unknown": 0}
        assert (counts["transfers"], counts["total_rupiah"]) == (10, 2_500_000)
        assert Entitlement.objects.filter(channel="bank", state="paid").count() == 10
        assert VillageTally.objects.get().paid == 10
        assert (balance(OWED), balance(BANK), balance(AID)) == (0, 0, 2_500_000)
        assert imbalance() == []
        assert Entry.objects.filter(kind="disbursement.paid").count() == 10
        assert Entry.objects.filter(kind="disbursement.sent").count() == 3

    def test_claims_no_more_than_a_chunk_however_the_database_goes_about_it(self, ready):
        """A chosen list that is looked up once a row would choose again each time."""
        ways = ("hashjoin", "mergejoin", "hashagg", "material", "sort")
        with connection.cursor() as cursor:
            for way in ways:
                cursor.execute(f"SET LOCAL enable_{way} = off")

        ready.send(chunk=4)

        sent = Entry.objects.filter(kind="disbursement.sent").order_by("id")
        assert [entry.facts["count"] for entry in sent] == [4, 4, 2]

    def test_changes_nothing_when_it_runs_again(self, ready):
        ready.send()

        run = ready.send()

        assert (run.sent, run.asked) == (0, 0)
        assert ready.bank_process.ask("counts")["transfer_requests"] == 10

    @pytest.mark.parametrize(
        "fault",
        [
            "timeout_after_booking",
            "timeout_before_booking",
            "lost_answer",
            "error_after_booking",
            "error_before_booking",
            "gateway_timeout",
            "in_progress",
            "slow",
        ],
    )
    def test_pays_once_although_the_bank_misbehaves(self, ready, fault):
        references = ready.references()[:3]
        ready.bank_process.ask("faults", fault=fault, references=references)

        ready.send()

        counts = ready.bank_process.ask("counts")
        assert ready.states() == {"paid": 10}
        assert (counts["transfers"], counts["accounts_paid_twice"]) == (10, 0)
        assert ready.references()[:3] == references  # never a new one
        assert imbalance() == []

    def test_never_takes_a_duplicate_for_paid_unasked(self, ready):
        reference = ready.references()[0]
        ready.bank_process.ask("faults", fault="lost_answer", references=[reference], times=1)

        ready.send()

        services = list(
            BankMessage.objects.filter(reference=reference)
            .order_by("id")
            .values_list("service", "response_code")
        )
        assert services == [(17, "cut"), (36, "2003600")]

    def test_uses_a_new_external_id_for_every_try_and_keeps_no_personal_data(self, ready):
        ready.bank_process.ask(
            "faults", fault="error_before_booking", references=ready.references(), times=1
        )

        ready.send()

        rows = list(BankMessage.objects.values())
        assert len({row["external_id"] for row in rows}) == len(rows) == 30
        assert "2001" not in {str(row["external_id"])[:4] for row in rows}
        assert not any("SITI" in str(row).upper() for row in rows)

    def test_holds_for_failed_what_the_bank_definitely_refuses(self, ready):
        number = "200100000001"
        ready.bank_process.ask(f"accounts/{number}", state="dormant")

        run = ready.send()

        assert run.ends == {"paid": 9, "failed": 1, "unknown": 0}
        failed = Disbursement.objects.select_related("account").get(state="failed")
        assert (failed.answer, failed.account.state) == ("4031709", "failed")
        assert balance(OWED) == 0  # it is owed no longer until somebody prepares it again
        assert balance(BANK) == 250_000
        assert imbalance() == []

    def test_stops_when_the_source_account_is_empty_and_goes_on_when_it_is_filled(self, ready):
        ready.bank_process.ask("funds", amount_rupiah=1_000_000)

        first = ready.send()
        ready.bank_process.ask("funds", amount_rupiah=2_500_000)
        second = ready.send()

        assert first.stopped == "no_funds"
        assert first.ends["paid"] == 4
        assert not second.stopped
        assert ready.states() == {"paid": 10}
        assert ready.bank_process.ask("counts")["accounts_paid_twice"] == 0

    def test_never_calls_paid_what_was_booked_with_another_amount(self, ready):
        reference = ready.references()[0]
        other = ready.bank.transfer(reference, "200100000001", 1_000)
        assert other.code == "2001700"

        ready.send()

        assert Disbursement.objects.get(reference=reference).state == "unknown"
        assert Disbursement.objects.get(reference=reference).answer == "amount"

    def test_leaves_doubt_in_doubt_while_the_bank_is_away_and_settles_it_later(self, ready):
        ready.bank_process.ask(
            "faults", fault="lost_answer", references=ready.references(), times=1
        )
        ready.bank_process.kill()

        away = ready.send()
        ready.bank_process.start()
        back = ready.send()

        assert away.ends["unknown"] == 10
        assert away.stopped == "bank_away"
        assert back.ends["paid"] == 10
        assert ready.bank_process.ask("counts")["transfers"] == 10

    @pytest.mark.parametrize("seed", range(4))
    def test_pays_once_whatever_goes_wrong_together(self, bank_process, keys, budi, wati, seed):
        bank_process.kill()
        bank_process.options += ["--seed", str(seed), "--hang-seconds", "2.5"]
        bank_process.start()
        cycle = make_families(80, actor=budi, at=timezone.now())
        with closing(bank_process.client(timeout_s=30)) as patient:
            office = Office(cycle, bank_process, patient, budi, wati)
            office.open_accounts()
        office.approved()
        bank = office.bank = bank_process.client(timeout_s=2, connections=8)
        for fault in TRANSFER_FAULTS:
            bank_process.ask("faults", fault=fault, share=0.09)

        office.send(chunk=30, wait_s=0.005)
        while "unknown" in office.states():
            office.send(chunk=30, wait_s=0.005)
        bank.close()

        counts = bank_process.ask("counts")
        assert office.states() == {"paid": 80}
        assert (counts["transfers"], counts["accounts_paid_twice"]) == (80, 0)
        assert counts["transfer_requests"] > 80  # something did go wrong
        assert (balance(OWED), imbalance()) == (0, [])


class TestPreparingAgain:
    def test_pays_a_corrected_account_under_the_same_reference_with_a_suffix(self, ready, noon):
        ready.bank_process.ask("accounts/200100000001", state="dormant")
        ready.send()
        ready.bank_process.ask("accounts/200100000001", state="active")
        ready.check(again=True)

        order = ready.approved()
        ready.send()

        assert order.count == 1
        assert Disbursement.objects.get(order=order).reference.endswith("-2")
        assert ready.states() == {"paid": 10}
        assert ready.bank_process.ask("counts")["transfers"] == 10
        assert (balance(OWED), balance(BANK), balance(AID)) == (0, 0, 2_500_000)

    def test_refuses_it_while_the_account_is_not_checked_again(self, ready, noon):
        ready.bank_process.ask("accounts/200100000001", state="dormant")
        ready.send()

        with pytest.raises(NothingToPrepareError), transaction.atomic():
            prepare(ready.cycle, actor=ready.clerk, at=noon)


class TestTheDatabase:
    @pytest.mark.parametrize(
        "change",
        [
            "state = 'prepared'",
            "state = 'failed'",
            "amount_rupiah = 1",
            "reference = 'HB2026019999999999'",
        ],
    )
    def test_refuses_to_unpay(self, ready, change):
        ready.send()

        with (
            pytest.raises(IntegrityError),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"UPDATE payments_disbursement SET {change}")
