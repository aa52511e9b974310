"""Count attempts, so that often enough is too often: the one place of every rate limit.

The site runs in several processes, so counts lie in PostgreSQL: one row a limit and name, one
statement an attempt, fixed windows that begin with the first attempt. Names (an account, a card, an
address of the network) are kept as a keyed hash. The table is unlogged: a crash of the database
forgets the counts of the last hour, and no attempt waits for a disk (docs/decisions/0070).
"""

import ipaddress
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from allauth.account.adapter import get_adapter
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.db import connection
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from betang.journal.prepared import fetch

#: A household with IPv6 holds a whole network of this length, and changes addresses inside it.
IPV6_PREFIX = 64

#: One step for each limit; a step is taken only when the step before it was let through, so what
#: one limit refuses is not counted against the next. A full row is not written again.
STEP = """{name} AS (
    INSERT INTO accounts_attempt AS a (key, spent, ends_at)
    SELECT %s::bytea, %s::bigint, %s::timestamptz{after}
    ON CONFLICT (key) DO UPDATE SET
        spent = CASE WHEN a.ends_at <= %s THEN excluded.spent ELSE a.spent + excluded.spent END,
        ends_at = CASE WHEN a.ends_at <= %s THEN excluded.ends_at ELSE a.ends_at END
    WHERE a.ends_at <= %s OR a.spent + excluded.spent <= %s
    RETURNING 1 AS done
)"""

GIVE_BACK = """
UPDATE accounts_attempt SET spent = greatest(spent - 1, 0) WHERE key = ANY(%s)
"""


class Limit(NamedTuple):
    """At most `most` (attempts, or bytes) in a window of `seconds`, for each name."""

    name: str
    most: int
    seconds: int


def count(*tries: tuple[Limit, str], at: datetime, amount: int = 1) -> Limit | None:
    """Count one attempt against each limit and its name; give the limit that is reached, or None.

    In order: what an earlier limit refuses is not counted against a later one. One round trip. It
    must stay when the request is refused, so it is counted outside any transaction.
    """
    _stand_alone()
    if too_small := next((limit for limit, _ in tries if amount > limit.most), None):
        return too_small
    parameters: list[object] = []
    for limit, name in tries:
        ends_at = at + timedelta(seconds=limit.seconds)
        parameters += [_key(limit, name), amount, ends_at, at, at, at, limit.most]
    (row,) = fetch(_statement(len(tries)), *parameters)
    return next((limit for (limit, _), done in zip(tries, row, strict=True) if not done), None)


def seconds_left(limit: Limit, name: str, *, at: datetime) -> int:
    """Say in how many seconds the window of a limit that was reached ends, at least one."""
    rows = fetch("SELECT ends_at FROM accounts_attempt WHERE key = %s", _key(limit, name))
    return max(1, int((rows[0][0] - at).total_seconds())) if rows else 1


def give_back(*tries: tuple[Limit, str]) -> None:
    """Uncount one attempt: it turned out to be an honest one."""
    _stand_alone()
    with connection.cursor() as cursor:
        cursor.execute(GIVE_BACK, [[_key(limit, name) for limit, name in tries]])


def forget_old(*, at: datetime) -> int:
    """Delete the windows that have ended; give how many."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM accounts_attempt WHERE ends_at <= %s", [at])
        return int(cursor.rowcount)


def address_of(request: HttpRequest) -> str:
    """Give the network address that asks, as far as the proxies of `BETANG_PROXIES` tell it."""
    try:
        address = str(get_adapter().get_client_ip(request))
        read = ipaddress.ip_address(address)
    except (ImproperlyConfigured, PermissionDenied, ValueError):
        return str(request.META.get("REMOTE_ADDR", ""))  # not through the proxies, or not over IP
    if read.version == 4:
        return str(read)
    return str(ipaddress.ip_network(f"{read}/{IPV6_PREFIX}", strict=False))


def _stand_alone() -> None:
    """Hold callers to it: inside a transaction, the count would be rolled back with a refusal."""
    ours = [each for each in connection.atomic_blocks if not getattr(each, "_from_testcase", False)]
    assert not ours, "attempts are counted outside transactions"


@lru_cache(maxsize=8)
def _statement(steps: int) -> str:
    names = [f"step{number}" for number in range(steps)]
    taken = [
        STEP.format(name=name, after=f" FROM {before}" if before else "")
        for name, before in zip(names, ["", *names], strict=False)
    ]
    told = ", ".join(f"EXISTS (SELECT FROM {name})" for name in names)
    return f"WITH {', '.join(taken)} SELECT {told}"


def _key(limit: Limit, name: str) -> bytes:
    return salted_hmac(f"betang.attempts.{limit.name}", name, algorithm="sha256").digest()
