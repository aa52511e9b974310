"""A print run: the ordered cards are frozen, rendered, looked at, and only then called printed.

The files hold names and lie 0600 under `var/print/<run>`; encryption to the bureau's key, resuming
after a kill and return files come with the cards issue.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection

from betang.cards import design
from betang.cards.check_faces import unreadable
from betang.cards.faces import Face, Look, write_faces
from betang.cards.models import PrintRun
from betang.cards.typeset import BOLD, typeface
from betang.cards.within import WITHIN
from betang.core.actor import Actor
from betang.core.clock import to_wire
from betang.core.crypto.keyring import Purpose
from betang.core.errors import RefusedError
from betang.journal.record import record
from betang.keys import signer
from betang.programmes.models import Programme

#: Cards a file: two thousand pages are opened by any reader and render in seconds.
CARDS_A_FILE = 1_000
#: Of each file this many cards are rasterised and decoded, spread evenly; all of them on request.
SAMPLED = 8
ISSUER = "Pemerintah Provinsi Kalimantan Tengah"

FREEZE = f"""
SELECT c.id, c.number, h.head_name, c.qr, c.expires_on
FROM cards_card c JOIN registry_household h ON h.id = c.household_id
WHERE c.state = 'ordered' AND {WITHIN.format("c.village_id")}
ORDER BY c.village_id, c.number LIMIT %(limit)s
FOR NO KEY UPDATE OF c
"""
PRINTED = "UPDATE cards_card SET state = 'printed', print_run_id = %s WHERE id = ANY(%s)"


class NothingToPrintError(RefusedError):
    """No card waits to be printed."""

    code = "cards.nothing_to_print"
    sentence = "Tidak ada kartu yang menunggu dicetak."
    do = "Terbitkan kartu dahulu dengan `betang cards issue`."


class UnreadableFacesError(RefusedError):
    """Sampled faces could not be read; nothing was called printed."""

    code = "cards.unreadable"
    sentence = "{count} kartu contoh tidak terbaca setelah digambar."
    do = "Jangan cetak berkas ini. Laporkan kepada pengelola sistem."


@dataclass(frozen=True, slots=True)
class Printed:
    """What one run printed, and where; `left_out`: cards whose name the fonts cannot write."""

    run: UUID
    count: int
    checked: int
    folder: Path
    files: tuple[Path, ...]
    left_out: tuple[str, ...]


def print_cards(
    *,
    actor: Actor,
    at: datetime,
    area: int | None = None,
    limit: int | None = None,
    check_all: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Printed:
    """Render the ordered cards of `area`, look at them, and call them printed.

    Raises `NothingToPrintError`, or `UnreadableFacesError` where a sampled card cannot be read:
    then no card changes.
    """
    with connection.cursor() as cursor:
        cursor.execute(FREEZE, {"area": area, "limit": limit})
        frozen = cursor.fetchall()
    # A name that the fonts cannot write waits for a person: one of them must not stop a run.
    left_out = tuple(row[1] for row in frozen if typeface(BOLD).lacks(row[2]))
    frozen = [row for row in frozen if row[1] not in left_out]
    if not frozen:
        raise NothingToPrintError
    faces = [Face(number, name, qr, expires) for _, number, name, qr, expires in frozen]
    run = PrintRun.objects.create(
        at=at, count=len(faces), design=design.NAME, rows_sha256=_digest(faces)
    )
    folder = Path(settings.VAR) / "print" / str(run.uuid)
    folder.mkdir(mode=0o700, parents=True)
    files, checked = _rendered(folder, faces, _look(), check_all=check_all, progress=progress)
    manifest = _manifest(folder, run, files, at)
    PrintRun.objects.filter(pk=run.pk).update(
        file_name=manifest.name, file_sha256=sha256(manifest.read_bytes()).digest()
    )
    with connection.cursor() as cursor:
        cursor.execute(PRINTED, [run.pk, [row[0] for row in frozen]])
    record(
        "cards.printed",
        run.uuid,
        actor=actor,
        at=at,
        area=area,
        count=len(faces),
        rows_sha256=run.rows_sha256.hex(),
        checked=checked,
        left_out=len(left_out),
    )
    return Printed(run.uuid, len(faces), checked, folder, files, left_out)


def _rendered(
    folder: Path,
    faces: Sequence[Face],
    look: Look,
    *,
    check_all: bool,
    progress: Callable[[int, int], None] | None,
) -> tuple[tuple[Path, ...], int]:
    """Write and look at the files; give them and how many cards were looked at."""
    files, checked = [], 0
    bounds = [*range(0, len(faces), CARDS_A_FILE), len(faces)]
    for part, (start, end) in enumerate(pairwise(bounds), start=1):
        path, some = folder / f"kartu-{part:04d}.pdf", faces[start:end]
        write_faces(path, some, look)
        path.chmod(0o600)
        step = 1 if check_all else max(1, len(some) // SAMPLED)
        indexes = range(0, len(some), step)
        wrong = unreadable(path, some, indexes)
        if wrong:
            raise UnreadableFacesError(count=len(wrong))
        files.append(path)
        checked += len(indexes)
        if progress is not None:
            progress(end, len(faces))
    return tuple(files), checked


def _look() -> Look:
    programme = Programme.objects.order_by("pk").first()
    name = programme.card_name if programme else "Kartu Bantuan"
    return Look(name, ISSUER, settings.CARD_HOST, sample=settings.DEMO)


def _digest(faces: Sequence[Face]) -> bytes:
    """Digest exactly what was frozen, in order."""
    hashed = sha256()
    for face in faces:
        hashed.update(f"{face.number}|{face.qr}\n".encode())
    return hashed.digest()


def _manifest(folder: Path, run: PrintRun, files: Sequence[Path], at: datetime) -> Path:
    """Write what the run consists of, signed by the manifest key over the exact bytes."""
    content: dict[str, Any] = {
        "typ": "betang-manifest+json",
        "run": str(run.uuid),
        "at": to_wire(at),
        "design": run.design,
        "count": run.count,
        "rows_sha256": bytes(run.rows_sha256).hex(),
        "files": {path.name: sha256(path.read_bytes()).hexdigest() for path in files},
    }
    path = folder / "manifest.json"
    path.write_text(json.dumps(content, indent=1))
    path.chmod(0o600)
    kid, _ = signer.current(Purpose.MANIFEST)
    signature = signer.sign(Purpose.MANIFEST, path.read_bytes())
    (folder / "manifest.sig").write_text(json.dumps({"kid": kid, "signature": signature.hex()}))
    return path
