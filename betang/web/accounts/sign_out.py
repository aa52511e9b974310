"""Tell the live stream at once that a session has ended."""

import hashlib
from typing import Any

from django.contrib.auth.signals import user_logged_out
from django.db import connection
from django.dispatch import receiver
from django.http import HttpRequest

#: The stream listens here; the payload is the SHA-256 of the session's key, never the key.
CHANNEL = "signed_out"


@receiver(user_logged_out)
def tell_the_stream(sender: Any, request: HttpRequest | None = None, **_more: Any) -> None:
    """Notify, so that the streams of this session end now and not at their next check."""
    key = getattr(getattr(request, "session", None), "session_key", None)
    if key:
        hashed = hashlib.sha256(key.encode()).hexdigest()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, hashed])
