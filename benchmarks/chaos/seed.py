"""One run, in a process of its own: `python -m benchmarks.chaos.seed PLAN RESULT`.

The environment names the database, the keys, the clock and the mutant (`databases.py` sets it).
"""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import httpx

from benchmarks.chaos import clock, mutants
from benchmarks.chaos.servers import Servers
from sandbox.chaos import plan as plans
from sandbox.chaos.play import Play


def run(plan: plans.Plan, folder: Path) -> dict[str, Any]:
    """Play `plan`, check what came of it, and give the result."""
    import django  # noqa: PLC0415

    django.setup()
    clock.take_over()
    mutants.break_rule()
    from benchmarks.chaos import check, field_office, world  # noqa: PLC0415

    began, spent = time.monotonic(), time.process_time()
    shared = clock.SharedClock(Path(os.environ[clock.VARIABLE]))
    shared.set(world.START.timestamp())
    origin = os.environ["BETANG_ORIGIN"]
    servers = Servers(int(origin.rpartition(":")[2]), shared, folder / "servers.log")
    desk = field_office.FieldDesk(plan.devices)
    servers.start()
    try:
        with httpx.Client(base_url=origin, timeout=60, trust_env=False) as client:
            play = Play(plan, origin, world.START.timestamp(), desk, servers, client)
            play.run()
    finally:
        servers.stop()
    found = check.Check(play, desk).all()
    return {
        "seed": plan.seed,
        "devices": plan.devices,
        "households": plan.households,
        "days": plan.days,
        "mutant": plan.mutant,
        "field": plan.field,
        "faults": len(plan.faults),
        "violations": found.told(),
        "broken": sorted({one.rule for one in found.violations}),
        "facts": found.facts,
        "faults_done": dict(sorted(play.did.items())),
        "seconds": round(time.monotonic() - began, 1),
        "driver_cpu_s": round(time.process_time() - spent, 1),
    }


def main() -> int:
    """Run one plan; exit code 1 when an invariant was broken."""
    path, answer = Path(sys.argv[1]), Path(sys.argv[2])
    result = run(plans.read(path), answer.parent)
    answer.write_text(json.dumps(result))
    return 1 if result["violations"] else 0


if __name__ == "__main__":
    sys.exit(main())
