"""The key file: every secret of a first run, each wrapped under a key made of a passphrase.

JSON, mode 0600. The wrapping key is scrypt of the passphrase with the cost stored in the file; each
secret is AES-256-GCM under it, with its public facts authenticated. The shape is normative in
`docs/protocols/keys.md`; an HSM takes this file's place behind `betang.keys.signer.Backend`.
"""

import hashlib
import json
import os
import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterator
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
BLOCK_SIZE = 8
SALT_BYTES = 16
NONCE_BYTES = 12
VALID_FOR = timedelta(days=365 * 6)
# The year Betang began: keys made without a date are valid from here.
FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)

DATA_PURPOSES = ("data-seal", "data-blind", "data-wrap")


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


@dataclass(frozen=True, slots=True)
class KeyFile:
    """An opened key file: its secrets live in this object only, and never in its text."""

    signing: dict[Purpose, tuple[RingKey, PrivateKey]] = field(repr=False)
    ring: tuple[RingKey, ...]
    data: dict[tuple[str, int], bytes] = field(repr=False)


def create(
    path: Path | str,
    passphrase: bytes | str,
    *,
    at: datetime = FIRST_DAY,
    cost: int = COST_STRONG,
) -> KeyFile:
    """Make a key file with one key for each purpose and open it.

    `at` is when its keys become valid. Raises `KeyFileExistsError` rather than overwrite.
    """
    path = Path(path)
    if path.exists():
        raise KeyFileExistsError
    salt = secrets.token_bytes(SALT_BYTES)
    kek = AESGCM(_stretched(passphrase, salt, cost))
    content = {
        "betang_key_file": FORM,
        "kdf": {"name": "scrypt", "n": cost, "r": BLOCK_SIZE, "p": 1, "salt": _text(salt)},
        "made_at": at.isoformat(),
        "entries": list(_new_entries(kek, at)),
    }
    _write_private(path, json.dumps(content, indent=1).encode())
    return open_file(path, passphrase)


def open_file(path: Path | str, passphrase: bytes | str) -> KeyFile:
    """Open the key file at `path`; raises `KeyFileMissingError` or `KeyFileLockedError`."""
    try:
        content = json.loads(Path(path).read_bytes())
    except FileNotFoundError:
        raise KeyFileMissingError from None
    except ValueError:
        raise KeyFileLockedError from None
    try:
        kdf = content["kdf"]
        kek = AESGCM(_stretched(passphrase, b64decode(kdf["salt"]), kdf["n"]))
        return _opened(content["entries"], kek)
    except (KeyError, TypeError, ValueError, InvalidTag):
        # The cause is dropped on purpose: its frames would hold the passphrase.
        raise KeyFileLockedError from None


def _new_entries(kek: AESGCM, at: datetime) -> Iterator[dict[str, Any]]:
    """Make a wrapped signing key for each purpose (kids from 1) and the three data keys."""
    for kid, purpose in enumerate(Purpose, start=1):
        key = new_private_key()
        algorithm = Algorithm.ECDH if purpose is Purpose.SEAL else Algorithm.ES256
        facts = {
            "kid": kid,
            "purpose": purpose.value,
            "version": 1,
            "algorithm": algorithm.value,
            "public": _text(dump_public_key(key.public_key())),
            "not_before": at.isoformat(),
            "not_after": (at + VALID_FOR).isoformat(),
        }
        yield _wrapped(kek, facts, dump_private_key(key))
    for name in DATA_PURPOSES:
        facts = {"purpose": name, "version": 1, "algorithm": "A256", "made_at": at.isoformat()}
        yield _wrapped(kek, facts, secrets.token_bytes(32))


def _wrapped(kek: AESGCM, facts: dict[str, Any], secret: bytes) -> dict[str, Any]:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return {**facts, "wrapped": _text(nonce + kek.encrypt(nonce, secret, _bound(facts)))}


def _opened(entries: list[dict[str, Any]], kek: AESGCM) -> KeyFile:
    signing: dict[Purpose, tuple[RingKey, PrivateKey]] = {}
    ring: list[RingKey] = []
    data: dict[tuple[str, int], bytes] = {}
    for entry in entries:
        facts = {name: value for name, value in entry.items() if name != "wrapped"}
        secret = kek.decrypt(*_split(entry["wrapped"]), _bound(facts))
        if entry["purpose"] in DATA_PURPOSES:
            data[(entry["purpose"], entry["version"])] = secret
            continue
        public = RingKey(
            kid=entry["kid"],
            purpose=Purpose(entry["purpose"]),
            version=entry["version"],
            algorithm=Algorithm(entry["algorithm"]),
            public=b64decode(entry["public"]),
            not_before=datetime.fromisoformat(entry["not_before"]),
            not_after=datetime.fromisoformat(entry["not_after"]),
        )
        ring.append(public)
        known = signing.get(public.purpose)
        if known is None or known[0].version < public.version:
            signing[public.purpose] = (public, load_private_key(secret))
    return KeyFile(signing=signing, ring=tuple(ring), data=data)


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


def _write_private(path: Path, content: bytes) -> None:
    """Write 0600, whole or not at all, never over another file, and down to the disk."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(beside, path)
    except FileExistsError:
        raise KeyFileExistsError from None
    finally:
        beside.unlink()
