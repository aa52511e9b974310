"""How many cards a village has, kept by the acts."""

from django.db import models
from django.db.models import Q


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
