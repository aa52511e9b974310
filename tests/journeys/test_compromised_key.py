"""The compromised-key drill, played with phones: what is known to a thief turns red everywhere.

Phones speak HTTP to the site and judge without it. The key file is the test's own, since rotations
change it; each act is the one that its command calls (docs/operate/keys.md).
"""

from datetime import timedelta
from hashlib import sha256

import pytest
from django.conf import settings
from django.utils import timezone

from betang.cards import look, reissue, revocation
from betang.cards.block import block
from betang.cards.hand_over import hand_over
from betang.cards.issue import issue_cards
from betang.cards.models import Card
from betang.core.card.qr import CardClaims, sign_token
from betang.core.card.revocation import ListRefusedError, read_list, sign_list
from betang.core.event import courier
from betang.distribution import lease as leases
from betang.journal.models import Entry
from betang.keys import keyfile, ring, signer
from betang.keys.backend import backend
from betang.sync import tickets
from betang.sync.courier import NoExportError, ours, take_export
from sandbox.phones.transfer import give, offer, take
from tests.keys.test_rotate import own, turn  # noqa: F401 -- a fixture
from tests.sync.world import VILLAGES, World, make_world

HERE = VILLAGES[0]


@pytest.fixture
def world(own, budi, wati) -> World:  # noqa: F811 -- the fixture
    """Families with active cards, signed by the first card key, and a list."""
    made = make_world(budi, wati)
    at = made.at
    issue_cards(actor=budi, at=at, virtual_chips=True)
    to_families(made)
    revocation.publish(actor=budi, at=at)
    return made


def to_families(world: World) -> None:
    """Print what is ordered, and hand it over in the office."""
    from betang.cards import custody

    Card.objects.filter(state="ordered").update(state="printed")
    custody.receive(actor=world.actor, at=timezone.now())
    for number in Card.objects.filter(state="in_custody").values_list("number", flat=True):
        hand_over(number, actor=world.actor, at=timezone.now())


def stolen(purpose: str):
    """Take a key as a thief has it: its number and its signature, whatever the ring says later."""
    kid, _ = signer.current(purpose)
    holder = backend()
    return kid, lambda message: holder.sign(kid, message)


def forged(kid, sign, number: str) -> str:
    """Make a card of a family that is served here, as a thief with the card key can."""
    now = timezone.now()
    claims = CardClaims(
        issuer=settings.CARD_HOST, issued_at=now - timedelta(minutes=1),
        expires_at=now + timedelta(days=900), card_number=number, household_name="Pencuri",
        regency=6201,
    )  # fmt: skip
    return sign_token(claims, kid=kid, sign=sign)


def card_here() -> Card:
    return Card.objects.filter(village_id=HERE, state="active").order_by("pk")[0]


def red(verdict, reason: str) -> bool:
    return (verdict.colour, verdict.reason, verdict.allowed, verdict.name_shown) == (
        "red", reason, False, False,
    )  # fmt: skip


class TestAStolenCardKey:
    @pytest.mark.parametrize("nfc", [False, True])
    def test_is_red_everywhere_and_every_card_is_issued_anew(self, world: World, nfc):
        at, budi, wati = timezone.now(), world.actor, world.second
        phone = world.leased(areas=(HERE,), has_nfc=nfc)
        kid, thief = stolen("card")
        old = card_here()
        copy = forged(kid, thief, old.number)
        assert phone.show(old.qr).reason == "qr.valid"
        assert phone.show(copy).colour == "green"  # what the drill is for

        ring.revoke(kid, actor=budi, at=at)

        assert look.by_qr(old.qr, at=at).code == look.by_qr(copy, at=at).code == "key.rotated_out"
        assert phone.show(copy).colour == "green"  # it did not hear yet
        phone.fetch()
        for card in Card.objects.filter(village_id=HERE):
            assert red(phone.show(card.qr), "key.rotated_out")
        assert red(phone.show(copy), "key.rotated_out")

        turn("card", budi, wati, timezone.now())
        act = reissue.propose(reissue.Known(kid=kid), actor=budi, at=timezone.now())
        act = reissue.confirm(act.uuid, actor=wati, at=timezone.now())
        assert (act.ended, act.ordered) == (18, 18)
        to_families(world)
        new = card_here()
        assert new.number != old.number
        assert red(phone.show(new.qr), "key.unknown")  # until its next contact
        phone.fetch()

        assert phone.show(new.qr)[:4] == ("green", 0, True, "qr.valid")
        assert look.by_qr(new.qr, at=timezone.now()).code == "genuine"
        assert red(phone.show(old.qr), "key.rotated_out")
        assert phone.believed.cards.says(old.number) == "card.superseded"
        assert red(phone.show(forged(kid, thief, new.number)), "key.rotated_out")
        assert look.by_qr(forged(kid, thief, new.number), at=timezone.now()).card is None
        assert Entry.objects.filter(kind="cards.reissued").count() == 1

    def test_a_rotation_without_theft_ends_the_old_card_by_the_list(self, world: World):
        budi, wati = world.actor, world.second
        phone = world.leased(areas=(HERE,))
        kid, _ = signer.current("card")
        old = card_here()
        turn("card", budi, wati, timezone.now())
        phone.fetch()
        assert phone.show(old.qr).colour == "green"  # a retired key still vouches

        act = reissue.propose(reissue.Known(kid=kid), actor=budi, at=timezone.now())
        reissue.confirm(act.uuid, actor=wati, at=timezone.now())
        phone.fetch()

        assert red(phone.show(old.qr), "card.superseded")


class TestAStolenListKey:
    def test_signs_no_list_that_a_phone_takes_after_its_next_contact(self, world: World):
        budi, wati = world.actor, world.second
        phone = world.leased(areas=(HERE,))
        lost = card_here()
        kid, thief = stolen("list")
        empty = sign_list(
            issuer=settings.CARD_HOST, seq=999, issued_at=timezone.now(), since=0, revoked=[],
            superseded=[], kid=kid, sign=thief,
        )  # fmt: skip
        held = phone.believed.cards
        assert read_list(empty, phone.believed.keys, issuer=settings.CARD_HOST).seq == 999

        ring.revoke(kid, actor=budi, at=timezone.now())
        turn("list", budi, wati, timezone.now())
        block(lost.number, reason="stolen", actor=budi, at=timezone.now())
        revocation.publish(actor=budi, at=timezone.now())
        phone.fetch()

        with pytest.raises(ListRefusedError, match=r"key\.rotated_out"):
            read_list(empty, phone.believed.keys, issuer=settings.CARD_HOST)
        assert phone.believed.cards.seq == held.seq + 1
        assert phone.believed.list_kid == signer.current("list")[0] != kid
        assert red(phone.show(lost.qr), "card.revoked")

    def test_a_list_that_the_thief_gave_a_phone_before_is_dropped(self, world: World):
        budi, wati = world.actor, world.second
        phone = world.leased(areas=(HERE,))
        kid, thief = stolen("list")
        empty = sign_list(
            issuer=settings.CARD_HOST, seq=999, issued_at=timezone.now(), since=0, revoked=[],
            superseded=[], kid=kid, sign=thief,
        )  # fmt: skip
        phone.believed.cards = read_list(empty, phone.believed.keys, issuer=settings.CARD_HOST)
        phone.believed.list_kid = kid

        ring.revoke(kid, actor=budi, at=timezone.now())
        turn("list", budi, wati, timezone.now())
        seq = revocation.publish(actor=budi, at=timezone.now())
        phone.fetch()

        assert (phone.believed.cards.seq, phone.believed.list_kid != kid) == (seq, True)


class TestAStolenLeaseKey:
    def test_vouches_for_no_lease_until_they_are_signed_anew(self, world: World):
        budi, wati = world.actor, world.second
        phone = world.leased(areas=(HERE,))
        other = world.leased(areas=(VILLAGES[2],))
        card, rights, until = (
            card_here(),
            set(phone.rights),
            leases.Lease.objects.get(device=world.device(phone)).not_after,
        )
        kid, _ = signer.current("lease")

        ring.revoke(kid, actor=budi, at=timezone.now())
        phone.fetch()
        assert phone.rights == {}
        assert phone.show(card.qr).reason == "lease.none"

        turn("lease", budi, wati, timezone.now())
        assert leases.sign_anew(actor=budi, at=timezone.now()) == 2
        assert leases.sign_anew(actor=budi, at=timezone.now()) == 0
        phone.fetch()
        other.fetch()

        assert set(phone.rights) == rights
        assert other.rights
        assert phone.show(card.qr).allowed
        assert leases.Lease.objects.get(device=world.device(phone)).not_after == until

    def test_vouches_for_no_lease_that_went_from_phone_to_phone_either(self, world: World):
        budi, wati = world.actor, world.second
        giver, taker = world.leased(areas=(HERE,)), world.confirmed()
        taker.fetch()
        rights = sorted(giver.rights)[:2]
        asked = offer(taker)
        take(taker, give(giver, asked, rights), asked)
        taker.deliver(rights[0])
        unsent = list(taker.queue)
        kid, _ = signer.current("lease")

        ring.revoke(kid, actor=budi, at=timezone.now())
        taker.fetch()
        assert taker.rights == {}
        assert taker.queue == unsent

        turn("lease", budi, wati, timezone.now())
        taker.push()
        taker.pull()
        taker.fetch()

        assert [one["code"] for one in taker.decisions] == ["ok", "ok"]
        assert set(taker.rights) == set(rights)


class TestAStolenAcknowledgementKey:
    def test_makes_no_phone_forget_what_it_has_not_sent(self, world: World):
        phone = world.leased(areas=(HERE,))
        phone.deliver(next(iter(phone.rights)))
        kid, thief = stolen("acknowledgement")
        answers = [(e.seq, sha256(e.payload).digest(), "stored", None) for e in phone.queue]
        told = courier.Acknowledgement(phone.short_id, timezone.now(), bytes(32), 1, answers)
        lie = courier.write_acknowledgement(told, kid, thief)
        assert ours(lie) == told._replace(at=ours(lie).at)
        ring.revoke(kid, actor=world.actor, at=timezone.now())
        turn("acknowledgement", world.actor, world.second, timezone.now())
        phone.fetch()

        with pytest.raises(courier.NotAnAcknowledgementError):
            phone.acknowledge(lie)
        with pytest.raises(NoExportError):
            ours(lie)
        assert len(phone.queue) == 1

        told = take_export(phone.export(), at=timezone.now())
        assert phone.acknowledge(told.acknowledgement) == 1


class TestAKnownSealKey:
    def test_opens_what_came_before_and_seals_nothing_more(self, world: World):
        phone = world.leased(areas=(HERE,))
        first, second = sorted(phone.rights)[:2]
        kid, _ = signer.current("seal")
        phone.deliver(first)
        on_its_way = phone.export()

        ring.revoke(kid, actor=world.actor, at=timezone.now())
        turn("seal", world.actor, world.second, timezone.now())
        phone.fetch()
        assert phone.batch_key.kid == signer.current("seal")[0] != kid
        phone.deliver(second)

        assert take_export(on_its_way, at=timezone.now()).acknowledgement
        phone.push()
        phone.pull()
        assert [d["code"] for d in phone.decisions] == ["ok", "ok"]


class TestAKnownChipMaster:
    def test_its_cards_are_issued_anew_and_their_tickets_withdrawn(self, world: World, settings):
        budi, wati = world.actor, world.second
        phone = world.leased(areas=(HERE,), has_nfc=True)
        tickets.build_next(at=timezone.now())
        phone.fetch()
        assert len(phone.tickets.held) == 6
        old = card_here()

        turn(keyfile.CHIP_MASTER, budi, wati, timezone.now())
        act = reissue.propose(reissue.Known(key_version=1), actor=budi, at=timezone.now())
        act = reissue.confirm(act.uuid, actor=wati, at=timezone.now())
        tickets.build_next(at=timezone.now() + timedelta(minutes=3))
        phone.fetch()

        assert (act.ended, phone.tickets.held) == (18, {})
        assert red(phone.show(old.qr), "card.superseded")
        assert look.by_qr(old.qr, at=timezone.now()).card.state == "replaced"
