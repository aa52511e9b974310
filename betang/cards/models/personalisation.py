"""Writing chips at a station: who started, which cards in which order, and every chip that came.

No key is ever a column here: keys are derived when they are needed.
"""

from django.db import models
from django.db.models import F, Q

from betang.core.identifiers import new_uuid


class ChipSession(models.Model):
    """A day's work at a station: cards in their order; two persons let it begin."""

    uuid = models.UUIDField(unique=True, default=new_uuid, editable=False)
    print_run = models.ForeignKey(
        "cards.PrintRun", null=True, on_delete=models.PROTECT, related_name="+"
    )
    # Of the master from which chips get their keys that this session writes first.
    key_version = models.SmallIntegerField()
    started_by_person = models.UUIDField()
    started_at = models.DateTimeField()
    confirmed_by_person = models.UUIDField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_by_person__isnull=True)
                | ~Q(confirmed_by_person=F("started_by_person")),
                name="cards_chip_session_two_persons",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True, confirmed_by_person__isnull=True)
                | Q(confirmed_at__isnull=False, confirmed_by_person__isnull=False),
                name="cards_chip_session_confirmed",
            ),
        ]

    def __str__(self) -> str:
        return str(self.uuid)


class ChipTurn(models.Model):
    """One card of a session, at its place."""

    session = models.ForeignKey(ChipSession, on_delete=models.PROTECT, related_name="turns")
    card = models.ForeignKey("cards.Card", on_delete=models.PROTECT, related_name="+")
    position = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "card"], name="cards_chip_turn_once"),
            models.UniqueConstraint(fields=["session", "position"], name="cards_chip_turn_place"),
        ]

    def __str__(self) -> str:
        return f"{self.session_id}:{self.position}"


class ChipVisit(models.Model):
    """One chip in the reader's field, once: how far it came. Without an end: the station died."""

    session = models.ForeignKey(ChipSession, on_delete=models.PROTECT, related_name="visits")
    uid = models.BinaryField(null=True)
    card = models.ForeignKey("cards.Card", null=True, on_delete=models.PROTECT, related_name="+")
    step = models.TextField(default="select")
    result = models.TextField(default="")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["uid"], name="cards_chip_visit_uid")]
        constraints = [
            models.CheckConstraint(
                condition=Q(result="", ended_at__isnull=True)
                | ~Q(result="") & Q(ended_at__isnull=False),
                name="cards_chip_visit_ended",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session_id}: {self.step} {self.result}"


class SpoiltChip(models.Model):
    """A chip that was given up: it is never bound again, and its card takes another."""

    uid = models.BinaryField(unique=True)
    card = models.ForeignKey("cards.Card", on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    at = models.DateTimeField()
    by_person = models.UUIDField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="cards_spoilt_chip_reason"),
        ]

    def __str__(self) -> str:
        return bytes(self.uid).hex().upper()
