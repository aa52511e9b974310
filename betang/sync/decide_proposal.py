"""Decide about a family registered in the field, and let the phone that told of it hear.

One transaction: the registry's act first (of two persons at once, one succeeds), then the device's
cursor, under which decisions are numbered.
"""

from datetime import datetime

from betang.accounts.models import Device
from betang.core.actor import Actor
from betang.registry import decide_proposal as registry
from betang.registry.models import Household, HouseholdProposal
from betang.registry.proposals import complete
from betang.registry.told import Told, open_told, read_told
from betang.sync import store
from betang.sync.apply_registered import home_place
from betang.sync.decisions import decide, settle
from betang.sync.read_said import open_attachment


def told_of(proposal: HouseholdProposal) -> Told | None:
    """Give what was told of the family; where its attachment came after the event, complete it."""
    if proposal.told_sealed is None and proposal.attachment_sha256 is not None:
        private = open_attachment(bytes(proposal.attachment_sha256))
        told = read_told(private)
        if told is not None:
            complete(proposal, told, *home_place(private))
    return open_told(proposal.told_sealed) if proposal.told_sealed is not None else None


def accept_proposal(proposal: HouseholdProposal, *, actor: Actor, at: datetime) -> Household:
    """Put the family into the registry. Raises what `registry.decide_proposal.accept` raises."""
    told_of(proposal)
    household = registry.accept(proposal, actor=actor, at=at)
    _tell(proposal, "household.accepted", at, household=household.number)
    return household


def refuse_proposal(
    proposal: HouseholdProposal, reason: str, note: str, *, actor: Actor, at: datetime
) -> None:
    """Refuse the family. Raises what `registry.decide_proposal.refuse` raises."""
    registry.refuse(proposal, reason, note, actor=actor, at=at)
    _tell(proposal, "household.refused", at, reason=registry.REASONS[reason])


def say_known(
    proposal: HouseholdProposal, household: Household, *, actor: Actor, at: datetime
) -> None:
    """Say which household it is. Raises what `registry.decide_proposal.say_known` raises."""
    registry.say_known(proposal, household, actor=actor, at=at)
    _tell(proposal, "household.known", at, household=household.number)


def _tell(proposal: HouseholdProposal, code: str, at: datetime, **facts: str) -> None:
    """Leave a decision for the event, which its phone reads when it syncs next."""
    device = Device.objects.get(uuid=proposal.device)
    cursor = store.lock_cursor(device.pk)
    sha256 = bytes(proposal.event_sha256)
    decided = decide(proposal.seq, sha256, proposal.event, code, **facts)
    settle([decided], device=device.pk, head=cursor.head, at=at)
