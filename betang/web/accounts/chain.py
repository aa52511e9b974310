"""A device's chain: what waits in it, and the acts of two persons that end the waiting."""

from typing import Any

from django.db.models import Count

from betang.accounts.models import Device, User
from betang.sync.models import DeviceCursor, FieldEvent, FieldEventFork
from betang.sync.propose import ACTS, reason_of, waiting_for

#: Act -> what must be there for it to have anything to do.
NEEDS = {
    "gap": "held",
    "release": "waiting",
    "refuse": "waiting",
    "release_branch": "branch",
    "refuse_branch": "branch",
    "reverse_branch": "forked",
    "refuse_parked": "parked",
}


def chain_of(device: Device, user: User) -> dict[str, Any]:
    """Give what waits in a device's chain, the acts about it, and the act that is proposed."""
    counted = FieldEvent.objects.filter(device=device, state__in=["held", "waiting", "parked"])
    waits = dict(counted.values("state").annotate(n=Count("id")).values_list("state", "n"))
    waits["branch"] = FieldEventFork.objects.filter(device=device, state="waiting").count()
    cursor = DeviceCursor.objects.filter(device=device).first()
    waits["forked"] = int(cursor is not None and cursor.first_fork_seq is not None)
    proposal = waiting_for(device)
    return {
        "waits": waits,
        "acts": [(name, one) for name, one in ACTS.items() if waits.get(NEEDS[name])],
        "proposal": proposal,
        "proposed": ACTS[proposal.act] if proposal else None,
        "reason": reason_of(proposal) if proposal else "",
        "proposer": (
            User.objects.filter(person=proposal.proposed_by_person).first() if proposal else None
        ),
        "own": proposal is not None and proposal.proposed_by_person == user.person,
    }
