"""The master key of the chips: from it every card's keys are derived, so it opens every card.

It lies in the HSM or wrapped in the key file, in versions; whoever derives gets the keys of the
cards that he names and never the master. A demonstration has a test master instead: a 0600 file
that its virtual chips read too, made and read with `BETANG_DEMO=1` and never otherwise.
"""

import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from betang.core.card.chip import K2_FILE_READ, KEY_BYTES, Tap, is_genuine
from betang.core.card.diversify import block_cipher, card_input, diversify_many
from betang.core.errors import RefusedError
from betang.keys.backend import KeyNotHereError, backend
from betang.keys.keyfile import KeyFileMissingError

FILE_NAME = "chip-test-master"
FIRST_VERSION = 1
KEYS_A_CARD = 5


class NoChipMasterError(RefusedError):
    """This installation has no master key for chips, or not that version."""

    code = "keys.no_chip_master"
    sentence = "Kunci induk cip tidak tersedia di sini."
    do = (
        "Buat kunci induk dengan `betang keys rotate chip-master` (dua orang); "
        "kunci uji hanya untuk peragaan (BETANG_DEMO=1)."
    )


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
    """Derive K2 of the chip `uid`: the key of its taps. Raises `NoChipMasterError`."""
    return file_read_keys([uid], version=version)[0]


def file_read_keys(uids: Sequence[bytes], *, version: int) -> list[bytes]:
    """Derive K2 of each of many chips, in few calls to whatever holds the master."""
    return _diversified(
        version, [card_input(uid, key_number=K2_FILE_READ, version=version) for uid in uids]
    )


def card_keys(uid: bytes, *, version: int) -> tuple[bytes, ...]:
    """Derive K0 to K4 of the chip `uid`: for its personalisation, and wrapped for the bureau.

    Whoever asks holds them in memory only.
    """
    return card_keys_many([uid], version=version)[0]


def card_keys_many(uids: Sequence[bytes], *, version: int) -> list[tuple[bytes, ...]]:
    """Derive K0 to K4 of each of many chips: a thousand at a time keep the memory small."""
    inputs = [
        card_input(uid, key_number=number, version=version)
        for uid in uids
        for number in range(KEYS_A_CARD)
    ]
    keys = _diversified(version, inputs)
    return [tuple(keys[start : start + KEYS_A_CARD]) for start in range(0, len(keys), KEYS_A_CARD)]


def current_version() -> int:
    """Give the version of the master from which new cards get their keys; 1 before the first."""
    if settings.DEMO:
        return FIRST_VERSION
    return max(_versions(), default=FIRST_VERSION)


def is_genuine_tap(tap: Tap, *, version: int) -> bool | None:
    """Say whether a chip of ours made this tap; None where this server holds no master key."""
    try:
        key = file_read_key(tap.uid, version=version)
    except NoChipMasterError:
        return None
    return is_genuine(key, tap)


def _versions() -> tuple[int, ...]:
    try:
        return backend().chip_versions()
    except KeyFileMissingError:
        return ()


def _diversified(version: int, inputs: Sequence[bytes]) -> list[bytes]:
    if settings.DEMO:
        return diversify_many(block_cipher(_test_master()), inputs)
    if version not in _versions():
        raise NoChipMasterError
    try:
        return backend().diversify(version, inputs)
    except KeyNotHereError:
        raise NoChipMasterError from None


def _test_master() -> bytes:
    """Give the test master; the file is read again only when it changes."""
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
