"""Files that are whole or not there: written beside their place, synced, then named."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

#: What a file is called while it is written; such a file is nobody's once its process is gone.
UNDONE = ".undone"
CHUNK_BYTES = 1 << 20


def undone_name(path: Path) -> Path:
    """Give the name under which this process writes `path`."""
    return path.with_name(f"{path.name}{UNDONE}.{os.getpid()}")


@contextmanager
def written(path: Path) -> Iterator[Path]:
    """Let the caller write a file beside `path`; it takes that name only when it is on disk."""
    undone = undone_name(path)
    try:
        undone.touch(mode=0o600)
        yield undone
        keep(undone, path)
    finally:
        with suppress(OSError):
            undone.unlink(missing_ok=True)


def keep(undone: Path, path: Path) -> None:
    """Put a finished file on disk for good, and give it its name in one step."""
    undone.chmod(0o600)
    _sync(undone)
    undone.replace(path)
    _sync(path.parent)


def digest_of(path: Path) -> bytes:
    """Digest a file without holding it."""
    hashed = sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            hashed.update(chunk)
    return hashed.digest()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
