"""The signed revocation list: made when something was revoked, and daily; never changed after."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection

from betang.cards.models import Revocation, RevocationList
from betang.core.actor import Actor
from betang.core.card.revocation import sign_list
from betang.core.crypto.keyring import Purpose
from betang.core.identifiers import new_uuid
from betang.journal.record import record
from betang.keys import signer

#: A phone shows the list's age; a list that says nothing new is signed again after a day.
FRESH_FOR = timedelta(days=1)

LOCK = "SELECT pg_advisory_xact_lock(hashtext('betang.cards.revocation'))"


def publish(*, actor: Actor, at: datetime) -> int:
    """Sign a complete list if a card was revoked since the last one, or that one is a day old.

    Gives the number of the newest list, old or new.
    """
    with connection.cursor() as cursor:
        cursor.execute(LOCK)
    last = RevocationList.objects.order_by("-seq").first()
    rows = list(Revocation.objects.order_by("seq").values_list("card_number", "reason", "at"))
    if last is not None and _still_says_all(last, rows) and at - last.issued_at < FRESH_FOR:
        return last.seq
    seq = 1 if last is None else last.seq + 1
    kid, _ = signer.current(Purpose.LIST)
    content = sign_list(
        issuer=settings.CARD_HOST,
        seq=seq,
        issued_at=at,
        since=0,
        revoked=[number for number, reason, _ in rows if reason != "superseded"],
        superseded=[number for number, reason, _ in rows if reason == "superseded"],
        kid=kid,
        sign=lambda message: signer.sign(Purpose.LIST, message),
    )
    RevocationList.objects.create(seq=seq, issued_at=at, revoked_count=len(rows), content=content)
    record("revocations.published", new_uuid(), actor=actor, at=at, seq=seq, count=len(rows))
    return seq


def _still_says_all(last: RevocationList, rows: list[tuple[str, str, datetime]]) -> bool:
    """Say whether nothing was revoked since `last`, nor a blocked card replaced.

    A blocking in the field is dated in the past, so it is seen by the count.
    """
    return last.revoked_count == len(rows) and all(at <= last.issued_at for _, _, at in rows)


def current_list() -> bytes:
    """Give the newest signed list; empty bytes where none was signed yet."""
    content = RevocationList.objects.order_by("-seq").values_list("content", flat=True).first()
    return b"" if content is None else bytes(content)
