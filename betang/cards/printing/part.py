"""Draw one part and look at it: what a process of the pool does. It touches no database.

A part is drawn beside its place; who holds the run gives it its name. So a process that outlives a
killed run can leave a stray file, never a part.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from betang.cards.check_faces import unreadable
from betang.cards.faces import Face, Look, write_faces
from betang.cards.printing.files import digest_of, undone_name

#: Of each part this many cards are rasterised and decoded, spread evenly; all of them on request.
SAMPLED = 8


@dataclass(frozen=True, slots=True)
class Task:
    """One part to draw: its number, its place, and its cards."""

    number: int
    path: Path
    faces: Sequence[Face] = field(repr=False)
    look: Look
    check_all: bool


@dataclass(frozen=True, slots=True)
class Drawn:
    """A drawn part, still beside its place; `wrong` are the cards that could not be read."""

    number: int
    undone: Path
    sha256: bytes
    size: int
    checked: int
    wrong: tuple[str, ...]


def draw_part(task: Task) -> Drawn:
    """Draw a part beside its place and look at it."""
    drawn = BytesIO()
    write_faces(drawn, task.faces, task.look)
    undone = undone_name(task.path)
    undone.touch(mode=0o600)
    # In memory first: where the disk is full, the PDF library would end the process.
    undone.write_bytes(drawn.getbuffer())
    indexes = sampled(len(task.faces), check_all=task.check_all)
    wrong = tuple(unreadable(undone, task.faces, indexes))
    size = undone.stat().st_size
    return Drawn(task.number, undone, digest_of(undone), size, len(indexes), wrong)


def check_part(task: Task) -> Drawn:
    """Look at a part that lies at its place."""
    indexes = sampled(len(task.faces), check_all=task.check_all)
    wrong = tuple(unreadable(task.path, task.faces, indexes))
    size = task.path.stat().st_size
    return Drawn(task.number, task.path, digest_of(task.path), size, len(indexes), wrong)


def sampled(count: int, *, check_all: bool) -> range:
    """Give the places in a part at which cards are looked at."""
    return range(0, count, 1 if check_all else max(1, count // SAMPLED))
