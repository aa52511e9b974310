"""Alerts. At most one open alert of a kind for a subject: the database holds that."""

from django.db import models
from django.db.models import Q

from betang.core.identifiers import new_uuid


class Severity(models.TextChoices):
    """How soon somebody must look."""

    INFO = "info", "Untuk diketahui"
    WARNING = "warning", "Perlu diperiksa"
    CRITICAL = "critical", "Segera"


class AlertState(models.TextChoices):
    """Whether somebody has dealt with it."""

    OPEN = "open", "Terbuka"
    CLOSED = "closed", "Selesai"


class Alert(models.Model):
    """Something that a person must look at, with the journal position that gave rise to it.

    `subject` is what it is about (a card, a device, an entitlement); `facts` hold codes and
    numbers, never personal data. `times` counts repeats while it is open. `position` is null
    where silence, not an entry, was the cause.
    """

    uuid = models.UUIDField(unique=True, default=new_uuid)
    kind = models.TextField()
    severity = models.TextField(choices=Severity.choices)
    subject = models.UUIDField()
    area = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    last_at = models.DateTimeField()
    times = models.IntegerField(default=1)
    state = models.TextField(choices=AlertState.choices, default=AlertState.OPEN)
    position = models.BigIntegerField(null=True)
    facts = models.JSONField(default=dict)
    closed_at = models.DateTimeField(null=True)
    closed_by_person = models.UUIDField(null=True)
    closing_reason = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"],
                condition=Q(state="open"),
                name="alert_open_once_a_subject",
            ),
            models.CheckConstraint(
                condition=Q(severity__in=Severity.values), name="alert_severity_known"
            ),
            models.CheckConstraint(
                condition=Q(state="open", closed_at__isnull=True)
                | (Q(state="closed", closed_at__isnull=False) & ~Q(closing_reason="")),
                name="alert_closed_with_a_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["-last_at"], condition=Q(state="open"), name="alert_open_newest"),
        ]
