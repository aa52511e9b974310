"""Issuing anew what a known key signed: proposed by one person, confirmed by another, resumable."""

from django.db import models
from django.db.models import F, Q

from betang.core.identifiers import new_uuid


class Reissue(models.Model):
    """One act over the live cards whose QR key `kid` signed, or whose chip has keys of a version.

    `position` is the last card that was looked at; it, the counts and `digest` move in the same
    transaction as the cards themselves, so that a killed run goes on where it was.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", "Menunggu orang kedua"
        RUNNING = "running", "Berjalan"
        DONE = "done", "Selesai"

    uuid = models.UUIDField(unique=True, default=new_uuid, editable=False)
    kid = models.SmallIntegerField(null=True)
    key_version = models.SmallIntegerField(null=True)
    area = models.BigIntegerField(null=True)
    state = models.TextField(choices=State.choices, default=State.PROPOSED)
    counted = models.IntegerField()
    proposed_at = models.DateTimeField()
    proposed_by_person = models.UUIDField()
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by_person = models.UUIDField(null=True)
    done_at = models.DateTimeField(null=True)
    position = models.BigIntegerField(default=0)
    ended = models.IntegerField(default=0)
    ordered = models.IntegerField(default=0)
    # SHA-256 over the digest before and the rows of each chunk, in order.
    digest = models.BinaryField(default=bytes(32))

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kid__isnull=True) ^ Q(key_version__isnull=True),
                name="cards_reissue_of_one_key",
            ),
            models.CheckConstraint(
                condition=Q(state="proposed") | Q(confirmed_by_person__isnull=False),
                name="cards_reissue_is_confirmed",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by_person__isnull=True)
                | ~Q(confirmed_by_person=F("proposed_by_person")),
                name="cards_reissue_takes_two_persons",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["proposed", "running", "done"]),
                name="cards_reissue_state_known",
            ),
            models.UniqueConstraint(
                fields=["kid", "key_version", "area"],
                condition=~Q(state="done"),
                nulls_distinct=False,
                name="cards_reissue_one_open",
            ),
        ]

    def __str__(self) -> str:
        return str(self.uuid)
