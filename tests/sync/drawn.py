"""A lease under which a test's rights are drawn: its name is chosen, as chance would once."""

from collections.abc import Callable
from uuid import UUID

import pytest

from betang.core.identifiers import new_uuid
from betang.core.lease.drawn import is_drawn
from betang.distribution.models import Lease


def draw(monkeypatch: pytest.MonkeyPatch, good: Callable[[Callable[[str], bool]], bool]) -> UUID:
    """Name the next lease so that `good` is satisfied by what it draws."""
    name = new_uuid()
    while not good(lambda right, name=name: is_drawn(name, UUID(right))):
        name = new_uuid()
    # Django keeps a field's default under this name once it was asked for.
    monkeypatch.setitem(Lease._meta.get_field("uuid").__dict__, "_get_default", lambda: name)
    return name
