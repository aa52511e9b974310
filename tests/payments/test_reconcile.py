"""The bank's own history is compared with our books, and what does not fit is told."""

from datetime import timedelta

import pytest
from django.utils import timezone

from betang.journal.models import Entry
from betang.payments.models import Disbursement, StatementLine
from betang.payments.reconcile import Line, NoHistoryError, fetch_history, reconcile

pytestmark = [pytest.mark.django_db, pytest.mark.server]


def compare(office):
    """Fetch the last day and compare."""
    now = timezone.now()
    start = now - timedelta(days=1)
    lines = fetch_history(office.bank, start, now)
    return reconcile(lines, start, now, actor=office.clerk, at=timezone.now())


class TestReconciling:
    def test_refuses_to_guess_when_the_bank_gives_no_history(self, ready):
        ready.send()
        ready.bank_process.kill()

        with pytest.raises(NoHistoryError, match="not_reached"):
            compare(ready)
        ready.bank_process.start()

        assert StatementLine.objects.count() == 0

    def test_refuses_an_amount_that_is_not_whole_rupiah(self, ready, monkeypatch):
        ready.bank.transfer("X1", "200100000001", 5)
        now = timezone.now()
        answer = ready.bank.history(now - timedelta(days=1), now, size=50, page=0)
        answer.fields["detailData"][0]["amount"]["value"] = "5.50"
        monkeypatch.setattr(ready.bank, "history", lambda *_args, **_more: answer)

        with pytest.raises(NoHistoryError, match="unreadable"):
            fetch_history(ready.bank, now - timedelta(days=1), now)

    def test_matches_what_was_paid(self, ready):
        ready.send()

        done = compare(ready)

        assert (done.lines, done.matched, done.clean) == (10, 10, True)
        assert set(Disbursement.objects.values_list("reconciliation", flat=True)) == {"matched"}

    def test_changes_nothing_when_the_same_history_is_read_again(self, ready):
        ready.send()
        compare(ready)

        again = compare(ready)

        assert (again.new_lines, again.matched, again.settled) == (0, 10, 0)
        assert StatementLine.objects.count() == 10
        assert not Entry.objects.filter(kind="disbursement.mismatched").exists()

    def test_reads_every_page(self, ready):
        now = timezone.now()
        for n in range(101):
            ready.bank.transfer(f"X{n}", "200100000001", 1_000)

        lines = fetch_history(ready.bank, now - timedelta(days=1), timezone.now())

        assert len(lines) == len({line.reference for line in lines}) == 101

    def test_tells_of_another_amount(self, ready):
        odd = ready.references()[3]
        ready.bank_process.ask("faults", fault="wrong_amount_in_history", references=[odd])
        ready.send()

        done = compare(ready)

        assert (done.matched, done.different) == (9, 1)
        assert Disbursement.objects.get(reference=odd).reconciliation == "different"
        told = Entry.objects.get(kind="disbursement.mismatched")
        assert told.facts == {"result": "different", "amount_rupiah": 250_000}

    def test_tells_of_a_debit_nobody_asked_for(self, ready):
        ready.send()
        ready.bank_process.ask("debits", amount_rupiah=6_500)

        done = compare(ready)

        assert (done.matched, done.unexpected) == (10, 1)
        told = Entry.objects.get(kind="disbursement.mismatched")
        assert told.facts == {"result": "unexpected", "booked_rupiah": 6_500}

    def test_tells_of_what_the_statement_does_not_show_and_takes_it_back_when_it_does(self, ready):
        lost = ready.references()[0]
        ready.bank_process.ask("faults", fault="missing_in_history", references=[lost])
        ready.send()

        first = compare(ready)
        paid = Disbursement.objects.get(reference=lost)
        line = Line("BK99", lost, paid.amount_rupiah, timezone.now())
        later = reconcile(
            [line], timezone.now(), timezone.now(), actor=ready.clerk, at=timezone.now()
        )

        assert (first.missing, first.matched) == (1, 9)
        assert (later.missing, later.matched) == (0, 10)

    def test_tells_of_two_debits_under_one_reference(self, ready):
        ready.send()
        twice = Disbursement.objects.order_by("id").first()
        now = timezone.now()
        lines = fetch_history(ready.bank, now - timedelta(days=1), now)
        lines.append(Line("BK98", twice.reference, twice.amount_rupiah, now))

        done = reconcile(lines, now - timedelta(days=1), now, actor=ready.clerk, at=now)

        assert (done.matched, done.different) == (9, 1)

    def test_tells_when_the_bank_booked_what_we_hold_for_failed(self, ready):
        ready.bank_process.ask("accounts/200100000001", state="dormant")
        ready.send()
        failed = Disbursement.objects.get(state="failed")
        now = timezone.now()

        done = reconcile(
            [Line("BK97", failed.reference, failed.amount_rupiah, now)], now, now,
            actor=ready.clerk, at=now,
        )  # fmt: skip

        assert done.different == 1
