"""The ticket roster on the wire: one page of what changed, in bytes, in one canonical form.

Normative: `docs/protocols/tickets.md`; cases: `vectors/ticket.json`. Whatever is not exactly what
`write_page` writes is refused: of each page there is one spelling.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from struct import Struct, error

from betang.core.card.chip import COUNTER_MAX, UID_BYTES
from betang.core.card.ticket import SALT_BYTES, TICKET_BYTES, Segment

MAGIC = b"BTR\x01"
#: A page that a phone reads at once, and an honest server's is an eighth of it.
PAGE_BYTES_MAX = 1 << 20
COUNT_MAX = 1_024
SEGMENTS_MAX = 0xFFFF
REVISION_MAX = 0xFFFFFFFF
HEAD = Struct(f">4s{SALT_BYTES}sIIIH")
SEGMENT = Struct(f">{UID_BYTES}s3sH")


class PageRefusedError(ValueError):
    """These bytes are no page of a ticket roster."""


@dataclass(frozen=True, slots=True)
class Page:
    """What changed from revision `since` (0: from nothing) to `revision`, of `newest` in all.

    Segments are in the order of UID and first counter; a card's withdrawal comes before its new
    tickets, so that whoever reads in order drops the old ones.
    """

    salt: bytes
    since: int
    revision: int
    newest: int
    segments: tuple[Segment, ...]


def write_page(page: Page) -> bytes:
    """Write a page; raises `PageRefusedError` for one that nobody may read."""
    _check(page)
    head = (MAGIC, page.salt, page.since, page.revision, page.newest, len(page.segments))
    parts = [HEAD.pack(*head)]
    for one in page.segments:
        parts.append(SEGMENT.pack(one.uid, one.first.to_bytes(3, "big"), one.count))
        parts.append(one.tickets)
    return b"".join(parts)


def read_page(data: bytes) -> Page:
    """Read a page strictly; raises `PageRefusedError`, never anything else."""
    if len(data) > PAGE_BYTES_MAX:
        raise PageRefusedError("too long")
    try:
        magic, salt, since, revision, newest, count = HEAD.unpack_from(data)
        if magic != MAGIC:
            raise PageRefusedError("not a page of this version")
        at, segments = HEAD.size, []
        for _ in range(count):
            uid, first, tickets = SEGMENT.unpack_from(data, at)
            at += SEGMENT.size
            end = at + tickets * TICKET_BYTES
            if end > len(data):
                raise PageRefusedError("cut short")
            segments.append(Segment(uid, int.from_bytes(first, "big"), data[at:end]))
            at = end
    except error:
        raise PageRefusedError("cut short") from None
    if at != len(data):
        raise PageRefusedError("bytes behind the end")
    page = Page(salt, since, revision, newest, tuple(segments))
    _check(page)
    return page


def _check(page: Page) -> None:
    if len(page.salt) != SALT_BYTES or len(page.segments) > SEGMENTS_MAX:
        raise PageRefusedError("not a page")
    if not 0 <= page.since <= page.revision <= page.newest <= REVISION_MAX:
        raise PageRefusedError("revisions fall")
    _check_order(page.segments)


def _check_order(segments: Iterable[Segment]) -> None:
    """Refuse segments that are out of order, overlap, or cover readings that cannot be."""
    uid, free_from = b"", 0
    for one in segments:
        if len(one.uid) != UID_BYTES or len(one.tickets) % TICKET_BYTES:
            raise PageRefusedError("not a card's tickets")
        if one.uid < uid:
            raise PageRefusedError("cards out of order")
        if one.uid != uid:
            uid, free_from = one.uid, 0
        withdrawn = one.count == 0
        if withdrawn != (one.first == 0) or one.first < free_from:
            raise PageRefusedError("counters out of order")
        if one.count > COUNT_MAX or one.first + one.count - 1 > COUNTER_MAX:
            raise PageRefusedError("more readings than there can be")
        free_from = max(1, one.first + one.count)
