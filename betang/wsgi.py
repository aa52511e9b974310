"""The site, as a WSGI application (granian serves it)."""

import gc
import os
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "betang.settings")

#: Bodies up to this are read to their end, whatever the answer; longer ones cost the connection.
DRAINED_BYTES = 2 * 1024 * 1024
_PIECE_BYTES = 64 * 1024

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def drained(answer: Application) -> Application:
    """Read what `answer` left unread of a body, before the answer goes out.

    A server that answers before the whole body came must close the connection, and the peer may
    have sent its next request into it already: a refusal (a wrong method, a bad proof) would cost
    a phone on 2G a lost request besides. Without a length there is nothing to wait for.
    """

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        content = answer(environ, start_response)
        length = environ.get("CONTENT_LENGTH") or ""
        if length.isdigit() and 0 < int(length) <= DRAINED_BYTES:
            while environ["wsgi.input"].read(_PIECE_BYTES):
                pass
        return content

    return application


application = drained(get_wsgi_application())

# A batch of the field makes ten thousand small objects and no cycles: looking for cycles after
# each seven hundred cost a sixth of its time. What was loaded at the start stays.
gc.freeze()
gc.set_threshold(50_000, 20, 20)
