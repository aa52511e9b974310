"""Sealed photos that arrive in parts: how far, and from where to go on.

Parts are appended in one conditional UPDATE, so a part sent twice changes nothing. When the last
byte is in and the hash is right, the blob moves to the sealed blobs of `keys`.
"""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import connection

from betang.accounts import attempts
from betang.core import jose
from betang.core.crypto.sealing import NotSealedToUsError
from betang.core.errors import FieldsError, MalformedError, NotFoundError, RefusedError
from betang.keys import blobs, seal_key

#: A photo of 1,280 pixels is 200 kB; a page of a letter twice that.
BLOB_BYTES_MAX = 4 * 1024 * 1024
PART_BYTES_MAX = 1024 * 1024
KEY_CONTEXT = b"betang/blob-key/1"
KEY_BYTES = 32
#: A photo that nobody went on sending for so long is begun again by its phone, if it still has it.
UNFINISHED_DAYS = 30
MEGABYTE = 1_000_000

BEGIN = """
INSERT INTO sync_upload (sha256, device_id, length, received, content, wrapped_key, begun_at)
VALUES (%s, %s, %s, 0, '', %s, %s) ON CONFLICT (device_id, sha256) DO NOTHING
"""
#: Of two parts that begin at once both may pass: too much by one photo, and no lock for all others.
UNFINISHED = """
SELECT coalesce(sum(length), 0)::bigint FROM sync_upload
WHERE device_id = %s AND complete_at IS NULL
"""
APPEND = """
UPDATE sync_upload SET content = content || %(part)s, received = received + %(size)s
WHERE device_id = %(device)s AND sha256 = %(name)s AND received = %(offset)s
  AND complete_at IS NULL AND received + %(size)s <= length
RETURNING received
"""
STANDS = """
SELECT received, length, complete_at IS NOT NULL, wrapped_key IS NOT NULL
FROM sync_upload WHERE device_id = %s AND sha256 = %s
"""


class Progress(NamedTuple):
    """How far a blob has arrived."""

    offset: int
    length: int
    complete: bool
    spoilt: bool = False


class BlobUnknownError(NotFoundError):
    """Nothing of this blob came yet."""

    code = "blob.unknown"
    sentence = "Foto ini belum pernah dikirim."
    do = "Kirim dari awal."


class BlobOffsetError(RefusedError):
    """The part does not begin where the last one ended."""

    code = "blob.offset"
    sentence = "Potongan foto ini tidak menyambung."
    do = "Lanjutkan dari posisi yang disebut server."

    def __init__(self, offset: int) -> None:
        self.offset = offset
        super().__init__(field="Upload-Offset")


class BlobHashError(FieldsError):
    """All bytes came, and they are not the ones that the name promised."""

    code = "blob.hash"
    sentence = "Foto yang diterima rusak di jalan."
    do = "Kirim ulang dari awal."


class BlobHeadersError(MalformedError):
    """Offset, length or key are missing or impossible."""

    code = "blob.headers"
    sentence = "Kiriman foto tidak lengkap keterangannya."
    do = "Perbarui aplikasi di gawai ini."


class BlobTooLargeError(MalformedError):
    """More than 4 MiB in all or 1 MiB at once."""

    code = "blob.too_large"
    sentence = "Foto ini terlalu besar."
    do = "Kecilkan fotonya; aplikasi melakukannya sendiri bila diperbarui."
    status = 413


class BlobDayError(RefusedError):
    """The device sent as many bytes as it may in a day. It keeps the photo and sends it later."""

    code = "blob.day_quota"
    sentence = "Gawai ini sudah mengirim foto sebanyak batas satu hari."
    do = "Foto tetap tersimpan di gawai dan dikirim lagi besok dengan sendirinya."
    status = 429


class BlobUnfinishedError(RefusedError):
    """Too many photos of the device were begun and not finished."""

    code = "blob.unfinished_quota"
    sentence = "Terlalu banyak foto dari gawai ini yang mulai dikirim tetapi belum selesai."
    do = "Foto tetap tersimpan di gawai. Cari sinyal yang lebih baik agar yang terdahulu selesai."
    status = 429


def allow(device: UUID, size: int, *, at: datetime) -> None:
    """Count `size` bytes that the device sends now; raises `BlobDayError`.

    Parts that came before count too: they cost the line as well. Call it outside the transaction
    of `append`, which a refusal rolls back.
    """
    most = settings.BLOB_DAY_MB * MEGABYTE
    limit = attempts.Limit("bytes of photos of a device", most, 86_400)
    if size and attempts.count((limit, str(device)), at=at, amount=size):
        raise BlobDayError


def progress(device: int, name: bytes) -> Progress:
    """Say how far the blob `name` of a device has come; raises `BlobUnknownError`."""
    row = _stands(device, name)
    if row is None:
        raise BlobUnknownError
    return Progress(row[0], row[1], row[2])


def append(
    device: int,
    name: bytes,
    part: bytes,
    *,
    offset: int,
    length: int,
    key: str | None,
    at: datetime,
) -> Progress:
    """Add a part at `offset` of a blob of `length` bytes; raises a refusal of this module.

    A part that came before changes nothing. A wrong hash at the end forgets the blob and is
    told by `spoilt`, not raised, so that the caller commits it.
    """
    if length > BLOB_BYTES_MAX or len(part) > PART_BYTES_MAX:
        raise BlobTooLargeError
    if not length > 0 or not 0 <= offset <= length:
        raise BlobHeadersError
    stands = _stands(device, name)
    if stands is None:
        _begin(device, name, length, key, at)
    elif stands[1] != length:
        raise BlobHeadersError(field="Upload-Length")
    elif stands[2] or offset + len(part) <= stands[0]:
        return Progress(stands[0], stands[1], stands[2])
    with connection.cursor() as cursor:
        given: dict[str, Any] = {
            "part": part,
            "size": len(part),
            "device": device,
            "name": name,
            "offset": offset,
        }
        cursor.execute(APPEND, given)
        row = cursor.fetchone()
    if row is None:
        now = _stands(device, name)
        raise BlobOffsetError(now[0] if now else 0)
    return (
        _finish(device, name, at) if row[0] == length else Progress(row[0], length, complete=False)
    )


def forget_unfinished(*, at: datetime) -> int:
    """Delete the photos that were begun long ago and never finished; give how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM sync_upload WHERE complete_at IS NULL AND begun_at < %s",
            [at - timedelta(days=UNFINISHED_DAYS)],
        )
        return int(cursor.rowcount)


def _begin(device: int, name: bytes, length: int, key: str | None, at: datetime) -> None:
    kid, _, sealed = (key or "").partition(".")
    try:
        secret = seal_key.unwrap(jose.from_b64u(sealed), context=KEY_CONTEXT)
    except (ValueError, NotSealedToUsError):
        raise BlobHeadersError(field="Blob-Key") from None
    if not kid.isdigit() or len(secret) != KEY_BYTES:
        raise BlobHeadersError(field="Blob-Key")
    with connection.cursor() as cursor:
        cursor.execute(UNFINISHED, [device])
        (unfinished,) = cursor.fetchone() or (0,)
        if unfinished + length > settings.BLOB_UNFINISHED_MB * MEGABYTE:
            raise BlobUnfinishedError
        cursor.execute(BEGIN, [name, device, length, blobs.wrap(secret, name), at])


def _finish(device: int, name: bytes, at: datetime) -> Progress:
    """Check the whole and move it to the sealed blobs."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT content, wrapped_key, length FROM sync_upload"
            " WHERE device_id = %s AND sha256 = %s",
            [device, name],
        )
        content, wrapped, length = cursor.fetchone() or (b"", b"", 0)
        if sha256(content).digest() != name:
            cursor.execute(
                "DELETE FROM sync_upload WHERE device_id = %s AND sha256 = %s", [device, name]
            )
            return Progress(0, length, complete=False, spoilt=True)
        blobs.store_sealed(bytes(content), blobs.unwrap(bytes(wrapped), name), at=at)
        cursor.execute(
            "UPDATE sync_upload SET complete_at = %s, content = '', wrapped_key = NULL"
            " WHERE device_id = %s AND sha256 = %s",
            [at, device, name],
        )
    return Progress(length, length, complete=True)


def _stands(device: int, name: bytes) -> tuple[int, int, bool, bool] | None:
    with connection.cursor() as cursor:
        cursor.execute(STANDS, [device, name])
        row: tuple[int, int, bool, bool] | None = cursor.fetchone()
    return row
