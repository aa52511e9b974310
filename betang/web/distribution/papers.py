"""What is printed of a day: the roster, the slips for families, the BAST.

The roster is the last resort when every phone has died: numbers, names, space for a signature or a
thumbprint. A NIK never stands on paper whole, and not at all on a slip that goes from hand to hand.
"""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from betang.distribution import day_books as books
from betang.distribution.models import Day, Entitlement
from betang.distribution.queue import Place, counts_of, queue_of
from betang.journal.record import record
from betang.monitoring import board
from betang.registry.models import Member
from betang.web.distribution.days import in_reach
from betang.web.guard import StaffRequest, rule

PAPERS = {
    "daftar": ("roster.html", "Daftar penerima"),
    "undangan": ("slips.html", "Undangan"),
    "bast": ("bast.html", "Berita acara"),
}


@rule("day.see")
def paper(request: StaffRequest, uuid: UUID, name: str) -> HttpResponse:
    """Show a paper of a day, made for A4; who printed which is recorded."""
    if name not in PAPERS:
        raise Http404
    rows = in_reach(request.user).select_related(
        "point__village__parent__parent", "cycle__programme"
    )
    shown = get_object_or_404(rows, uuid=uuid)
    template, title = PAPERS[name]
    queue = queue_of(shown)
    with transaction.atomic():
        record(
            "day.printed", shown.uuid, actor=request.user.actor, at=timezone.now(),
            area=shown.point.village_id, paper=name, count=len(queue),
        )  # fmt: skip
    village = shown.point.village
    district = village.parent
    facts: dict[str, Any] = {
        "title": f"{title}, {shown.point.name}",
        "day": shown,
        "village": board.names().get(village.pk, village.name),
        "village_word": "Kelurahan" if village.kind == "kelurahan" else "Desa",
        "district": district.name if district else "",
        "regency": district.parent.name if district and district.parent else "",
        "queue": queue,
        "goods": _goods(shown),
        "printed_at": timezone.now(),
    }
    if name == "daftar":
        facts["rows"] = _with_nik(queue)
        facts["blank"] = range(len(queue) + 1, len(queue) + 6)
    if name == "bast":
        facts |= {
            "count": counts_of([shown])[shown.pk],
            "told": books.told(shown),
            "stock": books.goods(shown),
        }
    return render(request, f"distribution/{template}", facts)


def _with_nik(queue: list[Place]) -> list[tuple[Place, str]]:
    """Put the last four digits of the head's NIK beside each place."""
    heads = Member.objects.filter(household__uuid__in=[p.household for p in queue], is_head=True)
    last4 = dict(heads.values_list("household__uuid", "nik_last4"))
    return [(place, last4.get(place.household, "")) for place in queue]


def _goods(shown: Day) -> list[str]:
    """Say what a family of the day gets, in words: "5 kg beras"."""
    benefits = {
        right.benefit
        for right in Entitlement.objects.filter(
            cycle_id=shown.cycle_id, channel="hand", village_id=shown.point.village_id
        )
        .distinct("benefit_id")
        .order_by("benefit_id")
        .select_related("benefit")
    }
    words = []
    for benefit in sorted(benefits, key=lambda one: one.pk):
        parts = [f"{g['quantity']} {g['unit']} {g['item']}" for g in benefit.goods]
        words.append(f"{benefit.name}: {', '.join(parts)}" if parts else benefit.name)
    return words
