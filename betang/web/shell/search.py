"""Searching without a word in an address: what was typed is posted, sealed, and carried so.

Addresses end in access logs, in histories and on other screens; names and numbers of people must
not. A list's form posts to `/cari/`, which leads back to the list with `?cari=` sealed for this
account and for a working day, so that going back, paging and sorting stay links. The views know
nothing of it: they read the words in `request.GET["cari"]`, where the middleware puts them.
"""

import re
import time
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import Resolver404, resolve
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from betang.core.errors import RefusedError
from betang.web.guard import StaffRequest, rule
from betang.web.shell.refusal import refusal_page
from betang.web.shell.sealed import NotOursError, seal, unseal

#: The field of a list's form that holds what somebody typed.
WORDS = "cari"
#: A search is good for a working day; longer only helps who found the address.
VALID_S = 12 * 3600
#: The longest name is shorter.
LETTERS_MAX = 100
PURPOSE = "search"
#: The other fields of such a form are choices and codes of areas; nothing longer goes through.
CHOICE = re.compile(r"[a-z_]{1,20}", re.ASCII)
AREA_CODE = re.compile(r"\d{2,10}", re.ASCII)
AREA = "wilayah"


class StaleSearchError(RefusedError):
    """The search in the address is not ours, of another account, or of another day."""

    code = "list.search"
    sentence = "Pencarian pada alamat ini tidak berlaku (lagi) untuk akun Anda."
    do = "Buka daftarnya lagi dari menu, lalu ketik yang Anda cari."
    status = 400


@require_POST
@rule("account.own")
def search(request: StaffRequest) -> HttpResponse:
    """Seal what was typed and lead back to the list that asked."""
    path = request.POST.get("ke", "")
    if not _is_page(path):
        raise Http404
    query = QueryDict(mutable=True)
    for name, value in request.POST.items():
        if name == AREA and AREA_CODE.fullmatch(str(value).strip()):
            query[name] = str(value).strip()
        elif name == AREA and str(value).strip():
            messages.warning(
                request,
                "Saringan wilayah dilewati: pilih dari daftar, atau ketik kodenya (2 sampai 10 "
                "angka), misalnya 6203.",
            )
        elif name not in {AREA, WORDS, "ke", "csrfmiddlewaretoken"} and CHOICE.fullmatch(
            str(value)
        ):
            query[name] = str(value)
    words = " ".join(request.POST.get(WORDS, "").split())[:LETTERS_MAX]
    if words:
        query[WORDS] = seal([int(time.time()), words], PURPOSE, str(request.user.uuid))
    return redirect(f"{path}?{query.urlencode()}" if query else path)


class SearchMiddleware:
    """Puts the words of a sealed search where the views look for them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Open the search in the address, if there is one; words in the clear are refused."""
        sealed = request.GET.get(WORDS, "")
        if not sealed or not hasattr(view, "rule"):
            return None
        try:
            words = _opened(sealed, str(request.user.uuid))  # type: ignore[union-attr]
        except NotOursError:
            return refusal_page(request, StaleSearchError())
        query = request.GET.copy()
        query[WORDS] = words
        request.GET = query  # type: ignore[assignment]
        request.__dict__["sealed_search"] = sealed
        return None


def query_of(request: HttpRequest) -> QueryDict:
    """Give the query of this page's address as it may stand in a link: the search sealed."""
    query = request.GET.copy()
    sealed = request.__dict__.get("sealed_search")
    if sealed and WORDS in query:
        query[WORDS] = sealed
    return query


def _opened(sealed: str, account: str) -> str:
    at, words = unseal(sealed, PURPOSE, account)
    if not 0 <= time.time() - at <= VALID_S:
        raise NotOursError
    return str(words)


def _is_page(path: str) -> bool:
    """Say whether `path` is the path of a page here, and nothing besides."""
    if not path.startswith("/") or not url_has_allowed_host_and_scheme(path, allowed_hosts=None):
        return False
    try:
        return hasattr(resolve(path).func, "rule")
    except Resolver404:
        return False
