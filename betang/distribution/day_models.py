"""Tables of the day at a point: who is invited when, who opened and closed it, who stays at home.

Whether an invited family was served, waits or stayed away is not kept here: it is read from its
rights and from the day's state, so that no order in which phones are heard can make it wrong
(docs/decisions/0111).
"""

from django.db import models
from django.db.models import F, Q

from betang.core.identifiers import new_uuid


class Day(models.Model):
    """One point, one date, one cycle: the families of its queue are invited (hari penyaluran).

    `opens` and `closes` are of the clock on the wall there (WIB). `last_queue` is the highest
    number ever given out: a number stands on slips and on the roster, so it is never given twice.
    """

    uuid = models.UUIDField(unique=True, default=new_uuid, editable=False)
    point = models.ForeignKey(
        "areas.DistributionPoint", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    cycle = models.ForeignKey(
        "programmes.Cycle", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    held_on = models.DateField()
    opens = models.TimeField()
    closes = models.TimeField()
    state = models.CharField(max_length=9, default="planned")
    last_queue = models.IntegerField(default=0)
    # Why it was moved or cancelled last: a code, and words that only the office reads.
    reason = models.CharField(max_length=8, null=True)  # noqa: DJ001 -- null is "never changed"
    note_sealed = models.BinaryField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["point", "cycle", "held_on"],
                condition=~Q(state="cancelled"),
                name="one_day_a_point_and_date",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["planned", "opened", "closed", "cancelled"]),
                name="day_state_known",
            ),
            models.CheckConstraint(condition=Q(closes__gt=F("opens")), name="day_has_a_length"),
            models.CheckConstraint(condition=Q(last_queue__gte=0), name="day_queue_not_negative"),
            models.CheckConstraint(
                condition=Q(reason__isnull=True)
                | Q(reason__in=["flood", "road", "goods", "officer", "safety", "other"]),
                name="day_reason_known",
            ),
            models.CheckConstraint(
                condition=~Q(state="cancelled") | Q(reason__isnull=False),
                name="day_cancelled_with_a_reason",
            ),
        ]
        indexes = [models.Index(fields=["held_on", "id"], name="day_by_date")]

    def __str__(self) -> str:
        """Name the day."""
        return f"hari {self.held_on} {self.point_id}"


class Invitation(models.Model):
    """One family in the queue of one day; live while `ended` is null.

    A family has one live invitation a cycle. `day` and `cycle` refer together to one row of `Day`
    (migration 0005), so that an invitation never stands in a day of another cycle.
    """

    day = models.ForeignKey(
        Day, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    cycle = models.ForeignKey(
        "programmes.Cycle",
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    household = models.ForeignKey(
        "registry.Household", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    queue = models.IntegerField()
    slot = models.TimeField()
    mode = models.CharField(max_length=5, default="point")
    reason = models.CharField(max_length=8, null=True)  # noqa: DJ001 -- null is "comes to the point"
    ended = models.CharField(max_length=9, null=True)  # noqa: DJ001 -- null is "live"

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["cycle", "household"],
                condition=Q(ended__isnull=True),
                name="invited_once_a_cycle",
            ),
            models.UniqueConstraint(fields=["day", "queue"], name="queue_number_once_a_day"),
            models.CheckConstraint(condition=Q(queue__gte=1), name="queue_from_one"),
            models.CheckConstraint(
                condition=Q(mode="point", reason__isnull=True)
                | Q(
                    mode="home",
                    reason__isnull=False,
                    reason__in=["sick", "elderly", "disabled"],
                ),
                name="home_with_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(ended__isnull=True) | Q(ended__in=["moved", "absent", "cancelled"]),
                name="invitation_end_known",
            ),
        ]

    def __str__(self) -> str:
        """Name the place in the queue, not whose it is."""
        return f"undangan {self.day_id}/{self.queue}"


class DayPart(models.Model):
    """What one device did on one day: each phone opens and closes its own part.

    `opened_at` and `closed_at` are the device's word, `heard_at` is when its newest was heard.
    `left_told` is `[{"item", "quantity", "unit"}]`.
    """

    day = models.ForeignKey(Day, on_delete=models.PROTECT, related_name="+", db_index=False)
    device = models.ForeignKey("accounts.Device", on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    heard_at = models.DateTimeField()
    served_told = models.IntegerField(null=True)
    absent_told = models.IntegerField(null=True)
    left_told = models.JSONField(default=list)
    closing_event = models.UUIDField(null=True)
    attachment_sha256 = models.BinaryField(null=True)
    photos = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["day", "device"], name="one_part_a_device"),
            models.CheckConstraint(
                condition=Q(
                    closed_at__isnull=True, served_told__isnull=True, absent_told__isnull=True
                )
                | Q(
                    closed_at__isnull=False,
                    served_told__isnull=False,
                    served_told__gte=0,
                    absent_told__isnull=False,
                    absent_told__gte=0,
                ),
                name="part_closed_with_its_counts",
            ),
        ]

    def __str__(self) -> str:
        """Name the part."""
        return f"bagian {self.day_id}/{self.device_id}"


class HomeNeed(models.Model):
    """A family that cannot come to the point, until somebody says that it can again."""

    household = models.ForeignKey(
        "registry.Household", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    reason = models.CharField(max_length=8)
    told_at = models.DateTimeField()
    device = models.UUIDField(null=True)
    event = models.UUIDField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["household"], condition=Q(ended_at__isnull=True), name="one_need_a_family"
            ),
            models.CheckConstraint(
                condition=Q(reason__in=["sick", "elderly", "disabled"]), name="need_reason_known"
            ),
        ]

    def __str__(self) -> str:
        """Name the need, not whose it is."""
        return f"kebutuhan {self.pk}"
