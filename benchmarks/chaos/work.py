"""The real worker in simulated time: its schedule follows the simulated clock too."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "betang.settings")

from benchmarks.chaos import clock, mutants
from betang import worker


def main() -> None:
    """Run until SIGTERM."""
    worker.time = clock.ticking(clock.take_over())  # type: ignore[attr-defined,assignment]
    import django  # noqa: PLC0415

    django.setup()
    mutants.break_rule()
    worker.main()


if __name__ == "__main__":
    main()
