"""Transport keys: what wraps the keys of a print run's chips on their way to the bureau.

One 256-bit key for one run. Card keys travel under AES Key Wrap with Padding (RFC 5649), which also
notices any change; the transport key itself leaves only sealed to the bureau's key or as components
carried by named persons, of which all are needed (XOR). The database knows its key check value.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.cmac import CMAC
from cryptography.hazmat.primitives.keywrap import (
    InvalidUnwrap,
    aes_key_unwrap_with_padding,
    aes_key_wrap_with_padding,
)

from betang.core.actor import Actor
from betang.core.card.chip import KEY_BYTES, UID_BYTES
from betang.core.errors import RefusedError
from betang.journal.record import record
from betang.keys.models import TransportKey

TRANSPORT_KEY_BYTES = 32
#: As bureaus know it: enough to notice a wrong key, too little to find one.
CHECK_BYTES = 3


class NotThisTransportKeyError(RefusedError):
    """The wrapped keys do not open with this transport key, belong to another card, or changed."""

    code = "keys.not_this_transport_key"
    sentence = "Kunci kartu tidak dapat dibuka dengan kunci angkut ini."
    do = "Cocokkan nilai periksa kunci (KCV) dengan berita acara, lalu susun ulang komponennya."


def new_transport_key() -> bytes:
    """Make a transport key. It lives in memory only: wrap, hand it out, and forget it."""
    return secrets.token_bytes(TRANSPORT_KEY_BYTES)


def check_value(transport_key: bytes) -> str:
    """Give the key check value: the first three bytes of CMAC over a zero block, as hexadecimal."""
    mac = CMAC(algorithms.AES(transport_key))
    mac.update(bytes(16))
    return mac.finalize()[:CHECK_BYTES].hex().upper()


def wrap_card_keys(transport_key: bytes, uid: bytes, keys: Sequence[bytes]) -> bytes:
    """Wrap K0 to K4 of the chip `uid`: RFC 5649 over `uid || keys`, so that no line can be moved.

    Of five keys it is 96 bytes.
    """
    if len(uid) != UID_BYTES or any(len(key) != KEY_BYTES for key in keys):
        raise ValueError("a UID has 7 bytes and a card key 16")
    return aes_key_wrap_with_padding(transport_key, uid + b"".join(keys))


def unwrap_card_keys(transport_key: bytes, uid: bytes, wrapped: bytes) -> tuple[bytes, ...]:
    """Open what `wrap_card_keys` gave for this `uid`; raises `NotThisTransportKeyError`."""
    keys = _unwrapped(transport_key, uid, wrapped)
    del transport_key  # no frame of the traceback may hold it
    if not keys or len(keys) % KEY_BYTES:
        raise NotThisTransportKeyError
    return tuple(keys[start : start + KEY_BYTES] for start in range(0, len(keys), KEY_BYTES))


def _unwrapped(transport_key: bytes, uid: bytes, wrapped: bytes) -> bytes:
    """Give what was wrapped for `uid`; nothing where it was not."""
    try:
        opened = aes_key_unwrap_with_padding(transport_key, wrapped)
    except (InvalidUnwrap, ValueError):
        return b""
    return opened[UID_BYTES:] if opened[:UID_BYTES] == uid else b""


def split(transport_key: bytes, count: int) -> list[bytes]:
    """Split the key into `count` components, all of which are needed; fewer say nothing of it."""
    if not 2 <= count <= 9:
        raise ValueError("two to nine components")
    parts = [secrets.token_bytes(len(transport_key)) for _ in range(count - 1)]
    return [*parts, _combined([transport_key, *parts])]


def join(components: Sequence[bytes], *, check: str) -> bytes:
    """Join components into the key; raises `NotThisTransportKeyError` where `check` differs."""
    if {len(part) for part in components} == {TRANSPORT_KEY_BYTES}:
        key = _combined(components)
        if check_value(key) == check.upper():
            return key
        del key
    del components  # no frame of the traceback may hold them
    raise NotThisTransportKeyError


def note(
    transport_key: bytes, run: UUID, *, key_version: int, actor: Actor, at: datetime
) -> TransportKey:
    """Keep which transport key belongs to a run, by its check value, once: one key for one run."""
    check = check_value(transport_key)
    row = TransportKey.objects.create(
        run=run, check_value=check, key_version=key_version, made_at=at
    )
    record("keys.transport", run, actor=actor, at=at, check=check, key_version=key_version)
    return row


def _combined(parts: Sequence[bytes]) -> bytes:
    number = 0
    for part in parts:
        number ^= int.from_bytes(part, "big")
    return number.to_bytes(len(parts[0]), "big")
