"""Parcels of cards on their way: sent by one person, counted by another, and what was missing."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from betang.cards import places
from betang.cards.block import BlockRow, block_many
from betang.cards.models import Place, Transfer
from betang.cards.parcel import Hands, Which, move, write_down, write_receipt
from betang.core.actor import Actor
from betang.core.errors import FieldsError, RefusedError, SamePersonError
from betang.core.identifiers import new_uuid
from betang.journal.record import record

#: Why a count differs. Codes and no free text, which could hold anybody's name.
REASONS = {
    "not_packed": "tidak ikut dikemas",
    "lost": "hilang di perjalanan",
    "packed_extra": "ikut terkemas",
    "unknown": "belum diketahui",
}
WAITS = (Transfer.State.IN_TRANSIT, Transfer.State.CARRIED)

AT = "SELECT number::bigint FROM cards_card WHERE place_id = %s AND number = ANY(%s)"
STILL_THERE = """
SELECT count(*) FROM cards_card
WHERE place_id = %s AND number = ANY(%s) AND state IN ('printed', 'in_custody')
"""


class NothingToSendError(RefusedError):
    """The office has no such cards in stock."""

    code = "cards.nothing_to_send"
    sentence = "Tidak ada kartu wilayah itu dalam persediaan kantor pengirim."
    do = "Periksa kantor pengirim dan kode wilayah kartunya."


class SamePlaceError(FieldsError):
    """Sender and receiver are one office."""

    code = "cards.same_place"
    sentence = "Pengirim dan penerima adalah kantor yang sama."
    do = "Pilih kantor penerima yang lain."


class NotOnItsWayError(RefusedError):
    """Somebody counted the parcel before, or it was taken back."""

    code = "cards.not_on_its_way"
    sentence = "Kiriman ini sudah dihitung penerima atau sudah ditarik kembali."
    do = "Muat ulang halaman kiriman ini."


class CountError(FieldsError):
    """What was counted does not fit what is named as missing or too much."""

    code = "cards.count_differs"
    sentence = (
        "Anda menghitung {counted} kartu; dari {sent} yang dikirim dengan {missing} kurang dan "
        "{extra} lebih seharusnya {due}."
    )
    do = "Hitung sekali lagi, lalu sebutkan nomor setiap kartu yang kurang atau lebih."


class NotInParcelError(FieldsError):
    """A card named as missing was not sent, or is not there any more."""

    code = "cards.not_in_parcel"
    sentence = "Kartu {number} tidak termasuk kiriman ini, atau sudah tidak di sana."
    do = "Periksa nomor pada daftar kiriman."


class ExtraElsewhereError(FieldsError):
    """A card that came too much is, by the book, not in the sender's stock."""

    code = "cards.extra_elsewhere"
    sentence = "Menurut catatan, kartu {number} tidak berada dalam persediaan pengirim."
    do = "Pisahkan kartu itu, jangan serahkan, dan periksa riwayatnya di halaman kartu."


class ReasonError(FieldsError):
    """A difference without a reason."""

    code = "cards.count_reason"
    sentence = "Pilih sebab mengapa jumlahnya berbeda."
    do = "Pilih salah satu sebab pada daftar."


def send(sender: Place, to: Place, *, area: int | None, actor: Actor, at: datetime) -> Transfer:
    """Send the cards of `area` that are in the sender's stock; they are on their way until counted.

    Raises `SamePlaceError` or `NothingToSendError`.
    """
    if sender == to:
        raise SamePlaceError(field="to")
    uuid = new_uuid()
    numbers = move(sender, places.transit(uuid), Which(area))
    if not numbers:
        raise NothingToSendError
    given = write_down(
        numbers,
        uuid=uuid,
        sender=sender,
        receiver=to,
        state=Transfer.State.IN_TRANSIT,
        by=Hands(actor.uuid, actor.person),
        at=at,
        area=area,
    )
    record(
        "cards.sent",
        uuid,
        actor=actor,
        at=at,
        area=area,
        count=given.count,
        numbers_sha256=bytes(given.numbers_sha256).hex(),
        sender=sender.kind,
        receiver=to.kind,
    )
    return given


def acknowledge(
    transfer: Transfer,
    *,
    counted: int,
    missing: Sequence[int] = (),
    extra: Sequence[int] = (),
    reason: str = "",
    actor: Actor,
    at: datetime,
) -> Transfer:
    """Count a parcel at its end: what is missing stays on its way, what came too much is booked.

    Raises `NotOnItsWayError`, `SamePersonError`, `CountError`, `ReasonError`, `NotInParcelError`
    or `ExtraElsewhereError`.
    """
    transfer = _locked(transfer)
    if transfer.state not in WAITS:
        raise NotOnItsWayError
    if transfer.sent_by_person is not None and transfer.sent_by_person == actor.person:
        raise SamePersonError
    missing, extra = sorted(set(missing)), sorted(set(extra))
    due = transfer.count - len(missing) + len(extra)
    if counted != due:
        raise CountError(
            field="counted",
            counted=counted,
            sent=transfer.count,
            missing=len(missing),
            extra=len(extra),
            due=due,
        )
    if (missing or extra) and reason not in REASONS:
        raise ReasonError(field="reason")
    sender, receiver = transfer.sender, transfer.receiver
    way = places.transit(transfer.uuid)
    carried = transfer.state == Transfer.State.CARRIED
    here = receiver if carried else way
    _require(here, missing, within=transfer.numbers, wrong=NotInParcelError, field="missing")
    _require(sender, extra, within=None, wrong=ExtraElsewhereError, field="extra")
    if carried:
        move(receiver, way, Which(None, missing, None))
    else:
        arrived = sorted(set(transfer.numbers) - set(missing))
        move(way, receiver, Which(None, arrived, None))
    move(sender, receiver, Which(None, extra, None))
    write_receipt(transfer, by=actor, at=at, missing=missing, extra=extra, reason=reason)
    facts = {"count": counted, "missing": len(missing), "extra": len(extra)}
    if reason:
        facts["reason"] = reason  # type: ignore[assignment]
    record("cards.counted", transfer.uuid, actor=actor, at=at, area=transfer.area, **facts)
    return transfer


def recall(transfer: Transfer, *, actor: Actor, at: datetime) -> Transfer:
    """Take a parcel back into the sender's stock before anybody counted it."""
    transfer = _locked(transfer)
    if transfer.state != Transfer.State.IN_TRANSIT:
        raise NotOnItsWayError
    move(places.transit(transfer.uuid), transfer.sender, Which(None, transfer.numbers, None))
    transfer.state = Transfer.State.RECALLED
    transfer.save(update_fields=["state"])
    facts = {"count": transfer.count}
    record("cards.recalled", transfer.uuid, actor=actor, at=at, area=transfer.area, **facts)
    return transfer


def settle(
    transfer: Transfer, numbers: Sequence[int], *, found: bool, actor: Actor, at: datetime
) -> Transfer:
    """Settle missing cards: `found` ones go to the receiver, others are blocked as lost.

    A lost card stays in the book as one that was lost on this way. Raises `NotOnItsWayError` or
    `NotInParcelError`.
    """
    transfer = _locked(transfer)
    if transfer.state != Transfer.State.SHORT:
        raise NotOnItsWayError
    way, numbers = places.transit(transfer.uuid), sorted(set(numbers))
    _require(way, numbers, within=transfer.missing, wrong=NotInParcelError, field="numbers")
    if found:
        move(way, transfer.receiver, Which(None, numbers, None))
    else:
        block_many([BlockRow(f"{number:014d}", "lost", actor, at) for number in numbers])
    if not _still_open(transfer, way):
        transfer.state = Transfer.State.SETTLED
        transfer.save(update_fields=["state"])
    facts = {"count": len(numbers), "found": found}
    record("cards.missing_settled", transfer.uuid, actor=actor, at=at, area=transfer.area, **facts)
    return transfer


def _locked(transfer: Transfer) -> Transfer:
    rows = Transfer.objects.select_related("sender", "receiver")
    return rows.select_for_update(of=("self",)).get(pk=transfer.pk)


def _require(
    place: Place,
    numbers: Sequence[int],
    *,
    within: Sequence[int] | None,
    wrong: type[FieldsError],
    field: str,
) -> None:
    """Raise `wrong` for the first of `numbers` that is not in `place`, or not of the parcel."""
    if not numbers:
        return
    with connection.cursor() as cursor:
        cursor.execute(AT, [place.pk, [f"{number:014d}" for number in numbers]])
        there = {row[0] for row in cursor.fetchall()}
    known = there if within is None else there & set(within)
    for number in numbers:
        if number not in known:
            raise wrong(field=field, number=f"{number:014d}")


def _still_open(transfer: Transfer, way: Place) -> bool:
    with connection.cursor() as cursor:
        texts = [f"{number:014d}" for number in transfer.missing]
        cursor.execute(STILL_THERE, [way.pk, texts])
        row = cursor.fetchone()
    return bool(row and row[0])
