"""A day on which cards are handed over in bulk, and the cards that stayed."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from betang.cards.models.card import Card
from betang.core.identifiers import new_uuid


class HandOverSession(models.Model):
    """One village, one day, one device: what went out, and how it ended.

    `numbers` are the cards that the device carried for the village when the session was opened.
    What was handed over is read from the cards themselves, since phones tell of it days later.
    """

    class State(models.TextChoices):
        OPEN = "open", "Berjalan"
        CLOSED = "closed", "Selesai"

    uuid = models.UUIDField(unique=True, default=new_uuid, editable=False)
    village = models.ForeignKey("areas.Area", on_delete=models.PROTECT, related_name="+")
    on = models.DateField()
    device = models.UUIDField()
    officer_person = models.UUIDField(null=True)
    point = models.TextField(default="")
    state = models.TextField(choices=State.choices, default=State.OPEN)
    invited = models.IntegerField()
    numbers = ArrayField(models.BigIntegerField())
    opened_at = models.DateTimeField()
    opened_by_person = models.UUIDField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by_person = models.UUIDField(null=True)
    handed_over = models.IntegerField(null=True)
    brought_back = models.IntegerField(null=True)
    ended = models.IntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["village", "on", "device"], name="cards_session_once_a_day"
            ),
            # The day adds up, or it is not closed: no card is lost in between.
            models.CheckConstraint(
                condition=Q(state="open", closed_at__isnull=True)
                | Q(
                    state="closed",
                    closed_at__isnull=False,
                    numbers__len=models.F("handed_over")
                    + models.F("brought_back")
                    + models.F("ended"),
                ),
                name="cards_session_adds_up",
            ),
        ]
        indexes = [models.Index(fields=["state", "-on"], name="cards_session_by_state")]

    def __str__(self) -> str:
        return str(self.uuid)


class NotHandedOver(models.Model):
    """That a card could not be handed over, and why: each time somebody tried."""

    event = models.UUIDField(unique=True)
    card = models.ForeignKey(Card, on_delete=models.PROTECT, related_name="+")
    device = models.UUIDField()
    reason = models.TextField()
    at = models.DateTimeField()
    heard_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["device", "at"], name="cards_not_handed_by_device")]

    def __str__(self) -> str:
        return self.reason


class Collection(models.Model):
    """Somebody collected for a household and is not of it: who, by a blind index of the name.

    Kept to notice one person who collects for many; nobody can be read from it.
    """

    event = models.UUIDField(unique=True)
    name_index = models.BinaryField()
    household = models.ForeignKey("registry.Household", on_delete=models.PROTECT, related_name="+")
    village = models.ForeignKey("areas.Area", on_delete=models.PROTECT, related_name="+")
    device = models.UUIDField()
    on = models.DateField()

    class Meta:
        indexes = [models.Index(fields=["on", "name_index"], name="cards_collected_by_whom")]

    def __str__(self) -> str:
        return str(self.event)
