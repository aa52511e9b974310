"""Bank accounts, payment orders, disbursements and what the bank said about them.

An account number is personal data: it is sealed, and found again only by its blind index. A
disbursement carries the one reference under which its family may be paid in its cycle
(`reference.py`); the database keeps it unique, so that a second attempt is always the same payment
to the bank.
"""

from django.db import models

from betang.core.identifiers import new_uuid


class BankAccount(models.Model):
    """Where a household's money goes, and whether the bank knows the holder by our name."""

    class State(models.TextChoices):
        """How far the name check has come."""

        NONE = "none", "Belum diperiksa"
        VERIFIED = "verified", "Cocok"
        FAILED = "failed", "Gagal"

    uuid = models.UUIDField(unique=True, default=new_uuid, editable=False)
    household = models.OneToOneField(
        "registry.Household", on_delete=models.PROTECT, related_name="+"
    )
    number_sealed = models.BinaryField()
    number_index = models.BinaryField()
    number_last4 = models.CharField(max_length=4)
    holder_name = models.CharField(max_length=100)
    state = models.CharField(max_length=10, choices=State.choices, default=State.NONE)
    failure = models.CharField(max_length=40, default="", blank=True)
    opened_at = models.DateTimeField()
    checked_at = models.DateTimeField(null=True)

    class Meta:
        """One account pays one household: a shared number is how aid is collected by a stranger."""

        constraints = [
            models.UniqueConstraint(fields=["number_index"], name="payments_account_number_once")
        ]

    def __str__(self) -> str:
        """Show the last digits only."""
        return f"•••• {self.number_last4}"


class AccountFile(models.Model):
    """The bank's answer as one person brought it, until another person accepts it."""

    class State(models.TextChoices):
        """Read and reported by the one, accepted or rejected by the other."""

        STAGED = "staged", "Menunggu persetujuan"
        ACCEPTED = "accepted", "Diterima"
        REJECTED = "rejected", "Ditolak"

    uuid = models.UUIDField(unique=True, default=new_uuid, editable=False)
    sha256 = models.CharField(max_length=64, unique=True)
    # Sealed while it waits, null once it is decided: the accounts are then rows of their own.
    content_sealed = models.BinaryField(null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.STAGED)
    # Counts and refusals (line and code): no names, no numbers of accounts.
    report = models.JSONField()
    staged_by_person = models.UUIDField()
    staged_at = models.DateTimeField()
    decided_by_person = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        """Who brings the file does not accept it: it says where families' money goes."""

        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="staged", decided_by_person__isnull=True)
                | models.Q(
                    state__in=["accepted", "rejected"],
                    content_sealed__isnull=True,
                    decided_by_person__isnull=False,
                )
                & ~models.Q(decided_by_person=models.F("staged_by_person")),
                name="payments_accountfile_two_persons",
            )
        ]

    def __str__(self) -> str:
        """Name the file by its hash."""
        return self.sha256[:12]


class Order(models.Model):
    """A list of disbursements that one person prepares and another approves."""

    class State(models.TextChoices):
        """Prepared by the one, approved by the other."""

        PREPARED = "prepared", "Menunggu persetujuan"
        APPROVED = "approved", "Disetujui"

    uuid = models.UUIDField(unique=True, default=new_uuid, editable=False)
    cycle = models.ForeignKey("programmes.Cycle", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.PREPARED)
    count = models.IntegerField()
    total_rupiah = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    prepared_by_person = models.UUIDField()
    prepared_at = models.DateTimeField()
    approved_by_person = models.UUIDField(null=True)
    approved_at = models.DateTimeField(null=True)

    class Meta:
        """The database also refuses that one person does both."""

        constraints = [
            models.CheckConstraint(
                condition=models.Q(approved_by_person__isnull=True)
                | ~models.Q(approved_by_person=models.F("prepared_by_person")),
                name="payments_order_two_persons",
            )
        ]

    def __str__(self) -> str:
        """Name the order by its uuid."""
        return str(self.uuid)


class Disbursement(models.Model):
    """One family's cash of one cycle on its way through the bank."""

    class State(models.TextChoices):
        """`sent` is written before the bank is called: after a crash the bank is asked first."""

        PREPARED = "prepared", "Disiapkan"
        SENT = "sent", "Dikirim"
        UNKNOWN = "unknown", "Belum pasti"
        PAID = "paid", "Dibayar"
        FAILED = "failed", "Gagal"

    class Reconciliation(models.TextChoices):
        """What the bank's own statement says about it."""

        NONE = "", "Belum dicocokkan"
        MATCHED = "matched", "Cocok"
        MISSING = "missing", "Tidak ada di rekening koran"
        DIFFERENT = "different", "Jumlah berbeda"

    uuid = models.UUIDField(unique=True, default=new_uuid, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="+", db_index=False)
    entitlement = models.OneToOneField(
        "distribution.Entitlement", on_delete=models.PROTECT, related_name="+"
    )
    account = models.ForeignKey(
        BankAccount, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    village = models.ForeignKey(
        "areas.Area", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    reference = models.CharField(max_length=20, unique=True)
    amount_rupiah = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.PREPARED)
    tries = models.SmallIntegerField(default=0)
    answer = models.CharField(max_length=12, default="", blank=True)
    bank_reference = models.CharField(max_length=64, default="", blank=True)
    sent_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    reconciliation = models.CharField(
        max_length=10, choices=Reconciliation.choices, default=Reconciliation.NONE, blank=True
    )
    reconciled_at = models.DateTimeField(null=True)

    class Meta:
        """What is still open is a short list: a partial index keeps finding it cheap."""

        indexes = [
            # An order's payments as its page lists them; without it, the first page of the twelfth
            # order reads through the references of eleven.
            models.Index(fields=["order", "reference"], name="payments_disbursement_of_order"),
            models.Index(
                fields=["id"],
                name="payments_disbursement_open",
                condition=models.Q(state__in=["prepared", "sent", "unknown"]),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount_rupiah__gt=0), name="payments_disbursement_amount"
            )
        ]

    def __str__(self) -> str:
        """Name the disbursement by its reference."""
        return self.reference


class BankMessage(models.Model):
    """One request to the bank and the code of its answer; digests and codes, no personal data."""

    # The row is written after the answer by a set-based insert whose ids come from the table
    # itself.
    disbursement = models.ForeignKey(Disbursement, on_delete=models.PROTECT, related_name="+")
    reference = models.CharField(max_length=20)
    external_id = models.CharField(max_length=36)
    service = models.SmallIntegerField()
    request_digest = models.CharField(max_length=64)
    response_code = models.CharField(max_length=12)
    at = models.DateTimeField()

    def __str__(self) -> str:
        """Show which service answered what."""
        return f"{self.service}: {self.response_code}"


class StatementLine(models.Model):
    """One debit of the bank's own transaction history, as we first read it."""

    class Result(models.TextChoices):
        """How the line compares with our books."""

        MATCHED = "matched", "Cocok"
        DIFFERENT = "different", "Jumlah berbeda"
        UNEXPECTED = "unexpected", "Tidak dikenal"

    bank_reference = models.CharField(max_length=64, unique=True)
    reference = models.CharField(max_length=64)
    amount_rupiah = models.BigIntegerField()
    booked_at = models.DateTimeField()
    disbursement = models.ForeignKey(
        Disbursement, on_delete=models.PROTECT, related_name="+", null=True
    )
    result = models.CharField(max_length=12, choices=Result.choices)
    heard_at = models.DateTimeField()

    def __str__(self) -> str:
        """Name the line by the bank's reference."""
        return self.bank_reference
