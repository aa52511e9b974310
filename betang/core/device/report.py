"""What a device tells of itself, in the proof of a request (docs/protocols/device.md, section 12).

Pure, and never a reason to refuse: a report is a courtesy, and a device with an odd one must still
deliver its week. What cannot be read is left out. It holds no personal data: versions and numbers.
"""

import re
from typing import Any, NamedTuple

#: A version is "1.12.3" and, at most, a word behind it.
APP_MAX = 40
KINDS = ("phone", "edc", "shell")
#: Ten years: older than any device; it also keeps a time within a column.
AGE_MAX_S = 10 * 366 * 86_400
#: More than any chain will ever have waiting; the column has 32 bits.
COUNT_MAX = 2**31 - 1
_APP = re.compile(r"[!-~]{1,40}")
_NUMBERS = re.compile(r"(\d{1,6})(?:\.(\d{1,6}))?(?:\.(\d{1,6}))?(?![\d.])")
_STEP = 1_000_000


class Report(NamedTuple):
    """What was told; None is "not told". Ages are whole seconds by the device's own clock."""

    app: str | None = None
    kind: str | None = None
    unsent: int | None = None
    oldest_s: int | None = None
    list_seq: int | None = None
    list_s: int | None = None
    ring_s: int | None = None
    roster_s: int | None = None
    persisted: bool | None = None
    battery: int | None = None


def read_report(told: Any) -> Report | None:
    """Read the `report` of a proof; None where there is none."""
    if not isinstance(told, dict):
        return None
    app, kind, persisted = told.get("app"), told.get("kind"), told.get("persisted")
    return Report(
        app=app if isinstance(app, str) and _APP.fullmatch(app) else None,
        kind=kind if kind in KINDS else None,
        unsent=_whole(told.get("unsent"), COUNT_MAX),
        oldest_s=_whole(told.get("oldest_s"), AGE_MAX_S),
        list_seq=_whole(told.get("list"), COUNT_MAX),
        list_s=_whole(told.get("list_s"), AGE_MAX_S),
        ring_s=_whole(told.get("ring_s"), AGE_MAX_S),
        roster_s=_whole(told.get("roster_s"), AGE_MAX_S),
        persisted=persisted if isinstance(persisted, bool) else None,
        battery=_whole(told.get("battery"), 100),
    )


def version_number(app: str) -> int | None:
    """Turn `1.12.3-beta` into a number that sorts as versions do; None where it is none."""
    found = _NUMBERS.match(app)
    if not found:
        return None
    major, minor, patch = (int(part or 0) for part in found.groups())
    return (major * _STEP + minor) * _STEP + patch


def versions_min(text: str) -> dict[str, int]:
    """Read the least versions that may claim, `phone=0.3.0,edc=1.2`, as numbers by kind.

    Raises ValueError for a kind or a version that is none: an operator's slip must not pass.
    """
    least = {}
    for part in text.replace(",", " ").split():
        kind, _, app = part.partition("=")
        number = version_number(app)
        if kind not in KINDS or number is None:
            raise ValueError(f"{part!r}: write {'|'.join(KINDS)}=version, such as phone=0.3.0")
        least[kind] = number
    return least


def _whole(value: Any, most: int) -> int | None:
    """Give a whole number within bounds; what lies above is the bound, anything else nothing."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        return None
    return min(value, most)
