"""What became of cards: counted in a parcel, handed over, not handed over, blocked."""

from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import UUID

from betang.core.event.said import members
from betang.core.event.said.shapes import COLLECTORS, HOME_POINTS, Point, Tap, point_of, taps_of

#: Of a parcel of cards, how many may be named as missing or as too much: it fits the payload.
CARDS_NAMED_MAX = 500
#: A parcel holds the cards of a facilitator's villages.
CARDS_COUNTED_MAX = 100_000
NOT_HANDED_OVER = frozenset(
    {"absent", "moved", "deceased", "refused", "data_wrong", "damaged", "other"}
)
BLOCK_REASONS = frozenset({"lost", "stolen", "damaged", "deceased", "moved", "misused"})
COUNT_REASONS = ("not_packed", "lost", "packed_extra", "unknown")


class CardsReceived(NamedTuple):
    """`cards.received`: a parcel of cards, counted by who carries it."""

    transfer: UUID
    counted: int
    missing: tuple[int, ...]
    extra: tuple[int, ...]
    reason: str


class HandedOver(NamedTuple):
    """`card.handed_over`."""

    card: str
    collector: str
    member: UUID | None
    qr: bool
    taps: tuple[Tap, ...]
    point: Point | None
    home_point: str | None = None


class CardTold(NamedTuple):
    """`card.not_handed_over` and `card.blocked`."""

    card: str
    reason: str


def _cards_received(data: dict[str, Any]) -> CardsReceived:
    return CardsReceived(
        transfer=members.uuid(data, "transfer"),
        counted=members.whole(data.get("counted"), "counted", 0, CARDS_COUNTED_MAX),
        missing=_cards(data, "missing"),
        extra=_cards(data, "extra"),
        reason=members.optional_among(data, "reason", COUNT_REASONS) or "",
    )


def _cards(data: dict[str, Any], name: str) -> tuple[int, ...]:
    numbers = data.get(name)
    if numbers is None:
        return ()
    if not isinstance(numbers, list) or len(numbers) > CARDS_NAMED_MAX:
        raise members.MalformedDataError(name)
    if not all(isinstance(number, str) and members.CARD.fullmatch(number) for number in numbers):
        raise members.MalformedDataError(name)
    return tuple(int(number) for number in numbers)


def _handed_over(data: dict[str, Any]) -> HandedOver:
    return HandedOver(
        card=members.text(data, "card", members.CARD),
        collector=members.one_of(data, "collector", COLLECTORS),
        member=members.optional_uuid(data, "member"),
        qr=members.flag(data, "qr"),
        taps=taps_of(data.get("taps")),
        point=point_of(data.get("point")),
        home_point=members.optional_among(data, "home_point", HOME_POINTS),
    )


def _not_handed_over(data: dict[str, Any]) -> CardTold:
    return _card_told(data, NOT_HANDED_OVER)


def _blocked(data: dict[str, Any]) -> CardTold:
    return _card_told(data, BLOCK_REASONS)


def _card_told(data: dict[str, Any], reasons: frozenset[str]) -> CardTold:
    return CardTold(
        members.text(data, "card", members.CARD), members.one_of(data, "reason", reasons)
    )


READERS: dict[str, Callable[[dict[str, Any]], CardsReceived | HandedOver | CardTold]] = {
    "cards.received": _cards_received,
    "card.handed_over": _handed_over,
    "card.not_handed_over": _not_handed_over,
    "card.blocked": _blocked,
}
