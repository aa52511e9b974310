"""The cards' own host serves the public pages and nothing else: no staff page, no device API.

The address is burnt into chips and will be opened by any phone for years; what is reachable there
must be as little as possible (docs/operate/card-host.md).
"""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from betang.web.public.answers import NOT_OURS

PATHS = frozenset({"/t", "/k"})
STATIC = "/static/betang/"


class CardHostMiddleware:
    """Answers 404 on the cards' host for every path but those of the public pages.

    First of all but the security headers, so that nothing else ever sees such a request. Where the
    site itself lives on that host, as on a laptop, it guards nothing.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Let the public pages through; tell others that there is nothing."""
        if not _is_card_host(request) or request.path in PATHS or request.path.startswith(STATIC):
            return self.get_response(request)
        facts = {
            "title": "Tidak ada halaman di sini",
            "answer": NOT_OURS._replace(
                colour="amber",
                title="Tidak ada halaman di sini",
                sentences=("Alamat ini hanya untuk memeriksa kartu.",),
                steps=(),
            ),
            "complaints": settings.COMPLAINTS,
        }
        return HttpResponse(render_to_string("public/answer.html", facts), status=404)


def _is_card_host(request: HttpRequest) -> bool:
    """Compare the Host header with the cards' host, unless that is the site's own."""
    card_host = settings.CARD_HOST.partition(":")[0].lower()
    if card_host == urlsplit(settings.ORIGIN).hostname:
        return False
    host = request.META.get("HTTP_HOST", "").partition(":")[0].rstrip(".").lower()
    return bool(host == card_host)
