"""Portraits of a device's families, a page at a time."""

from datetime import datetime
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse

from betang.accounts.admit import Holder
from betang.api.answer import content, device_view, told
from betang.core.errors import MalformedError
from betang.core.jose import from_b64u
from betang.registry.portraits import DIGEST_BYTES
from betang.sync import portraits as pictures
from betang.sync.bundle import require_active

#: A facilitator's families, and twice as many again; 160 kB of digests.
HAVE_MAX = 20_000
MOST_MAX = 100


class MalformedPortraitsError(MalformedError):
    """The body is not this shape."""

    code = "portraits.malformed"
    sentence = "Permintaan foto keluarga ini tidak dapat dibaca."
    do = "Perbarui aplikasi di gawai ini."


@device_view("POST")
def portraits(request: HttpRequest, holder: Holder, at: datetime) -> HttpResponse:
    """Give the portraits that an active device lacks, and name those that it must forget."""
    require_active(holder)
    asked = _asked(content(request))
    return told(pictures.page(holder, have=_have(asked), most=_most(asked)).as_json())


def _asked(data: bytes) -> dict[str, Any]:
    try:
        asked = orjson.loads(data)
    except orjson.JSONDecodeError:
        raise MalformedPortraitsError from None
    if not isinstance(asked, dict):
        raise MalformedPortraitsError
    return asked


def _have(asked: dict[str, Any]) -> list[bytes]:
    text = asked.get("have") or ""
    try:
        held = from_b64u(text) if isinstance(text, str) else None
    except ValueError:
        held = None
    if held is None or len(held) % DIGEST_BYTES or len(held) > HAVE_MAX * DIGEST_BYTES:
        raise MalformedPortraitsError(field="have")
    return [held[at : at + DIGEST_BYTES] for at in range(0, len(held), DIGEST_BYTES)]


def _most(asked: dict[str, Any]) -> int:
    most = asked.get("most", MOST_MAX)
    if not isinstance(most, int) or isinstance(most, bool) or most < 0:
        raise MalformedPortraitsError(field="most")
    return min(most, MOST_MAX)
