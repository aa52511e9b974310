"""Letting a design loose: one person proposes it, another approves it, a later one retires it."""

from datetime import datetime

from betang.cards.design.check import Finding, everything
from betang.cards.design.edit import NotADraftError
from betang.cards.design.in_use import loaded
from betang.cards.models import DesignVersion
from betang.core.actor import Actor
from betang.core.errors import FieldsError, RefusedError, SamePersonError
from betang.journal.record import record

REASON_MAX = 300


class DesignRefusedError(RefusedError):
    """The checks found something: `findings` says it all, the sentence the first of it."""

    code = "design.refused"
    sentence = "Rancangan {name} belum dapat diusulkan: {count} hal harus diperbaiki. {first}"
    do = "{advice}"

    def __init__(self, name: str, findings: list[Finding]) -> None:
        self.findings = findings
        first = findings[0]
        super().__init__(name=name, count=len(findings), first=first.sentence, advice=first.do)


class NotProposedError(RefusedError):
    """The version does not wait for a second person."""

    code = "design.not_proposed"
    sentence = "Rancangan {name} tidak sedang menunggu persetujuan."
    do = "Muat ulang halaman ini."


class NotApprovedError(RefusedError):
    """Only an approved version can be retired."""

    code = "design.not_approved"
    sentence = "Rancangan {name} tidak sedang dipakai."
    do = "Muat ulang halaman ini."


class ProposerApprovesDesignError(SamePersonError):
    """The proposer may not approve."""

    code = "design.two_persons"


class NoReasonError(FieldsError):
    """A proposal is sent back with a reason."""

    code = "design.no_reason"
    sentence = "Tulis alasan mengapa rancangan ini dikembalikan."
    do = "Satu atau dua kalimat, paling banyak 300 huruf."


def propose(version: DesignVersion, *, actor: Actor, at: datetime) -> DesignVersion:
    """Propose a draft. Raises `DesignRefusedError` with all findings, `NotADraftError`."""
    assert actor.person is not None, "a design is proposed by a human"
    held = DesignVersion.objects.select_for_update().get(pk=version.pk)
    if held.state != DesignVersion.State.DRAFT:
        raise NotADraftError(name=held.name)
    if findings := everything(loaded(held), programme=held.programme):
        raise DesignRefusedError(held.name, findings)
    held.state = DesignVersion.State.PROPOSED
    held.proposed_by_person, held.proposed_at, held.returned_reason = actor.person, at, ""
    held.save()
    record("design.proposed", held.uuid, actor=actor, at=at, name=held.name, digest=held.digest)
    return held


def approve(version: DesignVersion, *, actor: Actor, at: datetime) -> DesignVersion:
    """Approve a proposal, as the second person: new runs are printed in it from now on.

    It is looked at once more, since families may have come whose names do not fit. Raises
    `ProposerApprovesDesignError`, `NotProposedError`, `DesignRefusedError`.
    """
    assert actor.person is not None, "a design is approved by a human"
    held = _proposed(version)
    if held.proposed_by_person == actor.person:
        raise ProposerApprovesDesignError
    if findings := everything(loaded(held), programme=held.programme):
        raise DesignRefusedError(held.name, findings)
    held.state = DesignVersion.State.APPROVED
    held.approved_by_person, held.approved_at = actor.person, at
    held.save()
    record("design.approved", held.uuid, actor=actor, at=at, name=held.name, digest=held.digest)
    return held


def send_back(version: DesignVersion, *, reason: str, actor: Actor, at: datetime) -> DesignVersion:
    """Make a proposal a draft again: the second person with a reason, or the proposer himself.

    Raises `NotProposedError`, `NoReasonError`.
    """
    held = _proposed(version)
    told = reason.strip()[:REASON_MAX]
    if not told and held.proposed_by_person != actor.person:
        raise NoReasonError(field="reason")
    held.state, held.returned_reason = DesignVersion.State.DRAFT, told
    held.proposed_by_person, held.proposed_at = None, None
    held.save()
    record("design.returned", held.uuid, actor=actor, at=at, name=held.name)
    return held


def retire(version: DesignVersion, *, actor: Actor, at: datetime) -> DesignVersion:
    """Take an approved version out of use: new runs take the one before; old runs keep it.

    Raises `NotApprovedError`.
    """
    held = DesignVersion.objects.select_for_update().get(pk=version.pk)
    if held.state != DesignVersion.State.APPROVED:
        raise NotApprovedError(name=held.name)
    held.state = DesignVersion.State.RETIRED
    held.retired_by_person, held.retired_at = actor.person, at
    held.save()
    record("design.retired", held.uuid, actor=actor, at=at, name=held.name)
    return held


def _proposed(version: DesignVersion) -> DesignVersion:
    held = DesignVersion.objects.select_for_update().get(pk=version.pk)
    if held.state != DesignVersion.State.PROPOSED:
        raise NotProposedError(name=held.name)
    return held
