"""What anybody may ask about a card: is it genuine, and does it count? No name, no NIK.

The pages set no cookie and keep nothing in the browser, so there is nothing that a foreign page
could use in somebody's name: the form needs no token (docs/decisions/0104).
"""

import math
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from betang.accounts import attempts
from betang.core.identity.card_number import LENGTH, PROVINCE, read_card_number
from betang.web.guard import public
from betang.web.public.answers import Answer, by_number, by_qr, by_tap

#: Asks of one card in an hour: a family, its neighbours, a shop. Counted per card first, because a
#: village is one address on the network.
PER_CARD = attempts.Limit("public looks at a card", 30, 3_600)
PER_ADDRESS = attempts.Limit("public looks from an address", 600, 3_600)
#: Longer than any code of ours, shorter than what fills a database of hashes.
QR_LENGTH_MAX = 1_000


@public("the address printed on each card; answers genuine or not, never who")
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def look(request: HttpRequest) -> HttpResponse:
    """Ask for a card by its number or the code on its front, and answer."""
    typed = request.POST.get("number", "")
    facts: dict[str, Any] = {"title": "Periksa kartu", "number": typed, "wrong": ""}
    if request.method != "POST":
        return _page("public/look.html", facts)
    qr = request.POST.get("qr", "").strip()[: QR_LENGTH_MAX + 1]
    number = read_card_number(typed.replace(".", ""))
    if not qr and number is None:
        facts["wrong"] = _wrong(typed)
        return _page("public/look.html", facts, status=422)
    if often := _too_often(request, qr or str(number)):
        return often
    now = timezone.now()
    return _told(by_qr(qr, at=now) if qr else by_number(str(number), at=now))


@public("opened by the chip of a card when it is tapped; answers genuine or not, never who")
@require_safe
def tap(request: HttpRequest) -> HttpResponse:
    """Answer a tap. The real counter is never raised here: reloads and previews would raise it."""
    if request.method == "HEAD" or "prefetch" in request.headers.get("Sec-Purpose", ""):
        return _private(HttpResponse(status=204))  # nobody reads the answer: the tap stays fresh
    uid, counter, mac = (request.GET.get(name, "")[:32] for name in ("u", "n", "c"))
    if often := _too_often(request, uid.lower()):
        return often
    with transaction.atomic():  # its own public counter
        answer = by_tap(uid, counter, mac, at=timezone.now())
    return _told(answer)


def _wrong(typed: str) -> str:
    """Say kindly what is wrong with a typed number."""
    digits = "".join(letter for letter in typed if letter not in " .-")
    if not (digits.isascii() and digits.isdigit()) or len(digits) != LENGTH:
        return (
            f"Nomor kartu terdiri dari {LENGTH} angka, diawali {PROVINCE}. Ketik seperti tercetak."
        )
    if not digits.startswith(PROVINCE):
        return f"Nomor kartu program ini diawali {PROVINCE}. Kartu program lain tidak ada di sini."
    return "Angka-angka ini tidak cocok satu sama lain: mungkin satu angka keliru atau tertukar."


def _too_often(request: HttpRequest, card: str) -> HttpResponse | None:
    """Count this question; give the page that asks to wait, if it was one too many.

    Neither the card nor the address is kept: the count has a keyed hash of each.
    """
    now = timezone.now()
    tries = ((PER_CARD, card), (PER_ADDRESS, attempts.address_of(request)))
    reached = attempts.count(*tries, at=now)
    if reached is None:
        return None
    seconds = attempts.seconds_left(reached, dict(tries)[reached], at=now)
    minutes = max(1, math.ceil(seconds / 60))
    what = "Kartu ini" if reached is PER_CARD else "Jaringan internet yang Anda pakai"
    sentences = (
        (
            f"{what} sudah banyak dipakai memeriksa dalam satu jam terakhir. Ini bukan tanda bahwa "
            "kartunya bermasalah."
        ),
    )
    steps = (f"Coba lagi sekitar {minutes} menit lagi.",)
    page = _told(Answer("amber", "Tunggu sebentar", sentences, steps), status=429)
    page["Retry-After"] = str(seconds)
    return page


def _told(answer: Answer, *, status: int = 200) -> HttpResponse:
    facts = {"title": answer.title, "answer": answer}
    return _page("public/answer.html", facts, status=status)


def _page(template: str, facts: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """Render without the request: nothing of a session or a signed-in person is on these pages."""
    facts |= {"demo": settings.DEMO, "complaints": settings.COMPLAINTS}
    return _private(HttpResponse(render_to_string(template, facts), status=status))


def _private(response: HttpResponse) -> HttpResponse:
    """Keep the address out of caches and referrers: of a tap, it holds the tap."""
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response
