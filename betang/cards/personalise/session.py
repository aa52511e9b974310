"""A session of the station: which cards get their chips, begun by one person, confirmed by another.

Who holds blank chips, printed cards and the station alone could make a card for nobody; so two
persons let a session begin, with a role each (docs/operate/station.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q

from betang.cards.models import Card, ChipSession, ChipTurn, PrintRun, SpoiltChip
from betang.core.actor import Actor
from betang.core.errors import FieldsError, NotAllowedError, RefusedError, SamePersonError
from betang.journal.record import record
from betang.keys import chip_master

#: Printed, and not with its family yet: only such a card lies on the table of a station.
READY = ("printed", "in_custody")
REASON_CHARACTERS_MAX = 200


class NoSuchChipSessionError(RefusedError):
    """There is no such session."""

    code = "chip.no_session"
    sentence = "Sesi penulisan cip ini tidak ada."
    do = "Lihat nomor sesinya pada keluaran `betang cards personalise start`."


class NoCardsToWriteError(RefusedError):
    """None of the cards waits for a chip."""

    code = "chip.no_cards"
    sentence = "Tidak ada kartu tercetak yang menunggu cip di sini."
    do = "Pastikan kartunya sudah dicetak dan belum diserahkan."


class NotReadyCardError(RefusedError):
    """A card that was named gets no chip now."""

    code = "chip.card_not_ready"
    sentence = "Kartu {number} tidak menunggu cip: belum dicetak, sudah diserahkan, atau selesai."
    do = "Keluarkan nomor itu dari daftar."


class ChipSessionStateError(RefusedError):
    """The session is not where this act begins."""

    code = "chip.session_state"
    sentence = "Sesi ini {state}."
    do = "Sesi dimulai satu orang, dikonfirmasi orang kedua, lalu dijalankan sampai ditutup."


class NoSuchSpoiltError(RefusedError):
    """The card waits for no particular chip, or its chip is finished."""

    code = "chip.nothing_to_give_up"
    sentence = "Kartu {number} tidak mempunyai cip setengah jadi."
    do = "Kartu yang cipnya sudah selesai diganti dengan `betang cards replace`."


class GiveUpReasonError(FieldsError):
    """The reason is missing or too long."""

    code = "chip.reason"
    sentence = "Alasan kosong atau lebih dari {most} huruf."
    do = "Tulis apa yang terjadi pada cipnya."


@dataclass(frozen=True, slots=True)
class Progress:
    """How many cards of a session have their chip, of how many."""

    done: int
    of: int


def start(
    *,
    actor: Actor,
    at: datetime,
    run: PrintRun | None = None,
    numbers: Sequence[str] = (),
) -> ChipSession:
    """Put the cards of a print run, or single ones, in order; it waits for the second person.

    Raises `NotReadyCardError` for a number that gets no chip, `NoCardsToWriteError`.
    """
    if actor.person is None:
        raise NotAllowedError
    cards = _of_run(run) if run is not None else _of_numbers(numbers)
    if not cards:
        raise NoCardsToWriteError
    version = chip_master.current_version()
    with transaction.atomic():
        session = ChipSession.objects.create(
            print_run=run, key_version=version, started_by_person=actor.person, started_at=at
        )
        ChipTurn.objects.bulk_create(
            ChipTurn(session=session, card_id=card, position=place)
            for place, card in enumerate(cards, start=1)
        )
        record(
            "chips.session_started", session.uuid, actor=actor, at=at, count=len(cards),
            key_version=version,
        )  # fmt: skip
    return session


def confirm(session: ChipSession, *, actor: Actor, at: datetime) -> ChipSession:
    """Let a session begin, as another person than who started it.

    Raises `SamePersonError`, `ChipSessionStateError`.
    """
    if actor.person is None:
        raise NotAllowedError
    if actor.person == session.started_by_person:
        raise SamePersonError
    waiting = ChipSession.objects.filter(pk=session.pk, confirmed_at=None, ended_at=None)
    with transaction.atomic():
        if not waiting.update(confirmed_by_person=actor.person, confirmed_at=at):
            raise ChipSessionStateError(state="sudah dikonfirmasi atau sudah ditutup")
        record("chips.session_confirmed", session.uuid, actor=actor, at=at)
    session.refresh_from_db()
    return session


def end(session: ChipSession, *, actor: Actor, at: datetime) -> ChipSession:
    """Close a session; cards that are not done wait for another. One person is enough to stop."""
    with transaction.atomic():
        if not ChipSession.objects.filter(pk=session.pk, ended_at=None).update(ended_at=at):
            raise ChipSessionStateError(state="sudah ditutup")
        told = progress(session)
        record("chips.session_ended", session.uuid, actor=actor, at=at, done=told.done, of=told.of)
    session.refresh_from_db()
    return session


def give_up_chip(number: str, *, reason: str, actor: Actor, at: datetime) -> Card:
    """Give up the half-written chip of a card, so that the card takes another.

    The chip is never bound again. Raises `NoSuchSpoiltError`, `GiveUpReasonError`.
    """
    if actor.person is None:
        raise NotAllowedError
    if not 0 < len(reason.strip()) <= REASON_CHARACTERS_MAX:
        raise GiveUpReasonError(field="reason", most=REASON_CHARACTERS_MAX)
    with transaction.atomic():
        card = Card.objects.select_for_update().filter(number=number).first()
        if card is None or card.chip_uid is None or card.personalised_at is not None:
            raise NoSuchSpoiltError(number=number)
        uid, card.chip_uid = bytes(card.chip_uid), None
        card.save(update_fields=["chip_uid"])
        SpoiltChip.objects.create(
            uid=uid, card=card, reason=reason.strip(), at=at, by_person=actor.person
        )
        record(
            "chip.given_up", card.uuid, actor=actor, at=at, area=card.village_id,
            number=card.number, uid=uid.hex(),
        )  # fmt: skip
    return card


def must_run(session: ChipSession) -> None:
    """Refuse a session that is not confirmed, or over."""
    session.refresh_from_db()
    if session.ended_at is not None:
        raise ChipSessionStateError(state="sudah ditutup")
    if session.confirmed_at is None:
        raise ChipSessionStateError(state="belum dikonfirmasi orang kedua")


def next_card(session: ChipSession) -> Card | None:
    """Give the first card of the session whose chip is not finished; None when all are."""
    turn = (
        session.turns.filter(card__checked_at=None, card__state__in=READY)
        .order_by("position")
        .select_related("card")
        .first()
    )
    return turn.card if turn else None


def progress(session: ChipSession) -> Progress:
    """Count the session's cards with a finished chip."""
    told = session.turns.aggregate(
        done=Count("pk", filter=Q(card__checked_at__isnull=False)), of=Count("pk")
    )
    return Progress(told["done"], told["of"])


def find(uuid: UUID) -> ChipSession:
    """Find a session. Raises `NoSuchChipSessionError`."""
    session = ChipSession.objects.filter(uuid=uuid).first()
    if session is None:
        raise NoSuchChipSessionError
    return session


def _of_run(run: PrintRun) -> list[int]:
    rows = run.rows.filter(
        left_out="", card__state__in=READY, card__checked_at=None, card__grade="ours"
    )
    return list(rows.order_by("position").values_list("card_id", flat=True))


def _of_numbers(numbers: Sequence[str]) -> list[int]:
    wanted = list(dict.fromkeys(numbers))
    ready = dict(
        Card.objects.filter(
            number__in=wanted, state__in=READY, checked_at=None, grade="ours"
        ).values_list("number", "pk")
    )
    for number in wanted:
        if number not in ready:
            raise NotReadyCardError(number=number)
    return [ready[number] for number in wanted]
