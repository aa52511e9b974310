"""Tables of distribution: the entitlement, the lease and its rights, the delivery, the tallies.

An entitlement has one holder at a time (`holder`): the device that may deliver it now, by a lease
or by a reservation online. Every change of hands is one conditional UPDATE of that row, so that of
two requests at once one succeeds; `LeaseRight` keeps the history and its partial unique index is
the second lock on the same door (docs/decisions/0036).
"""

from django.db import models
from django.db.models import Q

from betang.core.identifiers import new_uuid
from betang.distribution.day_models import Day, DayPart, HomeNeed, Invitation

__all__ = [
    "Day",
    "DayPart",
    "Delivery",
    "Entitlement",
    "HomeNeed",
    "Invitation",
    "Lease",
    "LeaseMove",
    "LeaseRight",
    "StockCount",
    "VillageTally",
]


class Entitlement(models.Model):
    """One benefit of one cycle, due to one household.

    `cycle`, `benefit` and `village` carry no foreign key in the database: the first two are
    constant over a bulk run and checked there once, the last is copied from the household, where
    it has one (docs/decisions/0035).
    """

    uuid = models.UUIDField(unique=True, default=new_uuid, editable=False)
    household = models.ForeignKey(
        "registry.Household", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    cycle = models.ForeignKey(
        "programmes.Cycle",
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    benefit = models.ForeignKey(
        "programmes.Benefit",
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    village = models.ForeignKey(
        "areas.Area",
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    channel = models.CharField(max_length=4)
    amount_rupiah = models.BigIntegerField()
    parts_allowed = models.SmallIntegerField(default=1)
    parts_delivered = models.SmallIntegerField(default=0)
    state = models.CharField(max_length=9, default="open")
    delivered_at = models.DateTimeField(null=True)
    holder = models.ForeignKey(
        "accounts.Device",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        db_constraint=False,
        db_index=False,
    )
    held_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["household", "cycle", "benefit"], name="entitlement_once_a_cycle"
            ),
            models.CheckConstraint(
                condition=Q(channel__in=["hand", "bank"]), name="entitlement_channel_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "reserved", "delivered", "paid", "cancelled"]),
                name="entitlement_state_known",
            ),
            models.CheckConstraint(
                condition=Q(parts_delivered__gte=0)
                & Q(parts_delivered__lte=models.F("parts_allowed")),
                name="entitlement_parts_capped",
            ),
        ]

    def __str__(self) -> str:
        """Name the entitlement without saying whose it is."""
        return f"alokasi {self.uuid}"


class Lease(models.Model):
    """A device's signed permission to deliver its rights of one cycle without a network."""

    uuid = models.UUIDField(unique=True, default=new_uuid, editable=False)
    device = models.ForeignKey("accounts.Device", on_delete=models.PROTECT, related_name="+")
    cycle = models.ForeignKey(
        "programmes.Cycle", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    issued_at = models.DateTimeField()
    not_after = models.DateTimeField()
    rights_count = models.IntegerField(default=0)
    jws = models.TextField()
    state = models.CharField(max_length=7, default="live")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["live", "closed", "revoked"]), name="lease_state_known"
            ),
            models.CheckConstraint(
                condition=Q(not_after__gt=models.F("issued_at")), name="lease_has_a_length"
            ),
        ]

    def __str__(self) -> str:
        """Name the lease."""
        return f"penugasan {self.uuid}"


class LeaseRight(models.Model):
    """One right inside a lease; ended when `ended_at` is set, with the reason."""

    entitlement = models.ForeignKey(
        Entitlement, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    lease = models.ForeignKey(Lease, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=24, null=True)  # noqa: DJ001 -- null is "none"

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["entitlement"],
                condition=Q(ended_at__isnull=True),
                name="one_live_lease_a_right",
            ),
        ]

    def __str__(self) -> str:
        """Name the right by its entitlement."""
        return f"hak {self.entitlement_id}"


class LeaseMove(models.Model):
    """A lease that one person wants moved to another device, until a second person says yes."""

    uuid = models.UUIDField(unique=True, default=new_uuid, editable=False)
    lease = models.ForeignKey(Lease, on_delete=models.PROTECT, related_name="+")
    to_device = models.ForeignKey("accounts.Device", on_delete=models.PROTECT, related_name="+")
    days = models.SmallIntegerField()
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
                fields=["lease"], condition=Q(state="waiting"), name="one_waiting_move_a_lease"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "done", "returned"]), name="move_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state="done") | ~Q(ended_by_person=models.F("proposed_by_person")),
                name="move_takes_two",
            ),
        ]

    def __str__(self) -> str:
        """Name the move by its lease."""
        return f"pemindahan {self.lease_id}"


class Delivery(models.Model):
    """A benefit put into a pair of hands, as we were told; `counted` says whether it stands.

    A delivery that could not be counted is kept with its `contest_code`: never dropped. A person's
    decision about it is `decided_as`: counted, refused, or reversed (it counted before).
    """

    uuid = models.UUIDField(unique=True, default=new_uuid, editable=False)
    entitlement = models.ForeignKey(
        Entitlement, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    part = models.SmallIntegerField(default=1)
    counted = models.BooleanField()
    contest_code = models.CharField(max_length=40, null=True)  # noqa: DJ001 -- null is "none"
    device = models.UUIDField(null=True)
    actor = models.UUIDField()
    at = models.DateTimeField()
    heard_at = models.DateTimeField()
    event = models.UUIDField(null=True)
    online = models.BooleanField(default=False)
    source = models.CharField(max_length=8, default="phone")
    collector = models.CharField(max_length=14)
    collector_member = models.UUIDField(null=True)
    card_number = models.CharField(max_length=14, null=True)  # noqa: DJ001 -- null is "none"
    colour = models.CharField(max_length=5, null=True)  # noqa: DJ001 -- null is "none"
    lat = models.FloatField(null=True)
    lng = models.FloatField(null=True)
    accuracy_m = models.FloatField(null=True)
    receipt_number = models.CharField(max_length=24)
    village = models.ForeignKey(
        "areas.Area",
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    attachment_sha256 = models.BinaryField(null=True)
    posting = models.UUIDField(null=True)
    decided_as = models.CharField(max_length=8, null=True)  # noqa: DJ001 -- null is "not decided"
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_as__isnull=True)
                | Q(decided_as="counted", counted=True)
                | Q(decided_as__in=["refused", "reversed"], counted=False),
                name="delivery_decision_stands",
            ),
            models.UniqueConstraint(
                fields=["entitlement", "part"],
                condition=Q(counted=True),
                name="one_counted_delivery_a_part",
            ),
            models.CheckConstraint(condition=Q(part__gte=1), name="delivery_part_from_one"),
            models.CheckConstraint(
                condition=Q(collector__in=["head", "member", "representative"]),
                name="delivery_collector_known",
            ),
        ]
        indexes = [
            models.Index(
                fields=["entitlement"], condition=Q(counted=False), name="delivery_contested"
            ),
        ]

    def __str__(self) -> str:
        """Name the delivery by its receipt."""
        return f"tanda terima {self.receipt_number}"


class VillageTally(models.Model):
    """The counts of one village in one cycle, kept in the transaction of each act."""

    pk = models.CompositePrimaryKey("village_id", "cycle_id")
    village = models.ForeignKey(
        "areas.Area", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    cycle = models.ForeignKey("programmes.Cycle", on_delete=models.PROTECT, related_name="+")
    due = models.IntegerField(default=0)
    served_online = models.IntegerField(default=0)
    served_offline = models.IntegerField(default=0)
    contested = models.IntegerField(default=0)
    bank_due = models.IntegerField(default=0)
    paid = models.IntegerField(default=0)

    def __str__(self) -> str:
        """Name the village and cycle."""
        return f"{self.village_id}/{self.cycle_id}"


class StockCount(models.Model):
    """Goods received or counted at a village's point, as a device reported them."""

    uuid = models.UUIDField(unique=True, default=new_uuid, editable=False)
    village = models.ForeignKey("areas.Area", on_delete=models.PROTECT, related_name="+")
    cycle = models.ForeignKey("programmes.Cycle", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8)
    item = models.CharField(max_length=32)
    quantity = models.BigIntegerField()
    short = models.BigIntegerField(default=0)
    unit = models.CharField(max_length=8)
    device = models.UUIDField(null=True)
    event = models.UUIDField(null=True)
    at = models.DateTimeField()
    heard_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["received", "counted"]), name="stock_count_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=0) & Q(short__gte=0), name="stock_count_not_negative"
            ),
        ]

    def __str__(self) -> str:
        """Name the count."""
        return f"stok {self.item} {self.village_id}"


class Transfer(models.Model):
    """Rights handed from one phone to another without a network, told by either or by both.

    `event_sha256` is the hash of the giver's payload: one transfer is told once, whoever tells it
    first. `giver_heard_at` and `receiver_heard_at` say whose own event has come.
    """

    uuid = models.UUIDField(unique=True, default=new_uuid, editable=False)
    event_sha256 = models.BinaryField(unique=True)
    from_lease = models.ForeignKey(Lease, on_delete=models.PROTECT, related_name="+")
    to_lease = models.OneToOneField(Lease, on_delete=models.PROTECT, related_name="+", null=True)
    from_device = models.ForeignKey(
        "accounts.Device", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    to_device = models.ForeignKey(
        "accounts.Device", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    at = models.DateTimeField()
    rights_named = models.IntegerField()
    rights_moved = models.IntegerField()
    giver_heard_at = models.DateTimeField(null=True)
    receiver_heard_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(from_device=models.F("to_device")), name="transfer_between_two"
            ),
            models.CheckConstraint(
                condition=Q(giver_heard_at__isnull=False) | Q(receiver_heard_at__isnull=False),
                name="transfer_told_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(rights_moved__gte=0)
                & Q(rights_moved__lte=models.F("rights_named"))
                & (Q(rights_moved=0) | Q(to_lease__isnull=False)),
                name="transfer_moves_into_a_lease",
            ),
        ]

    def __str__(self) -> str:
        """Name the transfer by its leases."""
        return f"serah terima {self.from_lease_id}-{self.to_lease_id}"
