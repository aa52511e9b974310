"""Issuing anew every card that a known key made: what is live of it ends, the next is ordered.

For a stolen card key (`kid`), or a chip master that is known (`key_version`). One person proposes
over the counts, another confirms and so begins it; it goes a chunk a transaction, and after a kill
where it was. The old card stays where it is and is superseded; its chip is not used again.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from betang.cards import revocation
from betang.cards.issue import CHUNK, COPY, TALLY, Waiting, signed_rows
from betang.cards.models import Reissue
from betang.cards.models.card import NO_KEY
from betang.cards.within import WITHIN
from betang.core.actor import Actor
from betang.core.card.qr import signing_key_of
from betang.core.errors import NotAllowedError, NotFoundError, RefusedError, SamePersonError
from betang.core.identity.card_number import ISSUE_MAX
from betang.journal.record import record
from betang.keys import chip_master, signer

#: The beginning of a QR names its key; what one key signed on one day begins alike.
HEAD = "left(c.qr, 120)"
OF_KEY = f"""
c.state IN ('ordered', 'printed', 'in_custody', 'active') AND c.grade = 'ours'
AND {WITHIN.format("c.village_id")}
AND (%(version)s::int IS NULL OR (c.key_version = %(version)s AND c.chip_uid IS NOT NULL))
"""
COUNT = f"SELECT c.state, {HEAD}, count(*) FROM cards_card c WHERE {OF_KEY} GROUP BY 1, 2"
# A family that is no more, or is entitled to nothing now, is given no new card.
NEXT = f"""
SELECT c.id, c.number, {HEAD}, h.id, h.number, h.head_name, h.village_id,
       1 + (SELECT max(o.issue) FROM cards_card o WHERE o.household_id = h.id),
       h.state = 'active' AND EXISTS (SELECT FROM eligibility_enrolment e
                                      WHERE e.household_id = h.id AND e.until_on IS NULL)
FROM cards_card c JOIN registry_household h ON h.id = c.household_id
WHERE {OF_KEY} AND c.id > %(position)s
ORDER BY c.id LIMIT %(limit)s FOR NO KEY UPDATE OF c
"""
END = """
WITH ended AS (
    UPDATE cards_card SET state = 'replaced', blocked_reason = 'superseded', ended_at = %(at)s
    WHERE id = ANY(%(cards)s) RETURNING number
)
INSERT INTO cards_revocation (card_number, reason, at)
SELECT number, 'superseded', %(at)s FROM ended ORDER BY number
ON CONFLICT (card_number) DO UPDATE SET reason = excluded.reason, at = excluded.at
"""

Found = tuple[int, str, str, int, str, str, int, int, bool]


class KeyStillSignsError(RefusedError):
    """The key is the one that would sign the new cards."""

    code = "cards.reissue_same_key"
    sentence = "Kunci ini masih dipakai untuk kartu baru."
    do = "Ganti kuncinya lebih dahulu: `betang keys revoke`, `rotate`, `approve`."


class NothingToReissueError(RefusedError):
    """No live card has this key."""

    code = "cards.reissue_nothing"
    sentence = "Tidak ada kartu yang berlaku dengan kunci itu di wilayah itu."
    do = "Periksa nomor kunci dengan `betang keys ring`."


class ReissueOpenError(RefusedError):
    """The same act waits or runs already."""

    code = "cards.reissue_open"
    sentence = "Penerbitan ulang untuk kunci dan wilayah itu sudah diusulkan dan belum selesai."
    do = "Lanjutkan usulan itu dengan `betang cards reissue-confirm`."


class NoReissueError(NotFoundError):
    """No such act is open."""

    code = "cards.no_reissue"
    sentence = "Tidak ada penerbitan ulang dengan nomor itu yang belum selesai."
    do = "Usulkan dengan `betang cards reissue`."


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known to somebody else: the card key `kid`, or a version of the chips' master."""

    kid: int | None = None
    key_version: int | None = None

    def __post_init__(self) -> None:
        """Refuse both and neither: a programmer's error."""
        assert (self.kid is None) != (self.key_version is None), "one key at a time"


def count(known: Known, *, area: int | None = None) -> dict[str, int]:
    """Count the live cards of a key, by state."""
    counts: Counter[str] = Counter()
    with connection.cursor() as cursor:
        cursor.execute(COUNT, {"area": area, "version": known.key_version})
        for state, head, n in cursor.fetchall():
            if known.kid is None or _key_of(head) == known.kid:
                counts[state] += n
    return dict(counts)


def propose(known: Known, *, actor: Actor, at: datetime, area: int | None = None) -> Reissue:
    """Propose to issue anew all live cards of a key; nothing changes yet.

    Raises `KeyStillSignsError`, `NothingToReissueError`, `ReissueOpenError`, and
    `KeyOutOfUseError` where no key can sign the new cards.
    """
    if actor.person is None:
        raise NotAllowedError
    _refuse_key_in_use(known)
    counted = sum(count(known, area=area).values())
    if not counted:
        raise NothingToReissueError
    try:
        with transaction.atomic():
            act = Reissue.objects.create(
                kid=known.kid, key_version=known.key_version, area=area, counted=counted,
                proposed_at=at, proposed_by_person=actor.person,
            )  # fmt: skip
    except IntegrityError as taken:  # of two who propose at once, one
        raise ReissueOpenError from taken
    record("cards.reissue_proposed", act.uuid, actor=actor, at=at, area=area, **_facts(act))
    return act


def confirm(
    uuid: UUID,
    *,
    actor: Actor,
    at: datetime,
    progress: Callable[[int, int], None] | None = None,
    halted: Callable[[], bool] = lambda: False,
) -> Reissue:
    """Carry out what another person proposed, or go on with it; each chunk is a transaction.

    Raises `NoReissueError`, `SamePersonError`. `progress` is told (done, all). Halted, it gives
    the act as far as it came.
    """
    with transaction.atomic():
        act = _locked(uuid)
        if actor.person is None:
            raise NotAllowedError
        if act.proposed_by_person == actor.person:
            raise SamePersonError
        if act.state == Reissue.State.PROPOSED:
            act.state, act.confirmed_at = Reissue.State.RUNNING, at
            act.confirmed_by_person = actor.person
            act.save()
    while not halted():
        with transaction.atomic():
            act = _locked(uuid)
            if not _go_on(act, at=at):
                act.state, act.done_at = Reissue.State.DONE, at
                act.save()
                facts = _facts(act) | {"ended": act.ended, "ordered": act.ordered}
                facts["rows_sha256"] = bytes(act.digest).hex()
                record("cards.reissued", act.uuid, actor=actor, at=at, area=act.area, **facts)
                revocation.publish(actor=actor, at=at)
                break
        if progress is not None:
            progress(act.ended, max(act.ended, act.counted))
    return act


def _locked(uuid: UUID) -> Reissue:
    act = Reissue.objects.select_for_update().filter(uuid=uuid).exclude(state="done").first()
    if act is None:
        raise NoReissueError
    return act


def _refuse_key_in_use(known: Known) -> None:
    kid, _ = signer.current("card")  # else nothing could sign the new ones
    if known.kid == kid:
        raise KeyStillSignsError
    if known.key_version is not None:
        newest = chip_master.current_version()
        if known.key_version >= newest or known.key_version == NO_KEY:
            raise KeyStillSignsError


def _go_on(act: Reissue, *, at: datetime) -> bool:
    """End and order a chunk of cards; say whether there was one."""
    given: dict[str, Any] = {
        "area": act.area, "version": act.key_version, "position": act.position, "limit": CHUNK,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(NEXT, given)
        looked_at: list[Found] = cursor.fetchall()
        if not looked_at:
            return False
        found = [row for row in looked_at if act.kid is None or _key_of(row[2]) == act.kid]
        waiting: list[Waiting] = [
            (family, number, name, village, issue)
            for *_, family, number, name, village, issue, entitled in found
            if entitled and issue <= ISSUE_MAX
        ]
        cursor.execute(END, {"cards": [row[0] for row in found], "at": at})
        digest, tally = sha256(bytes(act.digest)), Counter(one[3] for one in waiting)
        for row in found:
            digest.update(f"{row[1]}\n".encode())
        rows = list(signed_rows(waiting, at=at, chips=None))  # asks the ring: not within a COPY
        with cursor.copy(COPY) as copy:
            for made in rows:
                copy.write_row(made)
                digest.update(f"{made[1]}|{made[10]}\n".encode())
        cursor.execute(TALLY, [list(tally), list(tally.values())])
    act.position, act.digest = looked_at[-1][0], digest.digest()
    act.ended, act.ordered = act.ended + len(found), act.ordered + len(waiting)
    act.save()
    return True


@lru_cache(maxsize=4_096)
def _key_of(head: str) -> int | None:
    return signing_key_of(head)


def _facts(act: Reissue) -> dict[str, Any]:
    key = {"kid": act.kid} if act.kid is not None else {"key_version": act.key_version}
    return key | {"count": act.counted}
