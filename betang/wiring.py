"""Which work follows which journal entry: the one module that knows everybody."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from betang.accounts import attempts
from betang.accounts.admit import forget_old_proofs
from betang.cards import balance, collected, revocation
from betang.cards.clones import suspect
from betang.core.actor import SYSTEM
from betang.eligibility import retain
from betang.intake.stage import empty_old
from betang.journal.feed import FeedEntry
from betang.keys import place
from betang.monitoring import late_days, many_cards, not_asked, silence, watch
from betang.registry import portraits as registry_portraits
from betang.sync import blobs, portraits, supervise

#: A follow-up gets the entries of its kind in the order of the feed, inside one transaction.
FollowUp = Callable[[Sequence[FeedEntry]], None]


def publish_revocations(_: Sequence[FeedEntry] = ()) -> None:
    """Sign a new revocation list, where there is something to tell and a key to sign with."""
    if place.key_path().exists():
        revocation.publish(actor=SYSTEM, at=timezone.now())


FOLLOW_UPS: dict[str, list[FollowUp]] = {kind: [watch.follow] for kind in watch.WATCHED}
for _kind in suspect.TOLD:
    FOLLOW_UPS.setdefault(_kind, []).append(suspect.follow)
#: What puts cards on the revocation list: it is signed anew at once, not by the next round.
REVOKES = (
    "card.blocked", "card.replaced", "card.spoilt", "cards.reissued", "cards.taken_over",
    "print.closed", "print.returned",
)  # fmt: skip
for _kind in REVOKES:
    FOLLOW_UPS.setdefault(_kind, []).append(publish_revocations)


#: Scheduled jobs and every how many seconds they run, each in a transaction of its own.
SCHEDULE: dict[Callable[[], object], float] = {
    lambda: silence.look(at=timezone.now()): 60.0,
    lambda: late_days.look(at=timezone.now()): 60.0,
    publish_revocations: 600.0,
    lambda: supervise.retry_parked(at=timezone.now()): 60.0,
    lambda: supervise.resume_held(at=timezone.now()): 60.0,
    lambda: forget_old_proofs(at=timezone.now()): 60.0,
    lambda: attempts.forget_old(at=timezone.now()): 600.0,
    lambda: portraits.make_portraits(at=timezone.now()): 5.0,
    lambda: registry_portraits.end_left(at=timezone.now()): 3_600.0,
    lambda: blobs.forget_unfinished(at=timezone.now()): 86_400.0,
    lambda: empty_old(at=timezone.now()): 86_400.0,
    lambda: many_cards.look(at=timezone.now()): 3_600.0,
    lambda: not_asked.look(at=timezone.now()): 3_600.0,
    lambda: collected.forget_old(before=timezone.now() - timedelta(days=60)): 86_400.0,
    lambda: balance.check(actor=SYSTEM, at=timezone.now()): 86_400.0,
    lambda: retain.empty_old(at=timezone.now(), days=settings.RUN_ROWS_DAYS): 10.0,
}
