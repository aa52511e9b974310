"""Whatever phones hand each other, whichever events are lost, in whatever order the rest arrives:
no right counts twice, each has one holder, every event that came has its decision (Hypothesis).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from betang.accounts import devices
from betang.accounts.models import Device
from betang.core.errors import RefusedError
from betang.distribution import lease as leases
from betang.distribution.models import Delivery, Entitlement, LeaseRight, Transfer
from betang.grievances.models import Case
from betang.sync import supervise
from betang.sync.models import Decision, DeviceCursor, FieldEvent
from sandbox.phones.chain import Queued
from sandbox.phones.phone import Phone
from sandbox.phones.transfer import offer, read, show, take, write_transfers
from tests.sync.books import assert_whole
from tests.sync.world import World

PHONES, RIGHTS = 3, 5
#: Somebody delivers; hands over what it holds; hands over what it held once; the office acts.
ACTS = st.one_of(
    st.tuples(st.just("deliver"), st.integers(0, PHONES - 1), st.integers(0, RIGHTS - 1)),
    st.tuples(
        st.just("hand"),
        st.sampled_from([(0, 1), (0, 2), (1, 0)]),
        st.sets(st.integers(0, RIGHTS - 1), min_size=1, max_size=3),
        st.booleans(),
    ),
    st.tuples(st.just("close")),
    st.tuples(
        st.just("office"), st.sampled_from(["override", "revoke"]), st.integers(0, RIGHTS - 1)
    ),
)


class Field:
    """Three phones with one list between them, and what they signed."""

    def __init__(self, world: World, phones: list[Phone], rights: list[str]) -> None:
        self.world, self.rights = world, rights
        self.phones = [copy_of(phone) for phone in phones]
        self.leases = dict(self.phones[0].rights)

    def deliver(self, who: int, which: int) -> None:
        """Deliver a right, held or not: an app may have been altered."""
        self.phones[who].deliver(self.rights[which])

    def hand(self, between: tuple[int, int], which: set[int], finished: bool) -> None:
        """Hand rights over, also such as were given away or delivered before."""
        giver, taker = (self.phones[n] for n in between)
        named = {self.rights[n]: self.leases[self.rights[n]] for n in which}
        asked = offer(taker)
        shown = show(giver, write_transfers(giver, asked, named), named)
        if finished and between[0] == 0:
            take(taker, shown, asked)
        elif finished:  # out of a lease that is not the giver's: its own app refuses
            with pytest.raises(ValueError, match="handoff"):
                read(taker, shown, asked)

    def close(self) -> None:
        """Give the lease back."""
        phone = self.phones[0]
        phone.sign("lease.closed", {"lease": self.leases[self.rights[0]], "last_seq": phone.seq})

    def office(self, act: str, which: int) -> Callable[[], object]:
        """Give an act of the office about the first phone, for some moment between arrivals."""
        at, two = timezone.now(), {"actor": self.world.actor, "second": self.world.second}
        giver = self.world.device(self.phones[0])
        if act == "override":
            right = Entitlement.objects.get(uuid=self.rights[which]).uuid
            return lambda: leases.override(right, reason="uji", at=at, **two)
        return lambda: devices.revoke(giver, reason="uji", actor=self.world.actor, at=at)


def copy_of(phone: Phone) -> Phone:
    twin = phone.clone()
    twin.rights, twin.queue = dict(phone.rights), []
    return twin


@contextmanager
def undone() -> Iterator[None]:
    """Take back what an example did."""
    point = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(point)


@pytest.fixture
def trio(world: World) -> tuple[World, list[Phone], list[str]]:
    phones = [world.leased(), world.confirmed(), world.confirmed()]
    for phone in phones[1:]:
        phone.fetch()
    return world, phones, sorted(phones[0].rights)[:RIGHTS]


def arrive(field: Field, office: list[Callable[[], object]], data: st.DataObject) -> None:
    """Let what was not lost arrive, cut, repeated and in any order; the office acts between."""
    came: list[tuple[Phone, Queued]] = []
    for phone in field.phones:
        lost = data.draw(st.sets(st.sampled_from(range(len(phone.queue) or 1)), max_size=2))
        came += [(phone, one) for n, one in enumerate(phone.queue) if n not in lost]
    order: list[object] = [*came, *office]
    if came:
        order += data.draw(st.lists(st.sampled_from(came), max_size=3))
    for step in data.draw(st.permutations(order)):
        if isinstance(step, tuple):
            step[0].send([step[1]])
            continue
        with suppress(RefusedError), transaction.atomic():  # it may come too late for that
            step()


def settle_the_rest(world: World) -> None:
    """What a supervisor does at last: close each gap, release what waits."""
    two = {"actor": world.actor, "second": world.second, "at": timezone.now()}
    for device in Device.objects.select_related("owner"):
        while True:
            try:
                supervise.close_gap(device, reason="hilang", **two)
            except supervise.NoGapError:
                break
        for act in (supervise.release_waiting, supervise.release_branch):
            with suppress(RefusedError):
                act(device, reason="diperiksa", **two)


def assert_nothing_twice() -> None:
    assert_whole()
    held = LeaseRight.objects.filter(ended_at__isnull=True).select_related("lease")
    holder = {one.entitlement_id: one.lease.device_id for one in held}
    for right in Entitlement.objects.filter(channel="hand"):
        assert right.holder_id == holder.get(right.pk) or right.state == "delivered"
    decided = set(Decision.objects.values_list("device_id", "event_sha256"))
    for event in FieldEvent.objects.all():
        assert (event.device_id, event.payload_sha256) in decided, event.type
    assert not FieldEvent.objects.filter(state="parked").exists()
    contested = Delivery.objects.filter(counted=False).values_list("uuid", flat=True)
    assert set(contested) == set(Case.objects.values_list("subject", flat=True))
    assert not DeviceCursor.objects.filter(held_count__gt=0).exists()
    for one in Transfer.objects.all():
        assert LeaseRight.objects.filter(lease=one.to_lease).count() == one.rights_moved


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(acts=st.lists(ACTS, min_size=2, max_size=9), data=st.data())
def test_no_right_counts_twice_and_every_claim_has_a_decision(trio, acts, data):
    with undone():
        field, office = Field(*trio), []
        for name, *facts in acts:
            if name == "office":
                office.append(field.office(*facts))
            else:
                getattr(field, name)(*facts)

        arrive(field, office, data)
        settle_the_rest(field.world)

        assert_nothing_twice()
