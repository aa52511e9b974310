"""Households, their members, where they live, and the aid they have elsewhere.

NIK and KK are kept sealed with a blind index for equality (`betang.keys.sealing`); names and points
are plain, behind roles. The columns under "declared facts kept at acceptance" are aggregates of the
member and aid rows, so that judging 800,000 households needs no join.
"""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

DWELLINGS = ("own", "rent", "shared", "river", "camp", "none")
PRESENCES = ("alive", "deceased", "moved")
OUTSIDE_PROGRAMMES = ("PKH", "SEMBAKO", "BLTDD")
FOLLOW_UPS = ("home_missing", "moved", "deceased", "not_found", "refused", "aid_refused")
GRADES = ("good", "fair", "poor", "doubtful")
PORTRAIT_STATES = ("waiting", "shown", "replaced", "rejected", "unreadable", "ended")


class Household(models.Model):
    """A family as one Kartu Keluarga names it; its KK number may change, its own does not."""

    uuid = models.UUIDField()
    number = models.CharField(max_length=10)
    village = models.ForeignKey("areas.Area", models.PROTECT, related_name="+")
    family_number_sealed = models.BinaryField(null=True)
    family_number_index = models.BinaryField(null=True)
    head_name = models.TextField()
    address = models.TextField(default="")
    rt = models.TextField(default="")
    rw = models.TextField(default="")
    dwelling = models.TextField(null=True)  # noqa: DJ001 -- null is "unknown"
    anchor = models.TextField(default="")
    # Who takes messages for a family without a house; how to reach them is a number as a rule.
    custodian = models.TextField(null=True)  # noqa: DJ001 -- null is "nobody was named"
    custodian_contact_sealed = models.BinaryField(null=True)
    home_lat = models.FloatField(null=True)
    home_lng = models.FloatField(null=True)
    home_accuracy_m = models.FloatField(null=True)
    home_grade = models.TextField(null=True)  # noqa: DJ001 -- null is "no point"
    decile = models.SmallIntegerField(null=True)
    income_rupiah = models.IntegerField(null=True)
    size = models.SmallIntegerField(null=True)
    floor_area_m2 = models.SmallIntegerField(null=True)
    floor_code = models.SmallIntegerField(null=True)
    wall_code = models.SmallIntegerField(null=True)
    roof_code = models.SmallIntegerField(null=True)
    water_code = models.SmallIntegerField(null=True)
    lighting_code = models.SmallIntegerField(null=True)
    fuel_code = models.SmallIntegerField(null=True)
    toilet_code = models.SmallIntegerField(null=True)
    extreme_poverty = models.BooleanField(null=True)
    conditions = models.JSONField(default=dict)
    state = models.TextField(default="active")
    source_batch = models.UUIDField(null=True)
    # Declared facts kept at acceptance (registry.facts says what they mean).
    members_alive = models.SmallIntegerField(default=0)
    head_deceased = models.BooleanField(null=True)
    head_moved = models.BooleanField(null=True)
    any_moved = models.BooleanField(null=True)
    any_deceased = models.BooleanField(null=True)
    inside_province = models.BooleanField(null=True)
    has_pkh = models.BooleanField(default=False)
    has_sembako = models.BooleanField(default=False)
    has_bltdd = models.BooleanField(default=False)

    class Meta:
        # The orders of the list of families: each leads to any page of it without sorting.
        indexes = (
            models.Index(fields=("head_name", "id"), name="registry_household_by_head"),
            models.Index(fields=("size", "id"), name="registry_household_by_size"),
            models.Index(fields=("decile", "id"), name="registry_household_by_decile"),
        )
        # UniqueConstraint and not unique=True: the latter adds a second, unused LIKE index.
        constraints = (
            models.UniqueConstraint(fields=("uuid",), name="registry_household_uuid"),
            models.UniqueConstraint(fields=("number",), name="registry_household_number"),
            models.UniqueConstraint(
                fields=("family_number_index",),
                condition=Q(state="active", family_number_index__isnull=False),
                name="registry_household_family_number_once",
            ),
            models.CheckConstraint(
                condition=Q(dwelling__isnull=True) | Q(dwelling__in=DWELLINGS),
                name="registry_household_dwelling",
            ),
            models.CheckConstraint(
                condition=Q(decile__isnull=True) | Q(decile__range=(1, 10)),
                name="registry_household_decile",
            ),
            models.CheckConstraint(
                condition=Q(income_rupiah__isnull=True) | Q(income_rupiah__gte=0),
                name="registry_household_income",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("active", "merged", "left")), name="registry_household_state"
            ),
        )

    def __str__(self) -> str:
        return self.number


class Member(models.Model):
    """One person of a household."""

    uuid = models.UUIDField()
    household = models.ForeignKey(Household, models.PROTECT, related_name="+")
    nik_sealed = models.BinaryField(null=True)
    nik_index = models.BinaryField(null=True)
    nik_last4 = models.CharField(max_length=4, default="")
    name = models.TextField()
    birth_on = models.DateField(null=True)
    sex = models.CharField(max_length=1, null=True)  # noqa: DJ001 -- null is "unknown"
    relation = models.TextField(default="")
    is_head = models.BooleanField(default=False)
    presence = models.TextField(default="alive")
    presence_on = models.DateField(null=True)
    left_province = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("uuid",), name="registry_member_uuid"),
            models.UniqueConstraint(
                fields=("nik_index",),
                condition=Q(nik_index__isnull=False),
                name="registry_member_nik_once",
            ),
            models.UniqueConstraint(
                fields=("household",), condition=Q(is_head=True), name="registry_member_one_head"
            ),
            models.CheckConstraint(
                condition=Q(presence__in=PRESENCES), name="registry_member_presence"
            ),
            models.CheckConstraint(
                condition=Q(sex__isnull=True) | Q(sex__in=("L", "P")), name="registry_member_sex"
            ),
        )

    def __str__(self) -> str:
        return f"member {self.uuid}"


class OutsideAid(models.Model):
    """Somebody named in a list of another programme, by NIK or KK; nothing else of them is kept."""

    programme = models.TextField()
    nik_index = models.BinaryField(null=True)
    family_number_index = models.BinaryField(null=True)
    list_uuid = models.UUIDField()
    period = models.TextField(default="")

    class Meta:
        indexes = (
            models.Index(fields=("nik_index",), name="registry_outsideaid_nik"),
            models.Index(fields=("family_number_index",), name="registry_outsideaid_family"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(programme__in=OUTSIDE_PROGRAMMES), name="registry_outsideaid_programme"
            ),
            models.CheckConstraint(
                condition=Q(nik_index__isnull=False) | Q(family_number_index__isnull=False),
                name="registry_outsideaid_names_somebody",
            ),
        )

    def __str__(self) -> str:
        return f"{self.programme} {self.list_uuid}"


class OutsideAidList(models.Model):
    """The list of a programme that counts now: without one, nobody knows who is on it."""

    programme = models.TextField(primary_key=True)
    list_uuid = models.UUIDField()
    period = models.TextField(default="")
    people = models.IntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(programme__in=OUTSIDE_PROGRAMMES),
                name="registry_outsideaidlist_programme",
            ),
        )

    def __str__(self) -> str:
        return f"{self.programme} {self.period}"


class Geotag(models.Model):
    """A home point as somebody stood there: all are kept, the best moves the household."""

    uuid = models.UUIDField()
    household = models.ForeignKey(Household, models.PROTECT, related_name="+")
    lat = models.FloatField()
    lng = models.FloatField()
    accuracy_m = models.FloatField(null=True)
    grade = models.TextField()
    at = models.DateTimeField()
    heard_at = models.DateTimeField()
    source = models.TextField()
    device = models.UUIDField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("uuid",), name="registry_geotag_uuid"),
            models.CheckConstraint(condition=Q(grade__in=GRADES), name="registry_geotag_grade"),
        )

    def __str__(self) -> str:
        return f"geotag {self.uuid}"


class FollowUp(models.Model):
    """What the field left for the office to do about a household; open until `closed_at`."""

    uuid = models.UUIDField()
    household = models.ForeignKey(Household, models.PROTECT, related_name="+")
    kind = models.TextField()
    facts = models.JSONField(default=dict)
    attachment_sha256 = models.BinaryField(null=True)
    opened_at = models.DateTimeField()
    device = models.UUIDField()
    event = models.UUIDField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.UUIDField(null=True)
    closed_how = models.TextField(default="")

    class Meta:
        indexes = (
            models.Index(
                fields=("opened_at",),
                condition=Q(closed_at__isnull=True),
                name="registry_followup_open_by_age",
            ),
        )
        constraints = (
            models.UniqueConstraint(fields=("uuid",), name="registry_followup_uuid"),
            models.UniqueConstraint(
                fields=("household", "kind"),
                condition=Q(closed_at__isnull=True),
                name="registry_followup_open_once",
            ),
            models.CheckConstraint(condition=Q(kind__in=FOLLOW_UPS), name="registry_followup_kind"),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_how="")
                | (Q(closed_at__isnull=False) & ~Q(closed_how="")),
                name="registry_followup_closed_how",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.uuid}"


class FamilyNumberChange(models.Model):
    """A KK number that a household had before: it changes after a split, a move or a death."""

    household = models.ForeignKey(Household, models.PROTECT, related_name="+")
    old_sealed = models.BinaryField(null=True)
    old_index = models.BinaryField(null=True)
    new_index = models.BinaryField(null=True)
    at = models.DateTimeField()
    source_batch = models.UUIDField(null=True)

    class Meta:
        indexes = (models.Index(fields=("old_index",), name="registry_familynumber_old"),)

    def __str__(self) -> str:
        return f"family number change of {self.household_id}"


class ProvisionalNumber(models.Model):
    """A registration number that one device holds, to be used once, without a network."""

    number = models.CharField(max_length=24)
    device = models.UUIDField()
    leased_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    used_by = models.BinaryField(null=True)

    class Meta:
        indexes = (
            models.Index(
                fields=("device", "id"),
                condition=Q(used_at__isnull=True),
                name="registry_provisional_free",
            ),
        )
        constraints = (
            models.UniqueConstraint(fields=("number",), name="registry_provisional_number"),
            # Which event used it: the same event cannot use two, nor two events the same.
            models.UniqueConstraint(fields=("used_by",), name="registry_provisional_used_once"),
            models.CheckConstraint(
                condition=Q(used_at__isnull=True, used_by__isnull=True)
                | Q(used_at__isnull=False, used_by__isnull=False),
                name="registry_provisional_used_by_somebody",
            ),
        )

    def __str__(self) -> str:
        return self.number


class HouseholdProposal(models.Model):
    """A family that a device told of: kept for ever, put into the registry by an office or not.

    `told_sealed` is what was told of its members (`registry.told`); name and point are plain, as a
    household's are.
    """

    class State(models.TextChoices):
        """What the office made of it."""

        WAITING = "waiting", "Menunggu"
        ACCEPTED = "accepted", "Diterima"
        REFUSED = "refused", "Ditolak"
        DUPLICATE = "duplicate", "Sudah terdaftar"

    class NumberState(models.TextChoices):
        """Whose number it bears."""

        OWN = "own", "dari persediaan gawai ini"
        AGAIN = "again", "sudah dipakai gawai ini untuk keluarga lain"
        FOREIGN = "foreign", "bukan dari persediaan gawai ini"

    uuid = models.UUIDField()
    provisional = models.CharField(max_length=24)
    number_state = models.TextField(choices=NumberState.choices)
    device = models.UUIDField()
    proposed_by_person = models.UUIDField(null=True)
    seq = models.BigIntegerField(null=True)
    event = models.UUIDField()
    event_sha256 = models.BinaryField()
    attachment_sha256 = models.BinaryField(null=True)
    at = models.DateTimeField()
    heard_at = models.DateTimeField()
    village = models.ForeignKey("areas.Area", models.PROTECT, related_name="+")
    size = models.SmallIntegerField(null=True)
    dwelling = models.TextField(null=True)  # noqa: DJ001 -- null is "unknown"
    head_name = models.TextField(default="")
    told_sealed = models.BinaryField(null=True)
    family_number_index = models.BinaryField(null=True)
    nik_indexes = ArrayField(models.BinaryField(), default=list)
    home_lat = models.FloatField(null=True)
    home_lng = models.FloatField(null=True)
    home_accuracy_m = models.FloatField(null=True)
    photos = ArrayField(models.BinaryField(), default=list)
    # The one of them that shows who collects, where the family agreed.
    portrait_sha256 = models.BinaryField(null=True)
    state = models.TextField(choices=State.choices, default=State.WAITING)
    reason = models.TextField(default="")
    note_sealed = models.BinaryField(null=True)
    household = models.ForeignKey(Household, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by_person = models.UUIDField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=("state", "-at", "-id"), name="registry_proposal_by_state"),
            GinIndex(fields=("nik_indexes",), name="registry_proposal_niks"),
            models.Index(fields=("family_number_index",), name="registry_proposal_family"),
        )
        constraints = (
            models.UniqueConstraint(fields=("uuid",), name="registry_proposal_uuid"),
            models.UniqueConstraint(fields=("event_sha256",), name="registry_proposal_event"),
            models.UniqueConstraint(
                fields=("provisional",),
                condition=Q(number_state="own"),
                name="registry_proposal_number_once",
            ),
            models.CheckConstraint(
                condition=Q(number_state__in=("own", "again", "foreign")),
                name="registry_proposal_number_state",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", decided_at__isnull=True, household__isnull=True)
                | Q(state="refused", decided_at__isnull=False, household__isnull=True)
                | Q(
                    state__in=("accepted", "duplicate"),
                    decided_at__isnull=False,
                    household__isnull=False,
                ),
                name="registry_proposal_state",
            ),
            models.CheckConstraint(
                condition=Q(dwelling__isnull=True) | Q(dwelling__in=DWELLINGS),
                name="registry_proposal_dwelling",
            ),
            # Who registered a family in the field does not put it into the registry as well.
            models.CheckConstraint(
                condition=~Q(state="accepted")
                | Q(proposed_by_person__isnull=True)
                | ~Q(decided_by_person=models.F("proposed_by_person")),
                name="registry_proposal_takes_two",
            ),
        )

    def __str__(self) -> str:
        return self.provisional


class Portrait(models.Model):
    """A photo of who collects for a household, with its consent: one is shown, the newest.

    `source_sha256` names the photo as it came, `thumbnail_sha256` the small one, both sealed blobs;
    `digest` is what devices know it by (docs/protocols/device.md, section 16).
    """

    uuid = models.UUIDField()
    household = models.ForeignKey(Household, models.PROTECT, related_name="+")
    event_sha256 = models.BinaryField()
    source = models.TextField()
    source_sha256 = models.BinaryField()
    device = models.UUIDField()
    # When the family agreed, as the event says. Never null: without consent there is no row.
    consented_at = models.DateTimeField()
    heard_at = models.DateTimeField()
    state = models.TextField(default="waiting")
    thumbnail_sha256 = models.BinaryField(null=True)
    digest = models.BinaryField(null=True)
    reason = models.TextField(default="")
    decided_at = models.DateTimeField(null=True)
    decided_by_person = models.UUIDField(null=True)

    class Meta:
        indexes = (
            models.Index(
                fields=("consented_at",),
                condition=Q(state="waiting"),
                name="registry_portrait_waiting",
            ),
            models.Index(fields=("household", "-consented_at"), name="registry_portrait_of"),
        )
        constraints = (
            models.UniqueConstraint(fields=("uuid",), name="registry_portrait_uuid"),
            models.UniqueConstraint(fields=("event_sha256",), name="registry_portrait_event"),
            models.UniqueConstraint(
                fields=("household",),
                condition=Q(state="shown"),
                name="registry_portrait_one_shown",
            ),
            models.CheckConstraint(
                condition=Q(state__in=PORTRAIT_STATES), name="registry_portrait_state"
            ),
            models.CheckConstraint(
                condition=Q(source__in=("visit", "registration")),
                name="registry_portrait_source",
            ),
            # What is not shown names no picture any more.
            models.CheckConstraint(
                condition=Q(state="shown", thumbnail_sha256__isnull=False, digest__isnull=False)
                | (~Q(state="shown") & Q(thumbnail_sha256__isnull=True) & Q(digest__isnull=True)),
                name="registry_portrait_picture",
            ),
            models.CheckConstraint(
                condition=~Q(state="rejected")
                | (
                    ~Q(reason="") & Q(decided_at__isnull=False) & Q(decided_by_person__isnull=False)
                ),
                name="registry_portrait_rejected_by_somebody",
            ),
        )

    def __str__(self) -> str:
        return f"portrait {self.uuid}"
