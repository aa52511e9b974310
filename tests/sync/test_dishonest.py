"""A device that lies or errs: what it says beyond its right changes nothing and stops nobody."""

from datetime import UTC, datetime
from uuid import UUID

from betang.core.event import envelope
from betang.core.identifiers import new_uuid
from betang.distribution.models import Delivery
from betang.ledger.balance import balance
from betang.registry.models import Geotag, Household, Member
from sandbox.phones.chain import Queued
from sandbox.phones.phone import Phone
from tests.sync.test_cards import outcomes
from tests.sync.world import VILLAGES, World

HERE, _, ELSEWHERE = VILLAGES
HOME = {"lat": -2.5, "lng": 111.9, "accuracy_m": 1.0}


def sign_as(phone: Phone, event_id: UUID, kind: str, data: dict) -> None:
    """Sign an event under an id of one's own choice."""
    phone.seq += 1
    payload = envelope.payload(
        dev=phone.short_id, seq=phone.seq, prev=phone.head, id=event_id, type=kind,
        at=datetime.now(UTC), data=data,
    )  # fmt: skip
    jws = envelope.sign(phone.key, phone.short_id, payload)
    phone.head = envelope.hash_of(payload)
    phone.queue.append(Queued(phone.seq, event_id, kind, jws, payload, None))


def household(village: int) -> Household:
    return Household.objects.filter(village_id=village)[0]


class TestTwoEventsUnderOneId:
    def test_are_decided_each_by_itself(self, world: World):
        phone, event_id = world.leased(areas=(HERE,)), new_uuid()
        for village in (ELSEWHERE, HERE):
            said = {"household": str(household(village).uuid), "outcome": "found"}
            sign_as(phone, event_id, "household.verified", said)
        phone.push()

        assert outcomes(phone) == ["household.unknown", "ok"]


class TestAVisit:
    def test_to_an_own_family_buries_no_member_of_another(self, world: World):
        phone = world.leased(areas=(HERE,))
        stranger = Member.objects.filter(household__village_id=ELSEWHERE)[0]
        said = {"household": str(household(HERE).uuid), "outcome": "deceased"}
        phone.sign("household.verified", said | {"member": str(stranger.uuid)})
        phone.push()

        stranger.refresh_from_db()
        assert outcomes(phone) == ["household.unknown"]
        assert stranger.presence == "alive"


class TestADelivery:
    def test_of_another_devices_right_moves_no_home(self, world: World):
        holder, other = world.leased(areas=(ELSEWHERE,)), world.leased(areas=(HERE,))
        other.deliver(next(iter(holder.rights)), private={"home": HOME})
        other.push()

        assert outcomes(other) == ["claim.not_leased"]
        assert not Geotag.objects.exists()

    def test_takes_no_more_out_of_the_stock_than_is_due(self, world: World):
        phone, before = world.leased(), balance("persediaan.beras")
        goods = [
            {"item": "beras", "quantity": 9_000_000, "unit": "kg"},
            {"item": "emas", "quantity": 1, "unit": "kg"},
        ]
        phone.deliver(world.rights()[0], goods=goods)
        phone.push()

        assert outcomes(phone) == ["ok"]
        assert before - balance("persediaan.beras") == 5
        assert balance("beban.gula") == balance("beban.emas") == 0

    def test_of_a_part_beyond_the_allowance_does_not_count(self, world: World):
        phone = world.leased()
        phone.deliver(world.rights()[0], part=2)
        phone.push()

        assert outcomes(phone) == ["claim.already_delivered"]
        assert not Delivery.objects.filter(counted=True).exists()
