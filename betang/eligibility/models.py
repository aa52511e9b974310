"""The tables of who is promised what.

Assessments and runs are append-only (triggers in migration 0002_rules). `Assessment.run` has no
foreign key constraint: see ADR 0011 (docs/decisions).
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from betang.areas.models import Area
from betang.core.identifiers import new_uuid
from betang.programmes.models import Cycle, Programme, RuleSet
from betang.registry.models import Household


class Decision(models.IntegerChoices):
    """What judging says of one household."""

    UNKNOWN = -1, "belum dapat diputuskan"
    NOT_ELIGIBLE = 0, "tidak layak"
    ELIGIBLE = 1, "layak"


class Run(models.Model):
    """One judging of all households by one rule set."""

    uuid = models.UUIDField(unique=True, default=new_uuid, editable=False)
    rule_set = models.ForeignKey(RuleSet, on_delete=models.PROTECT, related_name="+")
    # The cycle that it was made for; null where nobody named one.
    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="+", null=True)
    at = models.DateTimeField()
    rules_digest = models.CharField(max_length=64)  # SHA-256 of the rule text that was run
    # The facts whose values each assessment keeps, in the order of Assessment.inputs.
    fact_names = ArrayField(models.CharField(max_length=63))
    counts = models.JSONField()  # {"households": n, "eligible": n, "not_eligible": n, "unknown": n}
    # {indicator: [true, false, unknown]}: stays when the rows of the run are emptied.
    indicator_counts = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)  # SHA-256 over the assessments (ADR 0012)

    def __str__(self) -> str:
        return str(self.uuid)


class Assessment(models.Model):
    """What one run says of one household, with the inputs that it was judged by."""

    pk = models.CompositePrimaryKey("run_id", "household_id")
    # Constant over a bulk run, checked once in `assess`, and runs cannot be deleted: ADR 0011.
    run = models.ForeignKey(
        Run, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    household = models.ForeignKey(
        Household, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    # Where the household lived when it was judged: a fact, not a reference (ADR 0011).
    village_id = models.BigIntegerField()
    decision = models.SmallIntegerField(choices=Decision.choices)
    # True, false or null (unknown) for each indicator, in the order of the rule text.
    indicators = ArrayField(models.BooleanField(null=True))
    # The values of Run.fact_names as text, null = unknown, so that an explanation stays true.
    inputs = ArrayField(models.TextField(null=True))

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(decision__in=[-1, 0, 1]), name="assessment_decision_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run_id}:{self.household_id}"


class Emptying(models.Model):
    """An old run whose rows are taken away; counts and digest of the run stay (ADR 0075).

    The database lets rows of a run go only while this row says so, and refuses the row for a run
    on which a decree rests.
    """

    run = models.OneToOneField(Run, on_delete=models.PROTECT, related_name="+", primary_key=True)
    at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)  # when the last row was gone

    def __str__(self) -> str:
        return str(self.run_id)


class Decree(models.Model):
    """The decision of a head of region (SK) that makes a run's result binding for an area."""

    class State(models.TextChoices):
        """Whether enrolment followed."""

        PROPOSED = "proposed", "diusulkan"
        APPROVED = "approved", "ditetapkan"
        WITHDRAWN = "withdrawn", "ditarik"

    uuid = models.UUIDField(unique=True, default=new_uuid, editable=False)
    number = models.CharField(max_length=60)
    on_date = models.DateField()
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="+")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.PROPOSED)
    household_count = models.IntegerField()  # on the list of the decree
    digest = models.CharField(max_length=64)  # SHA-256 over the numbers on the list, in order
    proposed_by_person = models.UUIDField()
    proposed_at = models.DateTimeField()
    approved_by_person = models.UUIDField(null=True)
    approved_at = models.DateTimeField(null=True)
    withdrawn_by_person = models.UUIDField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            # What was withdrawn leaves its number and its run to another proposal.
            models.UniqueConstraint(
                fields=["programme", "number"],
                condition=~Q(state="withdrawn"),
                name="decree_number_once",
            ),
            models.UniqueConstraint(
                fields=["run", "area"],
                condition=~Q(state="withdrawn"),
                name="decree_run_once_an_area",
            ),
            models.CheckConstraint(
                condition=(
                    Q(
                        state__in=["proposed", "withdrawn"],
                        approved_by_person__isnull=True,
                        approved_at__isnull=True,
                    )
                    | (
                        Q(
                            state="approved",
                            approved_by_person__isnull=False,
                            approved_at__isnull=False,
                        )
                        & ~Q(approved_by_person=F("proposed_by_person"))
                    )
                ),
                name="decree_needs_a_second_person",
            ),
            models.CheckConstraint(
                condition=Q(
                    state="withdrawn",
                    withdrawn_by_person__isnull=False,
                    withdrawn_at__isnull=False,
                )
                | (
                    ~Q(state="withdrawn")
                    & Q(withdrawn_by_person__isnull=True, withdrawn_at__isnull=True)
                ),
                name="decree_withdrawn_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(household_count__gte=0), name="decree_count_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Enrolment(models.Model):
    """A household in a programme, from the day of a decree until another ends it."""

    uuid = models.UUIDField(unique=True, default=new_uuid, editable=False)
    household = models.ForeignKey(
        Household, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    decree = models.ForeignKey(Decree, on_delete=models.PROTECT, related_name="+")
    from_on = models.DateField()
    until_on = models.DateField(null=True)  # the first day without; null while enrolled
    # The decree that ended it.
    ended_by = models.ForeignKey(
        Decree, on_delete=models.PROTECT, related_name="+", null=True, db_index=False
    )

    class Meta:
        indexes = [
            models.Index(fields=["household", "programme"], name="enrolment_of_household"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "household"],
                condition=Q(until_on__isnull=True),
                name="enrolment_one_active",
            ),
            models.CheckConstraint(
                condition=Q(until_on__isnull=True) | Q(until_on__gte=F("from_on")),
                name="enrolment_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(until_on__isnull=True, ended_by__isnull=True)
                | Q(until_on__isnull=False, ended_by__isnull=False),
                name="enrolment_ended_by_a_decree",
            ),
        ]

    def __str__(self) -> str:
        return str(self.uuid)
