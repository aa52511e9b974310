"""The key file: every secret of a first run, each wrapped under a key made of a passphrase.

JSON, mode 0600. The wrapping key is scrypt of the passphrase with the cost stored in the file; each
secret is AES-256-GCM under it, with its public facts authenticated. The shape is normative in
`docs/protocols/keys.md`. Keys are added in `betang.keys.keyfile_change`; with an HSM only the data
keys lie here, and the passphrase is the HSM's (`betang.keys.hsm`).
"""

import hashlib
import json
import os
import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from betang.core.crypto.keyring import Algorithm, Purpose, RingKey
from betang.core.crypto.signing import (
    PrivateKey,
    dump_private_key,
    dump_public_key,
    load_private_key,
    new_private_key,
)
from betang.core.errors import RefusedError

FORM = 1
# 128 MB and about a third of a second: what OWASP asks of scrypt. Tests may pass less.
COST_STRONG = 1 << 17
COST_TESTS = 1 << 4
# A hostile file may ask for any cost: refused before memory is taken (1 GB at the most).
COST_MAX = 1 << 20
FILE_BYTES_MAX = 1 << 20
BLOCK_SIZE = 8
SALT_BYTES = 16
NONCE_BYTES = 12
VALID_FOR = timedelta(days=365 * 6)
# The year Betang began: keys made without a date are valid from here.
FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)

DATA_PURPOSES = ("data-seal", "data-blind", "data-wrap")
CHIP_MASTER = "chip-master"
CHIP_MASTER_BYTES = 16
DATA_KEY_BYTES = 32


class KeyFileExistsError(RefusedError):
    """A key file is there already; overwriting it would make every sealed value unreadable."""

    code = "keys.file_exists"
    sentence = "Berkas kunci sudah ada."
    do = "Pakai berkas kunci yang ada, atau pindahkan dahulu ke tempat yang aman."


class KeyFileMissingError(RefusedError):
    """There is no key file where one is needed."""

    code = "keys.file_missing"
    sentence = "Berkas kunci tidak ditemukan."
    do = "Jalankan `betang keys init`, atau kembalikan berkas kunci dari cadangan."


class KeyFileLockedError(RefusedError):
    """The passphrase does not open the key file, or the file was altered."""

    code = "keys.file_locked"
    sentence = "Berkas kunci tidak dapat dibuka: frasa sandi salah atau berkas rusak."
    do = "Periksa berkas yang ditunjuk BETANG_KEY_PASSPHRASE_FILE."


class KeyFileLacksKeyError(RefusedError):
    """The key file has no key for this: it is another's, or the HSM that has it is not named."""

    code = "keys.file_lacks_key"
    sentence = "Berkas kunci tidak memuat kunci untuk {purpose}."
    do = "Pasang berkas kunci yang benar, atau isi BETANG_HSM_MODULE bila kuncinya di dalam HSM."


@dataclass(frozen=True, slots=True)
class KeyFile:
    """An opened key file: its secrets live in this object only, and never in its text."""

    private: dict[int, PrivateKey] = field(repr=False)
    seal: dict[int, PrivateKey] = field(repr=False)
    ring: tuple[RingKey, ...]
    data: dict[tuple[str, int], bytes] = field(repr=False)
    chip: dict[int, bytes] = field(repr=False)

    def newest(self, purpose: Purpose) -> RingKey:
        """Give the public part of the newest key of `purpose`. Raises `KeyFileLacksKeyError`."""
        keys = [key for key in self.ring if key.purpose is purpose]
        if not keys:
            raise KeyFileLacksKeyError(purpose=purpose.value)
        return max(keys, key=lambda key: key.version)

    def newest_data(self, purpose: str) -> tuple[int, bytes]:
        """Give version and secret of the newest data key: what new values are sealed with."""
        version = max(version for name, version in self.data if name == purpose)
        return version, self.data[purpose, version]

    def data_keys(self, purpose: str) -> list[bytes]:
        """Give the data keys of `purpose`, newest first: what older values may be sealed with."""
        versions = sorted((number for name, number in self.data if name == purpose), reverse=True)
        return [self.data[purpose, version] for version in versions]


def create(
    path: Path | str,
    passphrase: bytes | str,
    *,
    at: datetime = FIRST_DAY,
    cost: int = COST_STRONG,
    purposes: Iterable[Purpose] = tuple(Purpose),
    chip_master: bool = False,
) -> KeyFile:
    """Make a key file with one key for each of `purposes` and the data keys, and open it.

    `at` is when its keys become valid; `chip_master` adds the chips' first master. Raises
    `KeyFileExistsError` rather than overwrite.
    """
    path = Path(path)
    if path.exists():
        raise KeyFileExistsError
    salt = secrets.token_bytes(SALT_BYTES)
    kek = AESGCM(_stretched(passphrase, salt, cost))
    content: dict[str, Any] = {
        "betang_key_file": FORM,
        "kdf": {"name": "scrypt", "n": cost, "r": BLOCK_SIZE, "p": 1, "salt": _text(salt)},
        "made_at": at.isoformat(),
        "entries": list(_new_entries(kek, at, purposes)),
    }
    if chip_master:
        content["entries"].append(new_secret(kek, CHIP_MASTER, 1, at=at))
    _write_private(path, json.dumps(content, indent=1).encode())
    return open_file(path, passphrase)


def open_file(path: Path | str, passphrase: bytes | str) -> KeyFile:
    """Open the key file at `path`; raises `KeyFileMissingError` or `KeyFileLockedError`."""
    missing, opened = not Path(path).exists(), None
    if not missing:
        opened = _tried(path, passphrase)
    del passphrase  # no frame of the traceback may hold it
    if missing:
        raise KeyFileMissingError
    if opened is None:
        raise KeyFileLockedError
    return opened


def _tried(path: Path | str, passphrase: bytes | str) -> KeyFile | None:
    try:
        content, kek = unlock(path, passphrase)
        return _opened(content["entries"], kek)
    except (KeyError, TypeError, ValueError, OverflowError, InvalidTag, KeyFileLockedError):
        return None


def unlock(path: Path | str, passphrase: bytes | str) -> tuple[dict[str, Any], AESGCM]:
    """Read the file at `path` and give its content and the key that wraps its secrets.

    For `open_file`, and for a change after `open_file` opened it.
    """
    try:
        with Path(path).open("rb") as file:
            raw = file.read(FILE_BYTES_MAX + 1)
    except FileNotFoundError:
        raise KeyFileMissingError from None
    if len(raw) > FILE_BYTES_MAX:
        raise KeyFileLockedError
    try:
        content = json.loads(raw)
        kdf = content["kdf"]
        cost = kdf["n"]
        if type(cost) is not int or not 1 < cost <= COST_MAX:
            raise KeyFileLockedError
        return content, AESGCM(_stretched(passphrase, b64decode(kdf["salt"]), cost))
    except (KeyError, TypeError, ValueError, RecursionError):
        raise KeyFileLockedError from None


def _new_entries(
    kek: AESGCM, at: datetime, purposes: Iterable[Purpose] = tuple(Purpose)
) -> Iterator[dict[str, Any]]:
    """Make a wrapped signing key for each purpose (kids from 1) and the three data keys."""
    for kid, purpose in enumerate(purposes, start=1):
        yield new_key(kek, purpose, kid=kid, version=1, at=at)
    for name in DATA_PURPOSES:
        yield new_secret(kek, name, 1, at=at)


def new_key(
    kek: AESGCM, purpose: Purpose, *, kid: int, version: int, at: datetime
) -> dict[str, Any]:
    """Make the entry of a new key pair."""
    key = new_private_key()
    facts = {
        "kid": kid,
        "purpose": purpose.value,
        "version": version,
        "algorithm": algorithm_of(purpose).value,
        "public": _text(dump_public_key(key.public_key())),
        "not_before": at.isoformat(),
        "not_after": (at + VALID_FOR).isoformat(),
    }
    return _wrapped(kek, facts, dump_private_key(key))


def new_secret(kek: AESGCM, purpose: str, version: int, *, at: datetime) -> dict[str, Any]:
    """Make the entry of a new data key or chip master."""
    size, algorithm = (
        (CHIP_MASTER_BYTES, "A128") if purpose == CHIP_MASTER else (DATA_KEY_BYTES, "A256")
    )
    facts = {
        "purpose": purpose, "version": version, "algorithm": algorithm, "made_at": at.isoformat(),
    }  # fmt: skip
    return _wrapped(kek, facts, secrets.token_bytes(size))


def algorithm_of(purpose: Purpose) -> Algorithm:
    """Say what a key of `purpose` computes: signatures, but for the seal key."""
    return Algorithm.ECDH if purpose is Purpose.SEAL else Algorithm.ES256


def _wrapped(kek: AESGCM, facts: dict[str, Any], secret: bytes) -> dict[str, Any]:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return {**facts, "wrapped": _text(nonce + kek.encrypt(nonce, secret, _bound(facts)))}


def _opened(entries: list[dict[str, Any]], kek: AESGCM) -> KeyFile:
    private: dict[int, PrivateKey] = {}
    seal: dict[int, PrivateKey] = {}
    ring: list[RingKey] = []
    data: dict[tuple[str, int], bytes] = {}
    chip: dict[int, bytes] = {}
    for entry in entries:
        facts = {name: value for name, value in entry.items() if name != "wrapped"}
        secret = kek.decrypt(*_split(entry["wrapped"]), _bound(facts))
        if entry["purpose"] in DATA_PURPOSES:
            data[(entry["purpose"], entry["version"])] = secret
        elif entry["purpose"] == CHIP_MASTER:
            chip[entry["version"]] = secret
        else:
            public = _public(entry)
            ring.append(public)
            pairs = seal if public.purpose is Purpose.SEAL else private
            pairs[public.kid] = load_private_key(secret)
    return KeyFile(private=private, seal=seal, ring=tuple(ring), data=data, chip=chip)


def _public(entry: dict[str, Any]) -> RingKey:
    return RingKey(
        kid=entry["kid"],
        purpose=Purpose(entry["purpose"]),
        version=entry["version"],
        algorithm=Algorithm(entry["algorithm"]),
        public=b64decode(entry["public"]),
        not_before=datetime.fromisoformat(entry["not_before"]),
        not_after=datetime.fromisoformat(entry["not_after"]),
    )


def _split(wrapped: str) -> tuple[bytes, bytes]:
    """Give nonce and ciphertext of a wrapped secret."""
    sealed = b64decode(wrapped)
    return sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]


def _stretched(passphrase: bytes | str, salt: bytes, cost: int) -> bytes:
    given = passphrase.encode() if isinstance(passphrase, str) else passphrase
    memory = 128 * BLOCK_SIZE * cost + (1 << 20)
    return hashlib.scrypt(given, salt=salt, n=cost, r=BLOCK_SIZE, p=1, maxmem=memory, dklen=32)


def _bound(facts: dict[str, Any]) -> bytes:
    """Give what is authenticated beside a secret: its public facts, in one fixed form."""
    return json.dumps(facts, sort_keys=True, separators=(",", ":")).encode()


def _text(data: bytes) -> str:
    return b64encode(data).decode()


def replace(path: Path, content: bytes) -> None:
    """Put `content` in the place of the key file at `path`."""
    _write_private(path, content, over=True)


def _write_private(path: Path, content: bytes, *, over: bool = False) -> None:
    """Write 0600, whole or not at all, down to the disk, and `over` another file only if told."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if over:
            beside.replace(path)
        else:
            os.link(beside, path)
    except FileExistsError:
        raise KeyFileExistsError from None
    finally:
        beside.unlink(missing_ok=True)
