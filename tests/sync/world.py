"""A small world for the field's tests: areas, people, families with rights, phones."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, connection
from django.utils import timezone

from benchmarks.promised import make_decree, make_programme
from betang.accounts import devices
from betang.accounts.models import Device, Role, RoleGrant, User
from betang.areas.models import Area
from betang.core.actor import Actor
from betang.core.identifiers import new_uuid
from betang.core.identity.household_number import household_number
from betang.distribution import lease as leases
from betang.distribution.models import Entitlement, Lease
from betang.distribution.open_cycle import open_cycle
from betang.eligibility.models import Enrolment
from betang.programmes.models import Cycle, Programme
from betang.registry.models import Household, Member
from sandbox.phones.phone import Phone

VILLAGES = (6201011001, 6201011002, 6202011001)
GOODS = [
    {"item": "beras", "quantity": 5, "unit": "kg"},
    {"item": "gula", "quantity": 1, "unit": "kg"},
]


@cache
def site() -> Any:
    """The site as a WSGI application, in this process, on the test's own connection."""
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)  # else WhiteNoise warns
    return get_wsgi_application()


@dataclass(repr=False)
class World:
    """What the tests talk about."""

    actor: Actor
    second: Actor
    at: datetime
    programme: Programme
    cycle: Cycle
    owner: User
    phones: list[Phone] = field(default_factory=list)

    def phone(
        self, *, origin: str | None = None, client: httpx.Client | None = None, **options: Any
    ) -> Phone:
        """Enrol a phone that nobody confirmed yet: in this process, or with a client's server."""
        if client is None:
            transport = httpx.WSGITransport(app=site(), raise_app_exceptions=True)
            client = httpx.Client(transport=transport, base_url=settings.ORIGIN)
        phone = Phone(origin or settings.ORIGIN, client, **options)
        code = devices.issue_code(self.owner, actor=self.actor, at=timezone.now())
        phone.enrol(code)
        self.phones.append(phone)
        return phone

    def confirmed(self, *, areas: tuple[int, ...] = (6201,), **options: Any) -> Phone:
        """Enrol a phone and confirm its words."""
        phone = self.phone(**options)
        devices.confirm(
            self.device(phone), words=phone.words, areas=areas, actor=self.actor, at=timezone.now()
        )
        return phone

    def leased(self, *, areas: tuple[int, ...] = (6201,), **options: Any) -> Phone:
        """Enrol a phone, confirm it, lease it the free rights of its areas, fetch its bundle."""
        phone = self.confirmed(areas=areas, **options)
        self.lease(phone)
        phone.fetch()
        return phone

    def lease(self, phone: Phone, **options: Any) -> Lease:
        """Lease what is free in the phone's areas."""
        options = {"at": timezone.now()} | options
        return leases.grant(self.device(phone), cycle=self.cycle, actor=self.actor, **options)

    def device(self, phone: Phone) -> Device:
        """Give a phone's row."""
        return Device.objects.select_related("owner").get(short_id=phone.short_id)

    def rights(self, village: int | None = None) -> list[str]:
        """Give the rights by hand, as a phone names them."""
        found = Entitlement.objects.filter(channel="hand").order_by("pk")
        if village:
            found = found.filter(village_id=village)
        return [str(uuid) for uuid in found.values_list("uuid", flat=True)]


def make_world(actor: Actor, second: Actor, *, families: int = 6) -> World:
    """Make `families` families a village, enrolled, with an open cycle."""
    at = timezone.now() - timedelta(hours=1)
    _areas()
    with connection.cursor() as cursor:  # the families here are numbered by hand, from 1
        cursor.execute("SELECT setval('registry_household_serial', 1000000)")
    cycle = make_programme(GOODS)
    programme = cycle.programme
    households = [
        household
        for place, village in enumerate(VILLAGES)
        for household in _families(village, place * 1000, families)
    ]
    decree = make_decree(programme, proposer=actor, approver=second, at=at, count=len(households))
    Enrolment.objects.bulk_create(
        Enrolment(household=one, programme=programme, decree=decree, from_on=at.date())
        for one in households
    )
    open_cycle(cycle, actor=actor, at=at)
    owner = make_owner("sari", actor, second, at)
    return World(actor, second, at, programme, cycle, owner)


def make_owner(name: str, actor: Actor, second: Actor, at: datetime) -> User:
    """Make a facilitator of the whole province."""
    owner = User.objects.create(username=name, full_name=name.title())
    RoleGrant.objects.create(
        user=owner,
        role=Role.FACILITATOR,
        area=None,
        proposed_by_person=actor.person,
        approved_by_person=second.person,
        from_at=at,
    )
    return owner


@contextmanager
def count_all(model: Any) -> Iterator[None]:
    """Assert that the number of rows of `model` stays the same."""
    before = model.objects.count()
    yield
    assert model.objects.count() == before


def _areas() -> None:
    for village in VILLAGES:
        parent = None
        chain = [
            (62, "provinsi"),
            (village // 1_000_000, "kabupaten"),
            (village // 10_000, "kecamatan"),
            (village, "desa"),
        ]
        for level, (code, kind) in enumerate(chain, start=1):
            parent, _ = Area.objects.get_or_create(
                code=code,
                defaults={"level": level, "parent": parent, "name": f"Desa {code}", "kind": kind},
            )


def _families(village: int, start: int, count: int) -> list[Household]:
    made = Household.objects.bulk_create(
        Household(
            uuid=new_uuid(),
            number=household_number(start + n),
            village_id=village,
            head_name=f"Warga {start + n}",
        )
        for n in range(1, count + 1)
    )
    Member.objects.bulk_create(
        Member(
            uuid=new_uuid(),
            household=one,
            name=one.head_name,
            nik_last4="0001",
            relation="kepala keluarga",
            is_head=True,
        )
        for one in made
    )
    return made
