"""The card, from its order to its end.

A *live* card is one that can still be used or become usable: ordered, printed, in custody or
active. A household has at most one (`cards_one_live_a_household`).
"""

from django.db import models
from django.db.models import Q

from betang.cards.models.custody import Place
from betang.cards.models.print_run import PrintRun
from betang.core.identifiers import new_uuid

#: The key version of a card that was taken over: a key that nobody has, so its tap proves nothing.
NO_KEY = 0
LIVE_STATES = ("ordered", "printed", "in_custody", "active")


class Card(models.Model):
    """One card of one household, from its order to its end."""

    class State(models.TextChoices):
        ORDERED = "ordered", "Dipesan"
        PRINTED = "printed", "Dicetak"
        IN_CUSTODY = "in_custody", "Menunggu diserahkan"
        ACTIVE = "active", "Aktif"
        BLOCKED = "blocked", "Diblokir"
        REPLACED = "replaced", "Diganti"
        RETURNED = "returned", "Dikembalikan"
        SPOILT = "spoilt", "Rusak"

    class Grade(models.TextChoices):
        """What the card itself can prove (docs/protocols/card.md, "Cards that were taken over")."""

        OURS = "ours", "Kartu program ini"
        FOREIGN_CHIP = "foreign_chip", "Kartu lama dengan cip (dapat disalin)"
        PRINTED_ONLY = "printed_only", "Kartu lama, hanya tercetak"

    uuid = models.UUIDField(unique=True, default=new_uuid, editable=False)
    number = models.CharField(max_length=14, unique=True)
    household = models.ForeignKey("registry.Household", on_delete=models.PROTECT, related_name="+")
    issue = models.SmallIntegerField()
    village = models.ForeignKey("areas.Area", on_delete=models.PROTECT, related_name="+")
    state = models.TextField(choices=State.choices, default=State.ORDERED)
    chip_uid = models.BinaryField(null=True)
    counter = models.IntegerField(default=0)
    public_counter = models.IntegerField(default=0)
    key_version = models.SmallIntegerField(default=1)
    # When our keys were written into the chip, and when it was read back and found right. A card
    # without either has no chip of ours: it was taken over, or belongs to a demonstration.
    personalised_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)
    qr = models.TextField()
    issued_at = models.DateTimeField()
    expires_on = models.DateField()
    print_run = models.ForeignKey(PrintRun, null=True, on_delete=models.PROTECT, related_name="+")
    grade = models.TextField(choices=Grade.choices, default=Grade.OURS, db_default="ours")
    # Where the card is, from the moment it was printed; `custodian_device` follows it.
    place = models.ForeignKey(
        Place, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    custodian_device = models.UUIDField(null=True)
    handed_over_at = models.DateTimeField(null=True)
    handed_over_by = models.UUIDField(null=True)
    ended_at = models.DateTimeField(null=True)
    blocked_reason = models.TextField(default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["household"],
                condition=Q(state__in=LIVE_STATES),
                name="cards_one_live_a_household",
            ),
            models.UniqueConstraint(fields=["household", "issue"], name="cards_issue_once"),
            models.UniqueConstraint(fields=["chip_uid"], name="cards_chip_once"),
            models.CheckConstraint(
                condition=Q(issue__gte=1, issue__lte=99), name="cards_issue_two_digits"
            ),
            models.CheckConstraint(
                condition=Q(counter__gte=0, counter__lte=0xFFFFFF, public_counter__gte=0),
                name="cards_counter_24_bits",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[*LIVE_STATES, "blocked", "replaced", "returned", "spoilt"]),
                name="cards_state_known",
            ),
            models.CheckConstraint(
                condition=~Q(state="active") | Q(handed_over_at__isnull=False),
                name="cards_active_was_handed_over",
            ),
            models.CheckConstraint(
                condition=Q(personalised_at__isnull=True) | Q(chip_uid__isnull=False),
                name="cards_personalised_has_chip",
            ),
            models.CheckConstraint(
                condition=Q(checked_at__isnull=True) | Q(personalised_at__isnull=False),
                name="cards_checked_was_personalised",
            ),
            models.CheckConstraint(
                condition=Q(place__isnull=False)
                | ~Q(state__in=["printed", "in_custody", "active"]),
                name="cards_printed_is_somewhere",
            ),
            models.CheckConstraint(
                condition=Q(grade__in=["ours", "foreign_chip", "printed_only"]),
                name="cards_grade_known",
            ),
            # What is not ours has no signature of ours to be read, so it can never be green.
            models.CheckConstraint(
                condition=Q(grade="ours") | Q(qr="", personalised_at__isnull=True),
                name="cards_foreign_proves_nothing",
            ),
        ]
        indexes = [
            models.Index(fields=["village", "state"], name="cards_by_village"),
            # The orders of the list of cards that no other index leads to.
            models.Index(fields=["state", "number"], name="cards_by_state"),
            models.Index(fields=["handed_over_at", "id"], name="cards_by_hand_over"),
            models.Index(
                fields=["custodian_device"],
                condition=Q(state="in_custody"),
                name="cards_by_custodian",
            ),
            models.Index(
                fields=["place"],
                condition=Q(state__in=["blocked", "replaced", "returned", "spoilt"]),
                name="cards_ended_by_place",
            ),
        ]

    def __str__(self) -> str:
        return self.number
