"""What looks wrong about a card or a device, with its evidence, and what a person found.

A *suspicion* is made by rules from presentations (`betang/cards/suspect.py`) and never rewritten.
An *investigation* is a person's work on one card; a card has at most one that is open.
"""

from django.db import models
from django.db.models import Q

from betang.cards.models.card import Card
from betang.cards.models.presentation import Presentation
from betang.core.identifiers import new_uuid


class Investigation(models.Model):
    """A person's look at one card, from its opening to a finding."""

    class State(models.TextChoices):
        """Open, or ended by a finding."""

        OPEN = "open", "Terbuka"
        CLOSED = "closed", "Selesai"

    class Cause(models.TextChoices):
        """Why it was opened: rules saw something, the lot fell on it, or a person asked."""

        FLAGGED = "flagged", "Dicurigai sistem"
        SAMPLE = "sample", "Contoh acak"
        ASKED = "asked", "Diminta petugas"

    class Finding(models.TextChoices):
        """What it was."""

        COPIED = "copied", "Kartu disalin atau ditiru"
        FALSE_ALARM = "false_alarm", "Bukan masalah: pemakaian wajar"
        OFFICER = "officer", "Disalahgunakan petugas"
        UNCLEAR = "unclear", "Tidak dapat dipastikan"

    uuid = models.UUIDField(unique=True, default=new_uuid, editable=False)
    card = models.ForeignKey(Card, on_delete=models.PROTECT, related_name="+")
    cause = models.TextField(choices=Cause.choices)
    state = models.TextField(choices=State.choices, default=State.OPEN)
    opened_at = models.DateTimeField()
    opened_by = models.UUIDField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by_person = models.UUIDField(null=True)
    finding = models.TextField(choices=Finding.choices, default="")
    # What was checked and what came of it: it may name people, so it lies sealed.
    sentence_sealed = models.BinaryField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["card"], condition=Q(state="open"), name="cards_investigation_one_open"
            ),
            models.CheckConstraint(
                condition=Q(
                    state="open",
                    closed_at__isnull=True,
                    closed_by_person__isnull=True,
                    finding="",
                    sentence_sealed__isnull=True,
                )
                | Q(
                    state="closed",
                    closed_at__isnull=False,
                    closed_by_person__isnull=False,
                    finding__in=["copied", "false_alarm", "officer", "unclear"],
                    sentence_sealed__isnull=False,
                ),
                name="cards_investigation_closed_whole",
            ),
            models.CheckConstraint(
                condition=Q(cause__in=["flagged", "sample", "asked"]),
                name="cards_investigation_cause_known",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "-opened_at"], name="cards_investigation_newest"),
        ]


class Suspicion(models.Model):
    """What a rule saw: about a card with both evidences, or about a device and its day.

    `second` is what looks wrong, `first` what it contradicts (null where there is nothing to set
    beside it). `facts` are codes and numbers.
    """

    class Rule(models.TextChoices):
        """Which rule; each is described in `docs/protocols/clones.md`."""

        TAP_TWICE = "tap_twice", "Tempelan yang sama dari dua tangan"
        TAP_FORGED = "tap_forged", "Cip palsu"
        TAP_OTHER_CARD = "tap_other_card", "Cip dan kode QR dari kartu yang berbeda"
        COUNTER_DOWN = "counter_down", "Hitungan cip mundur"
        TWO_PLACES = "two_places", "Di dua tempat dalam waktu yang mustahil"
        SHOWN_AFTER_END = "shown_after_end", "Ditunjukkan setelah tidak berlaku"
        AMBER_DAY = "amber_day", "Terlalu sering tanpa dua tempelan"
        FAST_DAY = "fast_day", "Terlalu cepat dari keluarga ke keluarga"
        NFC_CHANGED = "nfc_changed", "Kemampuan membaca cip berubah"
        SAMPLE = "sample", "Contoh acak penyerahan tanpa cip"

    uuid = models.UUIDField(unique=True, default=new_uuid, editable=False)
    rule = models.TextField(choices=Rule.choices)
    card = models.ForeignKey(Card, null=True, on_delete=models.PROTECT, related_name="+")
    investigation = models.ForeignKey(
        Investigation, null=True, on_delete=models.PROTECT, related_name="+"
    )
    first = models.ForeignKey(Presentation, null=True, on_delete=models.PROTECT, related_name="+")
    second = models.ForeignKey(Presentation, null=True, on_delete=models.PROTECT, related_name="+")
    device = models.UUIDField(null=True)
    day = models.DateField(null=True)
    at = models.DateTimeField()
    facts = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    rule__in=[
                        "tap_twice",
                        "tap_forged",
                        "tap_other_card",
                        "counter_down",
                        "two_places",
                        "shown_after_end",
                        "sample",
                    ],
                    card__isnull=False,
                    second__isnull=False,
                    day__isnull=True,
                )
                | Q(
                    rule__in=["amber_day", "fast_day", "nfc_changed"],
                    card__isnull=True,
                    device__isnull=False,
                    day__isnull=False,
                ),
                name="cards_suspicion_of_card_or_day",
            ),
            # The rules run again over what they have seen; each sight is told once.
            models.UniqueConstraint(
                fields=["rule", "second"],
                condition=Q(day__isnull=True),
                name="cards_suspicion_once",
            ),
            models.UniqueConstraint(
                fields=["rule", "device", "day"],
                condition=Q(day__isnull=False),
                name="cards_suspicion_once_a_day",
            ),
        ]
        indexes = [
            models.Index(fields=["device", "-at"], name="cards_suspicion_of_device"),
        ]
