"""A print run in one go, in the house: frozen, drawn, looked at, and only then called printed.

For samples, replacements and small offices with a card printer. A run for the bureau takes the same
steps one by one (`cards/printing/`, docs/operate/printing.md). The files hold names and lie 0600
under `var/print/<run>`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.db import connection, transaction

from betang.cards.models import PrintRow, PrintRun
from betang.cards.printing.cancel import cancel
from betang.cards.printing.draw import State, UnreadableFacesError, draw, silent
from betang.cards.printing.folder import disk_told, folder_of, path_of
from betang.cards.printing.freeze import NothingToPrintError, freeze
from betang.cards.printing.manifest import write_manifest
from betang.cards.printing.runs import alone, left_out
from betang.core.actor import Actor
from betang.journal.record import record

__all__ = ["NothingToPrintError", "Printed", "UnreadableFacesError", "print_cards"]

PRINTED = """
UPDATE cards_card c SET state = 'printed', print_run_id = p.run_id
FROM cards_printrow p
WHERE p.card_id = c.id AND p.run_id = %s AND p.left_out = '' AND c.state = 'ordered'
"""


@dataclass(frozen=True, slots=True)
class Printed:
    """What one run printed, and where; `left_out`: cards whose name the fonts cannot write."""

    run: UUID
    count: int
    checked: int
    folder: Path
    files: tuple[Path, ...]
    left_out: tuple[str, ...]


def print_cards(
    *,
    actor: Actor,
    at: datetime,
    area: int | None = None,
    limit: int | None = None,
    check_all: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Printed:
    """Draw the ordered cards of `area`, look at them, and call them printed.

    Several transactions, none of them open while cards are drawn: after a kill the run waits under
    `betang cards run`. Raises `NothingToPrintError`, or `UnreadableFacesError` where a sampled card
    cannot be read: then the run is cancelled and its cards wait again.
    """
    with transaction.atomic():
        run = freeze(actor=actor, at=at, area=area, limit=limit)
    try:
        draw(
            run, actor=actor, clock=lambda: at, check_all=check_all, progress=progress or silent
        )  # fmt: skip
    except UnreadableFacesError:
        cancel(run, reason="kartu tidak terbaca setelah digambar", actor=actor, at=at)
        raise
    return print_in_house(run, actor=actor, at=at)


def print_in_house(run: PrintRun, *, actor: Actor, at: datetime) -> Printed:
    """Sign what was drawn and call its cards printed, for a printer of our own.

    The files stay. Raises `NotNowError` for a run that is not drawn.
    """
    with alone(run, State.CHECKED), disk_told(), transaction.atomic():
        write_manifest(run, [], at=at)
        with connection.cursor() as cursor:
            cursor.execute(PRINTED, [run.pk])
        PrintRow.objects.filter(run=run).update(name="")
        run.state, run.released_at = State.RELEASED, at
        run.released_by_person = actor.person
        run.save(update_fields=["state", "released_at", "released_by_person"])
        record(
            "cards.printed", run.uuid, actor=actor, at=at, area=run.area, count=run.count,
            rows_sha256=bytes(run.rows_sha256).hex(), checked=run.checked, left_out=run.left_out,
        )  # fmt: skip
    files = tuple(path_of(run, part) for part in run.parts.order_by("number"))
    return Printed(run.uuid, run.count, run.checked, folder_of(run), files, left_out(run))
