"""Where this installation's key file lies, and its opening, once a process.

The file is read again when it changes on disk (a rotation by another process), never more often.
"""

from pathlib import Path
from threading import Lock

from django.conf import settings

from betang.core.errors import RefusedError
from betang.keys import keyfile
from betang.keys.keyfile import KeyFile, KeyFileMissingError

FILE_NAME = "keyfile.json"

_LOCK = Lock()
_OPENED: dict[Path, tuple[tuple[int, int], KeyFile]] = {}


class PassphraseMissingError(RefusedError):
    """Nobody said where the passphrase is."""

    code = "keys.passphrase_missing"
    sentence = "Frasa sandi berkas kunci tidak ditemukan."
    do = (
        "Isi BETANG_KEY_PASSPHRASE_FILE (dengan HSM: BETANG_HSM_PIN_FILE) dengan alamat berkasnya; "
        "setelah mesin dinyalakan ulang, para pemegang bagian menjalankan `betang keys open`."
    )


class PassphraseBesideKeyError(RefusedError):
    """The passphrase lies in the data folder: whoever copies the folder copies both."""

    code = "keys.passphrase_beside_key"
    sentence = "Frasa sandi tidak boleh disimpan di dalam folder data."
    do = "Pindahkan berkas frasa sandi ke luar folder data (hanya peragaan yang boleh)."


def key_path() -> Path:
    """Say where the key file is."""
    return Path(settings.VAR) / "keys" / FILE_NAME


def passphrase() -> bytes:
    """Read the passphrase from the file that `BETANG_KEY_PASSPHRASE_FILE` names.

    Raises `PassphraseMissingError`, or `PassphraseBesideKeyError` where it lies in the data folder
    and this is not a demonstration (`BETANG_DEMO=1`).
    """
    return _secret_of(settings.KEY_PASSPHRASE_FILE)


def hsm_pin() -> str:
    """Read the HSM's PIN from the file that `BETANG_HSM_PIN_FILE` names, by the same rules."""
    try:
        return _secret_of(settings.HSM_PIN_FILE).decode()
    except UnicodeDecodeError:
        raise PassphraseMissingError from None


def secret_path() -> Path:
    """Say where the servers read what opens the keys: the passphrase, or the HSM's PIN."""
    return _outside(settings.HSM_PIN_FILE if settings.HSM_MODULE else settings.KEY_PASSPHRASE_FILE)


def _outside(named: str) -> Path:
    if not named:
        raise PassphraseMissingError
    path = Path(named).resolve()
    if not settings.DEMO and path.is_relative_to(Path(settings.VAR).resolve()):
        raise PassphraseBesideKeyError
    return path


def _secret_of(named: str) -> bytes:
    path = _outside(named)
    try:
        given = path.read_bytes().strip()
    except OSError:
        raise PassphraseMissingError from None
    if not given:
        raise PassphraseMissingError
    return given


def opening_passphrase() -> bytes:
    """Give what opens the key file: the passphrase, or what only the HSM can compute."""
    if settings.HSM_MODULE:
        from betang.keys import hsm  # noqa: PLC0415 - PKCS#11 is loaded only where it is used

        token: hsm.HsmBackend = hsm.token()
        return token.file_passphrase()
    return passphrase()


def opened() -> KeyFile:
    """Give the opened key file of this installation; the first call pays for the passphrase."""
    path = key_path()
    try:
        stat = path.stat()
    except FileNotFoundError:
        raise KeyFileMissingError from None
    version = (stat.st_mtime_ns, stat.st_size)
    known = _OPENED.get(path)
    if known is not None and known[0] == version:
        return known[1]
    with _LOCK:
        known = _OPENED.get(path)
        if known is None or known[0] != version:
            known = _OPENED[path] = (version, keyfile.open_file(path, opening_passphrase()))
        return known[1]
