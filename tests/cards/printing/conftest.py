"""A run of the province's cards, and a bureau that two persons registered."""

import shutil
from pathlib import Path

import pyrage
import pytest
from django.db import transaction

from betang.cards.issue import issue_cards
from betang.cards.models import Bureau, PrintRun
from betang.cards.printing import bureaus, rows
from betang.cards.printing.draw import draw
from betang.cards.printing.freeze import freeze
from betang.cards.printing.release import release
from betang.keys import ring
from sandbox.bureau.package import Opened, open_package


@pytest.fixture(autouse=True)
def nothing_left(settings, tmp_path):
    """What is drawn lies in the test's own folder."""
    settings.VAR, before = tmp_path / "var", settings.VAR
    shutil.copytree(Path(before) / "keys", settings.VAR / "keys")


@pytest.fixture
def five(family, keys, budi, noon, monkeypatch):
    """Five ordered cards; two are a part."""
    monkeypatch.setattr(rows, "CARDS_A_PART", 2)
    for name in ("Sumiati", "Pŏnyang d’Ésa", "Bawi, Kuwu", "Tambun", "Bungai"):
        family(head_name=name)
    issue_cards(actor=budi, at=noon)


@pytest.fixture
def run(five, budi, noon) -> PrintRun:
    """The five, frozen by Budi."""
    with transaction.atomic():
        return freeze(actor=budi, at=noon)


@pytest.fixture
def drawn(run, budi, noon) -> PrintRun:
    """The five, drawn and looked at."""
    draw(run, actor=budi, clock=lambda: noon, processes=1)
    return run


@pytest.fixture
def identity():
    """The key that only the bureau has."""
    return pyrage.x25519.Identity.generate()


@pytest.fixture
def bureau(db, identity, budi, wati, noon) -> Bureau:
    """A bureau that Budi proposed and Wati approved."""
    proposed = bureaus.propose("PT Kartu", str(identity.to_public()), actor=budi, at=noon)
    return bureaus.approve(proposed, actor=wati, at=noon)


@pytest.fixture
def released(drawn, bureau, wati, noon) -> PrintRun:
    """The five, sent to the bureau by Wati."""
    release(drawn, bureau, actor=wati, clock=lambda: noon)
    return drawn


@pytest.fixture
def opened(released, identity, settings, tmp_path) -> Opened:
    """What the bureau finds in its package."""
    package = settings.VAR / "print" / str(released.uuid) / released.package_name
    return open_package(package, str(identity), ring.keyring(), tmp_path / "bureau")
