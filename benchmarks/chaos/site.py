"""The real site in simulated time: what granian loads in a run of chaos."""

import os

from benchmarks.chaos import clock, mutants

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "betang.settings")

clock.take_over()
from betang.wsgi import application  # noqa: E402 - the clock comes first

mutants.break_rule()

__all__ = ["application"]
