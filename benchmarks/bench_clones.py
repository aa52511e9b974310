"""Copied cards: what is stopped at once, and what is found later (`clones_honest`: wrongly).

The size is families. The table is printed; `docs/protocols/clones.md` keeps the one of 20,000.
"""

import time
from collections import Counter
from datetime import UTC, timedelta

from django.conf import settings
from django.utils import timezone

from benchmarks import field_world
from benchmarks.clones_drive import Drive, Result, hand_out
from benchmarks.row import Row
from betang.areas.models import Area
from betang.core.actor import SYSTEM
from betang.keys.init import init
from sandbox.clones.assumptions import Assumptions
from sandbox.clones.plan import Place
from sandbox.clones.province import Province

SIZE = 20_000


def run(size: int) -> list[Row]:
    result, seconds = happened(size, Assumptions(attacks=min(150, size // 20)))
    print(table(result))
    served = [one for one in result.tries if one.kind != "honest" and one.served != "stopped"]
    found = sum(id(one) in result.found for one in served)
    return [
        _row("clones.presentations", result.honest / seconds, "per second", size),
        _row("clones.found", found / len(served), "of served", size),
    ]


def run_honest(size: int) -> list[Row]:
    """Let the same province pass without an attack: whatever is found is a false alarm."""
    result, _ = happened(size, Assumptions(attacks=0))
    print(alarms(result))
    wrong = sum(result.false_alarms.values())
    return [_row("clones.false_alarms", wrong * 10_000 / result.honest, "per 10,000", size)]


def happened(size: int, given: Assumptions) -> tuple[Result, float]:
    """Let a province pass before the real office; give what came of it and the seconds it took."""
    settings.DEMO = True
    start = (timezone.now() - timedelta(days=60)).astimezone(UTC)
    start = start.replace(hour=17, minute=0, second=0, microsecond=0)
    init(actor=SYSTEM, at=start, cost=1024)
    field_world.make(size, at=start)
    places = spread()
    cards = hand_out(actor=field_world.CLERK, at=start)
    province = Province(given, cards, places, start=start)
    began = time.monotonic()
    result = Drive(province, actor=field_world.CLERK).run()
    return result, time.monotonic() - began


def spread() -> list[Place]:
    """Lay the villages out over the province: districts in a grid of 30 km, villages of 6 km."""
    places = []
    for n, code in enumerate(
        Area.objects.filter(level=4).order_by("code").values_list("code", flat=True)
    ):
        district, village = divmod(n, 12)
        lat = -3.3 + (district // 12) * 0.3 + (village // 4) * 0.06
        lng = 111.0 + (district % 12) * 0.35 + (village % 4) * 0.06
        Area.objects.filter(pk=code).update(lat=lat, lng=lng)
        places.append(Place(code, lat, lng))
    return places


def table(result: Result) -> str:
    """Lay the counts out as the rows of a Markdown table."""
    lines = [
        "| attack | channel | tried | stopped | amber | green | found | days | never | by |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in sorted(result.counted()):
        rules = ", ".join(
            f"`{rule}` {n}" for rule, n in result.by_rule(row.kind, row.channel).most_common()
        )
        days = "" if row.days is None else f"{row.days:.1f}"
        lines.append(
            f"| {row.kind} | {row.channel} | {row.tried} | {row.stopped} | {row.amber} "
            f"| {row.green} | {row.found} | {days} | {row.never} | {rules} |"
        )
    return "\n".join(lines)


def alarms(result: Result) -> str:
    """Say how honest visits were served, and what the rules said of them."""
    served = Counter(one.served for one in result.tries if one.kind == "honest")
    whole = sum(served.values())
    shares = ", ".join(f"{how or 'absent'} {n / whole:.2%}" for how, n in served.most_common())
    told = ", ".join(
        f"`{rule}` {count} ({count * 10_000 / result.honest:.2f})"
        for rule, count in result.false_alarms.most_common()
    )
    return (
        f"honest visits: {whole}; {shares}\n"
        f"presentations: {result.honest}; false alarms (per 10,000): {told or 'none'}"
    )


def _row(name: str, value: float, unit: str, size: int) -> Row:
    return Row(name=name, value=value, unit=unit, floor=None, ratio=None, peak_mb=None, size=size)
