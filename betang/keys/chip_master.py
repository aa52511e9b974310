"""The master key of the chips: from it every card's keys are derived, so it opens every card.

It belongs in an HSM. Until the cards issue brings that, there is only the demonstration's test
master: a 0600 file that is read and made with `BETANG_DEMO=1` and never otherwise.
"""

import os
import secrets
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from betang.core.card.chip import K2_FILE_READ, KEY_BYTES, Tap, card_key, is_genuine
from betang.core.errors import RefusedError

FILE_NAME = "chip-test-master"
VERSION = 1


class NoChipMasterError(RefusedError):
    """This installation has no master key for chips."""

    code = "keys.no_chip_master"
    sentence = "Kunci induk cip tidak tersedia di sini."
    do = "Kunci induk uji hanya untuk peragaan (BETANG_DEMO=1); produksi memakai HSM."


class ChipMasterExposedError(RefusedError):
    """Others may read the file of the test master."""

    code = "keys.chip_master_exposed"
    sentence = "Berkas kunci induk cip dapat dibaca pengguna lain."
    do = "Batasi izinnya menjadi 0600 sebelum dipakai."


def test_master_path() -> Path:
    """Say where the demonstration's test master lies."""
    return Path(settings.VAR) / "keys" / FILE_NAME


def make_test_master() -> Path:
    """Make the test master where there is none; refused outside a demonstration."""
    if not settings.DEMO:
        raise NoChipMasterError
    path = test_master_path()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    beside.touch(mode=0o600, exist_ok=False)
    beside.write_text(secrets.token_hex(KEY_BYTES))
    with suppress(FileExistsError):
        os.link(beside, path)  # whole or not at all, and never over another
    beside.unlink()
    return path


def file_read_key(uid: bytes, *, version: int) -> bytes:
    """Derive K2 of the chip `uid`: the key of its taps."""
    return card_key(_master(), uid, key_number=K2_FILE_READ, version=version)


def card_keys(uid: bytes, *, version: int) -> tuple[bytes, ...]:
    """Derive K0 to K4 of the chip `uid`: for its personalisation, and wrapped for the bureau.

    Whoever asks holds them in memory only.
    """
    return tuple(
        card_key(_master(), uid, key_number=number, version=version) for number in range(5)
    )


def current_version() -> int:
    """Give the version of the master from which new cards get their keys."""
    return VERSION


def is_genuine_tap(tap: Tap, *, version: int) -> bool | None:
    """Say whether a chip of ours made this tap; None where this server holds no master key."""
    try:
        key = file_read_key(tap.uid, version=version)
    except NoChipMasterError:
        return None
    return is_genuine(key, tap)


def _master() -> bytes:
    """Give the test master; the file is read again only when it changes."""
    if not settings.DEMO:
        raise NoChipMasterError
    path = test_master_path()
    try:
        stat = path.stat()
    except FileNotFoundError:
        raise NoChipMasterError from None
    if stat.st_mode & 0o077:
        raise ChipMasterExposedError
    return _read(path, stat.st_mtime_ns)


@lru_cache(maxsize=2)
def _read(path: Path, changed_ns: int) -> bytes:
    return bytes.fromhex(path.read_text())
