"""What was seen when a card was shown."""

from django.db import models
from django.db.models import Q

from betang.cards.models.card import Card
from betang.core.identifiers import new_uuid


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
    # How far the device's clock was ahead of ours when it told us; null: nobody measured it.
    clock_ahead_s = models.IntegerField(null=True)

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
            # What a device told together, and a device's day.
            models.Index(fields=["device", "heard_at"], name="cards_presented_together"),
        ]

    def __str__(self) -> str:
        return str(self.uuid)
