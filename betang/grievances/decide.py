"""Take a case in hand, note what was found, decide it. Each is a step that nobody can change.

Of a contested delivery the decision moves goods and rights as well, so it is `sync/decide_case.py`
that calls `close_claim`; what makes a delivery count takes two persons (docs/decisions/0080).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from betang.core.actor import Actor, ActorKind
from betang.core.errors import (
    FieldsError,
    NotAllowedError,
    NotFoundError,
    RefusedError,
    SamePersonError,
)
from betang.grievances.models import Case, Step
from betang.journal.record import record
from betang.keys.sealing import seal

#: A note longer than this is a document, which has its own place.
NOTE_CHARACTERS_MAX = 4_000
#: How a case can end: the claim was right, was wrong, or nobody can say.
OUTCOMES = ("upheld", "dismissed", "unclear")
#: Of a contested delivery also: it is the right one, and the one that counted was not.
REPLACED = "replaced"
CLAIM_OUTCOMES = ("upheld", REPLACED, "dismissed", "unclear")
#: What moves rights and goods: one proposes, another confirms.
TAKES_TWO = frozenset({"upheld", REPLACED})


class ResolvedError(RefusedError):
    """The case was decided before."""

    code = "case.resolved"
    sentence = "Kasus ini sudah diputus."
    do = "Buka kasus baru bila ada hal yang baru."


class OutcomeError(FieldsError):
    """The outcome is none that a case can have."""

    code = "case.outcome"
    sentence = "Putusan tidak dikenal."
    do = (
        "Pilih: upheld (terbukti), dismissed (tidak terbukti), unclear (tidak dapat dipastikan); "
        "untuk penyerahan yang disengketakan juga replaced (menggantikan yang terhitung)."
    )


class NoteError(FieldsError):
    """The note is empty or too long."""

    code = "case.note"
    sentence = "Catatan kosong atau lebih dari {most} huruf."
    do = "Tulis apa yang ditemukan dan dari siapa, sesingkat mungkin."


class OwnCaseError(NotAllowedError):
    """Who delivered or complained cannot decide about it."""

    code = "case.own"
    sentence = "Anda terlibat dalam kasus ini, jadi tidak boleh memutusnya."
    do = "Serahkan kasus ini kepada petugas lain."


class ClaimCaseError(RefusedError):
    """The case is about a delivery (or is not): the decision is another act."""

    code = "case.claim"
    sentence = "Putusan ini bukan untuk jenis kasus tersebut."
    do = "Buka halaman kasusnya dan putuskan dari sana."


class WaitsForSecondError(RefusedError):
    """A decision was proposed and waits for a second person."""

    code = "case.waits_for_second"
    sentence = "Putusan sudah diusulkan dan menunggu orang kedua."
    do = "Setujui usulan itu, atau kembalikan dengan alasan."


class NothingProposedError(RefusedError):
    """No decision is proposed."""

    code = "case.nothing_proposed"
    sentence = "Tidak ada usulan putusan yang menunggu untuk kasus ini."
    do = "Muat ulang halaman kasus."


def outcomes_of(case: Case) -> tuple[str, ...]:
    """List the outcomes that a case of this kind can have."""
    return CLAIM_OUTCOMES if case.kind == Case.Kind.CONTESTED_DELIVERY else OUTCOMES


def find_case(uuid: UUID) -> Case:
    """Find a case. Raises `NotFoundError`."""
    case = Case.objects.filter(uuid=uuid).first()
    if case is None:
        raise NotFoundError
    return case


def assign(case: Case, person: UUID, *, actor: Actor, at: datetime) -> Case:
    """Put an undecided case into `person`'s hands. Raises `ResolvedError`."""
    _person(actor)
    _change(case, state=Case.State.ASSIGNED, assigned_person=person)
    _step(case, Step.Kind.ASSIGNED, actor=actor, at=at, facts={"person": str(person)})
    record("case.assigned", case.uuid, actor=actor, at=at, area=case.village_id, person=str(person))
    return case


def note(case: Case, text: str, *, actor: Actor, at: datetime) -> Step:
    """Add a note, sealed. A decided case can still be noted upon. Raises `NoteError`."""
    _person(actor)
    step = _step(case, Step.Kind.NOTED, actor=actor, at=at, text=text)
    record("case.noted", case.uuid, actor=actor, at=at, area=case.village_id)
    return step


def resolve(case: Case, outcome: str, text: str, *, actor: Actor, at: datetime) -> Case:
    """Decide a case with one of `OUTCOMES` and the reason, which is sealed.

    Raises `OutcomeError`, `NoteError`, `ResolvedError`; `OwnCaseError` for who opened it;
    `ClaimCaseError` for a contested delivery, which is decided through sync.
    """
    if case.kind == Case.Kind.CONTESTED_DELIVERY:
        raise ClaimCaseError
    return _close(case, outcome, text, actor=actor, at=at)


class Proposed(NamedTuple):
    """A proposal as it was made: by whom, and what counted on the right at that moment."""

    actor: Actor
    against: list[str]


def propose(
    case: Case,
    outcome: str,
    text: str,
    *,
    against: Sequence[UUID] = (),
    actor: Actor,
    at: datetime,
) -> Case:
    """Propose a decision that takes two persons, with its reason, which is sealed.

    `against` are the counted deliveries that the proposer saw. Raises `ClaimCaseError`,
    `OutcomeError`, `NoteError`, `OwnCaseError`, `ResolvedError`, `WaitsForSecondError`.
    """
    may_decide(case, actor)
    if case.kind != Case.Kind.CONTESTED_DELIVERY:
        raise ClaimCaseError
    if outcome not in TAKES_TWO:
        raise OutcomeError(field="outcome")
    _change(case, proposed_outcome=outcome, proposed_by_person=actor.person)
    facts = {"outcome": outcome, "against": sorted(map(str, against))}
    _step(case, Step.Kind.PROPOSED, actor=actor, at=at, text=text, facts=facts)
    record("case.proposed", case.uuid, actor=actor, at=at, area=case.village_id, outcome=outcome)
    return case


def give_back(case: Case, text: str, *, actor: Actor, at: datetime) -> Case:
    """Send a proposed decision back with a reason: by the second person or the first.

    Raises `NoteError`, `OwnCaseError`, `NothingProposedError`.
    """
    may_decide(case, actor)
    waiting = Case.objects.filter(pk=case.pk, proposed_by_person__isnull=False)
    outcome = case.proposed_outcome
    if not waiting.update(proposed_outcome="", proposed_by_person=None):
        raise NothingProposedError
    case.refresh_from_db()
    _step(case, Step.Kind.RETURNED, actor=actor, at=at, text=text, facts={"outcome": outcome})
    record("case.returned", case.uuid, actor=actor, at=at, area=case.village_id, outcome=outcome)
    return case


def close_claim(case: Case, outcome: str, text: str, *, actor: Actor, at: datetime) -> Case:
    """Close the case of a delivery that one person decided will not count.

    The caller moves the delivery in the same transaction. Raises as `resolve` does.
    """
    if case.kind != Case.Kind.CONTESTED_DELIVERY:
        raise ClaimCaseError
    if outcome in TAKES_TWO:
        raise OutcomeError(field="outcome")
    return _close(case, outcome, text, actor=actor, at=at)


def confirm_claim(case: Case, *, actor: Actor, at: datetime) -> Proposed:
    """Close a case as it was proposed, by a second person, and give the proposal.

    The caller moves the delivery in the same transaction. Raises `SamePersonError`,
    `OwnCaseError`, `NothingProposedError`.
    """
    may_decide(case, actor)
    case.refresh_from_db()
    if case.proposed_by_person is None:
        raise NothingProposedError
    if case.proposed_by_person == actor.person:
        raise SamePersonError
    proposed = Case.objects.filter(
        pk=case.pk,
        proposed_outcome=case.proposed_outcome,
        proposed_by_person=case.proposed_by_person,
    )
    changes = {"outcome": case.proposed_outcome, "state": Case.State.RESOLVED, "resolved_at": at}
    if not proposed.update(proposed_outcome="", proposed_by_person=None, **changes):
        raise NothingProposedError  # of two who confirm at once, one
    step = Step.objects.filter(case=case, kind=Step.Kind.PROPOSED).latest("id")
    case.refresh_from_db()
    facts = {"outcome": case.outcome}
    _step(case, Step.Kind.RESOLVED, actor=actor, at=at, facts=facts)
    proposer = Actor(ActorKind.STAFF, step.actor, step.person)
    record(
        "case.resolved",
        case.uuid,
        actor=proposer,
        at=at,
        area=case.village_id,
        outcome=case.outcome,
        second_person=str(actor.person),
    )
    return Proposed(proposer, step.facts["against"])


def may_decide(case: Case, actor: Actor) -> None:
    """Refuse who opened the case, and programs. Raises `OwnCaseError`."""
    _person(actor)
    if actor.uuid == case.opened_by or _opened_by_person(case, actor):
        raise OwnCaseError


def _close(case: Case, outcome: str, text: str, *, actor: Actor, at: datetime) -> Case:
    _person(actor)
    if outcome not in outcomes_of(case):
        raise OutcomeError(field="outcome")
    may_decide(case, actor)
    _change(case, state=Case.State.RESOLVED, outcome=outcome, resolved_at=at)
    _step(case, Step.Kind.RESOLVED, actor=actor, at=at, text=text, facts={"outcome": outcome})
    record("case.resolved", case.uuid, actor=actor, at=at, area=case.village_id, outcome=outcome)
    return case


def _person(actor: Actor) -> None:
    if actor.person is None:
        raise NotAllowedError


def _opened_by_person(case: Case, actor: Actor) -> bool:
    """Say whether the human is the one behind the account or phone that opened it."""
    opened = Step.objects.filter(case=case, kind=Step.Kind.OPENED)
    return opened.filter(person=actor.person).exists()


def _change(case: Case, **changes: Any) -> None:
    """Change a case that is not decided yet: of two at once, one succeeds.

    A case whose decision waits for a second person can be put into other hands, nothing else.
    """
    waiting = Case.objects.filter(pk=case.pk).exclude(state=Case.State.RESOLVED)
    if "assigned_person" not in changes:
        waiting = waiting.filter(proposed_by_person__isnull=True)
    if not waiting.update(**changes):
        case.refresh_from_db()
        raise WaitsForSecondError if case.state != Case.State.RESOLVED else ResolvedError
    case.refresh_from_db()


def _step(
    case: Case,
    kind: Step.Kind,
    *,
    actor: Actor,
    at: datetime,
    text: str | None = None,
    facts: dict[str, Any] | None = None,
) -> Step:
    if text is not None and not 0 < len(text.strip()) <= NOTE_CHARACTERS_MAX:
        raise NoteError(field="text", most=NOTE_CHARACTERS_MAX)
    return Step.objects.create(
        case=case, kind=kind, actor=actor.uuid, person=actor.person, at=at, facts=facts or {},
        note_sealed=seal(text) if text is not None else None,
    )  # fmt: skip
