"""The ticket roster: who gets none, what is made and withdrawn, and what travels."""

from datetime import timedelta
from threading import Event

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from betang import worker
from betang.accounts import devices
from betang.cards import block, custody
from betang.cards import tickets as rosters
from betang.cards.issue import issue_cards
from betang.cards.models import Card, TicketRoster, TicketSegment
from betang.core.card.ticket_page import read_page
from betang.distribution import lease as leases
from betang.distribution.models import Lease
from betang.keys import chip_master
from betang.sync import tickets
from sandbox.chip.virtual_chip import VirtualChip
from sandbox.phones.phone import Phone
from sandbox.phones.wire import RefusedByServerError
from tests.sync.world import VILLAGES, World

HERE, NEXT, ELSEWHERE = VILLAGES


@pytest.fixture
def village(world: World, settings) -> World:
    """Cards with chips: the families of the first village hold theirs, the others' are in stock."""
    settings.DEMO, settings.TICKETS = True, 8
    chip_master.make_test_master()
    issue_cards(actor=world.actor, at=timezone.now(), virtual_chips=True)
    Card.objects.update(state="printed")
    custody.receive(actor=world.actor, at=timezone.now())
    Card.objects.filter(village_id=HERE).update(state="active", handed_over_at=timezone.now())
    return world


def build(minutes: float = 0) -> int:
    """Let the worker visit everybody who is due; give how many it visited."""
    visited = 0
    while tickets.build_next(at=timezone.now() + timedelta(minutes=minutes)):
        visited += 1
    return visited


def card_of(village: int) -> Card:
    return Card.objects.filter(village_id=village).order_by("pk")[0]


def chip_of(card: Card, settings, *, counter: int = 0) -> VirtualChip:
    master = bytes.fromhex(chip_master.test_master_path().read_text())
    chip = VirtualChip.of(bytes(card.chip_uid), master=master, host=settings.CARD_HOST)
    chip.counter = counter
    return chip


def tapped(chip: VirtualChip, times: int = 1) -> list[dict]:
    taps = [chip.tap() for _ in range(times)]
    return [{"uid": t.uid.hex(), "counter": t.counter, "mac": t.mac.hex()} for t in taps]


def held(phone: Phone, card: Card) -> list[tuple[int, int]]:
    """First counter and number of the parts that the phone holds of a card."""
    return [(p.first, p.count) for p in phone.tickets.held.get(bytes(card.chip_uid), ())]


def raise_counter(card: Card, to: int) -> None:
    Card.objects.filter(pk=card.pk).update(counter=to)


class TestGetsNone:
    def test_a_phone_without_nfc(self, village: World):
        village.leased(areas=(HERE,))

        assert build() == 0
        assert not TicketRoster.objects.exists()

    def test_a_phone_without_a_lease_or_cards(self, village: World):
        village.confirmed(areas=(HERE,), has_nfc=True)

        assert build() == 0

    def test_a_phone_that_nobody_confirmed(self, village: World):
        phone = village.phone(has_nfc=True)

        assert build() == 0
        with pytest.raises(RefusedByServerError, match=r"device\.not_confirmed"):
            phone.fetch()

    @pytest.mark.parametrize("since", ["", "-1", "x", "1.5", "4294967296", "9" * 40, "١"])
    def test_who_asks_from_what_is_no_revision(self, village: World, since):
        phone = village.leased(areas=(HERE,), has_nfc=True)

        answer = phone.request("GET", f"/api/v1/tickets?since={since}")

        assert (answer.status_code, answer.json()["code"]) == (422, "tickets.since")

    def test_a_phone_where_the_chips_keys_are_not(self, village: World, settings, caplog):
        settings.DEMO, tickets._told_of_no_master = False, False

        phone = village.leased(areas=(HERE,), has_nfc=True)
        assert build() == 1
        assert build(minutes=3) == 1
        phone.fetch()

        assert Lease.objects.get().rights_count == 6
        assert (phone.tickets.held, phone.bundle["tickets"]) == ({}, 0)
        said = [r.message for r in caplog.records if "no tickets are made here" in r.message]
        assert len(said) == 1
        assert chip_master.NoChipMasterError.sentence in said[0]

    def test_any_phone_where_the_operator_wants_none(self, village: World, settings):
        phone = village.leased(areas=(HERE,), has_nfc=True)
        build()
        settings.TICKETS = 0
        build(minutes=3)
        phone.fetch()

        assert phone.tickets.held == {}

    def test_a_card_of_another_grade(self, village: World):
        card = card_of(HERE)
        card.delete()
        card.pk, card.place, card.grade, card.qr = None, None, "foreign_chip", ""
        card.save()
        phone = village.leased(areas=(HERE,), has_nfc=True)
        build()
        phone.fetch()

        assert len(phone.tickets.held) == 5
        assert held(phone, card) == []


class TestALease:
    def test_brings_the_next_readings_of_its_families_cards(self, village: World, settings):
        card = card_of(HERE)
        raise_counter(card, 40)
        phone = village.leased(areas=(HERE,), has_nfc=True)
        assert phone.bundle["tickets"] == 0  # none is made in a request

        assert build() == 1
        assert build() == 0  # nothing more to do at this moment
        phone.fetch()

        assert len(phone.tickets.held) == 6
        assert held(phone, card) == [(41, 8)]
        taps = tapped(chip_of(card, settings, counter=42), 2)
        assert phone.tickets.see(taps[:1], counter=40) == "one"
        assert phone.tickets.see(taps[:1], counter=40) == "tap.replayed"
        far = tapped(chip_of(card, settings, counter=48))
        assert phone.tickets.see(far, counter=40) == "past_window"
        assert phone.tickets.see(taps[1:], counter=40) == "one"
        forged = [tapped(chip_of(card, settings, counter=46))[0] | {"mac": "00" * 8}]
        assert phone.tickets.see(forged, counter=40) == "tap.forged"

    def test_and_custody_bring_cards_that_wait(self, village: World):
        phone = village.confirmed(areas=(HERE, NEXT), has_nfc=True)
        device = village.device(phone)
        custody.entrust(device.uuid, area=NEXT, actor=village.actor, at=timezone.now())
        build()
        phone.fetch()

        assert set(phone.tickets.held) == {
            bytes(card.chip_uid) for card in Card.objects.filter(village_id=NEXT)
        }

    def test_is_made_in_parts_that_survive_a_halt(self, village: World, monkeypatch):
        monkeypatch.setattr(rosters, "CHUNK", 2)
        village.leased(areas=(HERE,), has_nfc=True)
        asked = iter([False, False, True])

        tickets.build_next(at=timezone.now(), halted=lambda: next(asked))
        assert TicketSegment.objects.count() == 4
        before = set(TicketSegment.objects.values_list("pk", "revision"))
        assert TicketRoster.objects.get().looked_at is None
        build()

        kept = set(TicketSegment.objects.values_list("pk", "revision"))
        assert TicketSegment.objects.count() == 6
        assert before < kept
        assert {revision for _, revision in kept} == {1, 2, 3}

    def test_travels_a_page_at_a_time(self, village: World, monkeypatch):
        monkeypatch.setattr(rosters, "CHUNK", 1)
        monkeypatch.setattr(rosters, "PAGE_BYTES", 2 * (8 * 8 + 12))
        phone = village.leased(areas=(HERE,), has_nfc=True)
        build()

        first = read_page(phone._page(0))
        assert (first.since, first.revision, first.newest, len(first.segments)) == (0, 2, 6, 2)
        phone.fetch()
        assert (phone.tickets.revision, len(phone.tickets.held)) == (6, 6)
        assert read_page(phone._page(6)).segments == ()

    def test_that_ended_withdraws_them(self, village: World):
        phone = village.leased(areas=(HERE,), has_nfc=True)
        build()
        phone.fetch()
        leases.close(Lease.objects.get(), last_seq=0, actor=village.actor, at=timezone.now())

        build(minutes=3)
        phone.fetch()

        assert phone.tickets.held == {}
        assert not TicketSegment.objects.filter(count__gt=0).exists()

    def test_that_is_past_its_day_withdraws_them_too(self, village: World):
        phone = village.leased(areas=(HERE,), has_nfc=True)
        build()
        Lease.objects.update(not_after=timezone.now() + timedelta(minutes=1))

        build(minutes=3)
        phone.fetch()

        assert phone.tickets.held == {}


class TestWhatWasConsumed:
    def test_is_made_again_and_nothing_else(self, village: World):
        card, other = Card.objects.filter(village_id=HERE).order_by("pk")[:2]
        phone = village.leased(areas=(HERE,), has_nfc=True)
        build()
        phone.fetch()
        raise_counter(card, 3)

        build(minutes=3)
        page = read_page(phone._page(phone.tickets.revision))
        phone.fetch()

        assert [(part.uid, part.first, part.count) for part in page.segments] == [
            (bytes(card.chip_uid), 9, 3)
        ]
        assert held(phone, card) == [(1, 8), (9, 3)]
        assert held(phone, other) == [(1, 8)]

    def test_waits_until_an_eighth_was_consumed(self, village: World, settings):
        settings.TICKETS = 64
        card = card_of(HERE)
        phone = village.leased(areas=(HERE,), has_nfc=True)
        build()
        raise_counter(card, 7)
        build(minutes=3)
        assert TicketSegment.objects.filter(card=card).count() == 1

        raise_counter(card, 8)
        build(minutes=6)
        phone.fetch()
        assert held(phone, card) == [(1, 64), (65, 8)]

    def test_past_the_window_begins_behind_it(self, village: World):
        card = card_of(HERE)
        phone = village.leased(areas=(HERE,), has_nfc=True)
        build()
        raise_counter(card, 500)
        build(minutes=3)
        phone.fetch()

        assert held(phone, card) == [(501, 8)]

    def test_ends_with_the_counter_of_the_chip(self, village: World):
        card = card_of(HERE)
        raise_counter(card, 0xFFFFFF - 3)
        phone = village.leased(areas=(HERE,), has_nfc=True)
        build()
        phone.fetch()

        assert held(phone, card) == [(0xFFFFFD, 3)]

    def test_through_another_phone_reaches_all_that_hold_the_card(self, village: World, settings):
        card = card_of(NEXT)
        holder = village.confirmed(areas=(NEXT,), has_nfc=True)
        device = village.device(holder)
        custody.entrust(device.uuid, area=NEXT, actor=village.actor, at=timezone.now())
        Card.objects.filter(pk=card.pk).update(state="active", handed_over_at=timezone.now())
        village.lease(holder)
        other = village.confirmed(areas=(HERE, NEXT))
        build()
        holder.fetch()
        other.fetch()
        taps = tapped(chip_of(card, settings), 2)
        shown = {"number": card.number, "colour": "amber", "reason": "tap.past_window", "qr": True}
        right = village.rights(NEXT)[0]
        other.deliver(right, card=shown | {"taps": taps})
        other.push()

        build(minutes=3)
        holder.fetch()

        (told,) = [one for one in holder.bundle["cards"] if one["number"] == card.number]
        assert told["counter"] == 2
        assert held(holder, card) == [(1, 8), (9, 2)]
        assert holder.tickets.see(taps, counter=told["counter"]) == "tap.replayed"


class TestTheEnd:
    def test_of_a_card_withdraws_its_tickets_alone(self, village: World):
        card = card_of(HERE)
        phone = village.leased(areas=(HERE,), has_nfc=True)
        build()
        phone.fetch()
        block.block(card.number, reason="lost", actor=village.actor, at=timezone.now())

        build(minutes=3)
        page = read_page(phone._page(phone.tickets.revision))
        phone.fetch()

        assert [(part.uid, part.count) for part in page.segments] == [(bytes(card.chip_uid), 0)]
        assert len(phone.tickets.held) == 5
        assert read_page(phone._page(0)).segments == read_page(phone._page(0)).segments
        assert all(part.count for part in read_page(phone._page(0)).segments)

    def test_of_a_chips_keys_gives_new_tickets(self, village: World, settings):
        card = card_of(HERE)
        phone = village.leased(areas=(HERE,), has_nfc=True)
        build()
        phone.fetch()
        Card.objects.filter(pk=card.pk).update(key_version=2)

        build(minutes=3)
        phone.fetch()

        master = bytes.fromhex(chip_master.test_master_path().read_text())
        uid = bytes(card.chip_uid)
        new = VirtualChip.of(uid, master=master, host=settings.CARD_HOST, version=2)
        assert held(phone, card) == [(1, 8)]
        assert phone.tickets.see(tapped(new, 2), counter=0) == "two_rising"

    def test_of_a_device_ends_its_roster(self, village: World):
        phone = village.leased(areas=(HERE,), has_nfc=True)
        build()
        devices.revoke(village.device(phone), reason="lost", actor=village.actor, at=timezone.now())

        assert build(minutes=3) == 0
        assert not TicketRoster.objects.exists()
        assert not TicketSegment.objects.exists()
        with pytest.raises(RefusedByServerError, match=r"device\.revoked"):
            phone.fetch()


class TestAPhoneEnrolledAgain:
    def test_has_another_salt_and_begins_anew(self, village: World):
        first = village.leased(areas=(HERE,), has_nfc=True)
        build()
        first.fetch()
        leases.close(Lease.objects.get(), last_seq=0, actor=village.actor, at=timezone.now())
        second = village.leased(areas=(HERE,), has_nfc=True)
        build()
        second.fetch()

        assert len({bytes(one.salt) for one in TicketRoster.objects.all()}) == 2
        assert first.tickets.salt != second.tickets.salt
        page = read_page(second._page(first.tickets.revision + 40))
        assert page.since == 0  # a revision that it was never given: all of it


class TestTheWorker:
    @pytest.mark.django_db(transaction=True)
    def test_makes_them_alone_and_says_when_there_is_no_more(self, village: World):
        phone = village.leased(areas=(HERE,), has_nfc=True)
        beside = connection.copy()
        with beside.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, hashtext('tickets'))", [0x6572_7264])
            assert worker.tickets_once(Event()) is False  # another worker is at it
            cursor.execute("SELECT pg_advisory_unlock_all()")
        beside.close()

        assert worker.tickets_once(Event()) is True
        assert worker.tickets_once(Event()) is False
        phone.fetch()
        assert len(phone.tickets.held) == 6

    def test_goes_on_with_the_next_device_when_one_fails(self, village: World, monkeypatch):
        village.leased(areas=(HERE,), has_nfc=True)

        def broken(*_: object, **__: object) -> None:
            raise ValueError("an HSM that lost its session")

        monkeypatch.setattr(chip_master, "file_read_keys", broken)

        assert build() == 1
        monkeypatch.undo()
        chip_master.make_test_master()


class TestTheDatabase:
    @pytest.mark.parametrize(
        "spoil",
        [
            {"count": 9},
            {"first": 0},
            {"first": 0xFFFFFF},
            {"count": 0, "tickets": b""},
            {"tickets": b"x"},
        ],
        ids=["count", "reading 0", "past the end", "a withdrawal of a reading", "half a ticket"],
    )
    def test_refuses_tickets_that_cannot_be(self, village: World, spoil):
        village.leased(areas=(HERE,), has_nfc=True)
        build()
        one = TicketSegment.objects.first()

        with pytest.raises(IntegrityError), transaction.atomic():
            TicketSegment.objects.filter(pk=one.pk).update(**spoil)

    def test_refuses_a_salt_of_another_size(self, village: World):
        with pytest.raises(IntegrityError), transaction.atomic():
            TicketRoster.objects.create(device=village.owner.uuid, salt=bytes(15))
