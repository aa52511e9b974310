"""What a device holds to recognise genuine taps without a network (docs/protocols/tickets.md)."""

from django.db import models
from django.db.models import F, Func, Q
from django.db.models.lookups import Exact

from betang.cards.models.card import Card
from betang.core.card.ticket import SALT_BYTES, TICKET_BYTES


def _octets(column: str) -> Func:
    return Func(F(column), function="octet_length", output_field=models.IntegerField())


class TicketRoster(models.Model):
    """A device's roster: its salt, and the revision that rises with each part that is made.

    A phone that is enrolled again is another device, and gets another salt.
    """

    device = models.UUIDField(unique=True)
    salt = models.BinaryField()
    revision = models.BigIntegerField(default=0)
    # When the worker last saw that nothing was missing.
    looked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Exact(_octets("salt"), SALT_BYTES), name="cards_ticket_salt_size"
            ),
        ]

    def __str__(self) -> str:
        return str(self.device)


class TicketSegment(models.Model):
    """Tickets of one card for `count` readings from `first`; with 0 and 0 a withdrawal."""

    roster = models.ForeignKey(
        TicketRoster, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    card = models.ForeignKey(Card, on_delete=models.PROTECT, related_name="+", db_index=False)
    uid = models.BinaryField()
    key_version = models.SmallIntegerField()
    first = models.IntegerField()
    count = models.SmallIntegerField()
    tickets = models.BinaryField()
    revision = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["roster", "uid", "first"], name="cards_ticket_once"),
            models.CheckConstraint(
                condition=Exact(_octets("tickets"), F("count") * TICKET_BYTES),
                name="cards_tickets_counted",
            ),
            models.CheckConstraint(
                condition=Q(first=0, count=0) | Q(first__gte=1, count__gte=1),
                name="cards_ticket_or_withdrawal",
            ),
            models.CheckConstraint(
                condition=Q(first__lte=0x1000000 - F("count")), name="cards_ticket_24_bits"
            ),
        ]
        indexes = [
            models.Index(fields=["roster", "revision"], name="cards_ticket_by_revision"),
        ]

    def __str__(self) -> str:
        return f"{self.card_id} {self.first}"
