"""A case is opened once, passes from hand to hand, and is decided by one who is not in it."""

import pytest
from django.db import IntegrityError, connection, transaction

from betang.areas.models import Area
from betang.core.actor import SYSTEM, Actor, ActorKind
from betang.core.errors import NotAllowedError, NotFoundError
from betang.core.identifiers import new_uuid
from betang.grievances.decide import (
    ClaimCaseError,
    NoteError,
    NothingProposedError,
    OutcomeError,
    OwnCaseError,
    ResolvedError,
    assign,
    find_case,
    give_back,
    note,
    propose,
    resolve,
)
from betang.grievances.models import Case, Step
from betang.grievances.open import Opening, open_cases
from betang.journal.models import Entry
from betang.keys.sealing import open_sealed

pytestmark = pytest.mark.django_db


@pytest.fixture
def village():
    Area.objects.create(code=62, level=1, name="Kalimantan Tengah", kind="provinsi")
    return 62


@pytest.fixture
def opening(village, sari, noon):
    evidence = {"first": str(new_uuid()), "second": str(new_uuid())}
    return Opening("contested_delivery", new_uuid(), village, None, evidence, sari, noon)


@pytest.fixture
def complaint(opening):
    """A contested delivery is decided in `tests/sync/test_decide_case.py`, with what it moves."""
    return opening._replace(kind="complaint")


@pytest.fixture
def case(complaint, keys):
    return find_case(open_cases([complaint])[0])


class TestOpening:
    def test_refuses_a_second_case_for_one_contested_delivery(self, opening):
        first = open_cases([opening])

        again = open_cases([opening, opening])

        assert len(first) == 1
        assert again == []
        assert Entry.objects.filter(kind="case.opened").count() == 1

    def test_opens_two_complaints_about_one_thing(self, opening):
        complaint = opening._replace(kind="complaint")

        assert len(open_cases([complaint, complaint])) == 2

    def test_opens_many_at_once_with_both_evidences_and_a_first_step(self, opening, noon):
        openings = [opening._replace(subject=new_uuid()) for _ in range(100)]

        opened = open_cases(openings)

        assert len(opened) == Case.objects.count() == Step.objects.count() == 100
        case = Case.objects.first()
        assert (case.facts, case.opened_at, case.state) == (opening.facts, noon, "open")

    def test_opens_nothing_for_nothing(self):
        assert open_cases([]) == []

    def test_tells_no_facts_but_the_kind_and_the_subject(self, opening):
        open_cases([opening])

        entry = Entry.objects.get(kind="case.opened")
        assert set(entry.facts) == {"case_kind", "about"}
        assert entry.area == opening.village


class TestDeciding:
    def test_refuses_the_one_who_opened_it(self, case, sari, noon):
        with pytest.raises(OwnCaseError):
            resolve(case, "upheld", "alasan", actor=sari, at=noon)

    def test_refuses_the_person_behind_the_phone_that_opened_it(self, complaint, keys, sari, noon):
        phone = Actor(ActorKind.DEVICE, new_uuid(), sari.person)
        case = find_case(open_cases([complaint._replace(actor=phone)])[0])

        with pytest.raises(OwnCaseError):
            resolve(case, "upheld", "alasan", actor=sari, at=noon)

    def test_refuses_a_program(self, case, noon):
        with pytest.raises(NotAllowedError):
            resolve(case, "upheld", "alasan", actor=SYSTEM, at=noon)

    def test_refuses_an_unknown_outcome(self, case, wati, noon):
        for outcome in ("menang", "replaced", ""):
            with pytest.raises(OutcomeError):
                resolve(case, outcome, "alasan", actor=wati, at=noon)

    def test_refuses_to_close_a_contested_delivery_without_moving_it(self, opening, wati, noon):
        case = find_case(open_cases([opening])[0])

        with pytest.raises(ClaimCaseError):
            resolve(case, "dismissed", "alasan", actor=wati, at=noon)

    def test_refuses_to_propose_what_one_person_decides(self, case, wati, noon):
        with pytest.raises(ClaimCaseError):
            propose(case, "upheld", "alasan", actor=wati, at=noon)
        with pytest.raises(NothingProposedError):
            give_back(case, "alasan", actor=wati, at=noon)

    @pytest.mark.parametrize("text", ["", "   ", "x" * 4_001])
    def test_refuses_a_decision_without_a_readable_reason(self, case, wati, noon, text):
        with pytest.raises(NoteError), transaction.atomic():
            resolve(case, "upheld", text, actor=wati, at=noon)

        assert find_case(case.uuid).state == "open"

    def test_refuses_to_decide_twice(self, case, wati, budi, noon):
        resolve(case, "upheld", "alasan", actor=wati, at=noon)

        with pytest.raises(ResolvedError):
            resolve(find_case(case.uuid), "dismissed", "alasan", actor=budi, at=noon)
        with pytest.raises(ResolvedError):
            assign(find_case(case.uuid), wati.person, actor=budi, at=noon)

    def test_refuses_to_find_what_is_not_there(self):
        with pytest.raises(NotFoundError):
            find_case(new_uuid())

    def test_passes_from_hand_to_hand_to_a_decision(self, case, wati, budi, noon):
        assign(case, wati.person, actor=budi, at=noon)
        note(case, "Ibu Siti bilang belum menerima.", actor=wati, at=noon)
        resolve(case, "upheld", "Tanda tangan berbeda.", actor=wati, at=noon)

        steps = list(Step.objects.order_by("id"))
        assert [step.kind for step in steps] == ["opened", "assigned", "noted", "resolved"]
        assert open_sealed(steps[2].note_sealed) == b"Ibu Siti bilang belum menerima."
        assert find_case(case.uuid).outcome == "upheld"
        assert not Entry.objects.filter(facts__icontains="Siti").exists()

    @pytest.mark.parametrize(
        "statement", ["UPDATE grievances_step SET at = now()", "DELETE FROM grievances_step"]
    )
    def test_refuses_to_change_a_step(self, case, statement):
        with (
            pytest.raises(IntegrityError),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
