"""The field app's files, at `/lapangan/`: its page, its service worker and what they need.

They are built by `npm run build` into `static/lapangan/`. They are served from here and not from
`/static/` because a service worker rules only what lies below its own address, and because the
page and the worker's script carry a policy of their own (settled.md, "Site, stream, phone").
"""

import mimetypes
from functools import cache
from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

BUILT = Path(__file__).resolve().parent / "static" / "lapangan"

#: The phone speaks to its own server only; wasm is the barcode reader.
POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; "
    "img-src 'self' blob:; media-src blob:; font-src 'self'; connect-src 'self'; "
    "worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)

#: What the page may ask the phone for, and nothing else.
PERMISSIONS = "camera=(self), geolocation=(self), microphone=(), payment=(), usb=()"

TYPES = {".webmanifest": "application/manifest+json", ".wasm": "application/wasm"}

NOT_BUILT = (
    "Aplikasi lapangan belum dibangun pada server ini. "
    "Jalankan `make setup`, lalu muat ulang halaman ini.\n"
)


@require_safe
def app_file(request: HttpRequest, name: str = "index.html") -> HttpResponse:
    """Answer one file of the built app; any other address is 404."""
    if not (BUILT / "index.html").exists():
        return HttpResponse(NOT_BUILT, status=503, content_type="text/plain; charset=utf-8")
    if name not in _names():
        raise Http404
    packed = f"{name}.gz" in _names() and "gzip" in request.headers.get("Accept-Encoding", "")
    content = (BUILT / (f"{name}.gz" if packed else name)).read_bytes()
    response = HttpResponse(content, content_type=_content_type(name))
    if packed:
        response["Content-Encoding"] = "gzip"
    response["Vary"] = "Accept-Encoding"
    hashed = name.startswith("assets/")
    response["Cache-Control"] = "public, max-age=31536000, immutable" if hashed else "no-cache"
    response["Content-Security-Policy"] = POLICY
    response["Permissions-Policy"] = PERMISSIONS
    return response


def _names() -> frozenset[str]:
    """Return the files that may be asked for; the list is read again when a new build arrives."""
    return _names_at((BUILT / "index.html").stat().st_mtime_ns)


@cache
def _names_at(_built_ns: int) -> frozenset[str]:
    files = (found for found in BUILT.rglob("*") if found.is_file())
    return frozenset(found.relative_to(BUILT).as_posix() for found in files)


def _content_type(name: str) -> str:
    kind = TYPES.get(Path(name).suffix) or mimetypes.guess_type(name)[0]
    if kind is None:
        return "application/octet-stream"
    textual = kind.startswith("text/") or kind.endswith(("javascript", "json"))
    return f"{kind}; charset=utf-8" if textual else kind
