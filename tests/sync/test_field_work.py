"""What else a companion tells: nothing given, typed in from paper, visits, parcels, a levy."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from betang.cards import custody
from betang.cards.issue import issue_cards
from betang.cards.models import Card, Transfer
from betang.cards.parcel import holds
from betang.core.clock import to_wire
from betang.core.identifiers import new_uuid
from betang.core.identity.household_number import household_number
from betang.distribution.models import Delivery, Entitlement
from betang.grievances.models import Case
from betang.journal.models import Entry
from betang.keys.sealing import open_sealed
from betang.registry.follow_up import AlreadyClosedError, WayError, close_follow_up
from betang.registry.models import FollowUp, Household, Member
from tests.sync.world import VILLAGES, World

HERE, NEXT_DOOR, ELSEWHERE = VILLAGES
HOME = {"lat": -2.2, "lng": 113.9, "accuracy_m": 8.0}


def outcomes(phone):
    phone.push()
    phone.pull()
    return [d["code"] for d in phone.decisions]


def family(village: int = HERE) -> Household:
    return Household.objects.filter(village_id=village).order_by("pk")[0]


def facts_of(kind: str) -> dict:
    return Entry.objects.filter(kind=kind).latest("pk").facts


class TestNothingGiven:
    def test_of_a_right_of_another_regency_is_refused(self, world: World):
        phone = world.leased()
        right = world.rights(ELSEWHERE)[0]
        phone.sign("benefit.not_delivered", {"entitlement": right, "reason": "goods_gone"})

        assert outcomes(phone) == ["claim.unknown_right"]
        assert not Entry.objects.filter(kind="benefit.not_delivered").exists()

    @pytest.mark.parametrize("reason", [None, "", "bored", 5])
    def test_without_a_reason_of_the_list_is_malformed(self, world: World, reason):
        phone = world.leased()
        phone.sign("benefit.not_delivered", {"entitlement": world.rights()[0], "reason": reason})

        assert outcomes(phone) == ["event.malformed"]

    def test_leaves_the_right_due_and_a_refusal_of_the_family_to_the_office(self, world: World):
        phone = world.leased()
        right = world.rights(HERE)[0]
        told = {"entitlement": right, "reason": "family_refused", "point": HOME}
        phone.sign("benefit.not_delivered", told, private={"note": "pindah agama, katanya"})
        phone.sign("benefit.not_delivered", told)

        assert outcomes(phone) == ["ok", "ok"]
        assert Entitlement.objects.get(uuid=right).state == "open"
        assert facts_of("benefit.not_delivered")["reason"] == "family_refused"
        follow_up = FollowUp.objects.get()  # told twice, to be done once
        assert (follow_up.kind, follow_up.facts) == ("aid_refused", {"entitlement": right})
        assert follow_up.attachment_sha256 is not None
        phone.deliver(right)
        assert outcomes(phone)[-1] == "ok"  # they came back


class TestPaper:
    def test_typed_in_after_the_lease_waits_whatever_day_the_paper_bears(self, world: World):
        phone = world.leased()
        Entitlement.objects.update(held_until=timezone.now() - timedelta(hours=1))
        before = to_wire(timezone.now() - timedelta(days=2))
        phone.deliver(world.rights()[0], source="paper", paper_at=before, mark="thumbprint")

        assert outcomes(phone) == ["claim.after_lease"]
        assert Delivery.objects.get().counted is False

    def test_without_a_lease_is_contested_like_any_claim(self, world: World):
        phone = world.confirmed()
        phone.fetch()
        phone.deliver(world.rights()[0], source="paper", paper_at=to_wire(timezone.now()))

        assert outcomes(phone) == ["claim.not_leased"]

    def test_of_what_was_delivered_by_phone_is_contested(self, world: World):
        phone = world.leased()
        right = world.rights()[0]
        phone.deliver(right)
        phone.deliver(right, source="paper", paper_at=to_wire(timezone.now()), mark="stamp")

        assert outcomes(phone) == ["ok", "claim.already_delivered"]

    @pytest.mark.parametrize(
        "wrong", [{"paper_at": "kemarin"}, {"paper_at": 5}, {"mark": "kiss"}, {"less": "greed"}]
    )
    def test_that_cannot_be_read_is_malformed(self, world: World, wrong):
        phone = world.leased()
        phone.deliver(world.rights()[0], source="paper", **wrong)

        assert outcomes(phone) == ["event.malformed"]

    def test_counts_on_the_day_that_stands_on_it(self, world: World):
        phone = world.leased()
        day = timezone.now() - timedelta(days=2)
        phone.deliver(
            world.rights()[0], source="paper", paper_at=to_wire(day), mark="thumbprint",
            home_point="none",
        )  # fmt: skip

        assert outcomes(phone) == ["ok"]
        delivery = Delivery.objects.get()
        assert (delivery.counted, delivery.source) == (True, "paper")
        assert abs(delivery.at - day) < timedelta(seconds=1)
        assert facts_of("benefit.delivered")["mark"] == "thumbprint"
        assert FollowUp.objects.get().kind == "home_missing"

    def test_dated_tomorrow_was_dated_wrongly(self, world: World):
        phone = world.leased()
        tomorrow = to_wire(timezone.now() + timedelta(days=1))
        phone.deliver(world.rights()[0], source="paper", paper_at=tomorrow, mark="signature")

        assert outcomes(phone) == ["ok"]
        assert Delivery.objects.get().at <= timezone.now()


class TestVisits:
    def test_a_successor_of_another_family_is_refused(self, world: World):
        phone = world.confirmed()
        other = Member.objects.exclude(household=family())[0]
        told = {"household": str(family().uuid), "outcome": "deceased"}
        phone.sign("household.verified", told | {"successor": str(other.uuid)})

        assert outcomes(phone) == ["household.unknown"]
        assert not FollowUp.objects.exists()

    @pytest.mark.parametrize("on", ["2026-02-30", "kemarin", 20261112, "0001-01-01"])
    def test_a_day_that_is_none_is_malformed(self, world: World, on):
        phone = world.confirmed()
        told = {"household": str(family().uuid), "outcome": "deceased", "on": on}
        phone.sign("household.verified", told)

        assert outcomes(phone) == ["event.malformed"]

    def test_a_death_has_its_day_and_a_successor_to_collect(self, world: World):
        phone = world.confirmed()
        head = Member.objects.get(household=family(), is_head=True)
        child = Member.objects.create(uuid=new_uuid(), household=family(), name="Anak")
        on = (timezone.now() - timedelta(days=40)).date()
        told = {
            "household": str(family().uuid), "outcome": "deceased", "member": str(head.uuid),
            "on": on.isoformat(), "successor": str(child.uuid),
        }  # fmt: skip
        phone.sign("household.verified", told)

        assert outcomes(phone) == ["ok"]
        head.refresh_from_db()
        assert (head.presence, head.presence_on) == ("deceased", on)
        assert FollowUp.objects.get().facts == {"successor": str(child.uuid)}

    def test_a_family_that_left_the_province_is_outside_it(self, world: World):
        phone = world.confirmed()
        told = {"household": str(family().uuid), "outcome": "moved", "left_province": True}
        phone.sign("household.verified", told, private={"moved_to": "Banjarmasin"})

        assert outcomes(phone) == ["ok"]
        assert Household.objects.get(pk=family().pk).inside_province is False

    def test_a_village_that_a_family_moved_to_is_told_and_moves_nobody(self, world: World):
        phone = world.confirmed()
        told = {"household": str(family().uuid), "outcome": "moved", "to_village": str(ELSEWHERE)}
        phone.sign("household.verified", told)

        assert outcomes(phone) == ["ok"]
        assert family().village_id == HERE
        assert FollowUp.objects.get().facts == {"to_village": str(ELSEWHERE)}


class TestAHomeWithoutAPoint:
    def test_is_followed_up_once_until_a_point_arrives(self, world: World):
        phone = world.confirmed()
        told = {"household": str(family().uuid), "dwelling": "none"}
        anchor = {"anchor": "pasar subuh", "home": None}
        for _ in range(2):
            phone.sign("household.geotagged", told, private=anchor)
        assert outcomes(phone) == ["ok", "ok"]
        (follow_up,) = FollowUp.objects.all()
        assert (follow_up.kind, follow_up.closed_at) == ("home_missing", None)

        phone.sign("household.geotagged", told, private=anchor | {"home": HOME})
        outcomes(phone)

        follow_up.refresh_from_db()
        assert follow_up.closed_how == "point_taken"
        assert facts_of("follow_up.closed")["how"] == "point_taken"

    def test_has_a_custodian_whose_number_is_sealed(self, world: World):
        phone = world.confirmed()
        told = {"household": str(family().uuid), "dwelling": "none"}
        private = {"custodian_name": "Bu Iyah", "custodian_contact": "0812-0000-1111"}
        phone.sign("household.geotagged", told, private=private)
        phone.sign("household.geotagged", told, private={"anchor": "lapak 3"})

        assert outcomes(phone) == ["ok", "ok"]
        kept = family()
        assert (kept.custodian, kept.anchor) == ("Bu Iyah", "lapak 3")
        sealed = bytes(kept.custodian_contact_sealed)
        assert b"0812" not in sealed
        assert open_sealed(sealed) == b"0812-0000-1111"


class TestClosingByAPerson:
    @pytest.fixture
    def follow_up(self, world: World) -> FollowUp:
        phone = world.confirmed()
        told = {"household": str(family().uuid), "outcome": "not_found"}
        phone.sign("household.verified", told)
        outcomes(phone)
        return FollowUp.objects.get()

    def test_refuses_to_close_without_saying_how(self, follow_up, budi, noon):
        with pytest.raises(WayError):
            close_follow_up(follow_up, "", actor=budi, at=noon)

    def test_refuses_a_second_closing(self, follow_up, budi):
        close_follow_up(follow_up, "done", actor=budi, at=timezone.now())

        with pytest.raises(AlreadyClosedError):
            close_follow_up(follow_up, "not_needed", actor=budi, at=timezone.now())

        assert Entry.objects.filter(kind="follow_up.closed").count() == 1


class TestAParcelOfCards:
    @pytest.fixture
    def carried(self, world: World):
        issue_cards(actor=world.actor, at=timezone.now())
        with connection.cursor() as cursor:
            cursor.execute("UPDATE cards_card SET state = 'printed'")
        custody.receive(actor=world.actor, at=timezone.now())
        phone = world.leased()
        custody.entrust(world.device(phone).uuid, area=HERE, actor=world.actor, at=timezone.now())
        phone.fetch()
        return phone

    def test_of_another_device_is_unknown(self, carried, world: World):
        other = world.confirmed()
        (parcel,) = carried.bundle["parcels"]
        other.sign("cards.received", {"transfer": parcel["uuid"], "counted": parcel["count"]})

        assert outcomes(other) == ["parcel.unknown"]
        assert Transfer.objects.get(uuid=parcel["uuid"]).state == "carried"

    @pytest.mark.parametrize(
        "told",
        [
            {"counted": 5},
            {"counted": 5, "missing": [f"62{household_number(999)}01"], "reason": "lost"},
        ],
    )
    def test_that_does_not_add_up_is_refused(self, carried, told):
        (parcel,) = carried.bundle["parcels"]
        carried.sign("cards.received", {"transfer": parcel["uuid"]} | told)

        assert outcomes(carried) == ["parcel.differs"]

    def test_whole_is_signed_at_both_ends_and_counted_once(self, carried):
        (parcel,) = carried.bundle["parcels"]
        told = {"transfer": parcel["uuid"], "counted": parcel["count"]}
        carried.sign("cards.received", told)
        carried.sign("cards.received", told)

        assert outcomes(carried) == ["ok", "parcel.counted_before"]
        transfer = Transfer.objects.get(uuid=parcel["uuid"])
        assert (transfer.state, transfer.received_count) == ("received", parcel["count"])
        assert holds(transfer)
        assert carried.fetch()["parcels"] == []

    def test_short_leaves_the_missing_card_on_its_way(self, carried):
        (parcel,) = carried.bundle["parcels"]
        gone, *rest = parcel["numbers"]
        told = {"counted": len(rest), "missing": [gone], "reason": "not_packed"}
        carried.sign("cards.received", {"transfer": parcel["uuid"]} | told)
        carried.sign("card.handed_over", {"card": gone, "collector": "head"})
        carried.sign("card.handed_over", {"card": rest[0], "collector": "head",
                                          "home_point": "none"})  # fmt: skip

        assert outcomes(carried) == ["ok", "card.not_in_custody", "ok"]
        assert Transfer.objects.get(uuid=parcel["uuid"]).state == "short"
        wanted = FollowUp.objects.get()
        assert wanted.household_id == Card.objects.get(number=rest[0]).household_id


class TestALevy:
    @pytest.mark.parametrize("wrong", [{"amount_rupiah": -1}, {"amount_rupiah": "50"},
                                       {"asked_by": "Pak Budi"}, {"on": "tadi"}])  # fmt: skip
    def test_that_cannot_be_read_is_malformed(self, world: World, wrong):
        phone = world.confirmed()
        phone.sign("grievance.opened", {"kind": "levy", "village": str(HERE)} | wrong)

        assert outcomes(phone) == ["event.malformed"]

    def test_names_no_family_where_it_wishes_to_stay_unnamed(self, world: World):
        phone = world.confirmed()
        told = {
            "kind": "levy", "village": str(HERE), "household": str(family().uuid),
            "amount_rupiah": 50_000, "asked_by": "neighbourhood", "on": "2026-11-20",
            "anonymous": True,
        }  # fmt: skip
        phone.sign("grievance.opened", told, private={"note": "diminta saat antre"})

        assert outcomes(phone) == ["ok"]
        case = Case.objects.get()
        assert (case.kind, case.household) == ("levy", None)
        assert case.facts["amount_rupiah"] == 50_000
        assert (case.facts["asked_by"], case.facts["on"]) == ("neighbourhood", "2026-11-20")
        assert case.facts["anonymous"] is True
