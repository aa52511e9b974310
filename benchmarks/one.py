"""Run one benchmark in this process, on the database of its environment."""

import json
import sys
from importlib import import_module
from pathlib import Path

import django


def main() -> None:
    """`one NAME ANSWER [SIZE]`: write the rows of benchmark NAME to the file ANSWER."""
    name, answer, *size = sys.argv[1:]
    django.setup()
    module = import_module(f"benchmarks.bench_{name}")
    rows = module.run(int(size[0]) if size else module.SIZE)
    Path(answer).write_text(json.dumps(rows))


if __name__ == "__main__":
    main()
