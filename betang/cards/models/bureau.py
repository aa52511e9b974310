"""The print bureau: to whose key a package is encrypted. Two persons register it."""

from django.db import models
from django.db.models import F, Q

from betang.core.identifiers import new_uuid


class Bureau(models.Model):
    """A bureau and the key that opens what we send it (an age recipient, X25519)."""

    uuid = models.UUIDField(unique=True, default=new_uuid, editable=False)
    name = models.CharField(max_length=80)
    recipient = models.CharField(max_length=80)
    proposed_by_person = models.UUIDField()
    proposed_at = models.DateTimeField()
    approved_by_person = models.UUIDField(null=True)
    approved_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            # Who chooses the key alone could read every card alone.
            models.CheckConstraint(
                condition=Q(approved_by_person__isnull=True)
                | ~Q(approved_by_person=F("proposed_by_person")),
                name="cards_bureau_two_persons",
            ),
            models.UniqueConstraint(
                fields=["recipient"], condition=Q(ended_at__isnull=True), name="cards_bureau_key"
            ),
        ]

    def __str__(self) -> str:
        return self.name
