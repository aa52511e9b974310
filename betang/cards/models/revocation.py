"""Which cards are trusted no more, and the lists that said so."""

from django.db import models


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


class RevocationDelta(models.Model):
    """What the newest list adds to an earlier one, signed once for every phone that holds that one.

    Only of the newest list, and made again at will: the next list takes them away.
    """

    since = models.BigIntegerField()
    seq = models.BigIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["since", "seq"], name="cards_delta_once"),
            models.CheckConstraint(
                condition=models.Q(since__gte=1, since__lt=models.F("seq")),
                name="cards_delta_forward",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.since}-{self.seq}"
