"""Tables of sync: every authentic event as it was signed, its decision, each device's place.

`FieldEvent.payload` holds the bytes that were signed, never a rendering of them; with `protected`
and `signature` anybody can verify them again (docs/protocols/event.md).
"""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from betang.core.identifiers import new_uuid


class FieldEvent(models.Model):
    """An authentic event of a device; `seq` is null where the payload could not be read."""

    device = models.ForeignKey(
        "accounts.Device",
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    seq = models.BigIntegerField(null=True)
    uuid = models.UUIDField(null=True)
    type = models.CharField(max_length=40)
    protected = models.TextField()
    payload = models.BinaryField()
    signature = models.BinaryField()
    payload_sha256 = models.BinaryField()
    prev = models.BinaryField(null=True)
    at = models.DateTimeField(null=True)
    heard_at = models.DateTimeField()
    attachment_sha256 = models.BinaryField(null=True)
    state = models.CharField(max_length=8)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["device", "seq"], name="event_once_a_place"),
            models.UniqueConstraint(
                fields=["device", "payload_sha256"],
                condition=Q(seq__isnull=True),
                name="unreadable_event_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["applied", "waiting", "parked", "held", "refused"]),
                name="event_state_known",
            ),
        ]

    def __str__(self) -> str:
        """Name the event by its place in the chain."""
        return f"{self.device_id}#{self.seq}"


class FieldEventFork(models.Model):
    """An authentic event whose place in the chain was taken by another: the device was cloned."""

    device = models.ForeignKey("accounts.Device", on_delete=models.PROTECT, related_name="+")
    seq = models.BigIntegerField()
    uuid = models.UUIDField(null=True)
    type = models.CharField(max_length=40)
    protected = models.TextField()
    payload = models.BinaryField()
    signature = models.BinaryField()
    payload_sha256 = models.BinaryField()
    prev = models.BinaryField(null=True)
    at = models.DateTimeField(null=True)
    heard_at = models.DateTimeField()
    attachment_sha256 = models.BinaryField(null=True)
    state = models.CharField(max_length=8, default="waiting", db_default="waiting")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["device", "seq", "payload_sha256"], name="fork_event_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "applied", "refused"]),
                name="fork_event_state_known",
            ),
        ]

    def __str__(self) -> str:
        """Name the event by its contested place."""
        return f"{self.device_id}#{self.seq}'"


class Decision(models.Model):
    """What the office decided about an event, in a sentence; the newest of an event stands."""

    device = models.ForeignKey(
        "accounts.Device", on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    seq = models.BigIntegerField(null=True)
    event_sha256 = models.BinaryField()
    event = models.UUIDField(null=True)
    code = models.CharField(max_length=48)
    outcome = models.CharField(max_length=9)
    sentence = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=["accepted", "contested", "refused", "waiting", "parked"]),
                name="decision_outcome_known",
            ),
        ]

    def __str__(self) -> str:
        """Name the decision by its event and code."""
        return f"{self.device_id}#{self.seq} {self.code}"


class DeviceCursor(models.Model):
    """How far a device's chain has been applied; its row is the lock of the device's sync."""

    device = models.OneToOneField(
        "accounts.Device", on_delete=models.PROTECT, related_name="+", primary_key=True
    )
    applied_seq = models.BigIntegerField(default=0)
    applied_sha256 = models.BinaryField()
    held_count = models.IntegerField(default=0)
    frozen_at = models.DateTimeField(null=True)
    frozen_reason = models.CharField(max_length=40, null=True)  # noqa: DJ001 -- null is "none"
    first_fork_seq = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        """Name the cursor by its device."""
        return f"{self.device_id}@{self.applied_seq}"


class Proposal(models.Model):
    """An act about a device's chain that one person proposed and another must confirm."""

    uuid = models.UUIDField(unique=True, default=new_uuid, editable=False)
    device = models.ForeignKey("accounts.Device", on_delete=models.PROTECT, related_name="+")
    act = models.CharField(max_length=16)
    reason_sealed = models.BinaryField()
    state = models.CharField(max_length=8, default="waiting")
    proposed_by = models.UUIDField()
    proposed_by_person = models.UUIDField()
    proposed_at = models.DateTimeField()
    ended_by_person = models.UUIDField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["device"], condition=Q(state="waiting"), name="one_proposal_a_device"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "done", "returned"]),
                name="proposal_state_known",
            ),
            models.CheckConstraint(
                condition=~Q(state="done") | ~Q(ended_by_person=models.F("proposed_by_person")),
                name="proposal_takes_two",
            ),
        ]

    def __str__(self) -> str:
        """Name the proposal by its act."""
        return f"{self.act} {self.device_id}"


class Attachment(models.Model):
    """An event's sealed personal data; destroying `wrapped_key` erases it, the chain stays."""

    sha256 = models.BinaryField(primary_key=True)
    device = models.ForeignKey(
        "accounts.Device",
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    wrapped_key = models.BinaryField(null=True)
    ciphertext = models.BinaryField()
    heard_at = models.DateTimeField()

    def __str__(self) -> str:
        """Name the attachment by its hash."""
        return bytes(self.sha256).hex()


class Upload(models.Model):
    """How far a blob (a sealed photo) has arrived; `complete_at` is set when its hash was right."""

    sha256 = models.BinaryField()
    device = models.ForeignKey("accounts.Device", on_delete=models.PROTECT, related_name="+")
    length = models.BigIntegerField()
    received = models.BigIntegerField(default=0)
    content = models.BinaryField(default=b"")
    wrapped_key = models.BinaryField(null=True)
    begun_at = models.DateTimeField(db_default=Now())
    complete_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["device", "sha256"], name="upload_once_a_device"),
            models.CheckConstraint(
                condition=Q(received__lte=models.F("length")), name="upload_not_longer_than_said"
            ),
        ]

    def __str__(self) -> str:
        """Name the upload by its hash."""
        return bytes(self.sha256).hex()
