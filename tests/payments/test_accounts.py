"""Accounts come from the bank's file, and only a matching holder is paid."""

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from betang.core.errors import RefusedError, SamePersonError
from betang.core.identity.household_number import household_number
from betang.eligibility.models import Decree, Enrolment
from betang.journal.models import Entry
from betang.payments.account_files import (
    FileDecidedError,
    FileKnownError,
    accept_accounts,
    reject_accounts,
    stage_accounts,
)
from betang.payments.accounts import (
    AccountRow,
    NotAnAccountFileError,
    load_accounts,
    read_answer,
    request_file,
)
from betang.payments.holder import is_same_holder, plain_name
from betang.payments.models import BankAccount, Disbursement

pytestmark = [pytest.mark.django_db, pytest.mark.server]
FIRST, SECOND = household_number(100_000_000), household_number(100_000_001)
HEADER = "nomor_keluarga,nomor_rekening,nama_pemilik,keterangan\n"


class TestReadingTheFile:
    def test_refuses_a_file_with_other_columns(self):
        with pytest.raises(NotAnAccountFileError, match="nomor_rekening"):
            list(read_answer(b"nomor_keluarga,nama\n1,A\n"))

    @settings(max_examples=200, deadline=None)
    @given(st.binary(max_size=300))
    def test_refuses_or_reads_whatever_bytes_come(self, content):
        for prefix in (b"", HEADER.encode()):
            try:
                rows = list(read_answer(prefix + content))
            except RefusedError:
                continue
            assert all(isinstance(row, AccountRow) for row in rows)


class TestTakingOver:
    def load(self, office, noon, *rows):
        return load_accounts([AccountRow(*row) for row in rows], actor=office.clerk, at=noon)

    @pytest.mark.parametrize(
        ("row", "code"),
        [
            ((household_number(999), "1234567", "A", ""), "unknown_household"),
            ((FIRST, "12A4567", "A", ""), "number_form"),
            ((FIRST, "1234", "A", ""), "number_form"),
            ((FIRST, "", "", "gagal"), "no_account"),
            ((FIRST, "1234567", "", ""), "no_holder"),
        ],
    )
    def test_refuses_a_row_with_its_line_and_reason(self, office, noon, row, code):
        done = self.load(office, noon, row)

        assert [(one.line, one.code) for one in done.refused] == [(2, code)]
        assert BankAccount.objects.count() == 0

    def test_refuses_one_account_for_two_families(self, office, noon):
        self.load(office, noon, (FIRST, "1234567", "A", ""))

        done = self.load(office, noon, (SECOND, "1234567", "A", ""))

        assert [one.code for one in done.refused] == ["others_account"]

    def test_refuses_a_repeated_row_and_lets_the_first_stand(self, office, noon):
        done = self.load(
            office, noon, (FIRST, "1234567", "A", ""), (SECOND, "1234567", "B", ""),
            (FIRST, "7654321", "A", ""),
        )  # fmt: skip

        assert done.opened == 1
        assert [(one.line, one.code) for one in done.refused] == [(3, "repeated"), (4, "repeated")]

    def test_refuses_a_family_that_is_not_enrolled(self, office, noon):
        Enrolment.objects.filter(household__number=FIRST).update(
            until_on="2026-02-01", ended_by=Decree.objects.get()
        )

        done = self.load(office, noon, (FIRST, "1234567", "A", ""))

        assert [one.code for one in done.refused] == ["not_enrolled"]

    def test_refuses_to_redirect_a_checked_account(self, office, noon):
        office.open_accounts()

        done = self.load(office, noon, (FIRST, "7654321", "A", ""))

        assert [one.code for one in done.refused] == ["verified_already"]

    def test_refuses_to_replace_an_account_whose_payment_is_in_doubt(self, office, noon):
        office.open_accounts()
        office.approved()
        Disbursement.objects.update(state="sent")
        BankAccount.objects.update(state="failed")

        done = self.load(office, noon, (FIRST, "7654321", "A", ""))

        assert [one.code for one in done.refused] == ["in_flight"]

    def test_keeps_the_number_sealed(self, office, noon):
        self.load(office, noon, (FIRST, "123456789", "SITI NURAINI 0", ""))

        with connection.cursor() as cursor:
            cursor.execute("SELECT to_jsonb(a)::text FROM payments_bankaccount a")
            stored = cursor.fetchone()[0]
        assert "123456789" not in stored
        assert "6789" in stored

    def test_changes_nothing_when_the_same_file_comes_again(self, office, noon):
        answer = office.bank_process.burekol(request_file())
        load_accounts(read_answer(answer), actor=office.clerk, at=noon)

        done = load_accounts(read_answer(answer), actor=office.clerk, at=noon)

        assert (done.opened, done.changed, done.same) == (0, 0, 10)
        assert request_file().count("\n") == 1  # nobody is without an account now


class TestTheNameCheck:
    def test_fails_another_holder_and_a_sleeping_account(self, office, noon):
        answer = office.bank_process.burekol(request_file())
        load_accounts(read_answer(answer), actor=office.clerk, at=noon)
        office.bank_process.ask("accounts/200100000001", holder="ORANG LAIN")
        office.bank_process.ask("accounts/200100000002", state="dormant")

        done = office.check()

        assert (done.verified, done.failed, done.unknown) == (8, 2, 0)
        assert set(
            BankAccount.objects.filter(state="failed").values_list("failure", flat=True)
        ) == {"name_mismatch", "dormant"}
        assert not any(
            "ORANG" in str(facts) for facts in Entry.objects.values_list("facts", flat=True)
        )

    def test_leaves_accounts_unchecked_while_the_bank_is_away(self, office, noon):
        answer = office.bank_process.burekol(request_file())
        load_accounts(read_answer(answer), actor=office.clerk, at=noon)
        office.bank_process.kill()

        away = office.check()
        office.bank_process.start()
        back = office.check()

        assert (away.unknown, back.verified) == (10, 10)

    @pytest.mark.parametrize(
        ("ours", "banks"),
        [
            ("M. Nur'aini", "M NURAINI"),
            ("Siti  Aminah", "SITI AMINAH"),
            ("Al-Amin", "AL AMIN"),
            ("José", "JOSE"),
        ],
    )
    def test_forgives_marks(self, ours, banks):
        assert is_same_holder(ours, banks)

    @pytest.mark.parametrize(
        ("ours", "banks"),
        [("Siti Aminah", "Siti Amina"), ("", ""), (".", ""), ("Ahmad", "Ahmad Yani")],
    )
    def test_forgives_nothing_else(self, ours, banks):
        assert not is_same_holder(ours, banks)

    @given(st.text(max_size=40))
    def test_is_stable(self, name):
        assert plain_name(plain_name(name)) == plain_name(name)


class TestTwoPersons:
    @pytest.fixture
    def answer(self, office):
        return office.bank_process.burekol(request_file())

    @pytest.fixture
    def file(self, office, answer, noon):
        return stage_accounts(answer, actor=office.clerk, at=noon)

    def test_refuses_who_brought_the_file(self, office, file, noon):
        with pytest.raises(SamePersonError):
            accept_accounts(file, actor=office.clerk, at=noon)

        assert BankAccount.objects.count() == 0

    def test_refuses_to_decide_twice(self, office, file, noon):
        accept_accounts(file, actor=office.treasurer, at=noon)

        with pytest.raises(FileDecidedError):
            accept_accounts(file, actor=office.treasurer, at=noon)
        with pytest.raises(FileDecidedError):
            reject_accounts(file, actor=office.treasurer, at=noon)

    def test_refuses_the_same_file_a_second_time(self, office, file, answer, noon):
        with pytest.raises(FileKnownError, match="Menunggu"):
            stage_accounts(answer, actor=office.treasurer, at=noon)

    def test_refuses_a_file_with_bytes_no_database_keeps(self, office, noon):
        with pytest.raises(RefusedError):
            stage_accounts(HEADER.encode() + b"1,\x0012345,A,\n", actor=office.clerk, at=noon)

    def test_keeps_it_sealed_until_it_is_decided_and_then_not_at_all(self, office, file, noon):
        assert b"nomor_rekening" not in bytes(file.content_sealed)

        accept_accounts(file, actor=office.treasurer, at=noon)

        assert file.content_sealed is None
        assert BankAccount.objects.count() == 10

    def test_reports_what_accepting_would_do_and_changes_nothing(self, file):
        assert file.report["opened"] == 10
        assert BankAccount.objects.count() == 0

    def test_lets_a_rejected_file_come_again(self, office, file, answer, noon):
        reject_accounts(file, actor=office.treasurer, at=noon)

        again = stage_accounts(answer, actor=office.clerk, at=noon)

        assert again.state == "staged"
        assert Entry.objects.filter(kind="accounts.rejected").count() == 1

    def test_the_database_refuses_one_person_too(self, office, file):
        with pytest.raises(IntegrityError), transaction.atomic():
            type(file).objects.filter(pk=file.pk).update(
                state="accepted", content_sealed=None, decided_by_person=office.clerk.person
            )
