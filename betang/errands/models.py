"""The table of long work that a page asked for (ADR 0074)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from betang.core.actor import Actor, ActorKind
from betang.core.identifiers import new_uuid


class Errand(models.Model):
    """One piece of long work: who asked for what, how far it is, and how it ended."""

    class Kind(models.TextChoices):
        """What is to be done; the worker has one thread for each."""

        JUDGE = "judge", "Penilaian keluarga"
        OPEN = "open", "Pembukaan tahap"
        CHECK = "check", "Pemeriksaan nama pemilik rekening"
        SEND = "send", "Pengiriman ke bank"
        RECONCILE = "reconcile", "Pencocokan dengan rekening koran"
        PRINT = "print", "Penggambaran kartu"
        PACK = "pack", "Penyegelan paket untuk biro"

    class State(models.TextChoices):
        """How far it is. `interrupted`: the worker was gone before the end."""

        WAITING = "waiting", "Menunggu giliran"
        RUNNING = "running", "Sedang dikerjakan"
        DONE = "done", "Selesai"
        REFUSED = "refused", "Tidak dapat dikerjakan"
        FAILED = "failed", "Gagal karena kesalahan sistem"
        INTERRUPTED = "interrupted", "Terputus sebelum selesai"

    #: An errand in one of these is not at its end.
    NOT_ENDED = (State.WAITING, State.RUNNING)

    uuid = models.UUIDField(unique=True, default=new_uuid, editable=False)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    # A programme, an order: the rooms above say what. One open errand of a kind about one thing.
    about = models.UUIDField()
    # Identifiers of what was chosen on the page; no personal data.
    asked = models.JSONField(default=dict)
    state = models.CharField(max_length=12, choices=State.choices, default=State.WAITING)
    asked_by = models.UUIDField()
    asked_by_person = models.UUIDField(null=True)
    asked_at = models.DateTimeField()
    begun_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    # What is being done now, and how much of how much; null where nobody can know.
    step = models.CharField(max_length=80, default="", blank=True)
    done = models.IntegerField(default=0)
    whole = models.IntegerField(null=True)
    # Counts at the end, or the refusal: {code, sentence, do}.
    told = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["about", "kind", "id"], name="errand_of_a_thing"),
        ]
        constraints = [
            # Two clerks who press at once: one errand.
            models.UniqueConstraint(
                fields=["kind", "about"],
                condition=Q(state__in=["waiting", "running"]),
                name="errand_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "running"], ended_at__isnull=True)
                | Q(
                    state__in=["done", "refused", "failed", "interrupted"],
                    ended_at__isnull=False,
                ),
                name="errand_ends_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}:{self.uuid}"

    @property
    def is_open(self) -> bool:
        """Say whether it waits or is at work."""
        return self.state in self.NOT_ENDED

    @property
    def actor(self) -> Actor:
        """Give who asked: the work is done in that account's name."""
        return Actor(ActorKind.STAFF, self.asked_by, self.asked_by_person)
