"""Run seeds, replay one plan, or cut a failing one down.

`python -m benchmarks.chaos --devices 12 --households 240 --days 3 --seeds 3`. The result of each
seed is a line of the results file; a run that was stopped goes on where it stood.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.chaos import mutants
from benchmarks.chaos.databases import ROOT, Template
from betang import cluster
from sandbox.chaos import plan as plans
from sandbox.chaos.shrink import shrink


def main() -> int:
    """Do what was asked. Exit code 1: an invariant was broken."""
    parser = argparse.ArgumentParser(prog="benchmarks.chaos", description=__doc__)
    parser.add_argument("--devices", type=int, default=12)
    parser.add_argument("--households", type=int, default=240)
    parser.add_argument("--days", type=int, default=3)
    parser.add_argument("--seeds", type=int, default=3, help="how many, from --first on")
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument(
        "--field", action="store_true", help="also hand-overs, days at points, registrations"
    )
    parser.add_argument("--replay", type=Path, help="play this plan file")
    parser.add_argument("--shrink", action="store_true", help="cut the failing plan down")
    parser.add_argument("--mutant", default="", choices=["", *mutants.MUTANTS])
    parser.add_argument("--results", type=Path, help="a line for each seed; it is read first")
    given = parser.parse_args()
    if given.replay:
        plan = plans.read(given.replay)
        result = tell(play(plan), plan)
        if result["violations"] and given.shrink:
            cut(plan, result, given.replay.with_suffix(".small.json"))
        return int(bool(result["violations"]))
    folder = cluster.var_folder() / "chaos"
    folder.mkdir(parents=True, exist_ok=True)
    field = "-field" if given.field else ""
    name = f"results-{given.devices}-{given.households}-{given.days}{field}.jsonl"
    results = given.results or folder / name
    alike = [one for one in lines(results) if one.get("field", False) == given.field]
    done = {one["seed"]: one for one in alike} if not given.mutant else {}
    broken = 0
    for seed in range(given.first, given.first + given.seeds):
        result = done.get(seed) or {}
        if not result:
            plan = plans.draw(
                seed, devices=given.devices, households=given.households, days=given.days,
                mutant=given.mutant, field=given.field,
            )  # fmt: skip
            result = tell(play(plan), plan)
            if result["violations"] and given.shrink:
                cut(plan, result, folder / f"plan-{seed}{given.mutant}.small.json")
            if not given.mutant:
                with results.open("a") as file:
                    file.write(json.dumps(result) + "\n")
        broken += bool(result["violations"])
    print(f"{given.seeds} seeds, {broken} with a broken invariant; results: {results}")
    return int(bool(broken))


def cut(plan: plans.Plan, result: dict[str, Any], path: Path) -> plans.Plan:
    """Cut a plan down to a smaller one that breaks one of the same rules; write it to `path`."""
    wanted = set(result["broken"])

    def fails(smaller: plans.Plan) -> bool:
        broken = set(play(smaller)["broken"])
        size = f"{smaller.devices} devices, {smaller.days} days, {len(smaller.faults)} faults"
        print(f"  {size}: {'still broken' if broken & wanted else 'holds'}", flush=True)
        return bool(broken & wanted)

    small = shrink(plan, fails)
    path.write_bytes(small.as_bytes())
    print(f"  small plan: make chaos CHAOS='--replay {path}'", flush=True)
    return small


def lines(results: Path) -> list[dict[str, Any]]:
    """Read the results that are there."""
    if not results.exists():
        return []
    return [json.loads(line) for line in results.read_text().splitlines() if line]


def play(plan: plans.Plan) -> dict[str, Any]:
    """Play a plan on a copy of its world, in a process of its own; give its result."""
    template = Template(plan.devices, plan.households)
    template.ready()
    name = f"chaos_run_{os.getpid()}"
    with (
        template.copy(name, mutant=plan.mutant) as environment,
        tempfile.TemporaryDirectory(prefix="chaos-", dir=template.folder) as folder,
    ):
        path, answer = Path(folder) / "plan.json", Path(folder) / "result.json"
        path.write_bytes(plan.as_bytes())
        began = time.monotonic()
        words = [sys.executable, "-m", "benchmarks.chaos.seed", str(path), str(answer)]
        ran = subprocess.run(words, check=False, env=environment, cwd=ROOT)
        if answer.exists():
            result: dict[str, Any] = json.loads(answer.read_text())
        else:
            log = Path(folder) / "servers.log"
            said = log.read_text()[-4000:] if log.exists() else ""
            print(said, file=sys.stderr)
            result = {
                "seed": plan.seed, "violations": [f"it_ran: exit code {ran.returncode}"],
                "broken": ["it_ran"], "facts": {},
                "seconds": round(time.monotonic() - began, 1),
            }  # fmt: skip
        log = Path(folder) / "servers.log"
        if result["violations"] and log.exists():
            (template.folder / f"servers-{plan.seed}.log").write_bytes(log.read_bytes())
        return result


def tell(result: dict[str, Any], plan: plans.Plan) -> dict[str, Any]:
    """Say what came of a seed; of a broken one, how it is played again."""
    facts = " ".join(f"{name} {value}" for name, value in result["facts"].items())
    print(f"seed {plan.seed}: {result['seconds']} s, {facts}", flush=True)
    for violation in result["violations"]:
        print(f"  BROKEN {violation}", flush=True)
    if result["violations"]:
        path = cluster.var_folder() / "chaos" / f"plan-{plan.seed}{plan.mutant}.json"
        path.write_bytes(plan.as_bytes())
        print(f"  again: make chaos CHAOS='--replay {path}'", flush=True)
    return result


if __name__ == "__main__":
    sys.exit(main())
