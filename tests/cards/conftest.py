"""Families that were enrolled by a decree, in three villages of two regencies."""

from collections.abc import Callable
from datetime import datetime

import pytest

from benchmarks.promised import make_decree
from betang.accounts.models import Device, User
from betang.areas.models import Area
from betang.cards import custody
from betang.cards.issue import issue_cards
from betang.cards.models import Card
from betang.core.actor import Actor
from betang.core.identifiers import new_uuid
from betang.core.identity.household_number import household_number
from betang.eligibility.models import Decree, Enrolment
from betang.keys import chip_master
from betang.programmes.models import Programme
from betang.registry.models import Household
from sandbox.chip.virtual_chip import VirtualChip

VILLAGES = (6201011001, 6201011002, 6202011001)
PHONE = new_uuid()


@pytest.fixture
def demo(settings, tmp_path) -> None:
    """A demonstration, whose test master alone may derive the keys of chips."""
    settings.DEMO = True
    chip_master.make_test_master()


@pytest.fixture
def decree(db: None, budi: Actor, wati: Actor, noon: datetime) -> Decree:
    for village in VILLAGES:
        parent = None
        for level, (code, kind) in enumerate(
            [
                (62, "provinsi"),
                (village // 1_000_000, "kabupaten"),
                (village // 10_000, "kecamatan"),
                (village, "desa"),
            ],
            start=1,
        ):
            facts = {"level": level, "parent": parent, "name": f"Wilayah {code}", "kind": kind}
            parent, _ = Area.objects.get_or_create(code=code, defaults=facts)
    programme = Programme.objects.create(code="KHBS", name="KHBS", card_name="KHBS")
    return make_decree(programme, proposer=budi, approver=wati, at=noon, count=0)


@pytest.fixture
def family(decree: Decree, noon: datetime) -> Callable[..., Household]:
    """Make a family; enrolled, unless the test says otherwise."""
    made = iter(range(1, 10_000))

    def make(village: int = VILLAGES[0], *, enrolled: bool = True, **facts) -> Household:
        serial = next(made)
        household = Household.objects.create(
            **{
                "uuid": new_uuid(),
                "number": household_number(serial),
                "village_id": village,
                "head_name": f"Warga {serial}",
                **facts,
            }
        )
        if enrolled:
            Enrolment.objects.create(
                household=household,
                programme=decree.programme,
                decree=decree,
                from_on=noon.date(),
            )
        return household

    return make


@pytest.fixture
def ordered(family, keys, budi, noon) -> Card:
    """A card that was ordered, with a virtual chip."""
    household = family(head_name="Sumiati")
    issue_cards(actor=budi, at=noon, virtual_chips=True)
    return Card.objects.get(household=household)


@pytest.fixture
def waiting(ordered, budi, noon) -> Card:
    """A card that waits at the office."""
    Card.objects.filter(pk=ordered.pk).update(state="printed")
    custody.receive(actor=budi, at=noon)
    return Card.objects.get(pk=ordered.pk)


@pytest.fixture
def active(waiting, sari, noon) -> Card:
    """A card that its family has."""
    from betang.cards.hand_over import hand_over

    return hand_over(waiting.number, actor=sari, at=noon)


@pytest.fixture
def chip(active, demo, settings) -> VirtualChip:
    """The chip in that card."""
    master = bytes.fromhex(chip_master.test_master_path().read_text())
    return VirtualChip.of(bytes(active.chip_uid), master=master, host=settings.CARD_HOST)


@pytest.fixture
def device(db) -> Callable[..., Device]:
    """Enrol a phone of a facilitator of its own."""

    def make(*, nfc: bool = True) -> Device:
        name = new_uuid()
        owner = User.objects.create(username=str(name), full_name="Sari", person=new_uuid())
        return Device.objects.create(
            short_id=name.hex[-8:].upper(),
            owner=owner,
            public_jwk={},
            thumbprint=name.bytes,
            has_nfc=nfc,
            state="active",
            enrolled_at=datetime.fromisoformat("2026-01-01T00:00:00Z"),
        )

    return make
