"""Seal files for a bureau: one tar archive in the age format, read back before it is trusted.

age (https://age-encryption.org/v1) to an X25519 recipient, so that the bureau opens it with the
standard tool. Since only the bureau can open what is sealed to its key, a second recipient is made
for the reading back and forgotten with this call. Everything streams: memory does not grow.
"""

import os
import tarfile
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Protocol, cast

import pyrage

from betang.cards.printing.files import CHUNK_BYTES
from betang.core.errors import RefusedError


class NotSealedError(RefusedError):
    """The package read back is not what went into it."""

    code = "print.not_sealed"
    sentence = "Paket terenkripsi tidak terbaca sama seperti isinya."
    do = "Ulangi pelepasan. Bila berulang, disk mungkin rusak: laporkan kepada pengelola sistem."


class BadRecipientError(RefusedError):
    """The text is not a public key of age."""

    code = "bureau.recipient"
    sentence = "Ini bukan kunci publik age (diawali age1)."
    do = "Mintalah biro menjalankan `age-keygen` dan mengirim baris kunci publiknya."
    status = 422


class _Identity(Protocol):
    """The half of an age key that opens."""

    def to_public(self) -> object: ...


def recipient_of(text: str) -> object:
    """Read an age recipient. Raises `BadRecipientError`."""
    try:
        return pyrage.x25519.Recipient.from_str(text)
    except (pyrage.RecipientError, ValueError) as error:
        raise BadRecipientError(field="recipient") from error


def seal(folder: Path, sums: Mapping[str, str], sealed: Path, recipient: str, at: datetime) -> None:
    """Seal the files of `folder` named in `sums` (hexadecimal SHA-256) into the file `sealed`.

    Then open it again and compare every sum. Raises `NotSealedError`, `OSError`.
    """
    check_key = cast("_Identity", pyrage.x25519.Identity.generate())
    to = [recipient_of(recipient), check_key.to_public()]
    with sealed.open("wb") as out:
        _piped(
            lambda end: _archive(folder, sums, end, at),
            lambda end: pyrage.encrypt_io(end, out, to),
        )
    read: dict[str, str] = {}
    with sealed.open("rb") as kept:
        _piped(
            lambda end: pyrage.decrypt_io(kept, end, [check_key]),
            lambda end: read.update(_sums(end)),
        )
    if read != dict(sums):
        raise NotSealedError


def _archive(folder: Path, sums: Mapping[str, str], out: BinaryIO, at: datetime) -> None:
    with tarfile.open(fileobj=out, mode="w|", format=tarfile.PAX_FORMAT) as archive:
        for name in sums:
            with (folder / name).open("rb") as file:
                member = tarfile.TarInfo(name)
                member.size = os.fstat(file.fileno()).st_size
                member.mode, member.mtime = 0o600, int(at.timestamp())
                archive.addfile(member, file)


def _sums(end: BinaryIO) -> dict[str, str]:
    read = {}
    with tarfile.open(fileobj=end, mode="r|") as archive:
        for member in archive:
            file, hashed = archive.extractfile(member), sha256()
            while file is not None and (chunk := file.read(CHUNK_BYTES)):
                hashed.update(chunk)
            read[member.name] = hashed.hexdigest()
    while end.read(CHUNK_BYTES):  # what follows the archive's end: the other side must finish
        pass
    return read


def _piped(writing: Callable[[BinaryIO], object], reading: Callable[[BinaryIO], object]) -> None:
    """Run both at once with a pipe between them; raise what went wrong on either side."""
    out_of, into = os.pipe()
    failed: list[Exception] = []

    def write() -> None:
        try:
            with os.fdopen(into, "wb") as end:
                writing(end)
        except Exception as error:  # noqa: BLE001 - raised below, in the caller's thread
            failed.append(error)

    thread = threading.Thread(target=write, name="package")
    thread.start()
    try:
        with os.fdopen(out_of, "rb") as end:
            reading(end)
    finally:
        thread.join()
    # Closing the reading end early makes the writer fail: then the reader's error was raised above.
    if failed:
        raise failed[0]
