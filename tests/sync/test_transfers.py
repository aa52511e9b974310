"""Rights handed from phone to phone without a network: whoever tells of it first, once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from betang.accounts import devices
from betang.core.lease.handoff import HandoffRefusedError, read_receipt
from betang.core.lease.rights import write_rights
from betang.distribution import lease as leases
from betang.distribution import move
from betang.distribution.models import Delivery, Entitlement, Lease, LeaseRight, Transfer
from betang.grievances.models import Case
from betang.journal.models import Entry
from betang.sync import supervise
from betang.sync.decisions import read_after
from sandbox.phones.phone import Phone
from sandbox.phones.transfer import accept, give, offer, read, show, take, write_transfers
from tests.sync.books import assert_whole
from tests.sync.world import World


def codes(phone: Phone) -> list[str]:
    """The decision that stands about each event, in the order of the chain."""
    told = {one["seq"]: one["code"] for one in [*phone.pull(), *phone.decisions] if one["seq"]}
    told |= {one["seq"]: one["code"] for one in phone.decisions}
    return [told[seq] for seq in sorted(told)]


def meet(world: World, count: int = 3) -> tuple[Phone, Phone, list[str]]:
    """A phone that holds everything, another that holds nothing, and some rights to hand over."""
    giver, taker = world.leased(), world.confirmed()
    taker.fetch()
    return giver, taker, sorted(giver.rights)[:count]


def hand(giver: Phone, taker: Phone, rights: list[str]) -> None:
    """Meet without a network: the offer, the frames, the receiver's signature."""
    asked = offer(taker)
    take(taker, give(giver, asked, rights), asked)


def holders(rights: list[str]) -> set[str]:
    return {one.holder.short_id for one in Entitlement.objects.filter(uuid__in=rights)}


class TestTheReceiversPhone:
    def test_refuses_what_was_meant_for_another(self, world: World):
        giver, taker, rights = meet(world)
        third = world.confirmed()
        shown = give(giver, offer(taker), rights)
        third.fetch()

        with pytest.raises(HandoffRefusedError, match="not_yours"):
            read(third, shown, offer(third))

    def test_refuses_an_old_showing(self, world: World):
        giver, taker, rights = meet(world)
        shown = give(giver, offer(taker), rights)

        with pytest.raises(HandoffRefusedError, match="challenge"):
            read(taker, shown, offer(taker))

    def test_refuses_rights_that_the_lease_does_not_name(self, world: World):
        giver, taker, rights = meet(world)
        asked = offer(taker)
        elsewhere = world.rights(6202011001)[0]
        lease = giver.rights[rights[0]]
        signed = write_transfers(giver, asked, {elsewhere: lease})

        with pytest.raises(HandoffRefusedError, match="rights"):
            read(taker, show(giver, signed, {elsewhere: lease}), asked)

    def test_refuses_a_lease_that_is_over(self, world: World):
        giver, taker, rights = meet(world)
        asked = offer(taker)
        shown = give(giver, asked, rights)

        with pytest.raises(HandoffRefusedError, match="ended"):
            read(taker, shown, asked, at=timezone.now() + timedelta(days=8))

    def test_reads_frames_in_any_order_and_again(self, world: World):
        giver, taker, rights = meet(world)
        asked = offer(taker)
        shown = give(giver, asked, rights)

        assert len(shown) > 2
        taken = read(taker, [*reversed(shown[1:]), *shown[1:], shown[0]], asked)

        assert {str(right) for one in taken.given for right in one.said.rights} == set(rights)
        with pytest.raises(ValueError, match="missing"):
            read(taker, shown[1:], asked)

    def test_gives_a_receipt_that_only_it_can_give(self, world: World):
        giver, taker, rights = meet(world)
        asked = offer(taker)
        shown = give(giver, asked, rights)
        given = read(taker, shown, asked).given

        receipt = take(taker, shown, asked)

        assert read_receipt(receipt, offer=asked, given=given)
        assert not read_receipt(receipt, offer=offer(taker), given=given)
        assert not read_receipt(receipt[:-3] + "000", offer=asked, given=given)


class TestATransfer:
    def test_is_applied_though_the_giver_never_speaks_again(self, world: World):
        giver, taker, rights = meet(world)
        hand(giver, taker, rights)
        for right in rights:
            taker.deliver(right)

        taker.push()

        assert codes(taker) == ["ok"] * 4
        assert Delivery.objects.filter(counted=True).count() == 3
        ended = LeaseRight.objects.filter(end_reason="transferred")
        assert ended.count() == 3
        done = Transfer.objects.get()
        assert (done.rights_named, done.rights_moved, done.giver_heard_at) == (3, 3, None)
        assert done.to_lease.not_after == done.from_lease.not_after
        assert_whole()

    def test_is_applied_though_the_givers_chain_has_a_gap(self, world: World):
        giver, taker, rights = meet(world)
        lost = giver.sign("problem.reported", {"code": "device"})
        hand(giver, taker, rights)
        giver.send([one for one in giver.queue if one is not lost])  # waits for what is lost
        taker.deliver(rights[0])

        taker.push()
        giver.push()

        assert codes(taker) == ["ok", "ok"]
        assert codes(giver) == ["ok", "ok"]
        done = Transfer.objects.get()
        assert done.giver_heard_at
        assert done.receiver_heard_at
        assert Entry.objects.filter(kind="lease.transfer_signed").count() == 1

    def test_that_the_giver_tells_first_waits_for_the_receivers_signature(self, world: World):
        giver, taker, rights = meet(world)
        asked = offer(taker)
        shown = give(giver, asked, rights)
        giver.push()

        assert codes(giver) == ["ok"]
        assert holders(rights) == {taker.short_id}
        assert taker.fetch()["leases"] == []  # it signed nothing: it holds nothing yet

        take(taker, shown, asked)
        taker.push()
        taker.pull()

        assert len(taker.fetch()["leases"]) == 1
        assert set(taker.rights) == set(rights)
        assert Transfer.objects.count() == 1

    def test_brings_the_families_with_the_next_bundle_wherever_they_live(self, world: World):
        giver = world.leased()
        taker = world.confirmed(areas=(6202011001,))
        taker.fetch()
        rights = [right for right in world.rights(6201011001) if right in giver.rights][:2]
        hand(giver, taker, rights)

        taker.push()
        taker.pull()
        bundle = taker.fetch()

        assert {one["uuid"] for one in bundle["entitlements"]} >= set(rights)
        here = [one for one in bundle["households"] if one["village"] == "6201011001"]
        assert len(here) == 2
        assert "6201011001" in {one["code"] for one in bundle["areas"]}
        assert set(taker.rights) == set(rights)

    def test_contests_what_the_giver_claims_later(self, world: World):
        giver, taker, rights = meet(world)
        lease = giver.rights[rights[0]]
        hand(giver, taker, rights)
        giver.rights[rights[0]] = lease  # its app was altered
        giver.deliver(rights[0])

        giver.push()
        taker.deliver(rights[0])
        taker.push()

        assert codes(giver) == ["ok", "claim.not_leased"]
        assert codes(taker) == ["ok", "ok"]
        assert Case.objects.count() == 1
        assert_whole()

    def test_of_what_the_giver_had_delivered_brings_nothing(self, world: World):
        giver, taker, rights = meet(world)
        leases_of = {right: giver.rights[right] for right in rights}
        for right in rights[:2]:
            giver.deliver(right)
        asked = offer(taker)
        signed = write_transfers(giver, asked, leases_of)
        take(taker, show(giver, signed, leases_of), asked)
        taker.deliver(rights[0])
        taker.deliver(rights[2])
        giver.push()

        taker.push()

        assert codes(giver) == ["ok", "ok", "transfer.partly"]
        assert codes(taker) == ["transfer.partly", "claim.already_delivered", "ok"]
        assert_whole()

    def test_shown_again_changes_nothing(self, world: World):
        giver, taker, rights = meet(world)
        asked = offer(taker)
        shown = give(giver, asked, rights)
        take(taker, shown, asked)
        accept(taker, read(taker, shown, asked))

        taker.push()
        giver.push()

        assert codes(taker) == ["ok", "ok"]
        assert Transfer.objects.count() == 1
        assert Lease.objects.filter(device=world.device(taker)).count() == 1

    def test_can_be_used_by_nobody_but_the_one_it_names(self, world: World):
        giver, taker, rights = meet(world)
        third = world.confirmed()
        third.fetch()
        asked = offer(taker)
        shown = give(giver, asked, rights)
        accept(third, read(taker, shown, asked))  # its app was altered
        third.deliver(rights[0])

        third.push()

        assert codes(third) == ["transfer.not_yours", "claim.not_leased"]
        assert holders(rights) == {giver.short_id}

    def test_that_is_forged_is_refused(self, world: World):
        giver, taker, rights = meet(world)
        asked = offer(taker)
        liar = Phone(giver.origin, giver.client, short_id=giver.short_id, bundle=giver.bundle)
        signed = write_transfers(liar, asked, {right: giver.rights[right] for right in rights})
        taker.sign("lease.received", {"transfer": signed[0].jws})
        taker.sign("lease.received", {"transfer": "bm8.bm8.bm8"})
        taker.sign("lease.received", {"transfer": taker.queue[0].jws})
        taker.sign("lease.received", {"transfer": 7})

        taker.push()

        assert codes(taker) == [
            "transfer.forged", "transfer.forged", "transfer.forged", "event.malformed",
        ]  # fmt: skip
        assert holders(rights) == {giver.short_id}

    def test_to_a_stranger_or_to_oneself_moves_nothing(self, world: World):
        giver, taker, rights = meet(world)
        stranger = Phone(giver.origin, None, short_id="00000000")
        held = {right: giver.rights[right] for right in rights}
        write_transfers(giver, offer(stranger), held)
        write_transfers(giver, offer(giver), held)
        write_transfers(giver, offer(taker), dict.fromkeys(rights, str(world.cycle.uuid)))

        giver.push()

        assert codes(giver) == ["transfer.unknown_receiver"] * 2 + ["lease.unknown"]
        assert holders(rights) == {giver.short_id}

    def test_of_one_right_to_two_phones_gives_it_to_one(self, world: World):
        giver, taker, rights = meet(world)
        third = world.confirmed()
        third.fetch()
        held = {right: giver.rights[right] for right in rights}
        hand(giver, taker, rights)
        asked = offer(third)
        signed = write_transfers(giver, asked, held)  # its app was altered
        take(third, show(giver, signed, held), asked)
        for phone in (third, taker):
            phone.deliver(rights[0])

        third.push()
        taker.push()
        giver.push()

        assert codes(third) == ["ok", "ok"]
        assert codes(taker) == ["transfer.nothing", "claim.already_delivered"]
        assert codes(giver) == ["transfer.nothing", "ok"]
        assert Case.objects.count() == 1
        assert_whole()

    def test_comes_back_the_other_way_after_the_server_knew(self, world: World):
        giver, taker, rights = meet(world)
        hand(giver, taker, rights)
        taker.push()
        taker.pull()
        taker.fetch()
        hand(taker, giver, rights[:1])
        giver.deliver(rights[0])

        giver.push()
        taker.push()

        assert codes(giver) == ["ok", "ok", "ok"]
        assert codes(taker) == ["ok", "ok"]
        assert Delivery.objects.get().counted
        assert_whole()


class TestTheOfficeBetween:
    def test_a_right_that_the_office_moved_stays_where_it_is(self, world: World):
        giver, taker, rights = meet(world)
        third = world.confirmed()
        hand(giver, taker, rights)
        lease = Lease.objects.get(device=world.device(giver))
        move.move(
            lease, world.device(third), actor=world.actor, second=world.second, at=timezone.now()
        )
        taker.deliver(rights[0])

        taker.push()

        assert codes(taker) == ["transfer.nothing", "claim.not_leased"]
        assert holders(rights) == {third.short_id}
        assert Case.objects.count() == 1

    def test_what_nobody_acknowledged_is_moved_on_and_the_late_receiver_hears_it(
        self, world: World
    ):
        giver, taker, rights = meet(world)
        third = world.confirmed()
        asked = offer(taker)
        shown = give(giver, asked, rights)
        giver.push()
        made = Lease.objects.get(device=world.device(taker))
        move.move(
            made, world.device(third), actor=world.actor, second=world.second, at=timezone.now()
        )
        take(taker, shown, asked)
        taker.deliver(rights[0])

        taker.push()

        assert codes(taker) == ["transfer.nothing", "claim.not_leased"]
        assert holders(rights) == {third.short_id}

    def test_a_right_that_two_persons_freed_is_not_moved(self, world: World):
        giver, taker, rights = meet(world)
        hand(giver, taker, rights)
        for right in rights[:1]:
            leases.override(
                right, reason="sakit", actor=world.actor, second=world.second, at=timezone.now()
            )

        taker.push()

        assert codes(taker) == ["transfer.partly"]
        assert taker.decisions[-1]["sentence"].startswith("Serah terima tercatat untuk 2 dari 3")

    def test_a_lease_that_was_taken_back_is_taken_back_from_the_receiver_too(self, world: World):
        giver, taker, rights = meet(world)
        hand(giver, taker, rights)
        taker.deliver(rights[0])
        lease = Lease.objects.get(device=world.device(giver))
        leases.revoke(lease, reason="pindah tugas", actor=world.actor, at=timezone.now())

        taker.push()
        giver.push()
        taker.pull()

        assert codes(taker) == ["transfer.revoked", "ok"]
        assert codes(giver) == ["transfer.revoked"]
        assert taker.fetch()["leases"] == []
        assert set(taker.rights) == set()

    def test_a_transfer_by_a_revoked_phone_waits_for_two_persons(self, world: World):
        giver, taker, rights = meet(world)
        hand(giver, taker, rights)
        taker.deliver(rights[0])
        devices.revoke(world.device(giver), reason="hilang", actor=world.actor, at=timezone.now())

        taker.push()

        assert codes(taker) == ["transfer.giver_stopped", "claim.not_leased"]
        assert holders(rights) == {giver.short_id}

        supervise.release_waiting(
            world.device(taker), reason="diperiksa", actor=world.actor, second=world.second,
            at=timezone.now(),
        )  # fmt: skip
        taker.deliver(rights[1])
        taker.push()

        assert codes(taker) == ["ok", "claim.not_leased", "ok"]
        assert holders(rights[1:]) == {taker.short_id}

    def test_a_transfer_by_a_revoked_phone_can_be_refused(self, world: World):
        giver, taker, rights = meet(world)
        hand(giver, taker, rights)
        devices.revoke(world.device(giver), reason="hilang", actor=world.actor, at=timezone.now())
        taker.push()

        supervise.refuse_waiting(
            world.device(taker), reason="dicuri", actor=world.actor, second=world.second,
            at=timezone.now(),
        )  # fmt: skip

        assert codes(taker) == ["event.refused"]
        assert holders(rights) == {giver.short_id}

    def test_what_the_giver_told_before_it_was_revoked_stands(self, world: World):
        giver, taker, rights = meet(world)
        hand(giver, taker, rights)
        giver.push()
        devices.revoke(world.device(giver), reason="hilang", actor=world.actor, at=timezone.now())

        taker.push()

        assert codes(taker) == ["ok"]

    def test_a_revoked_receiver_holds_the_rights_until_the_office_moves_them(self, world: World):
        giver, taker, rights = meet(world)
        third = world.confirmed()
        hand(giver, taker, rights)
        taker.deliver(rights[0])
        devices.revoke(world.device(taker), reason="hilang", actor=world.actor, at=timezone.now())

        taker.push()
        giver.push()

        told = read_after(world.device(taker).pk, 0, 100)
        assert [one["code"] for one in told] == ["device.revoked", "device.revoked"]
        assert codes(giver) == ["ok"]
        assert holders(rights) == {taker.short_id}
        made = Lease.objects.get(device=world.device(taker))
        move.move(
            made, world.device(third), actor=world.actor, second=world.second, at=timezone.now()
        )
        assert holders(rights) == {third.short_id}

    def test_a_claim_dated_after_the_givers_lease_waits(self, world: World):
        giver, taker, rights = meet(world)
        hand(giver, taker, rights)
        Lease.objects.update(
            issued_at=timezone.now() - timedelta(days=9),
            not_after=timezone.now() - timedelta(days=2),
        )
        early = timezone.now() - timedelta(days=3)
        taker.deliver(rights[0], at=early)
        taker.deliver(rights[1])

        taker.push()

        assert codes(taker) == ["ok", "ok", "claim.after_lease"]
        assert_whole()

    def test_a_clock_that_runs_wrong_by_years_moves_the_rights_all_the_same(self, world: World):
        giver, taker, rights = meet(world)
        asked = offer(taker)
        data = write_transfers(giver, asked, {right: giver.rights[right] for right in rights})
        del giver.queue[:]
        giver.seq, giver.head = 0, bytes(32)
        said = read(taker, show(giver, data, dict.fromkeys(rights, giver.rights[rights[0]])), asked)
        told = said.given[0].said
        queued = giver.sign(
            "lease.transferred",
            {
                "lease": str(told.lease), "to": told.to, "to_key": told.to_key.hex(),
                "challenge": told.challenge.hex(), "families": told.families.hex(),
                "rights": write_rights(told.rights),
            },
            at=timezone.now() + timedelta(days=4000),
        )  # fmt: skip
        taker.sign("lease.received", {"transfer": queued.jws})

        taker.push()

        assert codes(taker) == ["ok"]
        assert Transfer.objects.get().at <= timezone.now()
