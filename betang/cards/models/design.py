"""Card designs: versions that two persons let loose, the steps of a draft, uploaded pictures.

The design the programme began with, `rumah-panjang-1`, is no row: it is part of the house
(`betang.cards.design.version`), so that nobody can change or delete it. Triggers (0005_design):
what was proposed keeps its content; approved versions and pictures stay.
"""

from django.db import models
from django.db.models import F, Q

from betang.core.identifiers import new_uuid


class DesignVersion(models.Model):
    """One version of a card's front and back (docs/protocols/design.md)."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draf"
        PROPOSED = "proposed", "Menunggu orang kedua"
        APPROVED = "approved", "Disetujui"
        RETIRED = "retired", "Tidak dipakai lagi"
        DISCARDED = "discarded", "Dibuang"

    uuid = models.UUIDField(unique=True, default=new_uuid, editable=False)
    # The version's name, kept by each print run, is slug and number: rumah-panjang-2.
    slug = models.CharField(max_length=30)
    number = models.SmallIntegerField()
    # None: for every programme of the installation.
    programme = models.ForeignKey(
        "programmes.Programme", null=True, on_delete=models.PROTECT, related_name="+"
    )
    state = models.TextField(choices=State.choices, default=State.DRAFT)
    content = models.JSONField()
    digest = models.CharField(max_length=64)  # SHA-256 of the content, lower-case hex
    step = models.IntegerField(default=1)  # where the draft stands among its steps
    based_on = models.TextField(default="")
    made_by_person = models.UUIDField()
    made_at = models.DateTimeField()
    proposed_by_person = models.UUIDField(null=True)
    proposed_at = models.DateTimeField(null=True)
    approved_by_person = models.UUIDField(null=True)
    approved_at = models.DateTimeField(null=True)
    retired_by_person = models.UUIDField(null=True)
    retired_at = models.DateTimeField(null=True)
    returned_reason = models.TextField(default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["slug", "number"], name="cards_design_name_once"),
            models.CheckConstraint(
                condition=Q(slug__regex=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", number__gte=1),
                name="cards_design_name_form",
            ),
            models.CheckConstraint(
                condition=~Q(slug="rumah-panjang", number=1), name="cards_design_first_is_ours"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "proposed", "approved", "retired", "discarded"]),
                name="cards_design_state_known",
            ),
            models.CheckConstraint(
                condition=Q(digest__regex=r"^[0-9a-f]{64}$"), name="cards_design_digest_form"
            ),
            models.CheckConstraint(
                condition=~Q(state="proposed")
                | Q(proposed_by_person__isnull=False, proposed_at__isnull=False),
                name="cards_design_proposed_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "retired"])
                | Q(
                    proposed_by_person__isnull=False,
                    approved_by_person__isnull=False,
                    approved_at__isnull=False,
                )
                & ~Q(approved_by_person=F("proposed_by_person")),
                name="cards_design_needs_a_second_person",
            ),
            models.CheckConstraint(
                condition=~Q(state="retired")
                | Q(retired_by_person__isnull=False, retired_at__isnull=False),
                name="cards_design_retired_by_somebody",
            ),
        ]

    @property
    def name(self) -> str:
        """The name a print run keeps."""
        return f"{self.slug}-{self.number}"

    def __str__(self) -> str:
        return self.name


class DesignStep(models.Model):
    """One saved step of a draft, so that it can be undone and done again."""

    version = models.ForeignKey(DesignVersion, on_delete=models.PROTECT, related_name="steps")
    step = models.IntegerField()
    content = models.JSONField()
    person = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "step"], name="cards_design_step_once"),
        ]

    def __str__(self) -> str:
        return f"{self.version_id}/{self.step}"


class DesignPicture(models.Model):
    """An uploaded logo, read and written anew, named by the SHA-256 of what is kept."""

    class Form(models.TextChoices):
        PNG = "png"
        PATHS = "paths"

    sha256 = models.CharField(max_length=64, unique=True)
    form = models.TextField(choices=Form.choices)
    width = models.IntegerField()
    height = models.IntegerField()
    content = models.BinaryField()
    kept_by_person = models.UUIDField()
    kept_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="cards_picture_name_form"
            ),
            models.CheckConstraint(
                condition=Q(form__in=["png", "paths"], width__gte=1, height__gte=1),
                name="cards_picture_form_known",
            ),
        ]

    def __str__(self) -> str:
        return self.sha256
