"""What happened. Append-only: the database refuses to change or delete an entry."""

from django.db import models
from django.db.models.functions import Now


class Entry(models.Model):
    """One act: identifiers, codes and numbers, never personal data.

    `at` is when it happened (UTC), `recorded_at` when we heard. `area` is the Kemendagri number of
    the place, so that a feed can be filtered; it is no foreign key, since the journal lies lowest.
    """

    uuid = models.UUIDField(unique=True)
    kind = models.TextField()
    subject = models.UUIDField()
    actor_kind = models.TextField()
    actor_uuid = models.UUIDField()
    person = models.UUIDField(null=True)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    area = models.BigIntegerField(null=True)
    facts = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["subject", "id"], name="entry_of_subject"),
            models.Index(fields=["kind", "id"], name="entry_of_kind"),
        ]


class Outbox(models.Model):
    """An entry that has no position in the feed yet.

    Without a foreign key: the same statement writes both rows, entries cannot be deleted, and the
    mover gives a position only through the feed, which has one (docs/decisions/0002).
    """

    entry = models.OneToOneField(
        Entry, on_delete=models.PROTECT, primary_key=True, related_name="+", db_constraint=False
    )


class Feed(models.Model):
    """The order in which readers see entries: gapless, given by one mover after the commit."""

    position = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="+")


class Consumer(models.Model):
    """How far a named reader of the feed has come."""

    name = models.TextField(primary_key=True)
    position = models.BigIntegerField(default=0)


class Checkpoint(models.Model):
    """A signed Merkle root (RFC 6962) over the entries up to a position; it leaves the building."""

    size = models.BigIntegerField(unique=True)
    root = models.BinaryField()
    at = models.DateTimeField()
    kid = models.SmallIntegerField()
    signature = models.BinaryField()
