"""Files kept encrypted under `var/blobs`, named by the SHA-256 of their ciphertext.

Each has an AES-256-GCM key of its own, wrapped by the key file and kept in `keys_sealedblob`.
Erasing destroys that key: copies of the ciphertext in backups stay, unreadable.
A blob is written in the caller's transaction: if that fails, a file stays that nobody can read.
"""

import os
import secrets
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from betang.core.actor import Actor
from betang.core.errors import NotFoundError
from betang.core.identifiers import new_uuid
from betang.journal.record import record
from betang.keys import place
from betang.keys.models import SealedBlob

NONCE_BYTES = 12
KEY_BYTES = 32
_CONTEXT = b"betang/blob/1"


class BlobMissingError(NotFoundError):
    """There is no such blob, or its bytes are gone."""

    code = "blob.missing"
    sentence = "Berkas tersimpan tidak ditemukan."
    do = "Muat ulang berkas aslinya, atau kembalikan folder data dari cadangan."


class BlobErasedError(NotFoundError):
    """The blob's key was destroyed: nobody can read it any more."""

    code = "blob.erased"
    sentence = "Berkas ini sudah dihapus dan tidak dapat dibuka lagi."
    do = "Pakai keterangan lain; penghapusan tidak dapat dibatalkan."


def store(content: bytes, *, at: datetime) -> bytes:
    """Encrypt and keep `content`; give the SHA-256 of the ciphertext, its name."""
    key = secrets.token_bytes(KEY_BYTES)
    nonce = secrets.token_bytes(NONCE_BYTES)
    ciphertext = nonce + AESGCM(key).encrypt(nonce, content, _CONTEXT)
    return store_sealed(ciphertext, key, at=at)


def store_sealed(ciphertext: bytes, key: bytes, *, at: datetime) -> bytes:
    """Keep bytes that a phone encrypted itself, with its key wrapped again under ours.

    `ciphertext` is `nonce (12) || ciphertext || tag`. The same bytes twice are kept once.
    """
    name = sha256(ciphertext).digest()
    path = _path(name)
    if not path.exists():
        _write(path, ciphertext)
    SealedBlob.objects.get_or_create(
        sha256=name,
        defaults={
            "place": path.name,
            "wrapped_key": wrap(key, name),
            "size": len(ciphertext),
            "made_at": at,
        },
    )
    return name


def fetch(name: bytes, *, context: bytes = _CONTEXT) -> bytes:
    """Decrypt the blob `name`; raises `BlobMissingError` or `BlobErasedError`."""
    blob = SealedBlob.objects.filter(sha256=name).first()
    if blob is None:
        raise BlobMissingError
    if blob.wrapped_key is None:
        raise BlobErasedError
    try:
        ciphertext = _path(name).read_bytes()
    except FileNotFoundError:
        raise BlobMissingError from None
    key = unwrap(bytes(blob.wrapped_key), name)
    try:
        return AESGCM(key).decrypt(ciphertext[:NONCE_BYTES], ciphertext[NONCE_BYTES:], context)
    except InvalidTag:
        raise BlobMissingError from None


def erase(name: bytes, *, actor: Actor, at: datetime) -> None:
    """Destroy the key of the blob `name` and remove its file. Erasing twice changes nothing."""
    erased = SealedBlob.objects.filter(sha256=name, wrapped_key__isnull=False)
    size = erased.values_list("size", flat=True).first()
    if erased.update(wrapped_key=None, erased_at=at):
        _path(name).unlink(missing_ok=True)
        record("blob.erased", new_uuid(), actor=actor, at=at, size=size)


def wrap(key: bytes, context: bytes) -> bytes:
    """Wrap a single-use key under the key file; `context` says whose key it is."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + _wrapping().encrypt(nonce, key, context)


def wrap_many(keys: Iterable[tuple[bytes, bytes]]) -> list[bytes]:
    """Wrap many single-use keys, each with its context: the key file is looked at once."""
    encrypt = _wrapping().encrypt
    told = list(keys)
    nonces = os.urandom(NONCE_BYTES * len(told))
    return [
        (nonce := nonces[start : start + NONCE_BYTES]) + encrypt(nonce, key, context)
        for start, (key, context) in zip(range(0, len(nonces), NONCE_BYTES), told, strict=True)
    ]


def unwrap(wrapped: bytes, context: bytes) -> bytes:
    """Open what `wrap` gave; raises `BlobMissingError` where the key file is another's."""
    for cipher in map(AESGCM, place.opened().data_keys("data-wrap")):
        with suppress(InvalidTag):
            return cipher.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], context)
    raise BlobMissingError


def _wrapping() -> AESGCM:
    return AESGCM(place.opened().newest_data("data-wrap")[1])


def _path(name: bytes) -> Path:
    text = bytes(name).hex()
    return Path(settings.VAR) / "blobs" / text[:2] / text


def _write(path: Path, content: bytes) -> None:
    """Write beside and rename, so that a blob is whole or not there."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{uuid4().hex}")
    with beside.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
