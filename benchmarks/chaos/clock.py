"""The simulated clock: eight bytes in a file that every process of a run maps.

Betang takes the time from `django.utils.timezone.now`, and the freshness of nonces from `time` in
`core.device.proof`. Both are set here, before anything is served; nothing in Betang knows of it.
"""

import mmap
import os
import struct
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

VARIABLE = "CHAOS_CLOCK"
_FORM = struct.Struct("<d")


class SharedClock:
    """The time of a run."""

    def __init__(self, path: Path) -> None:
        """Map the file, made at need."""
        if not path.exists():
            path.write_bytes(_FORM.pack(0.0))
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), _FORM.size)

    def set(self, now: float) -> None:
        """Move the time."""
        _FORM.pack_into(self._map, 0, now)

    def read(self) -> float:
        """Give the seconds since 1970."""
        return float(_FORM.unpack_from(self._map, 0)[0])


def take_over() -> Callable[[], float]:
    """Let this process live in the time of the file that the environment names."""
    from django.utils import timezone  # noqa: PLC0415

    from betang.core.device import proof  # noqa: PLC0415

    clock = SharedClock(Path(os.environ[VARIABLE]))
    timezone.now = lambda: datetime.fromtimestamp(clock.read(), UTC)
    proof.time = clock.read  # type: ignore[attr-defined]
    return clock.read


def ticking(read: Callable[[], float]) -> SimpleNamespace:
    """Give a stand-in for the module `time` whose monotonic clock is the simulated one."""
    return SimpleNamespace(monotonic=read)
