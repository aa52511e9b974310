"""What anybody may ask about a card: is it genuine, and does it count? No name, no NIK."""

import re
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from betang.accounts import attempts
from betang.core.errors import RefusedError
from betang.web.guard import public
from betang.web.public.answers import by_number, by_qr, by_tap

#: Asks of one card in an hour: a family, its neighbours, a shop. Counted per card first, because a
#: village is one address on the network.
PER_CARD = attempts.Limit("public looks at a card", 30, 3_600)
PER_ADDRESS = attempts.Limit("public looks from an address", 600, 3_600)
CARD_DIGITS = 14


class TooOftenError(RefusedError):
    """This card, or this address, was asked for too often."""

    code = "public.too_often"
    sentence = "Kartu ini terlalu sering diperiksa dalam satu jam terakhir."
    do = "Tunggu satu jam, lalu coba lagi."
    status = 429


@public("the address printed on each card; answers genuine or not, never who")
def look(request: HttpRequest) -> HttpResponse:
    """Ask for a card by its number or the code on its front, and answer."""
    facts: dict[str, Any] = {"title": "Periksa kartu", "number": "", "wrong": ""}
    if request.method != "POST":
        return render(request, "public/look.html", facts)
    qr = request.POST.get("qr", "").strip()
    number = re.sub(r"[\s.-]", "", request.POST.get("number", ""))
    facts["number"] = request.POST.get("number", "")
    if not qr and not (number.isascii() and number.isdigit() and len(number) == CARD_DIGITS):
        facts["wrong"] = "Nomor kartu terdiri dari 14 angka, diawali 62. Ketik seperti tercetak."
        return render(request, "public/look.html", facts, status=422)
    _count(request, qr or number)
    now = timezone.now()
    answer = by_qr(qr, at=now) if qr else by_number(number, at=now)
    return render(request, "public/answer.html", {"title": answer.title, "answer": answer})


@public("opened by the chip of a card when it is tapped; answers genuine or not, never who")
def tap(request: HttpRequest) -> HttpResponse:
    """Answer a tap. The real counter is never raised here: reloads and previews would raise it."""
    uid, counter, mac = (request.GET.get(name, "")[:32] for name in ("u", "n", "c"))
    _count(request, uid)
    with transaction.atomic():  # its own public counter
        answer = by_tap(uid, counter, mac, at=timezone.now())
    response = render(request, "public/answer.html", {"title": answer.title, "answer": answer})
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"  # the address holds the tap
    return response


def _count(request: HttpRequest, card: str) -> None:
    """Count this question. Raises `TooOftenError`. Neither the card nor the address is kept."""
    tries = ((PER_CARD, card), (PER_ADDRESS, attempts.address_of(request)))
    if attempts.count(*tries, at=timezone.now()):
        raise TooOftenError
