"""The folder of a run on this machine: 0700, its files 0600."""

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from betang.cards.models import PrintPart, PrintRun
from betang.cards.printing.files import UNDONE, digest_of
from betang.core.errors import RefusedError

#: What the disk says, in words that a clerk can pass on.
WHY = {
    errno.ENOSPC: "disk penuh",
    errno.EDQUOT: "jatah disk habis",
    errno.EFBIG: "berkas melebihi batas ukuran",
    errno.EACCES: "izin ditolak",
    errno.EPERM: "izin ditolak",
    errno.EROFS: "disk hanya dapat dibaca",
    errno.ENOTDIR: "ada berkas di tempat folder",
    errno.EIO: "disk rusak",
}


class DiskRefusedError(RefusedError):
    """The disk is full, or the folder cannot be written or read."""

    code = "print.disk"
    sentence = "Folder cetak tidak dapat dipakai ({place}): {why}."
    do = (
        "Sediakan tempat pada disk atau perbaiki izin folder print di dalam folder data, lalu "
        "ulangi langkah yang sama; yang sudah selesai tidak dikerjakan dua kali."
    )


def folder_of(run: PrintRun) -> Path:
    """Say where the files of a run lie."""
    return Path(settings.VAR) / "print" / str(run.uuid)


def path_of(run: PrintRun, part: PrintPart) -> Path:
    """Say where a part lies."""
    return folder_of(run) / f"kartu-{part.number:04d}.pdf"


@contextmanager
def disk_told() -> Iterator[None]:
    """Turn what the disk says into a refusal. Raises `DiskRefusedError`."""
    try:
        yield
    except OSError as error:
        place = Path(str(error.filename)).name if error.filename else "print"
        why = WHY.get(error.errno or 0, error.strerror or "kesalahan disk")
        raise DiskRefusedError(place=place, why=why) from error


def prepare(run: PrintRun) -> Path:
    """Make the folder of a run, and throw away what a killed process left half written."""
    folder = folder_of(run)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for undone in folder.glob(f"*{UNDONE}*"):
        undone.unlink(missing_ok=True)
    return folder


def is_whole(run: PrintRun, part: PrintPart) -> bool:
    """Say whether the file of a drawn part is there, as it was drawn."""
    path = path_of(run, part)
    if part.file_sha256 is None or not path.is_file():
        return False
    return path.stat().st_size == part.file_bytes and digest_of(path) == bytes(part.file_sha256)


def discard(run: PrintRun, *, keeping: frozenset[str] = frozenset()) -> None:
    """Remove the files of a run, but for some; of a run without a folder nothing."""
    folder = folder_of(run)
    if not keeping:
        shutil.rmtree(folder, ignore_errors=True)
    elif folder.is_dir():
        for path in folder.iterdir():
            if path.name not in keeping:
                path.unlink()
