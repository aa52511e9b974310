"""Where each card is, every movement between two places, and the postings that prove the sum.

A card has one place from the moment it is printed (`Card.place`). Triggers of `0007_custody` write
a posting for whatever a statement changed of place or state, in that same statement, so that no
path in the code can move a card without the book.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from betang.core.identifiers import new_uuid


class Place(models.Model):
    """Somewhere a card can be. Two kinds are no places: what stands against the sum of the others.

    `press` is minus the number of cards ever printed, `taken_over` minus those of another
    programme; so all postings together are always zero.
    """

    class Kind(models.TextChoices):
        PRESS = "press", "Dicetak"
        TAKEN_OVER = "taken_over", "Diambil alih"
        BUREAU = "bureau", "Biro kartu"
        PROVINCE = "province", "Kantor provinsi"
        REGENCY = "regency", "Kantor kabupaten/kota"
        VILLAGE = "village", "Kantor desa/kelurahan"
        DEVICE = "device", "Gawai petugas"
        TRANSIT = "transit", "Dalam perjalanan"
        FAMILY = "family", "Keluarga"

    uuid = models.UUIDField(unique=True, default=new_uuid, editable=False)
    kind = models.TextField(choices=Kind.choices)
    # A regency or village of ours; null where the kind knows no area.
    area = models.BigIntegerField(null=True)
    device = models.UUIDField(null=True)
    # Each parcel on its way is a place of its own.
    transfer = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "area", "device", "transfer"],
                nulls_distinct=False,
                name="cards_place_once",
            ),
            models.CheckConstraint(
                condition=Q(kind="device", device__isnull=False)
                | Q(kind="transit", transfer__isnull=False)
                | Q(kind__in=["regency", "village", "family"], area__isnull=False)
                | Q(kind__in=["press", "taken_over", "bureau", "province"]),
                name="cards_place_says_which",
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())


class Posting(models.Model):
    """So many cards in this state came to (or left) this place: written by triggers alone.

    `at` is when the database heard of it, not when it happened in the village.
    """

    place = models.ForeignKey(
        Place, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    state = models.TextField()
    amount = models.IntegerField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["place", "state"], name="cards_posting_by_place")]

    def __str__(self) -> str:
        return f"{self.amount}"


class Transfer(models.Model):
    """One parcel of cards between two places, signed when it leaves and when it is counted.

    `numbers` are the card numbers, ascending. A document is the exact text that was signed by the
    `manifest` key; it names both places, both persons, the count and the digest of the numbers.
    """

    class State(models.TextChoices):
        IN_TRANSIT = "in_transit", "Dalam perjalanan"
        CARRIED = "carried", "Dibawa, belum dihitung penerima"
        RECEIVED = "received", "Diterima lengkap"
        SHORT = "short", "Diterima kurang"
        SETTLED = "settled", "Kekurangannya diselesaikan"
        RECALLED = "recalled", "Ditarik kembali"

    uuid = models.UUIDField(unique=True, default=new_uuid, editable=False)
    sender = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    receiver = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    area = models.BigIntegerField(null=True)
    state = models.TextField(choices=State.choices)
    count = models.IntegerField()
    numbers = ArrayField(models.BigIntegerField())
    numbers_sha256 = models.BinaryField()
    sent_at = models.DateTimeField()
    # Null where nobody of ours sent: the bureau's return file speaks for it.
    sent_by = models.UUIDField(null=True)
    sent_by_person = models.UUIDField(null=True)
    sent_document = models.TextField()
    sent_kid = models.IntegerField()
    sent_signature = models.BinaryField()
    received_at = models.DateTimeField(null=True)
    received_by = models.UUIDField(null=True)
    received_by_person = models.UUIDField(null=True)
    received_count = models.IntegerField(null=True)
    missing = ArrayField(models.BigIntegerField(), default=list)
    extra = ArrayField(models.BigIntegerField(), default=list)
    reason = models.TextField(default="")
    received_document = models.TextField(default="")
    received_kid = models.IntegerField(null=True)
    received_signature = models.BinaryField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(received_by_person__isnull=True)
                | Q(sent_by_person__isnull=True)
                | ~Q(received_by_person=models.F("sent_by_person")),
                name="cards_transfer_takes_two_persons",
            ),
            models.CheckConstraint(
                condition=~Q(sender=models.F("receiver")), name="cards_transfer_moves"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["in_transit", "carried", "recalled"])
                | Q(received_at__isnull=False, received_signature__isnull=False),
                name="cards_transfer_received_is_signed",
            ),
            models.CheckConstraint(
                condition=~Q(state="short") | ~Q(missing=[]), name="cards_transfer_short_names"
            ),
        ]
        indexes = [models.Index(fields=["state", "-sent_at"], name="cards_transfer_by_state")]

    def __str__(self) -> str:
        return str(self.uuid)
