"""A case and its steps. Free text is sealed: who complains about whom is personal."""

from django.db import models

from betang.core.identifiers import new_uuid


class Case(models.Model):
    """Something that a person must look at and decide."""

    class Kind(models.TextChoices):
        """What it is about."""

        CONTESTED_DELIVERY = "contested_delivery", "Penyerahan yang disengketakan"
        COMPLAINT = "complaint", "Pengaduan"
        LEVY = "levy", "Pungutan"
        OBJECTION = "objection", "Sanggahan"
        PAYMENT = "payment", "Pembayaran"

    class State(models.TextChoices):
        """Open, in somebody's hands, or decided."""

        OPEN = "open", "Terbuka"
        ASSIGNED = "assigned", "Ditangani"
        RESOLVED = "resolved", "Selesai"

    uuid = models.UUIDField(unique=True, default=new_uuid, editable=False)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    household = models.ForeignKey(
        "registry.Household", on_delete=models.PROTECT, related_name="+", null=True
    )
    village = models.ForeignKey("areas.Area", on_delete=models.PROTECT, related_name="+")
    subject = models.UUIDField()
    facts = models.JSONField(default=dict)
    opened_at = models.DateTimeField()
    opened_by = models.UUIDField()
    assigned_person = models.UUIDField(null=True)
    outcome = models.CharField(max_length=20, default="", blank=True)
    proposed_outcome = models.CharField(max_length=20, default="", blank=True)
    proposed_by_person = models.UUIDField(null=True)
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        """A contested delivery has one case, however often its event is sent."""

        constraints = [
            models.UniqueConstraint(
                fields=["subject"],
                condition=models.Q(kind="contested_delivery"),
                name="grievances_case_contested_once",
            ),
            models.CheckConstraint(
                condition=models.Q(proposed_outcome="", proposed_by_person__isnull=True)
                | (~models.Q(proposed_outcome="") & models.Q(proposed_by_person__isnull=False)),
                name="grievances_case_proposal_whole",
            ),
        ]

    def __str__(self) -> str:
        """Name the case by its uuid."""
        return str(self.uuid)


class Step(models.Model):
    """One thing done in a case. Never changed, never removed."""

    class Kind(models.TextChoices):
        """What was done."""

        OPENED = "opened", "Dibuka"
        ASSIGNED = "assigned", "Diserahkan"
        NOTED = "noted", "Dicatat"
        PROPOSED = "proposed", "Putusan diusulkan"
        RETURNED = "returned", "Usulan dikembalikan"
        RESOLVED = "resolved", "Diselesaikan"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    actor = models.UUIDField()
    person = models.UUIDField(null=True)
    note_sealed = models.BinaryField(null=True)
    facts = models.JSONField(default=dict)
    at = models.DateTimeField()

    def __str__(self) -> str:
        """Show what was done."""
        return self.kind
