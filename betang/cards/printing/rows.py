"""The frozen rows of a run as faces, in order, without ever holding all of them."""

from collections.abc import Iterable, Iterator
from hashlib import sha256

from django.db import connection

from betang.cards.faces import Face
from betang.cards.models import PrintPart, PrintRun

#: Cards a file: two thousand pages are opened by any reader and are drawn in seconds.
CARDS_A_PART = 1_000

SLICE = """
SELECT c.number, p.name, c.qr, c.expires_on
FROM cards_printrow p JOIN cards_card c ON c.id = p.card_id
WHERE p.run_id = %s AND p.position BETWEEN %s AND %s AND p.left_out = ''
ORDER BY p.position
"""


def faces_of(run: PrintRun, first: int, last: int) -> list[Face]:
    """Give the faces at places `first` to `last`: one part of the run."""
    with connection.cursor() as cursor:
        cursor.execute(SLICE, [run.pk, first, last])
        return [Face(*row) for row in cursor.fetchall()]


def parts_of(run: PrintRun) -> Iterator[tuple[PrintPart, list[Face]]]:
    """Give every part with its faces, one after the other."""
    for part in run.parts.order_by("number"):
        yield part, faces_of(run, part.first, part.last)


def bounds(count: int) -> Iterator[tuple[int, int, int]]:
    """Cut `count` places into parts: number, first, last."""
    for number, first in enumerate(range(1, count + 1, CARDS_A_PART), start=1):
        yield number, first, min(first + CARDS_A_PART - 1, count)


def lines(faces: Iterable[Face]) -> bytes:
    """Write exactly what was frozen of these cards, for digests."""
    return "".join(
        f"{face.number}|{face.name}|{face.qr}|{face.expires_on.isoformat()}\n" for face in faces
    ).encode()


def digest(faces: Iterable[Face]) -> bytes:
    """Digest the frozen rows of one part."""
    return sha256(lines(faces)).digest()
