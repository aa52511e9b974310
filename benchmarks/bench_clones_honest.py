"""The province of `bench_clones` without an attack: who is accused wrongly, and how often."""

from benchmarks.bench_clones import SIZE, run_honest

run = run_honest
__all__ = ["SIZE", "run"]
