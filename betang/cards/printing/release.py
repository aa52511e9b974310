"""Release a run to its bureau: checked again, sealed to the bureau's key, by a second person.

The order is what makes a kill harmless: everything is written and sealed beside its place; then one
transaction says that the run left; only then are the files in the clear removed. A kill before the
transaction leaves a run that is released again; a kill after it leaves files that `tidy` removes.
"""

import csv
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from django.db import transaction

from betang.cards.faces import write_artwork
from betang.cards.models import Bureau, PrintRow, PrintRun
from betang.cards.printing.chip_keys import (
    key_file_of,
    seal_transport_key,
    write_chip_keys,
)
from betang.cards.printing.draw import PartAlteredError, look_of
from betang.cards.printing.files import digest_of, written
from betang.cards.printing.folder import (
    discard,
    disk_told,
    folder_of,
    is_whole,
    path_of,
    prepare,
)
from betang.cards.printing.manifest import write_manifest
from betang.cards.printing.package import seal
from betang.cards.printing.rows import parts_of
from betang.cards.printing.runs import alone, must_be
from betang.core.actor import Actor
from betang.core.bureau.manifest import NAME, SIGNATURE_NAME
from betang.core.errors import NotAllowedError, RefusedError, SamePersonError
from betang.journal.record import record

ARTWORK, CARDS = "artwork.pdf", "kartu.csv"
COLUMNS = ("card_number", "name", "qr", "file", "page_front", "page_back")
STEPS = ("Memeriksa berkas", "Menulis daftar kartu", "Menyegel dan membuka kembali paket")
State = PrintRun.State
Step = Callable[[str, int, int], None]


class BureauNotReadyError(RefusedError):
    """The bureau's key was not approved by a second person, or is not used any more."""

    code = "bureau.not_ready"
    sentence = "Kunci biro ini belum disetujui orang kedua, atau sudah tidak dipakai."
    do = "Lihat `betang cards bureau list`; setujui kuncinya, atau pilih biro lain."


def silent(what: str, place: int, of: int) -> None:
    """Show nothing: the default of those who run without a screen."""


def release(
    run: PrintRun,
    bureau: Bureau,
    *,
    actor: Actor,
    clock: Callable[[], datetime],
    step: Step = silent,
) -> Path:
    """Seal `run` for `bureau` and let it go; give the package.

    Raises `SamePersonError` for who froze it, `BureauNotReadyError`, `NotNowError`,
    `PartAlteredError`, `TooFewChipsError`, `NotSealedError`, `DiskRefusedError`: then nothing left.
    """
    may_release(run, bureau, actor=actor)
    with alone(run, State.CHECKED), disk_told():
        prepare(run)
        step(STEPS[0], 1, len(STEPS))
        for part in run.parts.order_by("number"):
            if not is_whole(run, part):
                raise PartAlteredError(part=part.number)
        step(STEPS[1], 2, len(STEPS))
        at = clock()
        others, transport_key = _beside(run)
        write_manifest(run, others, at=at)
        step(STEPS[2], 3, len(STEPS))
        package = _sealed(run, bureau, others, at)
        if transport_key is not None:
            seal_transport_key(run, bureau, transport_key)
        with transaction.atomic():
            _left(run, bureau, package, actor=actor, at=clock())
        tidy(run)
    return package


def may_release(run: PrintRun, bureau: Bureau, *, actor: Actor) -> None:
    """Raise the refusal that `release` would begin with."""
    must_be(run, State.CHECKED)
    if actor.person is None:
        raise NotAllowedError
    if actor.person == run.frozen_by_person:
        raise SamePersonError
    if bureau.approved_at is None or bureau.ended_at is not None:
        raise BureauNotReadyError


def tidy(run: PrintRun) -> None:
    """Remove what lies in the clear beside the package of a run that left."""
    if run.package_name and run.state in {State.RELEASED, State.RETURNED}:
        discard(run, keeping=frozenset({run.package_name, key_file_of(run).name}))


def _beside(run: PrintRun) -> tuple[list[Path], bytes | None]:
    """Write what goes beside the parts: artwork, list of cards, keys of the listed chips."""
    keys, transport_key = write_chip_keys(run)
    artwork, cards = folder_of(run) / ARTWORK, folder_of(run) / CARDS
    with written(artwork) as undone:
        write_artwork(undone, look_of(run))
    with written(cards) as undone:
        _write_cards(run, undone)
    return [artwork, cards, *keys], transport_key


def _write_cards(run: PrintRun, path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(COLUMNS)
        for part, faces in parts_of(run):
            name = path_of(run, part).name
            rows.writerows(
                (face.number, face.name, face.qr, name, 2 * n + 1, 2 * n + 2)
                for n, face in enumerate(faces)
            )


def _sealed(run: PrintRun, bureau: Bureau, others: list[Path], at: datetime) -> Path:
    """Seal everything that the manifest names, and the manifest, into one file."""
    folder = folder_of(run)
    parts = [path_of(run, part) for part in run.parts.order_by("number")]
    paths = [folder / NAME, folder / SIGNATURE_NAME, *others, *parts]
    sums = {path.name: digest_of(path).hex() for path in paths}
    package = folder / f"betang-{run.uuid}.tar.age"
    with written(package) as undone:
        seal(folder, sums, undone, bureau.recipient, at)
    return package


def _left(run: PrintRun, bureau: Bureau, package: Path, *, actor: Actor, at: datetime) -> None:
    """Write that the run left, in the caller's transaction."""
    run.bureau, run.state = bureau, State.RELEASED
    run.released_at, run.released_by_person = at, actor.person
    run.package_name, run.package_sha256 = package.name, digest_of(package)
    run.package_bytes = package.stat().st_size
    run.save(
        update_fields=[
            "bureau", "state", "released_at", "released_by_person", "package_name",
            "package_sha256", "package_bytes",
        ]
    )  # fmt: skip
    PrintRow.objects.filter(run=run).update(name="")
    record(
        "print.released", run.uuid, actor=actor, at=at, area=run.area, bureau=bureau.uuid,
        count=run.count, chips=run.chips.count(),
        manifest_sha256=bytes(run.file_sha256 or b"").hex(),
        package_sha256=run.package_sha256.hex(),
    )  # fmt: skip
