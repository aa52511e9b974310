"""Apply `benefit.delivered`: the card facts first, then the claims, then the cases."""

from collections.abc import Sequence
from datetime import datetime

from betang.accounts.admit import Holder
from betang.cards.collected import CollectedRow, keep_collected
from betang.core.clock import WIB, day
from betang.core.event.said.benefits import Delivered
from betang.core.lease.settle import Settled
from betang.distribution.deliver import Claim, Outcome, deliver_many
from betang.grievances.open import Opening, open_cases
from betang.registry.geotag import geotag_many
from betang.sync.ask_cards import Seen, Shown, show_cards
from betang.sync.decisions import Decided
from betang.sync.homes import home_of, home_point, uuids_of, want_home_points
from betang.sync.read_said import Heard


def deliver(items: Sequence[Heard], holder: Holder, at: datetime) -> list[Decided]:
    """Apply deliveries: present their cards, settle their claims, open cases for the contested."""
    told = [(item, item.said) for item in items if isinstance(item.said, Delivered)]
    seen = show_cards(
        [
            Shown(n, item.at, "deliver", said.card, said.point)
            for n, (item, said) in enumerate(told)
            if said.card is not None
        ],
        holder=holder,
        at=at,
    )
    outcomes = deliver_many(
        [_claim(n, item, said, holder, at, seen) for n, (item, said) in enumerate(told)],
        at=at,
    )
    _open_cases(outcomes, holder, at)
    # A claim that does not count moves nobody's home: its device may have no business there.
    counted = [o for o in outcomes if o.household and o.code is Settled.COUNTS]
    _geotag([(told[o.ord][0], o.household) for o in counted if o.household], holder, at)
    want_home_points([(told[o.ord][0], o.household) for o in counted if o.household], holder)
    _note_collectors([(*told[o.ord], o.household) for o in counted if o.household], holder)
    return [
        told[outcome.ord][0].decide(outcome.code.value, **_facts(outcome, seen.refused))
        for outcome in outcomes
    ]


def _claim(n: int, item: Heard, said: Delivered, holder: Holder, at: datetime, seen: Seen) -> Claim:
    return Claim(
        ord=n,
        entitlement=said.entitlement,
        part=said.part,
        device_id=holder.id,
        device=holder.uuid,
        device_code=holder.short_id,
        actor=holder.actor,
        # A paper that is dated later than it was typed in was dated wrongly.
        at=min(said.paper_at, item.at) if said.paper_at else item.at,
        heard_at=at,
        event=item.id,
        online=said.online,
        source=said.source,
        collector=said.collector,
        member=said.member,
        card_number=said.card.number if said.card else None,
        colour=said.card.colour if said.card else None,
        point=said.point,
        receipt=f"{holder.short_id}-{item.arrived.seq}",
        attachment=item.arrived.named,
        goods=said.goods,
        card_refused=n in seen.refused,
        card_family=seen.families.get(n),
        told_at=item.at,
        mark=said.mark,
        less=said.less,
    )


def _geotag(told: Sequence[tuple[Heard, int]], holder: Holder, at: datetime) -> None:
    """Keep the home points that came with deliveries."""
    homes = [(item, family, home_of(item.private)) for item, family in told if item.arrived.named]
    kept = [(item, family, home) for item, family, home in homes if home]
    if not kept:
        return
    uuids = uuids_of([family for _, family, _ in kept])
    geotag_many(
        [home_point(item, uuids[family], home, holder) for item, family, home in kept], at=at
    )


def _note_collectors(told: Sequence[tuple[Heard, Delivered, int]], holder: Holder) -> None:
    """Keep who collected for families that are not his own."""
    keep_collected(
        [
            CollectedRow(
                item.id,
                str((item.private or {}).get("collector_name") or ""),
                family,
                holder.uuid,
                item.at.astimezone(WIB).date(),
            )
            for item, said, family in told
            if said.collector == "representative"
        ]
    )


def _open_cases(outcomes: Sequence[Outcome], holder: Holder, at: datetime) -> None:
    """Open a case with both evidences for each claim that was kept and does not count.

    Also for one that only came too late: it counts when two persons say so, and never by itself.
    """
    open_cases(
        Opening(
            "contested_delivery",
            outcome.delivery,
            outcome.village,
            outcome.household,
            {
                "code": outcome.code.value,
                "second": str(outcome.delivery),
                "first": str(outcome.first[0]) if outcome.first else None,
                "device": holder.short_id,
            },
            holder.actor,
            at,
        )
        for outcome in outcomes
        if outcome.delivery is not None
        and outcome.village is not None
        and outcome.code is not Settled.COUNTS
    )


def _facts(outcome: Outcome, refused: dict[int, str]) -> dict[str, str]:
    if outcome.code is Settled.CARD_REFUSED:
        return {"reason": refused.get(outcome.ord, "card.other_family")}
    if outcome.first:
        _, when, village = outcome.first
        return {"when": f" pada {day(when.date())}", "where": f" di {village}"}
    return {}
