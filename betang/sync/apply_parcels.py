"""Apply `cards.received`: the companion counted the parcel of cards that he carries.

He is the second of the two persons of a transfer; the office sent it. His signed event is what the
receipt rests on (docs/decisions/0123).
"""

from collections.abc import Sequence
from datetime import datetime

from betang.accounts.admit import Holder
from betang.cards.models import Place, Transfer
from betang.cards.transfer import acknowledge
from betang.core.errors import RefusedError
from betang.core.event.said.cards import CardsReceived
from betang.sync.decisions import Decided
from betang.sync.read_said import Heard

#: Refusals of `cards` that say something of their own to a companion.
TOLD = {
    "cards.not_on_its_way": "parcel.counted_before",
    "cards.count_differs": "parcel.differs",
    "cards.count_reason": "parcel.differs",
    "cards.not_in_parcel": "parcel.differs",
    "cards.extra_elsewhere": "parcel.differs",
}


def count_parcels(items: Sequence[Heard], holder: Holder, at: datetime) -> list[Decided]:
    """Apply parcels counted by who carries them."""
    return [item.decide(_counted(item, holder)) for item in items]


def _counted(item: Heard, holder: Holder) -> str:
    said = item.said
    assert isinstance(said, CardsReceived)
    transfer = Transfer.objects.filter(
        uuid=said.transfer,
        receiver__kind=Place.Kind.DEVICE,
        receiver__device=holder.uuid,
    ).first()
    if transfer is None:
        return "parcel.unknown"
    try:
        acknowledge(
            transfer,
            counted=said.counted,
            missing=said.missing,
            extra=said.extra,
            reason=said.reason,
            actor=holder.actor,
            at=item.at,
        )
    except RefusedError as refusal:  # it raises before it writes
        return TOLD.get(refusal.code, "parcel.unknown")
    return "ok"
