"""Accounts and postings.

A transaction is nothing but the uuid that its postings share. Amounts are whole rupiah, or whole
units of a good (kilograms, litres, as the benefit counts them); a debit is positive, a credit
negative. Balances are sums, never stored. The database refuses a transaction that does not balance,
a posting in another commodity than its account's, and any change or removal (`0002_rules`).
"""

from django.db import models


class Account(models.Model):
    """One line of the chart of accounts, in exactly one commodity."""

    class Kind(models.TextChoices):
        """Where the account stands in the books."""

        ASSET = "asset", "Aset"
        LIABILITY = "liability", "Kewajiban"
        EXPENSE = "expense", "Beban"
        EQUITY = "equity", "Ekuitas"

    code = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    commodity = models.CharField(max_length=40)
    kind = models.CharField(max_length=10, choices=Kind.choices)

    def __str__(self) -> str:
        """Name the account by its code."""
        return self.code


class Posting(models.Model):
    """One leg of a transaction: so much to or from an account. Never changed, never removed."""

    transaction = models.UUIDField()
    # The account is checked once a statement by the trigger of 0002_rules, which also refuses to
    # remove an account: the same promise as a foreign key, at a tenth of its cost (ADR 0050).
    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    amount = models.BigIntegerField()
    commodity = models.CharField(max_length=40)
    at = models.DateTimeField()
    subject = models.UUIDField()
    kind = models.CharField(max_length=40)

    class Meta:
        """Two ways in: the transaction, and what it was about."""

        indexes = [
            models.Index(fields=["transaction"], name="ledger_posting_transaction"),
            models.Index(fields=["subject"], name="ledger_posting_subject"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(amount=0), name="ledger_posting_moves_something"
            )
        ]

    def __str__(self) -> str:
        """Show the amount and its commodity."""
        return f"{self.amount} {self.commodity}"
