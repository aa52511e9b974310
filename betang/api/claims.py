"""Online acts of a device: a tap, and taking one right."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from betang.accounts import attempts
from betang.accounts.admit import Holder
from betang.api.answer import device_view, json_object, told
from betang.core.card.chip import UID_BYTES
from betang.core.clock import to_wire
from betang.core.errors import FieldsError, RefusedError
from betang.core.event.envelope import uuid_or_none
from betang.distribution import reserve as rights
from betang.sync.bundle import require_active
from betang.sync.tap import present_tap

CARD_DIGITS = 14

#: Two taps a visit; a family that is unsure taps again. Counted for the card at this device, so
#: that no other phone can use up a family's share.
TAPS_OF_CARD = attempts.Limit("taps of a card at a device", 40, 3_600)
#: A hand-over on a full day is a card a minute, two taps each. Who tries chips to learn which are
#: ours gets no farther.
TAPS_OF_DEVICE = attempts.Limit("taps at a device", 600, 3_600)

#: Two a minute, all day: a busy point serves one family in three minutes, most of them by lease.
#: Whoever would try card numbers to learn whose they are gets no farther either.
RESERVES_OF_DEVICE = attempts.Limit("reserves of a device", 120, 3_600)
#: Each right of a card is taken once; the rest is for lost answers and a second phone.
RESERVES_OF_CARD = attempts.Limit("reserves of a card", 12, 3_600)


class ReserveFieldsError(FieldsError):
    """Neither a right nor a card was named."""

    code = "reserve.fields"
    sentence = "Sebutkan bantuan atau nomor kartunya."
    do = "Pindai kartunya sekali lagi."


class TapTooOftenError(RefusedError):
    """This device presented too many taps in the last hour."""

    code = "tap.too_often"
    sentence = "Gawai ini terlalu sering memeriksa kartu secara daring dalam satu jam terakhir."
    do = "Matikan data seluler dan lanjutkan tanpa jaringan, atau tunggu satu jam."
    status = 429


class TapCardTooOftenError(RefusedError):
    """This card was tapped at this device too often in the last hour."""

    code = "tap.card_too_often"
    sentence = "Kartu ini sudah terlalu sering ditempelkan pada gawai ini dalam satu jam terakhir."
    do = "Baca kode pada kartunya, atau tunggu satu jam. Bila berulang, hubungi penyelia."
    status = 429


class ReserveTooOftenError(RefusedError):
    """This device reserved too often in the last hour."""

    code = "reserve.too_often"
    sentence = "Gawai ini terlalu sering meminta bantuan secara daring dalam satu jam terakhir."
    do = "Layani keluarga pada daftar tugas Anda, dan lanjutkan permintaan daring satu jam lagi."
    status = 429


class CardTooOftenError(RefusedError):
    """This card was reserved with too often in the last hour."""

    code = "reserve.card_too_often"
    sentence = "Bantuan kartu ini sudah terlalu sering diminta dalam satu jam terakhir."
    do = "Tunggu satu jam. Bila keluarga belum menerima bantuannya, hubungi penyelia."
    status = 429


@device_view("POST")
def taps(request: HttpRequest, holder: Holder, at: datetime) -> HttpResponse:
    """Present a tap online."""
    require_active(holder)
    given = json_object(request)
    uid = str(given.get("uid"))[: 2 * UID_BYTES].lower()
    card, device = (TAPS_OF_CARD, f"{uid} {holder.uuid}"), (TAPS_OF_DEVICE, str(holder.uuid))
    reached = attempts.count(card, device, at=at)
    if reached is not None:
        raise TapCardTooOftenError(field="uid") if reached is TAPS_OF_CARD else TapTooOftenError
    with transaction.atomic():
        return told(present_tap(given, holder=holder, at=at))


@device_view("POST")
def reserve(request: HttpRequest, holder: Holder, at: datetime) -> HttpResponse:
    """Take one right, or every open right of a card's family."""
    require_active(holder)
    given = json_object(request)
    right, number = uuid_or_none(given.get("entitlement")), given.get("card")
    if right is None and not (isinstance(number, str) and _is_card(number)):
        raise ReserveFieldsError(field="card" if "card" in given else "entitlement")
    _count(holder, None if right else str(number), at)
    who: dict[str, Any] = {
        "device": holder.id,
        "device_code": holder.short_id,
        "actor": holder.actor,
        "at": at,
    }
    with transaction.atomic():
        if right is not None:
            return told({"rights": [_told(rights.reserve(right, **who))], "refused": []})
        family, wanted = rights.rights_of_card(str(number))
        taken, refused = rights.reserve_many(wanted, **who)
    return told(
        {
            "rights": [_told(one) for one in taken],
            "refused": [
                {"entitlement": str(uuid), "code": why.code, "sentence": why.told}
                for uuid, why in refused
            ],
            "household": {
                "number": family.number,
                "village": str(family.village),
                "head_name": family.head_name,
            },
        }
    )


def _count(holder: Holder, card: str | None, at: datetime) -> None:
    """Count this attempt: the device first, so that one phone cannot use up many families' share.

    Raises `ReserveTooOftenError` or `CardTooOftenError`.
    """
    tries = [(RESERVES_OF_DEVICE, str(holder.uuid))]
    if card is not None:
        tries.append((RESERVES_OF_CARD, card))
    reached = attempts.count(*tries, at=at)
    if reached is RESERVES_OF_DEVICE:
        raise ReserveTooOftenError
    if reached is not None:
        raise CardTooOftenError(field="card")


def _is_card(number: str) -> bool:
    return len(number) == CARD_DIGITS and number.isascii() and number.isdigit()


def _told(one: rights.Reserved) -> dict[str, Any]:
    return {
        "entitlement": str(one.entitlement),
        "cycle": str(one.cycle),
        "benefit": str(one.benefit),
        "part": one.part,
        "parts_allowed": one.parts_allowed,
        "amount_rupiah": one.amount_rupiah,
        "goods": one.goods,
        "until": to_wire(one.until),
    }
