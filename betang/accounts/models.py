"""Who may act: people, their roles in their areas, and their devices."""

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from betang.core.actor import Actor, ActorKind
from betang.core.identifiers import new_uuid


class Role(models.TextChoices):
    """What a person is trusted with. Admin runs the machine and approves nothing."""

    ADMIN = "admin", "Administrator"
    DINSOS_PROVINCE = "dinsos_province", "Dinas Sosial Provinsi"
    DINSOS_REGENCY = "dinsos_regency", "Dinas Sosial Kabupaten/Kota"
    SUPERVISOR = "supervisor", "Penyelia"
    FACILITATOR = "facilitator", "Petugas lapangan"
    BUREAU = "bureau", "Biro kartu"
    TREASURER = "treasurer", "Bendahara"
    AUDITOR = "auditor", "Pemeriksa"
    VIEWER = "viewer", "Pemantau"


#: Roles whose work knows no regency: they are granted for the whole province or not at all.
PROVINCE_ROLES = frozenset({Role.DINSOS_PROVINCE, Role.BUREAU, Role.TREASURER})


class UserManager(BaseUserManager["User"]):
    """Makes accounts; only Django's own machinery needs it."""

    def get_by_natural_key(self, username: str | None) -> "User":
        """Find an account for sign-in, whatever the case of the letters typed."""
        return self.get(username__iexact=username)


class User(AbstractBaseUser):
    """An account. `person` is the human behind it: two accounts of one human share it."""

    uuid = models.UUIDField(unique=True, default=new_uuid)
    username = models.CharField(max_length=60, unique=True)
    phone = models.CharField(max_length=20, unique=True, null=True, blank=True)
    email = models.EmailField(blank=True, default="")
    full_name = models.CharField(max_length=120)
    person = models.UUIDField(default=new_uuid)
    nik_sealed = models.BinaryField(null=True)
    nik_index = models.BinaryField(null=True, db_index=True)
    nik_last4 = models.CharField(max_length=4, blank=True, default="")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=Now())

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["full_name"]

    def __str__(self) -> str:
        return self.username

    @property
    def actor(self) -> Actor:
        """This account as the actor of an office act."""
        return Actor(ActorKind.STAFF, self.uuid, self.person)

    @property
    def is_staff(self) -> bool:
        """Django's own admin site is not installed; nobody is its staff."""
        return False


class RoleGrant(models.Model):
    """A role of an account in an area (null: the whole province), granted by two persons."""

    uuid = models.UUIDField(unique=True, default=new_uuid)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="grants")
    role = models.TextField(choices=Role.choices)
    area = models.ForeignKey(
        "areas.Area", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    proposed_by_person = models.UUIDField()
    approved_by_person = models.UUIDField(null=True)
    from_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by_person__isnull=True)
                | ~Q(approved_by_person=models.F("proposed_by_person")),
                name="role_takes_two_persons",
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="role_is_known"),
        ]


class Recovery(models.Model):
    """That somebody asked to recover an account that decides things; a second person confirms."""

    uuid = models.UUIDField(unique=True, default=new_uuid)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="recoveries")
    asked_by_person = models.UUIDField()
    asked_at = models.DateTimeField()
    confirmed_by_person = models.UUIDField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_by_person__isnull=True)
                | ~Q(confirmed_by_person=models.F("asked_by_person")),
                name="recovery_takes_two_persons",
            ),
            models.UniqueConstraint(
                fields=["user"], condition=Q(ended_at__isnull=True), name="recovery_one_open"
            ),
        ]


class DeviceState(models.TextChoices):
    """What the server lets a device do."""

    PENDING = "pending", "Menunggu pencocokan kata"
    ACTIVE = "active", "Aktif"
    SUSPENDED = "suspended", "Ditangguhkan"
    FROZEN = "frozen", "Dibekukan"
    REVOKED = "revoked", "Dicabut"


class DeviceKind(models.TextChoices):
    """What sort of thing speaks the device protocol."""

    PHONE = "phone", "HP"
    EDC = "edc", "Mesin EDC"
    SHELL = "shell", "Aplikasi lain"


class Device(models.Model):
    """A phone or terminal: a key pair and an owner, revocable.

    `thumbprint` is the RFC 7638 thumbprint (SHA-256, 32 bytes) of its public key; the private key
    never leaves the phone. `short_id` is printed on its receipts.

    From `told_at` on stands what the device told of itself then; ages are kept as the moments that
    they lead back to, by our clock. Wiping is ordered by us and told by the device.
    """

    uuid = models.UUIDField(unique=True, default=new_uuid)
    short_id = models.CharField(max_length=8, unique=True)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="devices")
    public_jwk = models.JSONField()
    thumbprint = models.BinaryField(unique=True)
    has_nfc = models.BooleanField(default=False)
    state = models.TextField(choices=DeviceState.choices, default=DeviceState.PENDING)
    state_reason = models.TextField(blank=True, default="")
    app_version = models.TextField(blank=True, default="")
    enrolled_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by_person = models.UUIDField(null=True)
    last_seen_at = models.DateTimeField(null=True)
    kind = models.TextField(choices=DeviceKind.choices, default=DeviceKind.PHONE)
    app_number = models.BigIntegerField(null=True)
    told_at = models.DateTimeField(null=True)
    unsent = models.IntegerField(null=True)
    oldest_unsent_at = models.DateTimeField(null=True)
    list_seq = models.IntegerField(null=True)
    list_at = models.DateTimeField(null=True)
    ring_at = models.DateTimeField(null=True)
    roster_at = models.DateTimeField(null=True)
    storage_persisted = models.BooleanField(null=True)
    battery_percent = models.SmallIntegerField(null=True)
    clock_ahead_s = models.IntegerField(null=True)
    wipe_ordered_at = models.DateTimeField(null=True)
    wiped_at = models.DateTimeField(null=True)
    replaces = models.ForeignKey(
        "self", on_delete=models.PROTECT, related_name="successors", null=True
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=DeviceState.values), name="device_state"),
            models.CheckConstraint(condition=Q(kind__in=DeviceKind.values), name="device_kind"),
            models.CheckConstraint(
                condition=Q(wiped_at__isnull=True) | Q(wipe_ordered_at__isnull=False),
                name="device_wiped_on_order",
            ),
            models.CheckConstraint(
                condition=Q(wipe_ordered_at__isnull=True)
                | ~Q(state__in=[DeviceState.ACTIVE, DeviceState.PENDING]),
                name="device_to_wipe_is_stopped",
            ),
        ]

    @property
    def actor(self) -> Actor:
        """This device as an actor; its owner is the human behind it."""
        return Actor(ActorKind.DEVICE, self.uuid, self.owner.person)


class DeviceArea(models.Model):
    """An area whose families a device may hold."""

    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="areas")
    area = models.ForeignKey("areas.Area", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["device", "area"], name="device_area_once"),
        ]


class EnrolmentCode(models.Model):
    """A single-use invitation for one facilitator's phone; only its SHA-256 is kept."""

    code_hash = models.BinaryField(unique=True)
    facilitator = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    created_by_person = models.UUIDField()
    replaces = models.ForeignKey(
        Device, on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )


class ProofUse(models.Model):
    """A DPoP proof's `jti`, used once within the life of its nonce (RFC 9449, section 11.1)."""

    jti_sha256 = models.BinaryField(primary_key=True)
    at = models.DateTimeField()


class Attempt(models.Model):
    """What was spent of one limit under one name since its window began (see `attempts`).

    Unlogged: the table is empty after a crash of the database, and on a replica.
    """

    key = models.BinaryField(primary_key=True)
    spent = models.BigIntegerField()
    ends_at = models.DateTimeField()
