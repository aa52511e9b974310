"""Ask for long work, and find it again."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from betang.core.actor import Actor
from betang.core.errors import RefusedError
from betang.errands.models import Errand
from betang.errands.work import at_work, interrupt
from betang.journal.record import record


class UnderWayError(RefusedError):
    """The same work was asked for before and is not at its end."""

    code = "errand.under_way"
    sentence = "Pekerjaan ini sudah diminta dan belum selesai."
    do = "Tunggu sampai selesai; kemajuannya tampil di halaman ini."


def ask(kind: str, about: UUID, *, asked: dict[str, Any], actor: Actor, at: datetime) -> Errand:
    """Put an errand before the worker.

    One that a killed worker left is told as interrupted, and a new one takes its place. Raises
    `UnderWayError`.
    """
    left = Errand.objects.filter(kind=kind, about=about, state=Errand.State.RUNNING).first()
    if left is not None and not at_work(kind):
        interrupt(left, at=at)
    try:
        with transaction.atomic():
            errand = Errand.objects.create(
                kind=kind,
                about=about,
                asked=asked,
                asked_by=actor.uuid,
                asked_by_person=actor.person,
                asked_at=at,
            )
    except IntegrityError as error:  # of two at once, the unique index lets one through
        raise UnderWayError from error
    record("errand.asked", errand.uuid, actor=actor, at=at, errand_kind=kind, about=about)
    return errand


def latest(kind: str, about: UUID) -> Errand | None:
    """Give the newest errand of a kind about one thing."""
    return Errand.objects.filter(kind=kind, about=about).order_by("-id").first()


def is_left(errand: Errand) -> bool:
    """Say whether an errand counts as running although no worker has it in hand."""
    if errand.state != Errand.State.RUNNING or at_work(errand.kind):
        return False
    errand.refresh_from_db(fields=["state"])  # it may have ended between the two looks
    return errand.state == Errand.State.RUNNING
