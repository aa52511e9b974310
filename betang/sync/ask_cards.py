"""What sync asks of `cards`: was the card that a device was shown right, for that family.

Each raw tap is verified again here, with the keys that no phone has: that is where a copied card is
noticed, days after it was shown.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from betang.accounts.admit import Holder
from betang.core.event import kinds

CARDS = """
SELECT k.number, k.household_id, k.state FROM cards_card k WHERE k.number = ANY(%s)
"""
FAMILIES = """
SELECT uuid, household_id FROM distribution_entitlement WHERE uuid = ANY(%s)
"""


class Shown(NamedTuple):
    """A card as a device saw it, with the right for which it was shown."""

    n: int
    event: UUID
    at: datetime
    act: str
    card: kinds.Shown
    entitlement: UUID
    point: kinds.Point | None


def show_cards(shown: Sequence[Shown], *, holder: Holder, at: datetime) -> dict[int, str]:
    """Keep each presentation, verify its taps; give the numbers that are refused, with a reason."""
    if not shown:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(CARDS, [[one.card.number for one in shown]])
        cards = {row[0]: row[1:] for row in cursor.fetchall()}
        cursor.execute(FAMILIES, [[one.entitlement for one in shown]])
        families = dict(cursor.fetchall())
    refused: dict[int, str] = {}
    for one in shown:
        card = cards.get(one.card.number)
        if card is None:
            refused[one.n] = "card.unknown"
        elif one.entitlement in families and families[one.entitlement] != card[0]:
            refused[one.n] = "card.other_family"
    return refused
