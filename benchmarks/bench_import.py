"""Import a list of persons: read, validated, staged, accepted, NIK and KK sealed.

The floor, in the same run: a bare COPY of the same rows, every column as text, into a plain table
without index or key. Ours also keeps the file sealed, checks every cell, writes the report, and
holds every foreign key and unique rule of the registry. The list is made by another process; the
peak is this process's own.
"""

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from benchmarks.row import Row
from betang.areas.load import load_areas
from betang.core.actor import SYSTEM, Actor, ActorKind
from betang.intake.accept import accept
from betang.intake.models import Batch
from betang.intake.stage import stage
from betang.keys.init import init

SIZE = 1_000_000
#: Persons in a family of the generator's, on average.
FAMILY = 3.81
FLOORS = 3
BLOCK = 1 << 20

CLERK = Actor(ActorKind.STAFF, UUID(int=1), UUID(int=11))
SUPERVISOR = Actor(ActorKind.STAFF, UUID(int=2), UUID(int=22))


def run(size: int = SIZE) -> list[Row]:
    """Import `size` persons (to within a percent) and give what it took, in seconds."""
    with transaction.atomic():
        init(actor=SYSTEM, at=timezone.now())
        load_areas(actor=SYSTEM, at=timezone.now())
    with tempfile.TemporaryDirectory() as folder:
        make_list(Path(folder), round(size / FAMILY))
        plain = Path(folder) / "plain.csv"
        floor = sorted(bare_copy(plain) for _ in range(FLOORS))[FLOORS // 2]
        plain.unlink()
        staged, batch = timed(lambda: _stage(Path(folder) / "households.csv"))
        accepted, batch = timed(lambda: _accept(batch))
        again, _ = timed(lambda: _stage(Path(folder) / "households.csv"))
    took = staged + accepted
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    assert batch.outcome["households_new"] == batch.households

    def row(name: str, value: float, ratio: float | None = None) -> Row:
        return {
            "name": name,
            "value": value,
            "unit": "s",
            "floor": floor if ratio is not None else None,
            "ratio": ratio,
            "peak_mb": peak_mb if ratio is not None else None,
            "size": batch.rows,
        }

    return [
        row("import", took, took / floor),
        row("import: stage", staged),
        row("import: accept", accepted),
        row("import: the same file again", again),
    ]


def make_list(folder: Path, families: int) -> None:
    """Make the list in a process of its own, and a copy whose bytes are all UTF-8 for COPY."""
    words = ["--families", str(families), "--seed", "62", "--out", str(folder)]
    subprocess.run(
        [sys.executable, "-m", "sandbox.province", *words], check=True, stdout=subprocess.DEVNULL
    )
    with (
        (folder / "households.csv").open("rb") as list_file,
        (folder / "plain.csv").open("wb") as out,
    ):
        for line in list_file:
            out.write(line if line.isascii() else line.decode("utf-8", "replace").encode())


def bare_copy(path: Path) -> float:
    """Copy a CSV file into a plain table of text columns; give the seconds."""
    with path.open("rb") as source, connection.cursor() as cursor:
        columns = source.readline().decode().strip().split(",")
        cursor.execute("DROP TABLE IF EXISTS staging.floor_import")
        listed = ", ".join(f"{name} text" for name in columns)
        cursor.execute(f"CREATE TABLE staging.floor_import ({listed})")
        began = time.perf_counter()
        with transaction.atomic():
            copying = cursor.cursor.copy("COPY staging.floor_import FROM STDIN (FORMAT csv)")
            with copying as copy:
                while block := source.read(BLOCK):
                    copy.write(block)
        took = time.perf_counter() - began
        cursor.execute("DROP TABLE staging.floor_import")
    return took


def timed(work: Callable[[], Batch]) -> tuple[float, Batch]:
    began = time.perf_counter()
    done = work()
    return time.perf_counter() - began, done


def _stage(path: Path) -> Batch:
    with transaction.atomic():
        return stage(path.read_bytes(), file_name=path.name, actor=CLERK, at=timezone.now())


def _accept(batch: Batch) -> Batch:
    with transaction.atomic():
        return accept(batch, actor=SUPERVISOR, at=timezone.now())
