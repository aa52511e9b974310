"""Look area codes up, for checks of lists."""

from typing import NamedTuple

from betang.areas.models import Area, BpsCode
from betang.core.identity.area_code import Level


class CodeTable(NamedTuple):
    """Everything a list's area columns are checked against."""

    villages: dict[int, str]
    bps_villages: dict[int, tuple[str, int | None, str]]


def code_table() -> CodeTable:
    """Read all village codes of both systems: `{code: name}`, `{bps: (name, area, state)}`."""
    villages = dict(Area.objects.filter(level=Level.VILLAGE).values_list("code", "name"))
    bps: dict[int, tuple[str, int | None, str]] = {
        code: (name, area, state)
        for code, name, area, state in BpsCode.objects.filter(level=Level.VILLAGE).values_list(
            "bps_code", "name", "area_id", "state"
        )
    }
    return CodeTable(villages, bps)
