"""Open a package: decrypt (age), unpack, verify the manifest, compare every sum.

What the standard tools do, `age --decrypt -i KEY | tar x`, in one place and without trust.
"""

import csv
import json
import os
import tarfile
import threading
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyrage

from betang.core.bureau.manifest import NAME, SIGNATURE_NAME, Manifest, read_manifest
from betang.core.crypto.keyring import Algorithm, Keyring, KeyState, Purpose, RingKey


class BadPackageError(Exception):
    """The package cannot be opened with this key, or holds what no package holds."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A package that was opened and found whole, unpacked into `folder`."""

    manifest: Manifest
    folder: Path

    def cards(self) -> Iterator[dict[str, str]]:
        """Give the rows of the list of cards."""
        with (self.folder / "kartu.csv").open(newline="", encoding="utf-8") as file:
            yield from csv.DictReader(file)


def open_package(package: Path, identity: str, ring: Keyring, into: Path) -> Opened:
    """Open `package` with the bureau's age key into the folder `into`.

    Raises `BadPackageError`, or `ManifestRefusedError` for what our key did not sign so.
    """
    into.mkdir(mode=0o700, parents=True)
    sums = _unpack(package, pyrage.x25519.Identity.from_str(identity), into)
    if not {NAME, SIGNATURE_NAME} <= sums.keys():
        raise BadPackageError("no manifest")
    manifest = read_manifest((into / NAME).read_bytes(), (into / SIGNATURE_NAME).read_bytes(), ring)
    manifest.check({name: s for name, s in sums.items() if name not in {NAME, SIGNATURE_NAME}})
    return Opened(manifest, into)


def read_ring(text: str) -> Keyring:
    """Read the ring as `betang keys ring --json` writes it."""
    return Keyring.of(_key(each) for each in json.loads(text)["keys"])


def _unpack(package: Path, identity: Any, into: Path) -> dict[str, str]:
    """Decrypt and unpack in one stream; give the sums of the files."""
    out_of, end = os.pipe()
    failed: list[Exception] = []

    def decrypt() -> None:
        try:
            with package.open("rb") as sealed, os.fdopen(end, "wb") as tar:
                pyrage.decrypt_io(sealed, tar, [identity])
        except Exception as error:  # noqa: BLE001 - told below
            failed.append(error)

    thread = threading.Thread(target=decrypt)
    thread.start()
    sums: dict[str, str] = {}
    try:
        with os.fdopen(out_of, "rb") as tar:
            with tarfile.open(fileobj=tar, mode="r|") as archive:
                for member in archive:
                    sums[member.name] = _save(archive, member, into)
            while tar.read(1 << 20):
                pass
    except tarfile.TarError as error:
        failed.append(error)
    finally:
        thread.join()
    if failed:
        raise BadPackageError(str(failed[0])) from failed[0]
    return sums


def _save(archive: tarfile.TarFile, member: tarfile.TarInfo, into: Path) -> str:
    """Save one plain file under its plain name."""
    file = archive.extractfile(member)
    if file is None or Path(member.name).name != member.name:
        raise BadPackageError(f"not a plain file: {member.name}")
    path, hashed = into / member.name, sha256()
    path.touch(mode=0o600)
    with path.open("wb") as out:
        while chunk := file.read(1 << 20):
            hashed.update(chunk)
            out.write(chunk)
    return hashed.hexdigest()


def _key(told: dict[str, Any]) -> RingKey:
    x, y = (urlsafe_b64decode(told[half] + "=") for half in ("x", "y"))
    return RingKey(
        kid=told["kid"],
        purpose=Purpose(told["purpose"]),
        version=told["version"],
        algorithm=Algorithm(told["alg"]),
        public=b"\x04" + x + y,
        not_before=datetime.fromisoformat(told["not_before"]),
        not_after=datetime.fromisoformat(told["not_after"]),
        state=KeyState(told["state"]),
    )
