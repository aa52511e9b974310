"""Which work follows which journal entry: the one module that knows everybody."""

from collections.abc import Callable, Sequence

from betang.journal.feed import FeedEntry

#: A follow-up gets the entries of its kind in the order of the feed, inside one transaction.
FollowUp = Callable[[Sequence[FeedEntry]], None]

FOLLOW_UPS: dict[str, list[FollowUp]] = {}

#: Scheduled jobs and every how many seconds they run, each in a transaction of its own.
SCHEDULE: dict[Callable[[], None], float] = {}
