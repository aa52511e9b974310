"""What the database knows of keys: public parts, fingerprints and wrapped blob keys; never a key.

Private keys and data keys lie in the key file (`betang.keys.keyfile`) or, later, in an HSM.
"""

from django.db import models
from django.db.models import Q

from betang.core.identifiers import new_uuid


class RingKey(models.Model):
    """One public key of the ring: what it may sign, from when until when, and if it still may."""

    class State(models.TextChoices):
        ACTIVE = "active"
        RETIRED = "retired"
        REVOKED = "revoked"

    uuid = models.UUIDField(unique=True, default=new_uuid, editable=False)
    kid = models.SmallIntegerField(unique=True)
    purpose = models.TextField()
    version = models.SmallIntegerField()
    algorithm = models.TextField()
    public = models.BinaryField()
    not_before = models.DateTimeField()
    not_after = models.DateTimeField()
    state = models.TextField(choices=State.choices, default=State.ACTIVE)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["purpose", "version"], name="keys_version_once"),
            models.UniqueConstraint(
                fields=["purpose"], condition=Q(state="active"), name="keys_one_active_a_purpose"
            ),
            models.CheckConstraint(
                condition=Q(kid__gte=0, kid__lte=255), name="keys_kid_is_one_byte"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["active", "retired", "revoked"]), name="keys_state_known"
            ),
            models.CheckConstraint(
                condition=Q(not_before__lt=models.F("not_after")), name="keys_validity_forward"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.version}"


class DataKey(models.Model):
    """That a data key exists, by its fingerprint, so that a wrong key file is noticed at once.

    The key itself stays in the key file: no key is ever a column.
    """

    purpose = models.TextField()
    version = models.SmallIntegerField()
    fingerprint = models.BinaryField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["purpose", "version"], name="keys_data_version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.version}"


class SealedBlob(models.Model):
    """A file kept encrypted on disk, named by the SHA-256 of its ciphertext.

    `wrapped_key` is null once the blob has been erased: the bytes may survive in a backup, their
    key does not.
    """

    sha256 = models.BinaryField(primary_key=True)
    place = models.TextField()
    wrapped_key = models.BinaryField(null=True)
    size = models.BigIntegerField()
    made_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(wrapped_key__isnull=True) | Q(erased_at__isnull=True),
                name="keys_erased_blob_has_no_key",
            ),
        ]

    def __str__(self) -> str:
        return bytes(self.sha256).hex()


class KeyChange(models.Model):
    """A rotation: proposed by one person, carried out by the approval of another."""

    uuid = models.UUIDField(unique=True, default=new_uuid, editable=False)
    purpose = models.TextField()
    proposed_at = models.DateTimeField()
    proposed_by_person = models.UUIDField()
    approved_at = models.DateTimeField(null=True)
    approved_by_person = models.UUIDField(null=True)
    version = models.SmallIntegerField(null=True)
    kid = models.SmallIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by_person__isnull=True)
                | ~Q(approved_by_person=models.F("proposed_by_person")),
                name="keys_change_two_persons",
            ),
            models.CheckConstraint(
                condition=Q(approved_at__isnull=True, approved_by_person__isnull=True, version=None)
                | Q(
                    approved_at__isnull=False,
                    approved_by_person__isnull=False,
                    version__isnull=False,
                ),
                name="keys_change_done_is_approved",
            ),
            models.UniqueConstraint(
                fields=["purpose"],
                condition=Q(approved_at__isnull=True),
                name="keys_one_open_change_a_purpose",
            ),
        ]

    def __str__(self) -> str:
        return self.purpose


class TransportKey(models.Model):
    """Which transport key wrapped a run's chip keys: its check value (24 bits), never the key."""

    run = models.UUIDField(unique=True)
    check_value = models.TextField()
    key_version = models.SmallIntegerField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(check_value__regex=r"^[0-9A-F]{6}$"), name="keys_check_value_form"
            ),
        ]

    def __str__(self) -> str:
        return self.check_value
