"""Cards that never reach their family: spoilt and printed again, returned, found.

A spoilt card is revoked and its next issue ordered in the same act, so that a stray copy of a
misprint is red wherever it is shown.
"""

from datetime import datetime

from betang.cards import places
from betang.cards.block import NoSuchCardError, block, end_card
from betang.cards.models import Card
from betang.cards.parcel import Which, move
from betang.cards.replace import order_next
from betang.core.actor import Actor
from betang.core.errors import FieldsError, RefusedError
from betang.journal.record import record

#: Why a card was spoilt before anybody had it.
SPOILT = {
    "misprint": "salah cetak",
    "torn": "rusak atau patah",
    "dead_chip": "cip tidak terbaca",
    "wrong_data": "nama atau data salah",
}
#: Why a card comes back undelivered (kartu tidak terserahkan).
RETURNED = {
    "moved": "keluarga pindah",
    "deceased": "penerima meninggal, tidak ada anggota lain",
    "refused": "keluarga menolak",
    "not_found": "keluarga tidak ditemukan",
    "ineligible": "keluarga tidak lagi ditetapkan",
}
BEFORE_HAND_OVER = ("printed", "in_custody")


class NotBeforeHandOverError(RefusedError):
    """The card is not printed yet, is with its family, or ended."""

    code = "card.not_before_hand_over"
    sentence = "Hanya kartu yang sudah dicetak dan belum diserahkan dapat dicatat begini."
    do = "Kartu yang sudah diserahkan diblokir atau diganti lewat halaman kartunya."


class EndReasonError(FieldsError):
    """The reason is not one of the list."""

    code = "card.end_reason"
    sentence = "Alasan itu tidak dikenal."
    do = "Pilih salah satu alasan pada daftar."


class NotToBeFoundError(RefusedError):
    """A card that is in somebody's custody is not a lost property."""

    code = "card.not_to_be_found"
    sentence = "Menurut catatan kartu ini tidak pernah keluar dari penyimpanan."
    do = "Catat perpindahannya sebagai kiriman, atau periksa nomornya."


def spoil(number: str, *, reason: str, actor: Actor, at: datetime) -> Card:
    """End a card that was spoilt before its hand-over; give the next issue, ordered.

    Raises `NoSuchCardError`, `NotBeforeHandOverError` or `EndReasonError`.
    """
    if reason not in SPOILT:
        raise EndReasonError(field="reason")
    old = _before_hand_over(number)
    end_card(old, state="spoilt", reason=reason, at=at)
    facts = {"number": number, "reason": reason}
    record("card.spoilt", old.uuid, actor=actor, at=at, area=old.village_id, **facts)
    return order_next(old, actor=actor, at=at)


def give_back(
    number: str, *, reason: str, actor: Actor, at: datetime, into: int | None = None
) -> Card:
    """End a card that could not be handed over, and book it at the office that took it in.

    Raises `NoSuchCardError`, `NotBeforeHandOverError` or `EndReasonError`.
    """
    if reason not in RETURNED:
        raise EndReasonError(field="reason")
    card = _before_hand_over(number)
    office, place = places.office(into), card.place
    end_card(card, state="returned", reason=reason, at=at)
    if place is not None:
        move(place, office, Which(None, [int(number)], None))
    facts = {"number": number, "reason": reason}
    record("card.returned", card.uuid, actor=actor, at=at, area=card.village_id, **facts)
    return card


def find(number: str, *, actor: Actor, at: datetime, into: int | None = None) -> Card:
    """Book a card that somebody found and brought to an office.

    What ended stays so; an active card becomes blocked as lost, since nobody can say who had it
    meanwhile, and its family comes for a new one. Raises `NoSuchCardError` or `NotToBeFoundError`.
    """
    card = _locked(number)
    if card.state in {"ordered", *BEFORE_HAND_OVER} or card.place is None:
        raise NotToBeFoundError
    if card.state == "active":
        block(number, reason="lost", actor=actor, at=at)
    move(card.place, places.office(into), Which(None, [int(number)], None))
    record("card.found", card.uuid, actor=actor, at=at, area=card.village_id, number=number)
    card.refresh_from_db()
    return card


def _locked(number: str) -> Card:
    rows = Card.objects.select_related("place").select_for_update(of=("self",))
    card = rows.filter(number=number).first()
    if card is None:
        raise NoSuchCardError
    return card


def _before_hand_over(number: str) -> Card:
    card = _locked(number)
    if card.state not in BEFORE_HAND_OVER:
        raise NotBeforeHandOverError
    return card
