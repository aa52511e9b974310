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
