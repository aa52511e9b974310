"""The card, what was seen of it, the tally a village, and what was revoked.

A *live* card is one that can still be used or become usable: ordered, printed, in custody or
active. A household has at most one (`cards_one_live_a_household`).
"""

from django.db import models
from django.db.models import Q

from betang.core.identifiers import new_uuid

LIVE_STATES = ("ordered", "printed", "in_custody", "active")


class PrintRun(models.Model):
    """One frozen selection of cards, rendered once; its digest says exactly which cards."""

    uuid = models.UUIDField(unique=True, default=new_uuid, editable=False)
    at = models.DateTimeField()
    count = models.IntegerField()
    design = models.TextField()
    rows_sha256 = models.BinaryField()
    file_sha256 = models.BinaryField(null=True)
    file_name = models.TextField(default="")

    def __str__(self) -> str:
        return str(self.uuid)


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
    qr = models.TextField()
    issued_at = models.DateTimeField()
    expires_on = models.DateField()
    print_run = models.ForeignKey(PrintRun, null=True, on_delete=models.PROTECT, related_name="+")
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
        ]

    def __str__(self) -> str:
        return self.number


class Presentation(models.Model):
    """What was seen when a card was shown: green, amber or red, always kept with its reason."""

    class Act(models.TextChoices):
        DELIVER = "deliver"
        HAND_OVER = "hand_over"
        LOOK = "look"

    class Colour(models.TextChoices):
        GREEN = "green"
        AMBER = "amber"
        RED = "red"

    uuid = models.UUIDField(unique=True, default=new_uuid, editable=False)
    card = models.ForeignKey(Card, null=True, on_delete=models.PROTECT, related_name="+")
    card_number = models.TextField(default="")
    act = models.TextField(choices=Act.choices)
    online = models.BooleanField()
    device = models.UUIDField(null=True)
    actor = models.UUIDField(null=True)
    at = models.DateTimeField()
    heard_at = models.DateTimeField()
    uid = models.BinaryField(null=True)
    counter = models.IntegerField(null=True)
    mac = models.BinaryField(null=True)
    colour = models.TextField(choices=Colour.choices)
    reason = models.TextField()
    village = models.ForeignKey("areas.Area", null=True, on_delete=models.PROTECT, related_name="+")
    lat = models.FloatField(null=True)
    lng = models.FloatField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(colour__in=["green", "amber", "red"]), name="cards_colour_known"
            ),
            models.CheckConstraint(
                condition=Q(act__in=["deliver", "hand_over", "look"]), name="cards_act_known"
            ),
            # Of two presentations of one tap, one is not red, whatever the code above does.
            models.UniqueConstraint(
                fields=["uid", "counter"], condition=~Q(colour="red"), name="cards_tap_good_once"
            ),
        ]
        indexes = [
            models.Index(fields=["card", "at"], name="cards_presented_when"),
        ]

    def __str__(self) -> str:
        return str(self.uuid)


class Tally(models.Model):
    """How many cards of a village were issued, handed over and blocked, kept by the acts."""

    village = models.OneToOneField(
        "areas.Area", primary_key=True, on_delete=models.PROTECT, related_name="+"
    )
    issued = models.IntegerField(default=0)
    handed_over = models.IntegerField(default=0)
    blocked = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(issued__gte=0, handed_over__gte=0, blocked__gte=0),
                name="cards_tally_never_negative",
            ),
        ]

    def __str__(self) -> str:
        return str(self.village_id)


class Revocation(models.Model):
    """A card that is trusted no more, in the order in which it was revoked."""

    seq = models.BigAutoField(primary_key=True)
    card_number = models.CharField(max_length=14, unique=True)
    reason = models.TextField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.card_number


class RevocationList(models.Model):
    """A signed list as it was given out: never changed afterwards, the next has the next number."""

    seq = models.BigIntegerField(primary_key=True)
    issued_at = models.DateTimeField()
    revoked_count = models.IntegerField()
    content = models.BinaryField()

    def __str__(self) -> str:
        return str(self.seq)
