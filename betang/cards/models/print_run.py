"""A print run: which cards, in which order, in which files, and what came of them."""

from django.db import models
from django.db.models import F, Q

from betang.cards.models.bureau import Bureau
from betang.core.identifiers import new_uuid


class PrintRun(models.Model):
    """One frozen selection of cards; its digest says exactly which cards, and what they say."""

    class State(models.TextChoices):
        """How far it is. Released without a bureau: printed in the house."""

        FROZEN = "frozen", "Dibekukan"
        DRAWING = "drawing", "Sedang digambar"
        CHECKED = "checked", "Siap dilepas"
        RELEASED = "released", "Dilepas"
        RETURNED = "returned", "Kembali dari biro"
        CANCELLED = "cancelled", "Dibatalkan"

    uuid = models.UUIDField(unique=True, default=new_uuid, editable=False)
    at = models.DateTimeField()
    state = models.TextField(choices=State.choices, default=State.FROZEN)
    area = models.BigIntegerField(null=True)
    count = models.IntegerField()
    left_out = models.IntegerField(default=0)
    design = models.TextField()
    rows_sha256 = models.BinaryField()
    file_sha256 = models.BinaryField(null=True)
    file_name = models.TextField(default="")
    frozen_by_person = models.UUIDField(null=True)
    checked = models.IntegerField(default=0)
    drawn_at = models.DateTimeField(null=True)
    bureau = models.ForeignKey(Bureau, null=True, on_delete=models.PROTECT, related_name="+")
    released_at = models.DateTimeField(null=True)
    released_by_person = models.UUIDField(null=True)
    package_name = models.TextField(default="")
    package_sha256 = models.BinaryField(null=True)
    package_bytes = models.BigIntegerField(null=True)
    returned_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    cancelled_by_person = models.UUIDField(null=True)
    cancelled_reason = models.TextField(default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=["frozen", "drawing", "checked", "released", "returned", "cancelled"]
                ),
                name="cards_run_state_known",
            ),
            # Who froze the list does not send it out of the house alone.
            models.CheckConstraint(
                condition=Q(bureau__isnull=True)
                | Q(released_by_person__isnull=False)
                & ~Q(released_by_person=F("frozen_by_person")),
                name="cards_run_released_by_second",
            ),
            models.CheckConstraint(
                condition=Q(bureau__isnull=True) | Q(package_sha256__isnull=False),
                name="cards_run_left_as_package",
            ),
            models.CheckConstraint(
                condition=~Q(state="cancelled") | ~Q(cancelled_reason=""),
                name="cards_run_cancelled_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return str(self.uuid)


class PrintRow(models.Model):
    """One card of a run, at its place; `left_out` says why it takes no part (empty: it does)."""

    run = models.ForeignKey(PrintRun, on_delete=models.PROTECT, related_name="rows")
    card = models.ForeignKey("cards.Card", on_delete=models.PROTECT, related_name="+")
    position = models.IntegerField(null=True)
    # As frozen, since a household's name may change before its card is drawn. Emptied at release.
    name = models.TextField(default="")
    left_out = models.TextField(default="")
    # What the bureau said: ok, spoilt, or missing when the run was closed without it.
    result = models.TextField(default="")
    spoilt_reason = models.TextField(default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["card"], condition=Q(left_out=""), name="cards_printed_in_one_run"
            ),
            models.UniqueConstraint(fields=["run", "position"], name="cards_place_in_run"),
            models.CheckConstraint(
                condition=~Q(left_out="") | Q(position__isnull=False),
                name="cards_printed_has_place",
            ),
            models.CheckConstraint(
                condition=Q(result__in=["", "ok", "spoilt", "missing"]),
                name="cards_result_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run_id}:{self.position}"


class PrintPart(models.Model):
    """A file of a run: places `first` to `last`; drawn once its sum is here."""

    run = models.ForeignKey(PrintRun, on_delete=models.PROTECT, related_name="parts")
    number = models.IntegerField()
    first = models.IntegerField()
    last = models.IntegerField()
    rows_sha256 = models.BinaryField()
    file_sha256 = models.BinaryField(null=True)
    file_bytes = models.BigIntegerField(null=True)
    checked = models.IntegerField(default=0)
    drawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "number"], name="cards_part_once"),
            models.UniqueConstraint(fields=["run", "first"], name="cards_part_begins_once"),
            models.CheckConstraint(condition=Q(last__gte=F("first")), name="cards_part_not_empty"),
            models.CheckConstraint(
                condition=Q(drawn_at__isnull=True) | Q(file_sha256__isnull=False),
                name="cards_part_drawn_has_sum",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run_id}:{self.number}"


class PrintChip(models.Model):
    """A blank chip of the bureau's stock, for which the package carries keys; bound to no card."""

    run = models.ForeignKey(PrintRun, on_delete=models.PROTECT, related_name="chips")
    uid = models.BinaryField(unique=True)
    key_version = models.SmallIntegerField()

    def __str__(self) -> str:
        return bytes(self.uid).hex().upper()


class PrintReturn(models.Model):
    """A return file of the bureau, taken in once, with what was found in it."""

    uuid = models.UUIDField(unique=True, default=new_uuid, editable=False)
    run = models.ForeignKey(PrintRun, on_delete=models.PROTECT, related_name="returns")
    sha256 = models.BinaryField(unique=True)
    made_at = models.DateTimeField()
    at = models.DateTimeField()
    by_person = models.UUIDField(null=True)
    count = models.IntegerField()
    ok = models.IntegerField(default=0)
    spoilt = models.IntegerField(default=0)
    again = models.IntegerField(default=0)
    held = models.IntegerField(default=0)

    def __str__(self) -> str:
        return str(self.uuid)


class PrintFinding(models.Model):
    """A row of a return file that was not taken, with its line and why."""

    back = models.ForeignKey(PrintReturn, on_delete=models.PROTECT, related_name="findings")
    line = models.IntegerField()
    code = models.TextField()
    card_number = models.TextField(default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["back", "line"], name="cards_finding_a_line"),
        ]

    def __str__(self) -> str:
        return f"{self.back_id}:{self.line}"
