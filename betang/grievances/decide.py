"""Take a case in hand, note what was found, decide it. Each is a step that nobody can change."""

from datetime import datetime
from typing import Any
from uuid import UUID

from betang.core.actor import Actor
from betang.core.errors import FieldsError, NotAllowedError, NotFoundError, RefusedError
from betang.grievances.models import Case, Step
from betang.journal.record import record
from betang.keys.sealing import seal

#: A note longer than this is a document, which has its own place.
NOTE_CHARACTERS_MAX = 4_000
#: How a case can end: the claim was right, was wrong, or nobody can say.
OUTCOMES = ("upheld", "dismissed", "unclear")


class ResolvedError(RefusedError):
    """The case was decided before."""

    code = "case.resolved"
    sentence = "Kasus ini sudah diputus."
    do = "Buka kasus baru bila ada hal yang baru."


class OutcomeError(FieldsError):
    """The outcome is none that a case can have."""

    code = "case.outcome"
    sentence = "Putusan tidak dikenal."
    do = "Pilih: upheld (terbukti), dismissed (tidak terbukti), unclear (tidak dapat dipastikan)."


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


def find_case(uuid: UUID) -> Case:
    """This will find a case. Raises `NotFoundError`."""
    case = Case.objects.filter(uuid=uuid).first()
    if case is None:
        raise NotFoundError
    return case


def assign(case: Case, person: UUID, *, actor: Actor, at: datetime) -> Case:
    """This will put an undecided case into `person`'s hands. Raises `ResolvedError`."""
    _person(actor)
    _change(case, state=Case.State.ASSIGNED, assigned_person=person)
    _step(case, Step.Kind.ASSIGNED, actor=actor, at=at, facts={"person": str(person)})
    record("case.assigned", case.uuid, actor=actor, at=at, area=case.village_id, person=str(person))
    return case


def note(case: Case, text: str, *, actor: Actor, at: datetime) -> Step:
    """This will add a note, sealed. A decided case can still be noted upon. Raises `NoteError`."""
    _person(actor)
    step = _step(case, Step.Kind.NOTED, actor=actor, at=at, text=text)
    record("case.noted", case.uuid, actor=actor, at=at, area=case.village_id)
    return step


def resolve(case: Case, outcome: str, text: str, *, actor: Actor, at: datetime) -> Case:
    """This will decide a case with one of `OUTCOMES` and the reason, which is sealed.

    Raises `OutcomeError`, `NoteError`, `ResolvedError`; `OwnCaseError` for who opened it.
    """
    _person(actor)
    if outcome not in OUTCOMES:
        raise OutcomeError(field="outcome")
    if actor.uuid == case.opened_by or _opened_by_person(case, actor):
        raise OwnCaseError
    _change(case, state=Case.State.RESOLVED, outcome=outcome, resolved_at=at)
    _step(case, Step.Kind.RESOLVED, actor=actor, at=at, text=text, facts={"outcome": outcome})
    record("case.resolved", case.uuid, actor=actor, at=at, area=case.village_id, outcome=outcome)
    return case


def _person(actor: Actor) -> None:
    if actor.person is None:
        raise NotAllowedError


def _opened_by_person(case: Case, actor: Actor) -> bool:
    """This will say whether the human is the one behind the account or phone that opened it."""
    opened = Step.objects.filter(case=case, kind=Step.Kind.OPENED)
    return opened.filter(person=actor.person).exists()


def _change(case: Case, **changes: Any) -> None:
    """This will change a case that is not decided yet: of two at once, one succeeds."""
    waiting = Case.objects.filter(pk=case.pk).exclude(state=Case.State.RESOLVED)
    if not waiting.update(**changes):
        raise ResolvedError
    case.refresh_from_db()


def _step(
    case: Case,
    kind: Step.Kind,
    *,
    actor: Actor,
    at: datetime,
    text: str | None = None,
    facts: dict[str, str] | None = None,
) -> Step:
    if text is not None and not 0 < len(text.strip()) <= NOTE_CHARACTERS_MAX:
        raise NoteError(field="text", most=NOTE_CHARACTERS_MAX)
    return Step.objects.create(
        case=case, kind=kind, actor=actor.uuid, person=actor.person, at=at, facts=facts or {},
        note_sealed=seal(text) if text is not None else None,
    )  # fmt: skip
