"""Runs of the harness as processes, on the tests' own PostgreSQL."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
#: A run takes ten seconds on a quiet machine; only one that hangs takes so long.
PATIENCE_S = 900

Chaos = Callable[..., tuple[int, str, list[dict[str, Any]]]]


@pytest.fixture
def chaos(tmp_path: Path) -> Chaos:
    """Run `python -m benchmarks.chaos`; give its exit code, what it said, and its results."""

    def run(*words: str) -> tuple[int, str, list[dict[str, Any]]]:
        results = tmp_path / "results.jsonl"
        command = [sys.executable, "-m", "benchmarks.chaos", "--results", str(results), *words]
        ran = subprocess.run(
            command, check=False, cwd=ROOT, env=os.environ, capture_output=True, text=True,
            timeout=PATIENCE_S,
        )  # fmt: skip
        lines = results.read_text().splitlines() if results.exists() else []
        return ran.returncode, ran.stdout + ran.stderr, [json.loads(line) for line in lines]

    return run
