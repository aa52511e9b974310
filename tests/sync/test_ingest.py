"""Events up: what is refused, what is kept, what counts."""

import pytest

from betang.core.event import envelope
from betang.distribution.models import Delivery, Entitlement, VillageTally
from betang.ledger.balance import balance, imbalance
from betang.sync.models import Decision, FieldEvent, FieldEventFork
from tests.sync.world import World, count_all


def outcomes(phone):
    phone.pull()
    return [(d["seq"], d["outcome"], d["code"]) for d in phone.decisions]


class TestBytesThatAreNotAuthentic:
    @pytest.mark.parametrize(
        ("spoil", "code"),
        [
            (lambda jws: jws[:-4] + ("AAAA" if jws[-4:] != "AAAA" else "BBBB"), "event.signature"),
            (lambda jws: "x" + jws, "event.form"),
            (lambda jws: jws.replace(".", ""), "event.form"),
            (lambda jws: "é" + jws, "event.form"),
            (lambda jws: jws + "A" * 40_000, "event.size"),
            (lambda jws: "", "event.form"),
        ],
    )
    def test_leave_no_row_and_freeze_nobody(self, world: World, spoil, code):
        phone = world.leased()
        queued = phone.deliver(world.rights()[0])
        queued.jws = spoil(queued.jws)

        with count_all(FieldEvent), count_all(Decision):
            (answer,) = phone.send([queued])["answers"]

        assert answer["answer"] == "refused"
        assert answer["code"] == code
        assert phone.state()["device"]["state"] == "active"

    def test_of_another_device_are_refused(self, world: World):
        phone, other = world.leased(), world.confirmed()
        foreign = other.sign("stock.counted", {})

        (answer,) = phone.send([foreign])["answers"]

        assert answer["code"] == "event.form"
        assert FieldEvent.objects.count() == 0

    def test_an_attachment_that_is_another_one_is_refused_with_its_event(self, world: World):
        phone = world.leased()
        first, second = (phone.deliver(right) for right in world.rights()[:2])
        first.attachment = second.attachment

        one, two = phone.send([first, second])["answers"]

        assert one["code"] == "event.attachment"
        assert two["answer"] == "held"


class TestAuthenticButMalformed:
    def test_without_a_place_leaves_one_event_and_one_decision(self, world: World):
        phone = world.leased()
        payload = b'{"v":1,"dev":"' + phone.short_id.encode() + b'","seq":"one"}'
        jws = envelope.sign(phone.key, phone.short_id, payload)

        queued = phone.sign("x.y", {})
        queued.jws = jws
        one = phone.send([queued, queued])["answers"]
        again = phone.send([queued])["answers"]

        assert [a["answer"] for a in one + again] == ["stored", "again", "again"]
        assert FieldEvent.objects.count() == 1
        assert [d.code for d in Decision.objects.all()] == ["event.malformed"]

    def test_in_its_place_is_decided_and_does_not_block_the_queue(self, world: World):
        phone = world.leased()
        phone.sign("benefit.delivered", {"entitlement": "no"})
        phone.sign("what.ever", {})
        phone.deliver(world.rights()[0])

        answers = phone.push()

        assert [a["answer"] for a in answers] == ["stored"] * 3
        assert outcomes(phone) == [
            (1, "refused", "event.malformed"),
            (2, "refused", "event.unknown_kind"),
            (3, "accepted", "ok"),
        ]


class TestTheChain:
    def test_repeats_change_nothing(self, world: World):
        phone = world.leased()
        batch = [phone.deliver(right) for right in world.rights()[:3]]
        phone.push()

        with count_all(FieldEvent), count_all(Decision), count_all(Delivery):
            answers = phone.send(batch + batch)["answers"]

        assert {a["answer"] for a in answers} == {"again"}

    def test_a_gap_holds_back_and_is_applied_when_it_is_filled(self, world: World):
        phone = world.leased()
        one, two, three = (phone.deliver(right) for right in world.rights()[:3])

        held = phone.send([three, two])
        assert [a["answer"] for a in held["answers"]] == ["held", "held"]
        assert held["answers"][0]["expected_seq"] == 1
        assert Delivery.objects.count() == 0
        assert [a["answer"] for a in phone.send([three])["answers"]] == ["held"]
        filled = phone.send([one])

        assert [a["answer"] for a in filled["answers"]] == ["stored"]
        assert filled["applied_seq"] == 3
        assert Delivery.objects.filter(counted=True).count() == 3
        assert [o[1] for o in outcomes(phone)] == ["accepted"] * 3

    def test_another_payload_at_a_taken_place_freezes_the_device(self, world: World):
        phone = world.leased()
        rights = world.rights()
        clone = phone.clone()
        phone.deliver(rights[0])
        phone.deliver(rights[1])
        phone.push()
        clone.deliver(rights[2])

        answers = clone.push()

        assert [a["answer"] for a in answers] == ["fork"]
        assert clone.stopped
        assert phone.state()["device"]["state"] == "frozen"
        assert FieldEventFork.objects.count() == 1
        assert Delivery.objects.filter(counted=True).count() == 2
        assert [a["answer"] for a in clone.send(clone.queue)["answers"]] == ["fork"]
        assert FieldEventFork.objects.count() == 1

    def test_a_predecessor_that_does_not_fit_freezes_the_device(self, world: World):
        phone = world.leased()
        clone = phone.clone()
        phone.deliver(world.rights()[0])
        phone.push()
        clone.deliver(world.rights()[1])
        second = clone.deliver(world.rights()[2])

        (answer,) = clone.send([second])["answers"]

        assert answer["answer"] == "fork"
        assert clone.state()["device"]["state"] == "frozen"

    def test_everything_after_a_fork_waits(self, world: World):
        phone = world.leased()
        clone = phone.clone()
        phone.deliver(world.rights()[0])
        phone.push()
        clone.deliver(world.rights()[1])
        clone.push()

        phone.deliver(world.rights()[2])
        answers = phone.push()

        assert [a["answer"] for a in answers] == ["stored"]
        assert outcomes(phone)[-1] == (2, "waiting", "device.frozen")
        assert Delivery.objects.count() == 1


class TestDeliveries:
    def test_count_once_move_goods_and_tally(self, world: World):
        phone = world.leased(areas=(6201011001,))
        for right in world.rights(6201011001):
            phone.deliver(right)

        phone.push()

        assert Delivery.objects.filter(counted=True).count() == 6
        assert Entitlement.objects.filter(state="delivered").count() == 6
        tally = VillageTally.objects.get(village_id=6201011001)
        assert (tally.due, tally.served_offline, tally.contested) == (6, 6, 0)
        assert balance("beban.beras") == 30
        assert imbalance() == []

    def test_by_a_device_that_does_not_hold_the_right_are_contested_and_open_a_case(
        self, world: World
    ):
        from betang.grievances.models import Case

        world.leased()
        other = world.confirmed()
        other.deliver(world.rights()[0])

        other.push()

        assert outcomes(other) == [(1, "contested", "claim.not_leased")]
        assert Case.objects.filter(kind="contested_delivery").count() == 1
        assert Entitlement.objects.filter(state="delivered").count() == 0

    def test_of_one_right_twice_by_one_device_count_once(self, world: World):
        phone = world.leased()
        right = world.rights()[0]
        phone.deliver(right)
        phone.deliver(right)

        phone.push()

        assert [o[1:] for o in outcomes(phone)] == [
            ("accepted", "ok"),
            ("contested", "claim.already_delivered"),
        ]
        assert "sudah diambil pada" in phone.decisions[1]["sentence"]

    def test_of_a_right_of_the_bank_are_refused(self, world: World):
        phone = world.leased()
        cash = Entitlement.objects.filter(channel="bank")[0]
        phone.deliver(str(cash.uuid))

        phone.push()

        assert outcomes(phone) == [(1, "refused", "claim.unknown_right")]
