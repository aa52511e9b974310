"""People who open pages: each signs in with the role that the test names."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connections
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, sync_playwright

from betang.accounts.models import RoleGrant, User
from betang.areas.models import Area
from betang.core.actor import Actor
from betang.core.identifiers import new_uuid

SignIn = Callable[..., Client]


@pytest.fixture(autouse=True)
def static_folder() -> None:
    """WhiteNoise warns where there is no folder, and warnings are errors."""
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """Keep the test's own connection open for phones that call the site in this process.

    Django's test client connects these receivers again after each of its requests.
    """
    _disconnect()
    yield
    _disconnect()


@pytest.fixture
def phones_again() -> Callable[[], None]:
    """Let phones call the site in this process again, after a browser's request."""
    return _disconnect


def _disconnect() -> None:
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)


@pytest.fixture
def areas(db: None) -> None:
    """Two regencies with a village each."""
    Area.objects.create(code=62, level=1, name="Kalimantan Tengah", kind="provinsi")
    for regency, name in ((6203, "Kabupaten Kapuas"), (6210, "Kabupaten Gunung Mas")):
        Area.objects.create(code=regency, level=2, parent_id=62, name=name, kind="kabupaten")
        district = regency * 100 + 1
        Area.objects.create(
            code=district, level=3, parent_id=regency, name="Selat", kind="kecamatan"
        )
        Area.objects.create(
            code=district * 10_000 + 1001,
            level=4,
            parent_id=district,
            name="Tumbang Malahoi",
            kind="kelurahan",
        )


@pytest.fixture
def office(db: None, budi: Actor, wati: Actor) -> Callable[..., Client]:
    """Sign a person in by name, role and area; for a world that has its own areas."""

    def signed_in(name: str, role: str | None = "supervisor", area: int | None = None) -> Client:
        user, made = User.objects.get_or_create(
            username=name, defaults={"full_name": name.title(), "person": new_uuid()}
        )
        if made and role:
            RoleGrant.objects.create(
                user=user,
                role=role,
                area_id=area,
                proposed_by_person=budi.person,
                approved_by_person=wati.person,
                from_at=timezone.now(),
            )
        client = Client()
        client.force_login(user)
        return client

    return signed_in


@pytest.fixture
def sign_in(areas: None, office: Callable[..., Client]) -> SignIn:
    """Give a browser in which an account with `role` in `area` is signed in."""

    def signed_in(role: str | None, area: int | None = None, *, name: str = "") -> Client:
        return office(name or f"{role or 'tanpa.peran'}.{area or 'provinsi'}", role, area)

    return signed_in


@pytest.fixture
def browser() -> Iterator[Browser]:
    """Give a real browser."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-quic"],
        )
        yield started
        started.close()
        connections.close_all()
