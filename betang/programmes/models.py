"""The tables of what is promised.

The rules that must never break are constraints here and triggers in migration 0002_rules:
an approved rule set never changes, and its approver is not its proposer.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from betang.core.identifiers import new_uuid


class Programme(models.Model):
    """What a government promises under one name and one card."""

    uuid = models.UUIDField(unique=True, default=new_uuid, editable=False)
    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=120)
    card_name = models.CharField(max_length=60)
    # Policy: where it is false, a valid QR alone is green (settled.md, Verdicts).
    tap_required = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=r"^[A-Z][A-Z0-9]{1,19}$"), name="programme_code_form"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Benefit(models.Model):
    """One thing that each enrolled household may get in a cycle: cash, or a parcel of goods."""

    class Channel(models.TextChoices):
        """How it reaches the household."""

        HAND = "hand", "diserahkan langsung"
        BANK = "bank", "lewat rekening bank"

    uuid = models.UUIDField(unique=True, default=new_uuid, editable=False)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="benefits")
    code = models.CharField(max_length=20)
    name = models.CharField(max_length=120)
    channel = models.CharField(max_length=4, choices=Channel.choices)
    amount_rupiah = models.IntegerField()
    # [{"item": "beras", "quantity": 5, "unit": "kg"}]; empty for cash.
    goods = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["programme", "code"], name="benefit_code_once"),
            models.CheckConstraint(
                condition=Q(amount_rupiah__gt=0), name="benefit_amount_is_positive"
            ),
            models.CheckConstraint(
                condition=Q(channel__in=["hand", "bank"]), name="benefit_channel_known"
            ),
            # The bank moves money only; goods are handed over.
            models.CheckConstraint(
                condition=Q(channel="hand") | Q(goods=[]), name="benefit_goods_by_hand"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Cycle(models.Model):
    """One round of a programme, in which each benefit is due once (on screen: tahap)."""

    class State(models.TextChoices):
        """Where the cycle stands."""

        PLANNED = "planned", "direncanakan"
        OPEN = "open", "berjalan"
        CLOSED = "closed", "ditutup"

    uuid = models.UUIDField(unique=True, default=new_uuid, editable=False)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="cycles")
    code = models.CharField(max_length=6)
    name = models.CharField(max_length=120)
    opens_on = models.DateField()
    closes_on = models.DateField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.PLANNED)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["programme", "code"], name="cycle_code_once"),
            # Six digits, since it stands in each payment reference (settled.md, Identifiers).
            models.CheckConstraint(condition=Q(code__regex=r"^[0-9]{6}$"), name="cycle_code_form"),
            models.CheckConstraint(
                condition=Q(closes_on__gte=F("opens_on")), name="cycle_closes_after_it_opens"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["planned", "open", "closed"]), name="cycle_state_known"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class RuleSet(models.Model):
    """A dated rule text of a programme (docs/protocols/rules.md)."""

    class State(models.TextChoices):
        """Whether it may be used for judging."""

        DRAFT = "draft", "usulan"
        APPROVED = "approved", "disetujui"
        WITHDRAWN = "withdrawn", "ditarik"

    uuid = models.UUIDField(unique=True, default=new_uuid, editable=False)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="rule_sets")
    name = models.CharField(max_length=120)
    valid_from = models.DateField()
    text = models.TextField()
    digest = models.CharField(max_length=64)  # SHA-256 of the text, lower-case hex
    compiled = models.JSONField()  # for reading only: judging compiles `text` again
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    proposed_by_person = models.UUIDField()
    proposed_at = models.DateTimeField()
    approved_by_person = models.UUIDField(null=True)
    approved_at = models.DateTimeField(null=True)
    withdrawn_by_person = models.UUIDField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            # A text that was withdrawn may be proposed again.
            models.UniqueConstraint(
                fields=["programme", "digest"],
                condition=~Q(state="withdrawn"),
                name="rule_set_text_once",
            ),
            models.UniqueConstraint(
                fields=["programme", "valid_from"],
                condition=Q(state="approved"),
                name="rule_set_one_approved_a_day",
            ),
            models.CheckConstraint(
                condition=Q(digest__regex=r"^[0-9a-f]{64}$"), name="rule_set_digest_form"
            ),
            models.CheckConstraint(
                condition=(
                    Q(
                        state__in=["draft", "withdrawn"],
                        approved_by_person__isnull=True,
                        approved_at__isnull=True,
                    )
                    | (
                        Q(
                            state="approved",
                            approved_by_person__isnull=False,
                            approved_at__isnull=False,
                        )
                        & ~Q(approved_by_person=F("proposed_by_person"))
                    )
                ),
                name="rule_set_needs_a_second_person",
            ),
            models.CheckConstraint(
                condition=Q(
                    state="withdrawn",
                    withdrawn_by_person__isnull=False,
                    withdrawn_at__isnull=False,
                )
                | (
                    ~Q(state="withdrawn")
                    & Q(withdrawn_by_person__isnull=True, withdrawn_at__isnull=True)
                ),
                name="rule_set_withdrawn_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.valid_from})"
