"""Run the benchmarks, each in a process and a database of its own; print a table, write JSON.

`python -m benchmarks` runs all at their default sizes; `--only judge --size judge=100000` one.
Each `bench_<name>.py` has `run(size) -> list[Row]` and a default `SIZE`. A figure without its
floor says little on a noisy machine: quote the ratio.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.row import Row

HERE = Path(__file__).parent
ROOT = HERE.parent


def main() -> int:
    """Run what was asked for. Exits 1 if a benchmark failed; its figures are then missing."""
    names = sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--only", action="append", choices=names, help="only this one (repeatable)")
    parser.add_argument(
        "--size", action="append", default=[], metavar="NAME=N", help="another size"
    )
    parser.add_argument("--output", type=Path, default=ROOT / "var" / "bench.json")
    chosen = parser.parse_args()
    sizes = dict(pair.split("=", 1) for pair in chosen.size)

    rows: list[Row] = []
    failed = []
    for name in chosen.only or names:
        print(f"{name} ...", flush=True)
        began = time.monotonic()
        try:
            rows += measure(name, sizes.get(name))
        except (subprocess.CalledProcessError, ValueError) as error:
            failed.append(name)
            print(f"  failed: {error}", file=sys.stderr)
        print(f"  {time.monotonic() - began:.0f} s", flush=True)

    chosen.output.parent.mkdir(parents=True, exist_ok=True)
    chosen.output.write_text(json.dumps(rows, indent=1))
    print(table(rows))
    return 1 if failed else 0


def measure(name: str, size: str | None) -> list[Row]:
    """Run one benchmark on a fresh private PostgreSQL, and give its rows."""
    var = ROOT / "var" / "bench" / name
    shutil.rmtree(var, ignore_errors=True)
    var.mkdir(parents=True)
    passphrase = var.parent / f"{name}.passphrase"
    passphrase.write_text("frasa sandi untuk uji kecepatan")
    answer = var.parent / f"{name}.json"
    environment = os.environ | {
        "BETANG_VAR": str(var),
        "BETANG_KEY_PASSPHRASE_FILE": str(passphrase),
        "DJANGO_SETTINGS_MODULE": "betang.settings",
    }
    betang = [sys.executable, "-m", "betang"]
    try:
        subprocess.run([*betang, "database", "migrate"], check=True, env=environment)
        words = ["-m", "benchmarks.one", name, str(answer), *([size] if size else [])]
        subprocess.run([sys.executable, *words], check=True, env=environment, cwd=ROOT)
        rows: list[Row] = json.loads(answer.read_text())
        return rows
    finally:
        subprocess.run([*betang, "database", "stop"], check=False, env=environment)
        shutil.rmtree(var, ignore_errors=True)


def table(rows: list[Row]) -> str:
    """Lay the rows out for a terminal."""
    lines = [
        f"{'name':<34}{'size':>10}{'value':>14} {'unit':<14}{'floor':>12}{'ratio':>8}{'MB':>7}"
    ]
    lines += [
        f"{row['name']:<34}{row['size']:>10}{row['value']:>14.4g} {row['unit']:<14}"
        f"{_or_dash(row['floor'], '.4g'):>12}{_or_dash(row['ratio'], '.2f'):>8}"
        f"{_or_dash(row['peak_mb'], '.0f'):>7}"
        for row in rows
    ]
    return "\n".join(lines)


def _or_dash(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)


if __name__ == "__main__":
    sys.exit(main())
