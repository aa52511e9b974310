"""Whatever phones and the office do, in whatever order: rights, books, events and holders agree.

A Hypothesis state machine on the real database and the real HTTP views, one transaction a life,
rolled back at its end. It checks from the tables after each step what no order of acts may break.
"""

from contextlib import suppress
from datetime import timedelta
from typing import ClassVar

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from hypothesis.stateful import run_state_machine_as_test as run

from benchmarks.field_world import CARDS
from betang.accounts import devices
from betang.core.actor import Actor
from betang.core.errors import RefusedError
from betang.distribution import lease as leases
from betang.distribution.models import Delivery, Entitlement, Lease, LeaseRight
from betang.sync import ingest, supervise
from betang.sync.decisions import decide
from betang.sync.models import Decision, DeviceCursor, FieldEvent, FieldEventFork
from sandbox.phones.chain import Queued
from sandbox.phones.phone import Phone
from sandbox.phones.wire import RefusedByServerError
from tests.sync.books import assert_whole
from tests.sync.world import World, make_world

PHONES = st.integers(0, 3)
RIGHTS = st.integers(0, 5)
DURABLE = frozenset({"stored", "again", "held", "fork"})

#: Time passes by moving what was promised nearer: the site's own clock is the machine's.
PASS = """
UPDATE distribution_lease SET issued_at = issued_at - %(by)s, not_after = not_after - %(by)s;
UPDATE distribution_entitlement SET held_until = held_until - %(by)s WHERE held_until IS NOT NULL
"""
#: A right that a device may deliver by a lease is its holder's, and no other's.
HOLDERS_THAT_DIFFER = """
SELECT e.id FROM distribution_entitlement e
LEFT JOIN distribution_leaseright r ON r.entitlement_id = e.id AND r.ended_at IS NULL
LEFT JOIN distribution_lease l ON l.id = r.lease_id
WHERE (r.id IS NULL) <> (e.state <> 'open' OR e.holder_id IS NULL)
   OR (r.id IS NOT NULL AND l.device_id <> e.holder_id)
"""


class Field(RuleBasedStateMachine):
    """Two phones, their copies, an office; six rights that they quarrel about."""

    world: ClassVar[World]

    @initialize()
    def begin(self) -> None:
        self.savepoint = transaction.savepoint()
        self.phones = [self.world.confirmed() for _ in range(2)]
        for phone in self.phones:
            phone.fetch()
        self.signed: list[list[Queued]] = [[], []]
        self.seen: dict[tuple[int, bytes], tuple[bytes, bytes, str]] = {}
        self.durable: set[tuple[str, bytes]] = set()

    def teardown(self) -> None:
        transaction.savepoint_rollback(self.savepoint)

    # --- phones -------------------------------------------------------------------------------

    def own(self, number: int) -> tuple[Phone, list[Queued]]:
        number %= len(self.phones)
        return self.phones[number], self.signed[number]

    @rule(number=PHONES)
    def fetch(self, number):
        phone, _ = self.own(number)
        with suppress(RefusedByServerError):
            phone.fetch()

    @rule(number=PHONES, right=RIGHTS, late=st.booleans(), card=st.booleans())
    def deliver(self, number, right, late, card):
        phone, signed = self.own(number)
        at = timezone.now() + timedelta(days=30 if late else 0)
        uuid = self.world.rights()[right]
        said = {"number": self.card_of(uuid), "colour": "amber", "reason": "qr.valid"}
        shown = {"card": said | {"qr": True, "taps": []}} if card else {}
        signed.append(phone.deliver(uuid, at=at, **shown))

    @rule(number=PHONES, right=RIGHTS)
    def block_a_card(self, number, right):
        phone, signed = self.own(number)
        said = {"card": self.card_of(self.world.rights()[right]), "reason": "lost"}
        signed.append(phone.sign("card.blocked", said))

    @rule(number=PHONES)
    def tell_a_problem(self, number):
        phone, signed = self.own(number)
        signed.append(phone.sign("problem.reported", {"code": "other"}))

    @rule(number=PHONES)
    def close_a_lease(self, number):
        phone, signed = self.own(number)
        if phone.rights:
            said = {"lease": next(iter(phone.rights.values())), "last_seq": phone.seq}
            signed.append(phone.sign("lease.closed", said))
            phone.rights = {}

    @rule(number=PHONES, picks=st.lists(st.integers(0, 30), min_size=1, max_size=5))
    def send_some_in_any_order(self, number, picks):
        phone, signed = self.own(number)
        if signed:
            self.send(phone, [signed[pick % len(signed)] for pick in picks])

    @rule(number=PHONES)
    def send_all(self, number):
        phone, signed = self.own(number)
        if signed:
            self.send(phone, signed)

    @rule(number=PHONES)
    def clone(self, number):
        phone, signed = self.own(number)
        if len(self.phones) < 4:
            self.phones.append(phone.clone())
            self.signed.append(list(signed))

    @rule(number=PHONES, right=RIGHTS)
    def reserve_online(self, number, right):
        phone, signed = self.own(number)
        uuid = self.world.rights()[right]
        with suppress(RefusedByServerError):
            phone.reserve(entitlement=uuid)
            signed.append(phone.deliver(uuid, online=True))

    # --- the office ---------------------------------------------------------------------------

    @rule(number=PHONES, families=st.integers(1, 4))
    def lease(self, number, families):
        phone, _ = self.own(number)
        with suppress(RefusedError), transaction.atomic():
            self.world.lease(phone, families=families)

    @rule(which=st.integers(0, 9), days=st.integers(1, 31))
    def renew(self, which, days):
        live = list(Lease.objects.select_related("device", "cycle").order_by("pk"))
        if live:
            with suppress(RefusedError), transaction.atomic():
                at = timezone.now()
                leases.renew(live[which % len(live)], days=days, actor=self.world.actor, at=at)

    @rule(which=st.integers(0, 9))
    def revoke_a_lease(self, which):
        live = list(Lease.objects.select_related("device", "cycle").order_by("pk"))
        if live:
            with suppress(RefusedError), transaction.atomic():
                given = {"reason": "x", "actor": self.world.actor, "at": timezone.now()}
                leases.revoke(live[which % len(live)], **given)

    @rule(right=RIGHTS)
    def override(self, right):
        uuid = Entitlement.objects.get(uuid=self.world.rights()[right]).uuid
        with suppress(RefusedError), transaction.atomic():
            leases.override(uuid, reason="x", **self.two())

    @rule(number=PHONES, act=st.sampled_from(["suspend", "reinstate", "suspend", "revoke"]))
    def change_a_device(self, number, act):
        phone, _ = self.own(number)
        given = {"actor": self.world.actor, "at": timezone.now()}
        given |= {} if act == "reinstate" else {"reason": "x"}
        with suppress(RefusedError), transaction.atomic():
            getattr(devices, act)(self.world.device(phone), **given)

    @rule(
        number=PHONES,
        act=st.sampled_from(
            ["close_gap", "release_waiting", "refuse_waiting", "release_branch", "refuse_branch",
             "reverse_branch"]
        ),
    )  # fmt: skip
    def decide_a_chain(self, number, act):
        phone, _ = self.own(number)
        with suppress(RefusedError), transaction.atomic():
            getattr(supervise, act)(self.world.device(phone), reason="x", **self.two())

    @rule(hours=st.sampled_from([1, 30, 24 * 8]))
    def let_time_pass(self, hours):
        with connection.cursor() as cursor:
            cursor.execute(PASS, {"by": timedelta(hours=hours)})

    # --- what must hold -----------------------------------------------------------------------

    @invariant()
    def no_right_is_counted_twice_and_the_books_balance(self):
        assert_whole()

    @invariant()
    def what_was_answered_is_kept_as_it_was_signed(self):
        kept = {}
        for model in (FieldEvent, FieldEventFork):
            for one in model.objects.select_related("device"):
                key = one.device.short_id, bytes(one.payload_sha256)
                kept[key] = bytes(one.payload), bytes(one.signature), one.protected
        for key, was in self.seen.items():
            assert kept[key] == was
        assert self.durable <= kept.keys()
        self.seen = kept

    @invariant()
    def every_event_has_its_decision_or_waits_for_another(self):
        newest = {
            (one.device_id, bytes(one.event_sha256)): one for one in Decision.objects.order_by("pk")
        }
        for event in FieldEvent.objects.all():
            told = newest.get((event.device_id, bytes(event.payload_sha256)))
            if event.state == "held":
                assert told is None
                continue
            assert told is not None
            if event.state == "waiting":
                assert told.outcome == "waiting"
            elif event.state == "refused":
                assert told.outcome == "refused"
            else:
                assert event.state == "applied"
                assert told.outcome != "waiting" or told.code == "claim.after_lease"
        for branch in FieldEventFork.objects.all():
            assert (branch.device_id, bytes(branch.payload_sha256)) in newest

    @invariant()
    def a_chain_is_whole_up_to_its_place(self):
        for place in DeviceCursor.objects.all():
            events = FieldEvent.objects.filter(device_id=place.device_id)
            held = events.filter(state="held")
            assert place.held_count == held.count()
            assert not held.filter(seq__lte=place.applied_seq).exists()
            assert not events.exclude(state="held").filter(seq__gt=place.applied_seq).exists()

    @invariant()
    def the_holder_of_a_right_has_its_live_lease(self):
        with connection.cursor() as cursor:
            cursor.execute(HOLDERS_THAT_DIFFER)
            assert cursor.fetchall() == []
        assert not LeaseRight.objects.filter(ended_at=None, lease__state="closed").exists()

    # --- inside -------------------------------------------------------------------------------

    def send(self, phone: Phone, events: list[Queued]) -> None:
        """Send, and heed nothing of the answer but what it promises."""
        for line in phone.send(events)["answers"]:
            if line["answer"] in DURABLE:
                self.durable.add((phone.short_id, bytes.fromhex(line["sha256"])))

    def two(self) -> dict[str, object]:
        return {"actor": self.world.actor, "second": self.world.second, "at": timezone.now()}

    def card_of(self, right: str) -> str:
        number = Entitlement.objects.select_related("household").get(uuid=right).household.number
        return f"62{number}01"


@pytest.fixture
def small_world(db: None, keys: None, budi: Actor, wati: Actor) -> World:
    """Two families in each of three villages: six rights, and a card in each family's hands."""
    world = make_world(budi, wati, families=2)
    with connection.cursor() as cursor:
        cursor.execute(CARDS)
    return world


def test_whatever_is_done_in_whatever_order_the_tables_agree(small_world: World):
    Field.world = small_world
    given = settings(
        max_examples=12, stateful_step_count=30, deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck), phases=[Phase.generate, Phase.shrink],
    )  # fmt: skip
    run(Field, settings=given)


class TestABrokenRule:
    """The invariants see what they are there for; few steps, chosen, so that it takes no luck."""

    @pytest.fixture
    def field(self, small_world: World) -> Field:
        Field.world = small_world
        field = Field()
        field.begin()
        return field

    def test_an_override_that_leaves_the_lease_alive_is_found(self, field: Field, monkeypatch):
        broken = leases.OVERRIDE.replace("r.ended_at IS NULL", "false")
        assert broken != leases.OVERRIDE
        monkeypatch.setattr(leases, "OVERRIDE", broken)

        field.lease(0, 4)
        field.the_holder_of_a_right_has_its_live_lease()
        field.override(0)

        with pytest.raises(AssertionError):
            field.the_holder_of_a_right_has_its_live_lease()

    def test_a_second_branch_without_its_decision_is_found(self, field: Field, monkeypatch):
        def forgetful(seq, sha256, event, code, **facts):
            named = bytes(32) if code == "event.forked" else sha256
            return decide(seq, named, event, code, **facts)

        monkeypatch.setattr(ingest, "decide", forgetful)

        field.clone(0)
        for number in (0, 2):
            field.tell_a_problem(number)
            field.send_all(number)

        with pytest.raises(AssertionError):
            field.every_event_has_its_decision_or_waits_for_another()

    def test_a_delivery_counted_without_its_goods_is_found(self, field: Field):
        field.lease(0, 4)
        field.fetch(0)
        field.deliver(0, 0, late=False, card=True)
        field.send_all(0)
        field.no_right_is_counted_twice_and_the_books_balance()
        Delivery.objects.filter(counted=True).update(counted=False)

        with pytest.raises(AssertionError):
            field.no_right_is_counted_twice_and_the_books_balance()
