"""Which work follows which journal entry: the one module that knows everybody."""

from collections.abc import Callable, Sequence

from django.utils import timezone

from betang.journal.feed import FeedEntry
from betang.monitoring import silence, watch

#: A follow-up gets the entries of its kind in the order of the feed, inside one transaction.
FollowUp = Callable[[Sequence[FeedEntry]], None]

FOLLOW_UPS: dict[str, list[FollowUp]] = {kind: [watch.follow] for kind in watch.CAUSES}

#: Scheduled jobs and every how many seconds they run, each in a transaction of its own.
SCHEDULE: dict[Callable[[], None], float] = {
    lambda: silence.look(at=timezone.now()): 60.0,
}
