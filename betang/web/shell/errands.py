"""Long work on a page: how far it is, how long still, and what came of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from betang.accounts.models import User
from betang.errands.ask import is_left
from betang.errands.models import Errand
from betang.web.guard import StaffRequest
from betang.web.shell.people import who

#: The worker looks twice a second: who waits longer has no worker, or a busy one.
WORKER_LOOKS_WITHIN = timedelta(seconds=15)
#: Before so much is done, the pace says nothing about the rest.
PACE_AFTER = timedelta(seconds=3)


@dataclass(frozen=True, slots=True)
class Shown:
    """An errand as a page tells it."""

    errand: Errand
    asker: User | None
    address: str
    #: Its worker was gone before the end, whether somebody has written that down yet or not.
    is_cut: bool
    #: It waits longer than a running worker lets it.
    is_unheard: bool
    remaining: str

    @property
    def is_open(self) -> bool:
        """Say whether a page should look again."""
        return self.errand.is_open and not self.is_cut

    @property
    def told(self) -> dict[str, Any]:
        """Give what came of it."""
        told: dict[str, Any] = self.errand.told
        return told


def shown(errand: Errand, route: str) -> Shown:
    """Prepare an errand for `shell/errand.html`; the `route` gives that part of the page anew."""
    now = timezone.now()
    cut = is_left(errand) or errand.state == Errand.State.INTERRUPTED
    waits = errand.state == Errand.State.WAITING
    return Shown(
        errand=errand,
        asker=User.objects.filter(uuid=errand.asked_by).first() or who(errand.asked_by_person),
        address=reverse(route, args=[errand.uuid]),
        is_cut=cut,
        is_unheard=waits and now - errand.asked_at > WORKER_LOOKS_WITHIN,
        remaining="" if cut else _remaining(errand, now),
    )


def part(
    request: StaffRequest, told: Shown, template: str = "shell/errand.html", **more: Any
) -> HttpResponse:
    """Answer the part of a page that shows an errand, for the script that keeps it true.

    A template of the room's own may add parts that move with the errand (`data-with-errand`).
    """
    return render(request, template, {"shown": told, **more})


def _remaining(errand: Errand, now: datetime) -> str:
    """Say how long still, by the pace so far; nothing where nobody can know."""
    if errand.begun_at is None or not errand.whole or not errand.done:
        return ""
    taken = now - errand.begun_at
    if taken < PACE_AFTER or errand.done >= errand.whole:
        return ""
    seconds = round(taken.total_seconds() * (errand.whole - errand.done) / errand.done)
    if seconds < 60:
        return f"kira-kira {max(1, seconds)} detik lagi"
    return f"kira-kira {round(seconds / 60)} menit lagi"
