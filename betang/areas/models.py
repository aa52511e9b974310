"""Areas by their Kemendagri number, with the BPS numbers beside them.

An area's key is the Kemendagri code read as a number (62, 6201, 620101, 6201011001), so its
ancestors are arithmetic: district = code / 10 000, regency = code / 1 000 000. A village code
exceeds 32 bits.
"""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower


class Area(models.Model):
    """One province, regency or city, district, village or kelurahan."""

    code = models.BigIntegerField(primary_key=True)
    level = models.SmallIntegerField()
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    name = models.TextField()
    kind = models.TextField()
    lat = models.FloatField(null=True)
    lng = models.FloatField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(level__range=(1, 4)), name="areas_area_level"),
            models.CheckConstraint(
                condition=Q(
                    kind__in=("provinsi", "kabupaten", "kota", "kecamatan", "desa", "kelurahan")
                ),
                name="areas_area_kind",
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class BpsCode(models.Model):
    """A number of BPS and the area it means, if that is known.

    The same digits mean other places in the two systems: a BPS number is never an area code.
    """

    bps_code = models.BigIntegerField(primary_key=True)
    level = models.SmallIntegerField()
    name = models.TextField()
    area = models.ForeignKey(Area, models.PROTECT, null=True, related_name="+")
    state = models.TextField(default="none")
    confirmed_by_person = models.UUIDField(null=True)
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=("confirmed", "proposed", "none")), name="areas_bpscode_state"
            ),
            models.CheckConstraint(
                condition=Q(state="none", area__isnull=True)
                | (Q(area__isnull=False) & ~Q(state="none")),
                name="areas_bpscode_none_has_no_area",
            ),
        )

    def __str__(self) -> str:
        return f"BPS {self.bps_code} {self.name}"


class Boundary(models.Model):
    """The polygon of an area (a GeoJSON geometry, WGS 84, longitude first)."""

    area = models.OneToOneField(Area, models.PROTECT, primary_key=True, related_name="+")
    geojson = models.JSONField()

    def __str__(self) -> str:
        return f"boundary of {self.area_id}"


class DistributionPoint(models.Model):
    """A place where aid is handed out. One that is not active stays for its past days."""

    uuid = models.UUIDField()
    name = models.TextField()
    village = models.ForeignKey(Area, models.PROTECT, related_name="+")
    lat = models.FloatField(null=True)
    lng = models.FloatField(null=True)
    active = models.BooleanField(default=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("uuid",), name="areas_distributionpoint_uuid"),
            models.UniqueConstraint(
                "village", Lower("name"), name="areas_distributionpoint_name_once"
            ),
            models.CheckConstraint(
                condition=Q(lat__isnull=True, lng__isnull=True)
                | Q(lat__range=(-90, 90), lng__range=(-180, 180)),
                name="areas_distributionpoint_place_is_whole",
            ),
            models.CheckConstraint(
                condition=~Q(name=""), name="areas_distributionpoint_has_a_name"
            ),
        )

    def __str__(self) -> str:
        return self.name
