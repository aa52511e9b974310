"""Read what a device posted, without trust: size, form, signature, attachment; then the envelope.

Nothing here touches the database: bytes that fail leave no row and freeze nobody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from betang.core import jose
from betang.core.crypto.sealing import NotSealedToUsError
from betang.core.crypto.signing import PublicKey, verifies
from betang.core.errors import FieldsError, MalformedError
from betang.core.event import envelope, kinds
from betang.core.event.said.members import MalformedDataError
from betang.keys import blobs, seal_key

#: A batch is one transaction, and one unit of loss on a bad line (settled.md).
EVENTS_MAX = 100
#: Signature, names and a signature drawn on the screen; photos travel as blobs.
ATTACHMENT_BYTES_MAX = 8 * 1024
#: Our header is 76 bytes of base64url; what is read is remembered, so it must be small.
HEADER_BYTES_MAX = 256
ATTACHMENT_CONTEXT = b"betang/attachment/1"
BATCH_KEY_CONTEXT = b"betang/batch-key/1"
NONCE_BYTES = 12
KEY_BYTES = 32


class EventsMalformedError(MalformedError):
    """The body is not the shape of a batch."""

    code = "events.malformed"
    sentence = "Kiriman dari gawai tidak dapat dibaca."
    do = "Perbarui aplikasi di gawai ini; data tetap tersimpan di gawai."


class TooManyEventsError(MalformedError):
    """More than 100 events at once."""

    code = "events.too_many"
    sentence = "Terlalu banyak catatan dalam satu kiriman."
    do = "Kirim paling banyak 100 catatan sekaligus."
    status = 413


class BatchKeyError(FieldsError):
    """There are attachments, and their key cannot be opened."""

    code = "batch_key.unreadable"
    sentence = "Kunci lampiran tidak dapat dibuka."
    do = "Ambil ulang daftar kunci dari server, lalu kirim lagi."


@dataclass(slots=True)
class Attachment:
    """A sealed attachment, what it says, and its key: wrapped again under ours before it is kept.

    `wrapped_key` is the phone's own key until `read_batch` has wrapped all of a batch at once.
    """

    sha256: bytes
    ciphertext: bytes
    wrapped_key: bytes
    said: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Arrived:
    """One authentic event; `n` is its number in the batch (-1: it waited in the database)."""

    n: int
    event: envelope.Event
    protected: str
    payload: bytes
    signature: bytes
    sha256: bytes
    named: bytes | None
    attachment: Attachment | None

    @property
    def seq(self) -> int:
        """Its place in the chain; only asked of events that have one."""
        assert self.event.seq is not None
        return self.event.seq

    @property
    def prev(self) -> bytes:
        """What it says stands before it."""
        assert self.event.prev is not None
        return self.event.prev


class Refused(NamedTuple):
    """Bytes that left nothing behind, and why."""

    n: int
    code: str
    sentence: str


class Batch(NamedTuple):
    """A batch taken apart."""

    arrived: list[Arrived]
    refused: list[Refused]


SENTENCES = {
    "event.size": "Catatan ini terlalu besar.",
    "event.form": "Catatan ini tidak berbentuk seperti yang ditetapkan.",
    "event.signature": "Tanda tangan catatan ini bukan dari gawai ini.",
    "event.attachment": "Lampiran catatan ini rusak atau bukan miliknya.",
    "event.too_far": "Terlalu banyak catatan menunggu catatan yang hilang.",
}


class _RefuseError(Exception):
    """One event is refused; the text is its code."""


def read_batch(body: bytes, *, dev: str, key: PublicKey) -> Batch:
    """Take the body of `POST /events` of device `dev` apart and verify each event with `key`.

    Raises `EventsMalformedError`, `TooManyEventsError` or `BatchKeyError` for the body as a whole.
    """
    try:
        content = orjson.loads(body)
    except ValueError:
        raise EventsMalformedError from None
    events = content.get("events") if isinstance(content, dict) else None
    if not isinstance(events, list) or not events:
        raise EventsMalformedError(field="events")
    if len(events) > EVENTS_MAX:
        raise TooManyEventsError(field="events")
    batch_key = _batch_key(content.get("batch_key"), events)
    batch = Batch([], [])
    for n, item in enumerate(events):
        try:
            batch.arrived.append(_read_one(n, item, dev, key, batch_key))
        except _RefuseError as refusal:
            code = str(refusal)
            batch.refused.append(Refused(n, code, SENTENCES[code]))
    sealed = [one.attachment for one in batch.arrived if one.attachment]
    wrapped = blobs.wrap_many((one.wrapped_key, one.sha256) for one in sealed) if sealed else []
    for one, key_text in zip(sealed, wrapped, strict=True):
        one.wrapped_key = key_text
    return batch


def _batch_key(given: object, events: Sequence[object]) -> AESGCM | None:
    """Open the key under which this batch's attachment keys are wrapped."""
    if not any(isinstance(item, dict) and item.get("attachment") for item in events):
        return None
    if not isinstance(given, dict) or not isinstance(given.get("sealed"), str):
        raise BatchKeyError(field="batch_key")
    try:
        opened = seal_key.unwrap(jose.from_b64u(given["sealed"]), context=BATCH_KEY_CONTEXT)
    except (ValueError, NotSealedToUsError):
        raise BatchKeyError(field="batch_key") from None
    if len(opened) != KEY_BYTES:
        raise BatchKeyError(field="batch_key")
    return AESGCM(opened)


def _read_one(n: int, item: object, dev: str, key: PublicKey, batch_key: AESGCM | None) -> Arrived:
    text = item.get("jws") if isinstance(item, dict) else None
    if not isinstance(item, dict) or not isinstance(text, str):
        raise _RefuseError("event.form")
    if len(text) > envelope.JWS_BYTES_MAX:
        raise _RefuseError("event.size")
    try:
        raw = text.encode("ascii")
        signing_input, _, tail = raw.rpartition(b".")
        protected, _, middle = signing_input.partition(b".")
        payload, signature = jose.from_b64u(middle), jose.from_b64u(tail)
    except ValueError:
        raise _RefuseError("event.form") from None
    if len(protected) > HEADER_BYTES_MAX or not _header_fits(protected, dev):
        raise _RefuseError("event.form")
    if len(payload) > envelope.PAYLOAD_BYTES_MAX:
        raise _RefuseError("event.size")
    if not verifies(key, signing_input, signature):
        raise _RefuseError("event.signature")
    event = envelope.read(payload, dev)
    try:
        named = kinds.attachment_of(event.data)
    except MalformedDataError:
        named = None  # authentic, so it is kept; its kind will refuse it
    attachment = _attachment(item.get("attachment"), named, batch_key)
    hashed = envelope.hash_of(payload)
    return Arrived(n, event, protected.decode(), payload, signature, hashed, named, attachment)


@lru_cache(maxsize=4096)
def _header_fits(protected: bytes, dev: str) -> bool:
    """Say whether this is the header of an event of `dev`: the same text comes again and again."""
    try:
        header = orjson.loads(jose.from_b64u(protected))
    except ValueError:
        return False
    return bool(header == {"alg": "ES256", "kid": dev, "typ": envelope.TYP})


def _attachment(given: object, named: bytes | None, batch_key: AESGCM | None) -> Attachment | None:
    if given is None:
        return None
    if not isinstance(given, dict) or batch_key is None or named is None:
        raise _RefuseError("event.attachment")
    try:
        ciphertext = jose.from_b64u(given["ciphertext"])
        wrapped = jose.from_b64u(given["key"])
        if len(ciphertext) > ATTACHMENT_BYTES_MAX or sha256(ciphertext).digest() != named:
            raise _RefuseError("event.attachment")
        secret = batch_key.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], named)
        plain = AESGCM(secret).decrypt(
            ciphertext[:NONCE_BYTES], ciphertext[NONCE_BYTES:], ATTACHMENT_CONTEXT
        )
        said = orjson.loads(plain)
    except (KeyError, TypeError, AttributeError, ValueError, InvalidTag):
        raise _RefuseError("event.attachment") from None
    if not isinstance(said, dict):
        raise _RefuseError("event.attachment")
    return Attachment(named, ciphertext, secret, said)
