"""Answers of the device API: JSON, a fresh nonce, and a refusal's body for whatever goes wrong.

A view gets the proved device and the clock, opens the transaction, makes one domain call. Nothing
a device sends makes a 500: what the database cannot do just now is 503, "send it again".
JSON travels packed both ways, for a village on 2G (docs/decisions/0119).
"""

import gzip
import logging
import zlib
from collections.abc import Callable
from functools import wraps
from typing import Any

import orjson
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from betang.accounts.admit import admit
from betang.accounts.models import DeviceState
from betang.core.device import proof
from betang.core.errors import MalformedError, RefusedError
from betang.refusals import body
from betang.sync.bundle import RevokedError

log = logging.getLogger(__name__)

#: A batch of 100 events with their attachments (docs/protocols/device.md, section 6).
BODY_BYTES_MAX = 4 * 1024 * 1024
#: What is smaller travels in the packet of its headers, packed or not.
PACKED_BYTES_MIN = 400
#: Level 9 takes three times as long for one hundredth.
PACKED_LEVEL = 6
#: zlib's word for "gzip and nothing else".
GZIP_WBITS = 31

JSON = "application/json"

View = Callable[..., HttpResponse]


class BodyTooLargeError(MalformedError):
    """The body is larger than any honest one."""

    code = "body.too_large"
    sentence = "Kiriman ini terlalu besar."
    do = "Kirim dalam bagian yang lebih kecil."
    status = 413


class EncodingError(MalformedError):
    """The body is packed in a way that we do not know."""

    code = "body.encoding"
    sentence = "Cara memampatkan kiriman ini tidak dikenal."
    do = "Kirim tanpa dimampatkan, atau dengan gzip."
    status = 415


class MethodError(RefusedError):
    """The path knows no such method."""

    code = "method.not_allowed"
    sentence = "Cara memanggil alamat ini tidak dikenal."
    do = "Lihat dokumen protokol gawai."
    status = 405


class BusyError(RefusedError):
    """The database could not do it just now; nothing was kept."""

    code = "server.busy"
    sentence = "Server sedang sibuk."
    do = "Tunggu sebentar, lalu kirim lagi; data di gawai tetap aman."
    status = 503


class BodyError(MalformedError):
    """The body is no JSON object."""

    code = "body.malformed"


def nonce_secret() -> bytes:
    """Give the key of the nonces: derived from the installation's secret."""
    return settings.SECRET_KEY.encode()


def told(content: Any, *, status: int = 200) -> HttpResponse:
    """Answer with JSON (bytes are JSON already)."""
    data = content if isinstance(content, bytes) else orjson.dumps(content)
    return HttpResponse(data, status=status, content_type=JSON)


def refused(refusal: RefusedError) -> HttpResponse:
    """Answer with a refusal's body and status."""
    answer = told(body(refusal), status=refusal.status)
    if isinstance(refusal, proof.UseNonceError):
        answer["WWW-Authenticate"] = 'DPoP error="use_dpop_nonce"'
    elif refusal.status == 401:
        answer["WWW-Authenticate"] = 'DPoP error="invalid_dpop_proof"'
    return answer


def open_view(*methods: str) -> Callable[[View], View]:
    """Wrap a view that needs no device: refusals answered, a nonce given, never cached."""

    def wrap(view: View) -> View:
        @csrf_exempt
        @wraps(view)
        def wrapped(request: HttpRequest, **arguments: str) -> HttpResponse:
            try:
                if request.method not in methods:
                    raise MethodError
                answer = view(request, **arguments)
            except RefusedError as refusal:
                answer = refused(refusal)
            except (DatabaseError, InterfaceError):
                log.exception("the database failed a device's request")
                answer = refused(BusyError())
            answer["DPoP-Nonce"] = proof.new_nonce(nonce_secret())
            answer["Cache-Control"] = "no-store"
            answer["Accept-Encoding"] = "gzip"  # RFC 9110, 12.5.3: how bodies may come to us
            return _packed(request, answer)

        return wrapped

    return wrap


def device_view(*methods: str, revoked: bool = False) -> Callable[[View], View]:
    """Wrap a view for a proved device: `view(request, holder, at, **arguments)`.

    A revoked device is refused (`RevokedError`) unless the view says that it may come: it may post
    events and nothing else (settled.md).
    """

    def wrap(view: View) -> View:
        @open_view(*methods)
        @wraps(view)
        def wrapped(request: HttpRequest, **arguments: str) -> HttpResponse:
            at = timezone.now()
            holder = admit(proved(request), at=at)
            if holder.state == DeviceState.REVOKED and not revoked:
                raise RevokedError
            return view(request, holder, at, **arguments)

        return wrapped

    return wrap


def proved(request: HttpRequest) -> proof.Proof:
    """Check the request's `DPoP` header; raises a `ProofError` or `BodyTooLargeError`.

    `htu` is compared with the configured origin: the Host header is the sender's word.
    """
    return proof.check(
        request.headers.get("DPoP"),
        method=request.method or "",
        url=settings.ORIGIN + request.path,
        body=raw(request),
        nonce_secret=nonce_secret(),
    )


def content(request: HttpRequest) -> bytes:
    """Read the body, unpacked; raises `BodyTooLargeError`, `BodyError` or `EncodingError`.

    The limit holds for what it unfolds into: a small body must not become a large one.
    """
    data = raw(request)
    encoding = request.headers.get("Content-Encoding", "").strip().lower()
    if encoding in {"", "identity"}:
        return data
    if encoding != "gzip":
        raise EncodingError
    reader = zlib.decompressobj(wbits=GZIP_WBITS)
    try:
        unpacked = reader.decompress(data, BODY_BYTES_MAX + 1)
    except zlib.error:
        raise BodyError from None
    if len(unpacked) > BODY_BYTES_MAX:
        raise BodyTooLargeError
    if not reader.eof or reader.unused_data:
        raise BodyError
    return unpacked


def raw(request: HttpRequest) -> bytes:
    """Read the body as it came, within its limit; raises `BodyTooLargeError` or `BodyError`."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > BODY_BYTES_MAX:
        raise BodyTooLargeError
    try:
        data = request.body
    except RequestDataTooBig:
        raise BodyTooLargeError from None
    except UnreadablePostError:
        raise BodyError from None
    if len(data) > BODY_BYTES_MAX:
        raise BodyTooLargeError
    return data


def json_object(request: HttpRequest) -> dict[str, Any]:
    """Read the body as a JSON object; raises `BodyError`."""
    try:
        value = orjson.loads(content(request))
    except ValueError:
        raise BodyError from None
    if not isinstance(value, dict):
        raise BodyError
    return value


def _packed(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """Pack an answer of JSON for who says that he can unpack it."""
    answer["Vary"] = "Accept-Encoding"
    if (
        len(answer.content) < PACKED_BYTES_MIN
        or answer["Content-Type"] != JSON
        or not _takes_gzip(request.headers.get("Accept-Encoding", ""))
    ):
        return answer
    answer.content = gzip.compress(answer.content, PACKED_LEVEL, mtime=0)
    answer["Content-Encoding"] = "gzip"
    return answer


def _takes_gzip(said: str) -> bool:
    """Read `Accept-Encoding` (RFC 9110, section 12.5.3); `q=0` says no."""
    for part in said.lower().split(","):
        name, _, weight = part.replace(" ", "").partition(";q=")
        if name == "gzip":
            return weight.strip("0.") != "" or weight == ""
    return False
