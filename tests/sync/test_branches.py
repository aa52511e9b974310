"""A fork, what waits and what is parked are ended by two persons, one way or the other."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from betang.accounts import devices
from betang.core.actor import SYSTEM
from betang.core.errors import NotAllowedError, SamePersonError
from betang.distribution.models import Delivery
from betang.grievances.models import Case
from betang.journal.models import Entry
from betang.sync import propose, supervise
from betang.sync.decide_case import confirm_case, decide_case
from betang.sync.models import Decision, FieldEvent, FieldEventFork, Proposal
from sandbox.phones.phone import Phone
from tests.sync.books import assert_whole
from tests.sync.test_decide_case import DEWI, WATI
from tests.sync.test_supervise import FAIL
from tests.sync.world import World


@pytest.fixture
def phone(world: World) -> Phone:
    return world.leased()


@pytest.fixture
def cloned(world: World, phone: Phone) -> Phone:
    """A phone that was copied: the copy delivered two rights, the phone one of them and a third."""
    copied = phone.clone()
    first, second, third = world.rights()[:3]
    for right in (first, second):
        copied.deliver(right)
    copied.push()
    phone.deliver(first)
    phone.deliver(third)
    phone.push()
    return phone


def both(world: World) -> dict:
    """Two persons and a reason."""
    return {
        "reason": "kedua HP diperiksa", "actor": WATI, "second": DEWI, "at": timezone.now(),
    }  # fmt: skip


def codes(phone: Phone) -> dict[tuple[int, str], str]:
    """Give the newest decision about each event, by place and the branch's hash."""
    found = Decision.objects.filter(device__short_id=phone.short_id).order_by("id")
    return {(one.seq, bytes(one.event_sha256).hex()[:4]): one.code for one in found}


class TestASecondBranch:
    @pytest.mark.parametrize(
        "act", [supervise.release_branch, supervise.refuse_branch, supervise.reverse_branch]
    )
    def test_is_not_decided_by_one_person_nor_where_there_is_none(self, world, phone, act):
        with pytest.raises(SamePersonError):
            act(world.device(phone), **both(world) | {"second": WATI})
        with pytest.raises(supervise.NoForkError):
            act(world.device(phone), **both(world))

    def test_refused_stays_refused(self, world, cloned):
        assert supervise.refuse_branch(world.device(cloned), **both(world)) == 2

        assert sorted(codes(cloned).values()) == ["event.refused", "event.refused", "ok", "ok"]
        assert set(FieldEventFork.objects.values_list("state", flat=True)) == {"refused"}
        assert Delivery.objects.count() == 2
        with pytest.raises(supervise.NoForkError):
            supervise.release_branch(world.device(cloned), **both(world))
        assert_whole()

    def test_released_counts_where_nothing_counts_and_is_contested_elsewhere(self, world, cloned):
        assert supervise.release_branch(world.device(cloned), **both(world)) == 2

        assert sorted(codes(cloned).values()) == ["claim.already_delivered", "ok", "ok", "ok"]
        assert Delivery.objects.filter(counted=True).count() == 3
        assert Case.objects.count() == 1
        assert_whole()

    def test_may_take_the_place_of_the_first(self, world, cloned):
        device = world.device(cloned)

        assert supervise.reverse_branch(device, **both(world)) == 2
        assert supervise.release_branch(device, **both(world)) == 2

        assert Delivery.objects.filter(counted=True).count() == 1  # its lease held the third still
        assert Delivery.objects.filter(decided_as="reversed").count() == 2
        case = Case.objects.get()
        at = timezone.now()
        decide_case(case, "upheld", "cabang kedua benar", actor=WATI, at=at)
        confirm_case(case, actor=DEWI, at=at)
        assert Delivery.objects.filter(counted=True).count() == 2
        assert Entry.objects.get(kind="branch.reversed").facts["reversed"] == 2
        assert_whole()


class TestTheFirstBranch:
    def test_taken_back_tells_the_phone_and_returns_the_goods(self, world, cloned):
        supervise.reverse_branch(world.device(cloned), **both(world))

        assert sorted(codes(cloned).values()) == [
            "claim.reversed", "claim.reversed", "event.forked", "event.forked",
        ]  # fmt: skip
        assert Delivery.objects.filter(counted=True).count() == 0
        assert_whole()
        with pytest.raises(supervise.NoForkError):
            supervise.reverse_branch(world.device(cloned), **both(world))

    def test_takes_back_nothing_from_before_the_fork(self, world, phone):
        phone.deliver(world.rights()[0])
        phone.push()
        copied = phone.clone()
        copied.deliver(world.rights()[1])
        copied.push()
        phone.deliver(world.rights()[2])
        phone.push()

        supervise.reverse_branch(world.device(phone), **both(world))

        assert Delivery.objects.get(counted=True).receipt_number == f"{phone.short_id}-1"
        assert_whole()


class TestWhatWaits:
    def test_of_a_revoked_device_is_refused_for_good(self, world, phone):
        phone.deliver(world.rights()[0])
        device = world.device(phone)
        devices.revoke(device, reason="hilang", actor=world.actor, at=timezone.now())
        phone.push()

        assert supervise.refuse_waiting(device, **both(world)) == 1

        assert Decision.objects.latest("id").code == "event.refused"
        assert FieldEvent.objects.get().state == "refused"
        assert not Delivery.objects.exists()
        with pytest.raises(supervise.NothingWaitsError):
            supervise.release_waiting(device, **both(world))
        with pytest.raises(supervise.NothingWaitsError):
            supervise.refuse_waiting(device, **both(world))


class TestAParkedEvent:
    def test_that_fails_for_ever_is_given_up(self, world, phone):
        with connection.cursor() as cursor:
            cursor.execute(FAIL.format("%"))
        phone.deliver(world.rights()[0])
        phone.push()
        device = world.device(phone)

        assert supervise.refuse_parked(device, **both(world)) == 1

        assert Decision.objects.latest("id").code == "event.refused"
        assert supervise.retry_parked(at=timezone.now()) == 0
        with pytest.raises(supervise.NothingParkedError):
            supervise.refuse_parked(device, **both(world))


class TestAProposal:
    def test_is_not_confirmed_by_who_made_it(self, world, cloned):
        device, at = world.device(cloned), timezone.now()
        propose.propose_act(device, "refuse_branch", reason="salinan", actor=WATI, at=at)

        with pytest.raises(SamePersonError):
            propose.confirm_act(device, actor=WATI, at=at)

        assert propose.waiting_for(device) is not None
        assert set(FieldEventFork.objects.values_list("state", flat=True)) == {"waiting"}

    @pytest.mark.parametrize(
        ("act", "reason", "refusal"),
        [
            ("forget", "x", propose.UnknownActError),
            ("gap", " ", propose.ProposalReasonError),
            ("gap", "x" * 1_001, propose.ProposalReasonError),
        ],
    )
    def test_is_refused_without_a_known_act_or_a_reason(self, world, phone, act, reason, refusal):
        with pytest.raises(refusal):
            propose.propose_act(
                world.device(phone), act, reason=reason, actor=WATI, at=timezone.now()
            )

    def test_is_refused_to_a_program(self, world, phone):
        with pytest.raises(NotAllowedError):
            propose.propose_act(
                world.device(phone), "gap", reason="x", actor=SYSTEM, at=timezone.now()
            )

    def test_is_one_at_a_time(self, world, cloned):
        device, at = world.device(cloned), timezone.now()
        propose.propose_act(device, "refuse_branch", reason="salinan", actor=WATI, at=at)

        with pytest.raises(propose.ProposalWaitsError):
            propose.propose_act(device, "release_branch", reason="lain", actor=DEWI, at=at)

        propose.return_act(device, actor=DEWI, at=at)
        propose.propose_act(device, "release_branch", reason="lain", actor=DEWI, at=at)

    def test_stays_where_the_act_is_refused(self, world, phone):
        device, at = world.device(phone), timezone.now()
        propose.propose_act(device, "gap", reason="hilang", actor=WATI, at=at)

        with pytest.raises(supervise.NoGapError):
            propose.confirm_act(device, actor=DEWI, at=at)

        assert propose.waiting_for(device) is not None

    def test_confirmed_carries_the_act_out_in_both_names(self, world, cloned):
        device, at = world.device(cloned), timezone.now()
        made = propose.propose_act(device, "refuse_branch", reason="salinan", actor=WATI, at=at)

        assert propose.confirm_act(device, actor=DEWI, at=at) == {"refused": 2}

        entry = Entry.objects.get(kind="event.refused")
        assert (entry.person, entry.facts["second_person"]) == (WATI.person, str(DEWI.person))
        assert propose.reason_of(made) == "salinan"
        assert not Entry.objects.filter(facts__icontains="salinan").exists()
        with pytest.raises(propose.NoProposalError):
            propose.confirm_act(device, actor=DEWI, at=at)
        with pytest.raises(propose.NoProposalError):
            propose.return_act(device, actor=DEWI, at=at)

    def test_that_one_person_ended_as_done_is_refused_by_the_database(self, world, phone):
        propose.propose_act(world.device(phone), "gap", reason="x", actor=WATI, at=timezone.now())

        with pytest.raises(IntegrityError), transaction.atomic():
            Proposal.objects.update(state="done", ended_by_person=WATI.person)
