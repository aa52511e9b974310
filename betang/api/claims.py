"""Online acts of a device: a tap, and taking one right."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from betang.accounts.admit import Holder
from betang.api.answer import device_view, json_object, told
from betang.core.clock import to_wire
from betang.core.errors import FieldsError
from betang.core.event.envelope import uuid_or_none
from betang.distribution import reserve as rights
from betang.sync.bundle import require_active
from betang.sync.tap import present_tap

CARD_DIGITS = 14


class ReserveFieldsError(FieldsError):
    """Neither a right nor a card was named."""

    code = "reserve.fields"
    sentence = "Sebutkan bantuan atau nomor kartunya."
    do = "Pindai kartunya sekali lagi."


@device_view("POST")
def taps(request: HttpRequest, holder: Holder, at: datetime) -> HttpResponse:
    """Present a tap online."""
    require_active(holder)
    given = json_object(request)
    with transaction.atomic():
        return told(present_tap(given, holder=holder, at=at))


@device_view("POST")
def reserve(request: HttpRequest, holder: Holder, at: datetime) -> HttpResponse:
    """Take one right, or every open right of a card's family."""
    require_active(holder)
    given = json_object(request)
    right, number = uuid_or_none(given.get("entitlement")), given.get("card")
    who: dict[str, Any] = {
        "device": holder.id,
        "device_code": holder.short_id,
        "actor": holder.actor,
        "at": at,
    }
    with transaction.atomic():
        if right is not None:
            return told({"rights": [_told(rights.reserve(right, **who))], "refused": []})
        if not isinstance(number, str) or not _is_card(number):
            raise ReserveFieldsError(field="card" if "card" in given else "entitlement")
        family, wanted = rights.rights_of_card(number)
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


def _is_card(number: str) -> bool:
    return len(number) == CARD_DIGITS and number.isascii() and number.isdigit()


def _told(one: rights.Reserved) -> dict[str, Any]:
    return {
        "entitlement": str(one.entitlement),
        "cycle": str(one.cycle),
        "benefit": str(one.benefit),
        "amount_rupiah": one.amount_rupiah,
        "goods": one.goods,
        "until": to_wire(one.until),
    }
