"""Apply what devices say of cards: handed over, not handed over, blocked."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from betang.accounts.admit import Holder
from betang.cards.block import BlockRow, block_many
from betang.cards.hand_over import HandOverRow, hand_over_many
from betang.cards.hand_over_day import NotHandedOverRow, keep_reasons
from betang.core.event.said import shapes
from betang.core.event.said.cards import CardTold, HandedOver
from betang.distribution.taken_over import families_taken
from betang.journal.record import Happening, record_many
from betang.sync.ask_cards import Shown, show_cards
from betang.sync.decisions import Decided
from betang.sync.homes import want_home_points
from betang.sync.read_said import Heard

#: Codes of `cards` that say the same to a companion.
SAME = {
    "card.not_printed": "card.not_in_custody",
    "card.already_handed_over": "card.not_waiting",
    "card.revoked": "card.not_waiting",
    "card.superseded": "card.not_waiting",
    "card.not_active": "card.not_waiting",
    "card.blocked_before": "ok",
}

FAMILY = "SELECT number, household_id FROM cards_card WHERE number = ANY(%s)"
FOREIGN = """
SELECT k.number, h.uuid FROM cards_card k
LEFT JOIN registry_household h ON h.id = k.household_id
WHERE k.number = ANY(%s) AND k.custodian_device IS DISTINCT FROM %s AND NOT EXISTS (
    SELECT FROM accounts_devicearea d
    WHERE d.device_id = %s AND k.village_id::text LIKE d.area_id::text || '%%')
"""


def hand_over_cards(items: Sequence[Heard], holder: Holder, at: datetime) -> list[Decided]:
    """Apply hand-overs: a card whose tap is not its own stays where it is."""
    told = [(item, item.said) for item in items if isinstance(item.said, HandedOver)]
    refused = show_cards(
        [
            Shown(n, item.at, "hand_over", _shown(said), said.point)
            for n, (item, said) in enumerate(told)
            if said.taps
        ],
        holder=holder,
        at=at,
    ).refused
    good = [pair for n, pair in enumerate(told) if n not in refused]
    verdicts = hand_over_many(
        [HandOverRow(said.card, holder.uuid, holder.actor, item.at) for item, said in good]
    )
    decisions = [told[n][0].decide("card.refused", reason=why) for n, why in refused.items()]
    for (item, _), verdict in zip(good, verdicts, strict=True):
        decisions.append(item.decide(SAME.get(verdict.code, verdict.code)))
    handed = [item for (item, _), v in zip(good, verdicts, strict=True) if v.code == "ok"]
    _want_points(handed, holder)
    return decisions


def _want_points(handed: Sequence[Heard], holder: Holder) -> None:
    """Open a follow-up for each family whose home point is still wanted."""
    told = {item.said.card: item for item in handed if isinstance(item.said, HandedOver)
            and item.said.home_point == "none"}  # fmt: skip
    if not told:
        return
    with connection.cursor() as cursor:
        cursor.execute(FAMILY, [list(told)])
        want_home_points([(told[number], family) for number, family in cursor.fetchall()], holder)


def tell_cards(items: Sequence[Heard], holder: Holder, at: datetime) -> list[Decided]:
    """Apply cards blocked in the field, and cards not handed over (an entry each)."""
    told = [(item, item.said) for item in items if isinstance(item.said, CardTold)]
    kept = [(item, said) for item, said in told if item.type == "card.not_handed_over"]
    record_many(
        "card.not_handed_over",
        [
            Happening(
                item.id,
                holder.actor,
                item.at,
                None,
                {"card": said.card, "reason": said.reason, "device": holder.short_id},
            )
            for item, said in kept
        ],
    )
    keep_reasons(
        [NotHandedOverRow(item.id, said.card, holder.uuid, said.reason, item.at)
         for item, said in kept],
        heard_at=at,
    )  # fmt: skip
    blocked = [(item, said) for item, said in told if item.type == "card.blocked"]
    foreign = _foreign(holder, [said.card for _, said in blocked])
    decisions = [item.decide("ok") for item, _ in kept]
    decisions += [
        item.decide("household.unknown") for item, said in blocked if said.card in foreign
    ]
    blocked = [(item, said) for item, said in blocked if said.card not in foreign]
    verdicts = block_many(
        [BlockRow(said.card, said.reason, holder.actor, item.at) for item, said in blocked]
    )
    for (item, _), verdict in zip(blocked, verdicts, strict=True):
        decisions.append(item.decide(SAME.get(verdict.code, verdict.code)))
    return decisions


def _foreign(holder: Holder, numbers: Sequence[str]) -> set[str]:
    """Give those of `numbers` that are cards of families this device has no business with.

    A phone that was stolen could else block every card of the province.
    """
    if not numbers:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(FOREIGN, [list(numbers), holder.uuid, holder.id])
        foreign = dict(cursor.fetchall())
    taken = families_taken(holder.id, [family for family in foreign.values() if family])
    return {number for number, family in foreign.items() if family not in taken}


def _shown(said: HandedOver) -> shapes.Shown:
    reason = "tap.genuine" if said.taps else "qr.valid"
    return shapes.Shown(said.card, "green", reason, said.qr, said.taps)
