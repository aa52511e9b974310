"""The signed revocation list: made when something was revoked, and daily; never changed after."""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import connection

from betang.cards.models import Revocation, RevocationDelta, RevocationList
from betang.core.actor import Actor
from betang.core.card.revocation import RevocationList as SignedList
from betang.core.card.revocation import read_own, sign_list
from betang.core.crypto.keyring import Purpose
from betang.core.identifiers import new_uuid
from betang.journal.record import record
from betang.keys import signer

#: A phone shows the list's age; a list that says nothing new is signed again after a day.
FRESH_FOR = timedelta(days=1)

LOCK = "SELECT pg_advisory_xact_lock(hashtext('betang.cards.revocation'))"


def publish(*, actor: Actor, at: datetime) -> int:
    """Sign a complete list if a card was revoked since the last one, or that one is a day old.

    Also where another key signs lists now: phones drop what a revoked key signed. Gives the number
    of the newest list, old or new.
    """
    with connection.cursor() as cursor:
        cursor.execute(LOCK)
    last = RevocationList.objects.order_by("-seq").first()
    rows = list(Revocation.objects.order_by("seq").values_list("card_number", "reason", "at"))
    kid, sign = signer.writer(Purpose.LIST)
    if (
        last is not None
        and _still_says_all(last, rows)
        and at - last.issued_at < FRESH_FOR
        and read_own(bytes(last.content))[1] == kid
    ):
        return last.seq
    seq = 1 if last is None else last.seq + 1
    content = sign_list(
        issuer=settings.CARD_HOST,
        seq=seq,
        issued_at=at,
        since=0,
        revoked=[number for number, reason, _ in rows if reason != "superseded"],
        superseded=[number for number, reason, _ in rows if reason == "superseded"],
        kid=kid,
        sign=sign,
    )
    RevocationList.objects.create(seq=seq, issued_at=at, revoked_count=len(rows), content=content)
    RevocationDelta.objects.all().delete()  # of the list before: nobody asks for them any more
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


class Part(NamedTuple):
    """What brings a phone to the newest list: that list, or a delta on what the phone holds."""

    seq: int
    since: int
    issued_at: datetime
    content: bytes


def part_for(held: int | None) -> Part | None:
    """Give what a phone lacks that says it holds list number `held`; None where it lacks nothing.

    A delta where one leads exactly to the newest list and is smaller; else the complete list. A
    number that we never gave out gets the complete list too: the phone refuses it if it is older.
    """
    last = RevocationList.objects.order_by("-seq").first()
    if last is None or held == last.seq:
        return None
    whole = bytes(last.content)
    if held is not None and 0 < held < last.seq:
        delta = _delta(held, last.seq, whole)
        if delta and len(delta) < len(whole):
            return Part(last.seq, held, last.issued_at, delta)
    return Part(last.seq, 0, last.issued_at, whole)


def _delta(since: int, seq: int, whole: bytes) -> bytes:
    """Give the delta from list `since` to list `seq`; empty where there can be none."""
    kept = RevocationDelta.objects.filter(since=since, seq=seq).values_list("content", flat=True)
    if (content := kept.first()) is not None:
        return bytes(content)
    base = RevocationList.objects.filter(seq=since).values_list("content", flat=True).first()
    if base is None:
        return b""
    before, (now, signed_by) = read_own(bytes(base))[0], read_own(whole)
    added = SignedList(
        issuer=now.issuer,
        seq=seq,
        issued_at=now.issued_at,
        since=since,
        revoked=now.revoked - before.revoked,
        superseded=now.superseded - before.superseded,
    )
    try:
        kid, sign = signer.writer(Purpose.LIST)
    except signer.KeyOutOfUseError:  # the next list says it with a new key
        return b""
    # A delta only adds; where a blocked card was replaced, only the complete list says so. And
    # one with the date of a list that another key signed would not be believed.
    if added.after(before) != now or kid != signed_by:
        return b""
    content = sign_list(
        issuer=added.issuer,
        seq=seq,
        issued_at=added.issued_at,
        since=since,
        revoked=added.revoked,
        superseded=added.superseded,
        kid=kid,
        sign=sign,
    )
    RevocationDelta.objects.bulk_create(
        [RevocationDelta(since=since, seq=seq, content=content)], ignore_conflicts=True
    )
    return content
