"""The ledger refuses what does not balance, and remembers everything else for ever."""

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from betang.core.identifiers import new_uuid
from betang.journal.models import Entry
from betang.ledger.balance import balance, balances, imbalance
from betang.ledger.chart import AID, BANK, OWED, TREASURY, open_chart, stock
from betang.ledger.chart import given as given_of
from betang.ledger.models import Account
from betang.ledger.models import Posting as PostingRow
from betang.ledger.post import (
    Goods,
    Posting,
    UnknownAccountError,
    give_goods,
    post_many,
    supply_goods,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def chart(budi, noon):
    open_chart(["beras", "gula", "minyak"], actor=budi, at=noon)


@pytest.mark.usefixtures("chart")
class TestPosting:
    def test_refuses_a_transaction_that_does_not_sum_to_zero(self, noon):
        one = new_uuid()

        with pytest.raises(IntegrityError, match="out of balance"), transaction.atomic():
            post_many([Posting(one, AID, 250_000, noon, one, "owed")])

        assert PostingRow.objects.count() == 0

    def test_refuses_rupiah_balanced_by_rice(self, noon):
        one = new_uuid()

        with pytest.raises(IntegrityError, match="out of balance"), transaction.atomic():
            post_many(
                [
                    Posting(one, AID, 5, noon, one, "owed"),
                    Posting(one, stock("beras"), -5, noon, one, "owed"),
                ]
            )

    def test_refuses_two_transactions_that_only_balance_together(self, noon):
        one, other = new_uuid(), new_uuid()

        with pytest.raises(IntegrityError, match="out of balance"), transaction.atomic():
            post_many(
                [
                    Posting(one, AID, 5, noon, one, "owed"),
                    Posting(other, OWED, -5, noon, one, "owed"),
                ]
            )

    def test_refuses_an_account_that_is_not_in_the_chart(self, noon):
        one = new_uuid()

        with pytest.raises(UnknownAccountError, match=r"persediaan\.emas"), transaction.atomic():
            post_many(
                [
                    Posting(one, given_of("emas"), 1, noon, one, "given"),
                    Posting(one, stock("emas"), -1, noon, one, "given"),
                    Posting(one, AID, 1, noon, one, "given"),
                    Posting(one, OWED, -1, noon, one, "given"),
                ][::-1]
            )

        assert PostingRow.objects.count() == 0

    def test_refuses_a_raw_row_in_another_commodity_than_its_account(self, noon):
        account = Account.objects.get(code=AID)

        with pytest.raises(IntegrityError, match="does not hold"), transaction.atomic():
            PostingRow.objects.create(
                transaction=new_uuid(), account=account, amount=1, commodity="beras", at=noon,
                subject=new_uuid(), kind="owed",
            )  # fmt: skip

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE ledger_posting SET amount = amount",
            "DELETE FROM ledger_posting",
            "TRUNCATE ledger_posting",
            "UPDATE ledger_account SET commodity = 'emas'",
            "DELETE FROM ledger_account",
        ],
    )
    def test_refuses_to_change_or_forget(self, statement):
        with (
            pytest.raises(IntegrityError, match="is refused"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)

    def test_posts_whole_transactions_and_sums_them(self, noon):
        one, other = new_uuid(), new_uuid()

        posted = post_many(
            [
                Posting(one, AID, 250_000, noon, one, "owed"),
                Posting(one, OWED, -250_000, noon, one, "owed"),
                Posting(other, BANK, 100, noon, one, "funded"),
                Posting(other, TREASURY, -100, noon, one, "funded"),
                Posting(other, BANK, 0, noon, one, "funded"),
            ]
        )

        assert posted == 4
        assert balance(OWED) == -250_000
        assert {b.code: b.amount for b in balances() if b.amount} == {
            AID: 250_000, OWED: -250_000, BANK: 100, TREASURY: -100,
        }  # fmt: skip
        assert imbalance() == []

    def test_takes_goods_out_of_stock_when_they_are_given(self, noon):
        supply, gift, delivery = new_uuid(), new_uuid(), new_uuid()
        supply_goods([Goods(supply, "beras", 100, noon, supply)])

        give_goods(
            [
                Goods(gift, "beras", 5, noon, delivery),
                Goods(gift, "minyak", 1, noon, delivery),
                Goods(gift, "gula", 1, noon, delivery),
            ]
        )

        assert balance(stock("beras")) == 95
        assert balance(given_of("gula")) == 1
        assert balance(stock("gula")) == -1  # a shortage shows, it does not stop an aid given
        assert imbalance() == []

    def test_posts_nothing_for_nothing(self):
        assert post_many([]) == 0

    @settings(
        max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=8))
    def test_balances_whatever_is_posted(self, noon, amounts):
        one = new_uuid()
        legs = [Posting(one, AID, amount, noon, one, "owed") for amount in amounts]

        post_many([*legs, Posting(one, OWED, -sum(amounts), noon, one, "owed")])

        assert imbalance() == []
        assert sum(b.amount for b in balances()) == 0


class TestChart:
    def test_opens_each_account_once(self, budi, noon):
        first = open_chart(["beras"], actor=budi, at=noon)
        second = open_chart(["beras"], actor=budi, at=noon)

        assert (first, second) == (7, 0)
        assert Entry.objects.filter(kind="chart.opened").count() == 1
