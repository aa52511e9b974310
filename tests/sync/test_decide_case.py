"""A contested delivery is decided with both evidences, and everything that hangs on it follows."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from django.db import close_old_connections, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from betang.core.actor import Actor, ActorKind
from betang.core.errors import RefusedError, SamePersonError
from betang.distribution.decide import (
    CountedTwiceError,
    DecidedBeforeError,
    NothingToReplaceError,
    UnknownDeliveryError,
)
from betang.distribution.models import Delivery, Entitlement, LeaseRight, VillageTally
from betang.grievances.decide import (
    ClaimCaseError,
    NothingProposedError,
    OutcomeError,
    OwnCaseError,
    ResolvedError,
    WaitsForSecondError,
    give_back,
    resolve,
)
from betang.grievances.models import Case, Step
from betang.journal.models import Entry
from betang.ledger.balance import balance
from betang.ledger.models import Posting
from betang.sync.decide_case import EvidenceMovedError, confirm_case, decide_case
from betang.sync.models import Decision
from sandbox.phones.phone import Phone
from tests.conftest import PATIENCE_S
from tests.sync.books import assert_whole
from tests.sync.world import World, make_owner, make_world


def staff(number: int) -> Actor:
    """Somebody of the office who has nothing to do with the delivery."""
    return Actor(ActorKind.STAFF, uuid_of(number), uuid_of(number + 1000))


def uuid_of(number: int):
    from uuid import UUID

    return UUID(f"00000000-0000-7000-8000-0000000{number:05d}")


WATI, DEWI = staff(21), staff(22)


@pytest.fixture
def first(world: World) -> Phone:
    """The phone that holds the right."""
    return world.leased()


@pytest.fixture
def other(world: World) -> Phone:
    """Another facilitator's phone, without a lease."""
    world.owner = make_owner("rudi", world.actor, world.second, world.at)
    return world.confirmed()


def claim(phone: Phone, right: str, **more) -> Case:
    """Deliver a right from a phone that it does not belong to; give the case that this opens."""
    phone.deliver(right, **more)
    phone.push()
    return Case.objects.latest("id")


def told(phone: Phone) -> list[tuple[str, str]]:
    """Give the decisions that the phone reads at its next sync."""
    return [(one["outcome"], one["code"]) for one in phone.pull()]


def decide(case: Case, outcome: str, by: Actor = WATI) -> Case:
    """Decide as a page does, in a transaction of its own."""
    with transaction.atomic():
        found = Case.objects.get(pk=case.pk)
        return decide_case(found, outcome, "kedua catatan diperiksa", actor=by, at=timezone.now())


def confirm(case: Case, by: Actor = DEWI) -> Case:
    """Confirm as a page does."""
    with transaction.atomic():
        return confirm_case(Case.objects.get(pk=case.pk), actor=by, at=timezone.now())


class TestWhoDecides:
    def test_refuses_to_count_by_one_person(self, world, first, other):
        case = decide(claim(other, world.rights()[0]), "upheld")

        with pytest.raises(SamePersonError):
            confirm(case, WATI)

        assert case.state == "open"
        assert not Delivery.objects.filter(counted=True).exists()

    @pytest.mark.parametrize("outcome", ["upheld", "dismissed", "replaced"])
    def test_refuses_the_facilitators_of_both_deliveries(self, world, first, other, outcome):
        right = world.rights()[0]
        first.deliver(right)
        first.push()
        case = claim(other, right)
        for phone in (first, other):
            owner = world.device(phone).owner
            with pytest.raises(OwnCaseError):
                decide(case, outcome, owner.actor)

    def test_refuses_a_facilitator_as_the_second_person(self, world, first, other):
        case = decide(claim(other, world.rights()[0]), "upheld")

        with pytest.raises(OwnCaseError):
            confirm(case, world.device(other).owner.actor)

    def test_refuses_to_close_the_case_alone_and_leave_the_delivery(self, world, first, other):
        case = claim(other, world.rights()[0])

        with pytest.raises(ClaimCaseError):
            resolve(case, "dismissed", "alasan", actor=WATI, at=timezone.now())

    def test_refuses_an_outcome_that_there_is_not(self, world, first, other):
        with pytest.raises(OutcomeError):
            decide(claim(other, world.rights()[0]), "menang")

    def test_refuses_a_case_whose_delivery_is_not_there(self, world, first, other):
        case = claim(other, world.rights()[0])
        Case.objects.filter(pk=case.pk).update(subject=uuid_of(99))

        with pytest.raises(UnknownDeliveryError):
            decide(case, "dismissed")

    def test_refuses_everything_else_while_a_second_person_is_awaited(self, world, first, other):
        case = decide(claim(other, world.rights()[0]), "upheld")

        for outcome in ("dismissed", "upheld"):
            with pytest.raises(WaitsForSecondError):
                decide(case, outcome, DEWI)

    def test_refuses_to_confirm_what_was_sent_back(self, world, first, other):
        case = decide(claim(other, world.rights()[0]), "upheld")
        give_back(case, "tanda tangan belum dilihat", actor=DEWI, at=timezone.now())

        with pytest.raises(NothingProposedError):
            confirm(case)
        with pytest.raises(NothingProposedError):
            give_back(case, "lagi", actor=DEWI, at=timezone.now())


class TestCounting:
    def test_a_claim_on_a_right_held_elsewhere(self, world, first, other):
        right = world.rights()[0]
        case = decide(claim(other, right), "upheld")
        before = balance("persediaan.beras")

        confirm(case)

        delivery = Delivery.objects.get()
        assert (delivery.counted, delivery.decided_as) == (True, "counted")
        assert delivery.contest_code == "claim.not_leased"
        assert before - balance("persediaan.beras") == 5
        assert not LeaseRight.objects.filter(entitlement__uuid=right, ended_at=None).exists()
        assert told(other) == [("contested", "claim.not_leased"), ("accepted", "claim.counted")]
        assert Case.objects.get().outcome == "upheld"
        assert_whole()

    def test_leaves_the_holders_own_claim_as_the_second(self, world, first, other):
        right = world.rights()[0]
        confirm(decide(claim(other, right), "upheld"))

        case = claim(first, right)

        assert told(first) == [("contested", "claim.already_delivered")]
        assert case.subject == Delivery.objects.get(counted=False).uuid
        assert_whole()

    def test_of_a_late_claim_which_has_a_case_too(self, world):
        phone = world.confirmed()
        world.lease(phone, at=timezone.now() - timedelta(days=30), days=7)
        phone.fetch()
        case = claim(phone, world.rights()[0])
        assert told(phone) == [("waiting", "claim.after_lease")]

        confirm(decide(case, "upheld"))

        assert told(phone) == [("accepted", "claim.counted")]
        assert_whole()

    def test_moves_no_more_goods_than_the_phone_said(self, world, first, other):
        goods = [{"item": "beras", "quantity": 3, "unit": "kg"}]
        case = decide(claim(other, world.rights()[0], goods=goods), "upheld")

        confirm(case)

        assert balance("beban.beras") == 3
        assert balance("beban.gula") == 0

    def test_after_the_cycle_was_closed(self, world, first, other):
        one, two = (claim(other, right) for right in world.rights()[:2])
        world.cycle.state = "closed"
        world.cycle.save(update_fields=["state"])

        confirm(decide(one, "upheld"))
        decide(two, "dismissed")

        assert Delivery.objects.filter(counted=True).count() == 1
        assert_whole()

    def test_of_a_claim_that_came_when_the_cycle_was_closed(self, world, first, other):
        world.cycle.state = "closed"
        world.cycle.save(update_fields=["state"])
        case = claim(first, world.rights()[0])
        assert told(first) == [("contested", "claim.cycle_closed")]

        confirm(decide(case, "upheld"))

        assert_whole()

    def test_a_right_twice_is_refused_with_the_receipt_that_counts(self, world, first, other):
        right = world.rights()[0]
        first.deliver(right)
        first.push()
        case = decide(claim(other, right), "upheld")

        with pytest.raises(CountedTwiceError) as refusal:
            confirm(case)

        assert f"{first.short_id}-1" in refusal.value.told
        case.refresh_from_db()
        assert (case.state, case.proposed_outcome) == ("open", "upheld")
        assert_whole()

    def test_is_in_the_journal_with_both_persons(self, world, first, other):
        confirm(decide(claim(other, world.rights()[0]), "upheld"))

        for kind in ("delivery.counted", "case.resolved"):
            entry = Entry.objects.get(kind=kind)
            assert (entry.person, entry.facts["second_person"]) == (WATI.person, str(DEWI.person))
        kinds = [step.kind for step in Step.objects.order_by("id")]
        assert kinds == ["opened", "proposed", "resolved"]


class TestRefusing:
    def test_is_final_and_moves_nothing(self, world, first, other):
        right = world.rights()[0]
        case = claim(other, right)

        decide(case, "dismissed")

        assert told(other)[-1] == ("refused", "claim.dismissed")
        assert Delivery.objects.get().decided_as == "refused"
        assert Entitlement.objects.get(uuid=right).state == "open"
        assert not Posting.objects.filter(kind="given").exists()
        assert VillageTally.objects.filter(contested__gt=0).count() == 0
        assert_whole()

    def test_leaves_the_right_to_its_holder(self, world, first, other):
        right = world.rights()[0]
        decide(claim(other, right), "unclear")
        first.deliver(right)
        first.push()

        assert told(first) == [("accepted", "ok")]
        assert_whole()


class TestReplacing:
    def test_is_refused_where_nothing_counts(self, world, first, other):
        case = decide(claim(other, world.rights()[0]), "replaced")

        with pytest.raises(NothingToReplaceError):
            confirm(case)

    def test_takes_the_first_back_and_counts_the_second(self, world, first, other):
        right = world.rights()[0]
        first.deliver(right)
        first.push()
        case = decide(claim(other, right), "replaced")

        confirm(case)

        receipts = dict(Delivery.objects.values_list("receipt_number", "decided_as"))
        assert receipts == {f"{first.short_id}-1": "reversed", f"{other.short_id}-1": "counted"}
        assert told(first)[-1] == ("refused", "claim.reversed")
        assert told(other)[-1] == ("accepted", "claim.counted")
        assert Posting.objects.filter(kind="taken_back").count() == 4
        assert Entry.objects.filter(kind="delivery.reversed").count() == 1
        assert_whole()

    def test_is_refused_when_another_delivery_counts_than_the_proposer_saw(
        self, world, first, other
    ):
        right = world.rights()[0]
        first.deliver(right)
        first.push()
        one = decide(claim(other, right), "replaced")
        world.owner = make_owner("tono", world.actor, world.second, world.at)
        third = world.confirmed()
        confirm(decide(claim(third, right), "replaced"))

        with pytest.raises(EvidenceMovedError):
            confirm(one)

        assert_whole()


class TestDecidingTwice:
    def test_is_refused(self, world, first, other):
        one, two = (claim(other, right) for right in world.rights()[:2])
        confirm(decide(one, "upheld"))
        decide(two, "dismissed")

        for case in (one, two):
            with pytest.raises(ResolvedError):
                decide(case, "dismissed")
            with pytest.raises(NothingProposedError):
                confirm(case)
        assert Decision.objects.count() == 4
        assert_whole()

    def test_is_refused_where_the_delivery_was_decided_without_its_case(self, world, first, other):
        case = claim(other, world.rights()[0])
        Delivery.objects.update(decided_as="refused")

        with pytest.raises(DecidedBeforeError):
            decide(case, "dismissed")

        case.refresh_from_db()
        assert case.state == "open"


@pytest.mark.django_db(transaction=True)
class TestTwoSupervisorsAtOnce:
    def together(self, *acts):
        """Run the acts at the same moment, each on a connection of its own; give their ends."""
        start = Barrier(len(acts))

        def run(act):
            start.wait(PATIENCE_S)
            try:
                act()
            except RefusedError as refusal:
                return refusal.code
            finally:
                connection.close()
            return "done"

        with ThreadPoolExecutor(len(acts)) as pool:
            return sorted(pool.map(run, acts))

    @pytest.fixture
    def busy(self, transactional_db, keys, budi, wati) -> World:
        """A world that other connections see."""
        close_old_connections()
        return make_world(budi, wati)

    def test_one_of_two_who_confirm_is_heard(self, busy):
        phone, other = busy.leased(), busy.confirmed()
        assert phone
        case = decide(claim(other, busy.rights()[0]), "upheld")

        ends = self.together(lambda: confirm(case, DEWI), lambda: confirm(case, staff(23)))

        assert ends == ["case.nothing_proposed", "done"]
        assert balance("beban.beras") == 5
        assert_whole()

    def test_of_two_claims_on_one_right_one_counts(self, busy):
        busy.leased()
        right = busy.rights()[0]
        cases = [decide(claim(busy.confirmed(), right), "upheld") for _ in range(2)]

        ends = self.together(*[lambda case=case: confirm(case) for case in cases])

        assert ends == ["delivery.counted_twice", "done"]
        assert_whole()

    def test_counting_and_the_holders_sync_do_not_count_twice(self, busy):
        holder = busy.leased()
        right = busy.rights()[0]
        case = decide(claim(busy.confirmed(), right), "upheld")
        holder.deliver(right)

        ends = self.together(lambda: confirm(case), holder.push)

        assert ends in (["delivery.counted_twice", "done"], ["done", "done"])
        assert Delivery.objects.filter(counted=True).count() == 1
        assert_whole()


class TestWhateverTheOrder:
    @settings(
        max_examples=15,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(data=st.data())
    def test_no_right_counts_above_its_amount_and_the_books_balance(self, world, data):
        example = transaction.atomic()
        example._from_testcase = True  # the site must not take it for a transaction of its own
        with example:
            self.play(world, data)
            transaction.set_rollback(True)

    def play(self, world: World, data: st.DataObject) -> None:
        phones = [world.leased(), world.confirmed(), world.confirmed()]
        rights = world.rights()[:3]
        acts = data.draw(
            st.lists(
                st.one_of(
                    st.tuples(st.just("claim"), st.integers(0, 2), st.integers(0, 2)),
                    st.tuples(
                        st.sampled_from(["upheld", "dismissed", "replaced"]),
                        st.integers(0, 9),
                        st.just(0),
                    ),
                    st.tuples(st.sampled_from(["confirm", "back"]), st.integers(0, 9), st.just(0)),
                ),
                max_size=20,
            )
        )
        for act, which, right in acts:
            cases = list(Case.objects.order_by("id"))
            if act == "claim":
                phones[which].deliver(rights[right])
                phones[which].push()
            elif cases:
                self.one(act, cases[which % len(cases)])
            assert_whole()

    def one(self, act: str, case: Case) -> None:
        """Do one act about a case; a refusal must leave no trace."""
        try:
            if act == "confirm":
                confirm(case)
            elif act == "back":
                with transaction.atomic():
                    give_back(case, "periksa lagi", actor=DEWI, at=datetime.now(UTC))
            else:
                decide(case, act)
        except RefusedError:
            return
