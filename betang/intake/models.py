"""Batches and what was found wrong in them. The rows themselves lie sealed in the blob."""

from django.db import models
from django.db.models import Q

from betang.core.identity.area_code import PROVINCE

SEVERITIES = ("error", "warning")


class Batch(models.Model):
    """One uploaded file: the same bytes are the same batch."""

    uuid = models.UUIDField()
    kind = models.TextField()
    programme = models.TextField(default="")
    period = models.TextField(default="")
    code_system = models.TextField(default="kemendagri")
    file_name = models.TextField()
    sha256 = models.BinaryField()
    blob = models.BinaryField(null=True)
    file_format = models.TextField(default="csv")
    state = models.TextField(default="staged")
    rows = models.IntegerField(default=0)
    held_rows = models.IntegerField(default=0)
    warned_rows = models.IntegerField(default=0)
    households = models.IntegerField(default=0)
    #: The regencies (Kemendagri) of the families that may pass: who approves must answer for each.
    regencies = models.JSONField(default=list)
    problems = models.JSONField(default=dict)
    outcome = models.JSONField(default=dict)
    uploaded_by_person = models.UUIDField()
    accepted_by_person = models.UUIDField(null=True)
    at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("uuid",), name="intake_batch_uuid"),
            models.UniqueConstraint(fields=("sha256",), name="intake_batch_file_once"),
            models.CheckConstraint(
                condition=Q(kind__in=("households", "exclusion")), name="intake_batch_kind"
            ),
            models.CheckConstraint(
                condition=Q(state__in=("staged", "reported", "accepted", "rejected")),
                name="intake_batch_state",
            ),
            models.CheckConstraint(
                condition=Q(code_system__in=("kemendagri", "bps")), name="intake_batch_code_system"
            ),
            models.CheckConstraint(
                condition=~Q(state="accepted")
                | (
                    Q(accepted_by_person__isnull=False)
                    & ~Q(accepted_by_person=models.F("uploaded_by_person"))
                ),
                name="intake_batch_two_persons",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.uuid}"

    @property
    def reach(self) -> list[int]:
        """The areas that the batch touches; the province where that is not said, or is all of it.

        A list of another programme takes the place of the whole one before.
        """
        return self.regencies if self.kind == "households" and self.regencies else [PROVINCE]


class Finding(models.Model):
    """Something wrong in one row. `value_masked` never shows more of a NIK or KK than its ends."""

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="+")
    row_number = models.IntegerField()
    column_name = models.TextField()
    code = models.TextField()
    severity = models.TextField()
    value_masked = models.TextField(default="")

    class Meta:
        indexes = (models.Index(fields=("batch", "row_number"), name="intake_finding_row"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(severity__in=SEVERITIES), name="intake_finding_severity"
            ),
        )

    def __str__(self) -> str:
        return f"{self.row_number} {self.code}"
