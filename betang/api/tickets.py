"""The ticket roster of a device, a page at a time."""

from datetime import datetime

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from betang.accounts.admit import Holder
from betang.api.answer import device_view
from betang.core.errors import FieldsError
from betang.sync import tickets as rosters

#: A revision has 32 bits on the wire.
SINCE_MAX = 0xFFFFFFFF


class SinceError(FieldsError):
    """`since` is no revision."""

    code = "tickets.since"
    sentence = "Nomor data kartu yang diminta tidak benar."
    do = "Minta dari awal: since=0."


@device_view("GET")
def tickets(request: HttpRequest, holder: Holder, at: datetime) -> HttpResponse:
    """Give what changed in the device's roster since the revision that it holds."""
    since = request.GET.get("since", "0")
    if not (since.isascii() and since.isdigit() and len(since) <= 10 and int(since) <= SINCE_MAX):
        raise SinceError(field="since")
    with transaction.atomic():
        page = rosters.page(holder, since=int(since))
    return HttpResponse(page, content_type="application/octet-stream")
