"""What every test may ask for: the database, a cast of people, a fixed noon."""

import os
import secrets
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

# Before Django reads its settings: tests own their database, their var folder and their keys.
os.environ.setdefault("BETANG_ROLE", "owner")
os.environ.setdefault("BETANG_VAR", str(Path(__file__).resolve().parent.parent / "var" / "test"))
_secrets = Path(tempfile.mkdtemp(prefix="betang-test-"))
(_secrets / "passphrase").write_text(secrets.token_urlsafe(16))
os.environ["BETANG_KEY_PASSPHRASE_FILE"] = str(_secrets / "passphrase")
os.environ.pop("BETANG_DEMO", None)

from betang import cluster  # noqa: E402
from betang.core.actor import Actor, ActorKind  # noqa: E402

_started = False


def pytest_configure(config: pytest.Config) -> None:
    """Start the private PostgreSQL before any test, in the controlling process only."""
    global _started  # noqa: PLW0603
    if cluster.embedded() and not hasattr(config, "workerinput"):
        _started = cluster.start()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what `pytest_configure` started."""
    if _started and not os.environ.get("BETANG_KEEP_DATABASE"):
        cluster.stop()


def _person(number: int) -> Actor:
    return Actor(
        ActorKind.STAFF,
        UUID(f"00000000-0000-7000-8000-00000000{number:04d}"),
        UUID(f"00000000-0000-7000-9000-00000000{number:04d}"),
    )


@pytest.fixture
def noon() -> datetime:
    """A fixed moment: 12 November 2026, 12.00 WIB."""
    return datetime(2026, 11, 12, 5, 0, tzinfo=UTC)


@pytest.fixture
def budi() -> Actor:
    """A clerk of Dinas Sosial, who proposes."""
    return _person(1)


@pytest.fixture
def wati() -> Actor:
    """A supervisor, who approves."""
    return _person(2)


@pytest.fixture
def sari() -> Actor:
    """A facilitator in the field."""
    return _person(3)


@pytest.fixture
def charlie() -> Actor:
    """Somebody who must see nothing."""
    return _person(4)
