"""Adding a key to a key file: the only change that is ever made to one.

The file is written anew beside and renamed, so it is the old one or the new one, never half.
Nothing in it is removed: what was sealed with an old key must stay readable. Its copies elsewhere
are older from then on.
"""

import fcntl
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from betang.core.crypto.keyring import Purpose
from betang.keys import keyfile


def add_key(
    path: Path,
    opening: Callable[[], bytes],
    purpose: Purpose,
    *,
    kid: int,
    version: int,
    at: datetime,
) -> None:
    """Add a new key pair, unless that kid is there already."""
    with _changing(path, opening) as (entries, kek):
        if not any(entry.get("kid") == kid for entry in entries):
            entries.append(keyfile.new_key(kek, purpose, kid=kid, version=version, at=at))


def add_secret(
    path: Path, opening: Callable[[], bytes], purpose: str, *, version: int, at: datetime
) -> None:
    """Add a new data key or chip master, unless that version is there already."""
    with _changing(path, opening) as (entries, kek):
        held = {(entry["purpose"], entry["version"]) for entry in entries}
        if (purpose, version) not in held:
            entries.append(keyfile.new_secret(kek, purpose, version, at=at))


@contextmanager
def _changing(
    path: Path, opening: Callable[[], bytes]
) -> Iterator[tuple[list[dict[str, Any]], AESGCM]]:
    """Give the entries and the wrapping key, alone on this machine; write what was made of them."""
    with (path.parent / ".keyfile.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        keyfile.open_file(path, opening())  # every entry must open before any is added
        content, kek = keyfile.unlock(path, opening())
        before = len(content["entries"])
        yield content["entries"], kek
        if len(content["entries"]) != before:
            keyfile.replace(path, json.dumps(content, indent=1).encode())
