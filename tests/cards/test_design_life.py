"""A design from draft to retirement: who may not, what never changes, which one is printed."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection, connections, transaction

from betang.cards import design
from betang.cards.design import decide, edit
from betang.cards.design.decide import (
    DesignRefusedError,
    NoReasonError,
    NotApprovedError,
    NotProposedError,
    ProposerApprovesDesignError,
)
from betang.cards.design.edit import NotADraftError, NothingToUndoError, PictureUnknownError
from betang.cards.design.in_use import DesignUnknownError
from betang.cards.design.layout import LayoutError, LayoutFormError
from betang.cards.design.version import FIRST_NAME, first
from betang.cards.models import DesignStep, DesignVersion
from betang.core.actor import Actor
from betang.core.identifiers import new_uuid
from betang.journal.models import Entry
from betang.programmes.models import Programme
from tests.cards.designs import changed, part_of, told


@pytest.fixture
def programme(db):
    return Programme.objects.create(code="UJI", name="Uji", card_name="Kartu Huma Betang")


@pytest.fixture
def draft(programme, budi, noon):
    return edit.begin(first(), actor=budi, at=noon)


def saved(draft, budi, noon, **said):
    return edit.save(draft, changed("front", "number", **said), actor=budi, at=noon)


def released(draft, budi, wati, noon):
    return decide.approve(decide.propose(draft, actor=budi, at=noon), actor=wati, at=noon)


class TestDraft:
    def test_refuses_a_layout_that_says_what_it_may_not(self, draft, budi, noon):
        with pytest.raises(LayoutError):
            saved(draft, budi, noon, x="kiri")

    def test_refuses_a_picture_that_nobody_uploaded(self, draft, budi, noon):
        layout = told()
        layout["front"]["parts"].append(
            {"id": "a", "kind": "logo", "picture": "0" * 64, "x": 1, "y": 1, "w": 9, "h": 9}
        )

        with pytest.raises(PictureUnknownError):
            edit.save(draft, layout, actor=budi, at=noon)

    def test_refuses_a_step_that_is_not_there(self, draft):
        with pytest.raises(NothingToUndoError):
            edit.undo(draft)

    def test_refuses_to_change_what_was_proposed(self, draft, budi, noon):
        decide.propose(draft, actor=budi, at=noon)

        with pytest.raises(NotADraftError):
            saved(draft, budi, noon, x=44)
        with pytest.raises(NotADraftError):
            edit.undo(draft)
        with pytest.raises(NotADraftError):
            edit.discard(draft, actor=budi, at=noon)

    def test_is_the_next_of_its_name_and_looks_like_what_it_was_begun_from(self, draft, budi, noon):
        other = edit.begin(first(), actor=budi, at=noon)

        assert (draft.name, other.name) == ("rumah-panjang-2", "rumah-panjang-3")
        assert draft.content == told()
        assert draft.based_on == FIRST_NAME

    def test_goes_back_and_forward_and_forgets_what_was_undone(self, draft, budi, noon):
        for x in (44, 46, 48):
            draft = saved(draft, budi, noon, x=x)

        draft = edit.undo(edit.undo(draft))
        assert part_of(draft.content, "front", "number")["x"] == 44
        draft = edit.undo(draft, back=False)
        assert part_of(draft.content, "front", "number")["x"] == 46
        draft = saved(draft, budi, noon, x=50)

        with pytest.raises(NothingToUndoError):
            edit.undo(draft, back=False)
        assert DesignStep.objects.filter(version=draft).count() == 4

    def test_saving_the_same_again_is_no_step(self, draft, budi, noon):
        assert edit.save(draft, told(), actor=budi, at=noon).step == 1

    def test_gets_and_loses_parts(self, draft, budi, noon):
        more = edit.with_part(draft.content, "back", "text")
        twice = edit.with_part(more, "back", "text")
        less = edit.without_part(twice, "back", "text")

        assert [part["id"] for part in twice["back"]["parts"][-2:]] == ["text", "text_2"]
        assert less["back"]["parts"][-1]["id"] == "text_2"
        with pytest.raises(LayoutFormError):
            edit.with_part(draft.content, "back", "family_name")

    def test_comes_in_from_a_file_under_its_own_name(self, programme, budi, noon):
        brought = edit.bring_in("gubernur-7", told(), actor=budi, at=noon)

        assert brought.name == "gubernur-1"


@pytest.mark.django_db(transaction=True)
def test_two_drafts_begun_at_once_get_two_names(budi, noon):
    def begun() -> str:
        try:
            with transaction.atomic():
                return edit.begin(first(), actor=budi, at=noon).name
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as hands:
        names = [each.result() for each in [hands.submit(begun) for _ in range(8)]]

    assert sorted(names) == [f"rumah-panjang-{number}" for number in range(2, 10)]


class TestPropose:
    def test_refuses_a_broken_layout_and_says_the_first_of_all(self, draft, budi, noon):
        layout = changed("front", "qr", x=560)
        part_of(layout, "back", "address")["size"] = 4
        edit.save(draft, layout, actor=budi, at=noon)

        with pytest.raises(DesignRefusedError) as refused:
            decide.propose(draft, actor=budi, at=noon)

        assert {each.code for each in refused.value.findings} >= {"quiet_zone", "text_small"}
        assert "menyentuh bidang kosong" in refused.value.told
        assert DesignVersion.objects.get().state == "draft"

    def test_keeps_who_and_when_and_what(self, draft, budi, noon):
        proposed = decide.propose(draft, actor=budi, at=noon)

        assert (proposed.proposed_by_person, proposed.proposed_at) == (budi.person, noon)
        assert Entry.objects.get(kind="design.proposed").facts["digest"] == proposed.digest


class TestApprove:
    def test_refuses_the_proposer_behind_whatever_account(self, draft, budi, noon):
        proposed = decide.propose(draft, actor=budi, at=noon)

        with pytest.raises(ProposerApprovesDesignError):
            decide.approve(proposed, actor=Actor("staff", new_uuid(), budi.person), at=noon)

    def test_the_database_refuses_the_proposer_too(self, draft, budi, noon):
        proposed = decide.propose(draft, actor=budi, at=noon)

        with pytest.raises(IntegrityError, match="needs_a_second_person"), transaction.atomic():
            DesignVersion.objects.filter(pk=proposed.pk).update(
                state="approved", approved_by_person=budi.person, approved_at=noon
            )

    def test_refuses_a_draft(self, draft, wati, noon):
        with pytest.raises(NotProposedError):
            decide.approve(draft, actor=wati, at=noon)

    def test_refuses_what_was_right_until_a_longer_name_came(self, draft, family, budi, wati, noon):
        proposed = decide.propose(draft, actor=budi, at=noon)
        family(head_name="W" * 40)

        with pytest.raises(DesignRefusedError):
            decide.approve(proposed, actor=wati, at=noon)

    def test_is_printed_from_then_on_and_the_old_one_still_can_be(
        self, draft, programme, budi, wati, noon
    ):
        saved(draft, budi, noon, x=44)

        released(draft, budi, wati, noon)

        assert design.current(programme).name == "rumah-panjang-2"
        assert design.current(programme).layout.front.of("number")["x"] == 44
        assert design.named(FIRST_NAME) == first()
        assert design.load(first().uuid) == first()


class TestApproved:
    @pytest.mark.parametrize(
        "change",
        [
            "content = '{}'", "digest = repeat('0', 64)", "slug = 'lain'", "number = 9",
            "programme_id = (SELECT min(id) FROM programmes_programme)", "state = 'draft'",
            "state = 'proposed'", "approved_by_person = gen_random_uuid()",
        ],
    )  # fmt: skip
    def test_never_changes(self, draft, budi, wati, noon, change):
        released(draft, budi, wati, noon)

        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE cards_designversion SET {change}")

    def test_never_goes_away(self, draft, budi, wati, noon):
        released(draft, budi, wati, noon)

        with (
            pytest.raises(IntegrityError, match="never deleted"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute("DELETE FROM cards_designversion")

    def test_a_proposal_keeps_its_content_too(self, draft, budi, noon):
        decide.propose(draft, actor=budi, at=noon)

        with pytest.raises(IntegrityError, match="from draft to proposed"), transaction.atomic():
            DesignVersion.objects.update(content={})

    def test_the_name_of_the_first_is_never_another_s(self, draft):
        with pytest.raises(IntegrityError, match="first_is_ours"), transaction.atomic():
            DesignVersion.objects.create(
                slug="rumah-panjang", number=1, content={}, digest="0" * 64,
                made_by_person=new_uuid(), made_at=draft.made_at,
            )  # fmt: skip


class TestSendBack:
    def test_refuses_another_person_without_a_reason(self, draft, budi, wati, noon):
        proposed = decide.propose(draft, actor=budi, at=noon)

        with pytest.raises(NoReasonError):
            decide.send_back(proposed, reason=" ", actor=wati, at=noon)

    def test_makes_it_a_draft_again(self, draft, budi, wati, noon):
        proposed = decide.propose(draft, actor=budi, at=noon)

        back = decide.send_back(proposed, reason="Lambangnya kurang.", actor=wati, at=noon)

        assert (back.state, back.returned_reason) == ("draft", "Lambangnya kurang.")
        assert saved(back, budi, noon, x=44).step == 2


class TestRetire:
    def test_refuses_what_is_not_in_use(self, draft, wati, noon):
        with pytest.raises(NotApprovedError):
            decide.retire(draft, actor=wati, at=noon)

    def test_the_one_before_is_printed_again_and_old_runs_keep_theirs(
        self, draft, programme, budi, wati, noon
    ):
        approved = released(draft, budi, wati, noon)

        decide.retire(approved, actor=wati, at=noon)

        assert design.current(programme) == first()
        assert design.named("rumah-panjang-2").uuid == approved.uuid


class TestFind:
    @pytest.mark.parametrize(
        "name", ["", "rumah-panjang", "rumah-panjang-99", "x-²", "a-" + "9" * 9]
    )
    def test_refuses_a_name_that_no_version_has(self, db, name):
        with pytest.raises(DesignUnknownError):
            design.named(name)

    def test_refuses_an_unknown_version(self, db):
        with pytest.raises(DesignUnknownError):
            design.load(new_uuid())

    def test_a_design_of_one_programme_is_not_another_s(self, programme, budi, wati, noon):
        other = Programme.objects.create(code="LAIN", name="Lain", card_name="Kartu Lain")
        own = edit.begin(first(), actor=budi, at=noon, programme=programme)

        released(own, budi, wati, noon)

        assert design.current(programme).name == "rumah-panjang-2"
        assert design.current(other) == first()
