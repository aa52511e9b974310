"""Cards of a running programme that were taken over, and the visits that replace a lost card."""

from django.db import models
from django.db.models import Q

from betang.cards.models.card import Card
from betang.core.identifiers import new_uuid


class TakeOver(models.Model):
    """One list of cards that exist already; the same file again is the same row."""

    uuid = models.UUIDField(unique=True, default=new_uuid, editable=False)
    file_sha256 = models.BinaryField(unique=True)
    file_name = models.TextField(default="")
    at = models.DateTimeField()
    by_person = models.UUIDField(null=True)
    rows = models.IntegerField()
    taken = models.IntegerField()
    # [row, code] of each row that was not taken, or taken with a remark: never a name or a number.
    report = models.JSONField(default=list)

    def __str__(self) -> str:
        return str(self.uuid)


class TakenOver(models.Model):
    """The number that a taken-over card carries on its face: the other programme's own."""

    card = models.OneToOneField(Card, primary_key=True, on_delete=models.PROTECT, related_name="+")
    take_over = models.ForeignKey(TakeOver, on_delete=models.PROTECT, related_name="+")
    printed_number = models.TextField(unique=True)

    def __str__(self) -> str:
        return self.printed_number


class ReplacementVisit(models.Model):
    """A family without its card came to an office or village: from the block to the new card."""

    class Checked(models.TextChoices):
        """How the person was known without the card."""

        IDENTITY = "identity", "KTP atau KK asli dicocokkan"
        QUESTIONS = "questions", "Pertanyaan tentang keluarga dijawab benar"
        WITNESS = "witness", "Dikenal ketua RT atau perangkat desa yang hadir"

    class State(models.TextChoices):
        OPEN = "open", "Berjalan"
        DONE = "done", "Kartu baru diserahkan"
        LEFT = "left", "Dihentikan"

    uuid = models.UUIDField(unique=True, default=new_uuid, editable=False)
    household = models.ForeignKey("registry.Household", on_delete=models.PROTECT, related_name="+")
    old = models.ForeignKey(Card, on_delete=models.PROTECT, related_name="+")
    new = models.OneToOneField(Card, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    # The family member who came; null: somebody who is not of the family asks for it.
    asked_by = models.UUIDField(null=True)
    checked = models.TextField(choices=Checked.choices)
    photo_sha256 = models.BinaryField(null=True)
    state = models.TextField(choices=State.choices, default=State.OPEN)
    opened_at = models.DateTimeField()
    opened_by_person = models.UUIDField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by_person = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["household"], condition=Q(state="open"), name="cards_visit_one_open"
            ),
            models.CheckConstraint(
                condition=Q(state="open") ^ Q(ended_at__isnull=False),
                name="cards_visit_ends_once",
            ),
        ]

    def __str__(self) -> str:
        return str(self.uuid)
