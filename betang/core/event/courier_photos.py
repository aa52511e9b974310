"""Photos carried by somebody else, in files beside the export of events.

Normative: `docs/protocols/courier.md`. Each photo was sealed to the server when it was taken, so
the file seals nothing again, and a phone whose keys were wiped can still write one. Which photos
are the device's own is said by its signed events, not by this file. Twin:
fieldapp/core/courier_photos.ts; cases: vectors/courier_photos.json.
"""

import re
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, NamedTuple

import orjson

from betang.core import jose
from betang.core.event.courier import NotAnExportError

#: A file of 16 MiB holds a few hundred; letters are larger, never much smaller than this allows.
PHOTOS_MAX = 5_000

_NAME = re.compile(r"[0-9a-f]{64}")
_KEY = re.compile(r"[0-9]{1,3}\.[A-Za-z0-9_-]{1,400}")


class Photo(NamedTuple):
    """A sealed photo: the place of the event that names it, its name, how the server opens it."""

    seq: int
    sha256: bytes
    key: str
    ciphertext: bytes


class Photos(NamedTuple):
    """Photos of one device."""

    dev: str
    photos: Sequence[Photo]


def is_photos(data: bytes) -> bool:
    """Say whether the bytes call themselves a file of photos."""
    try:
        return bool(orjson.loads(data)["betang"] == "photos")
    except (KeyError, TypeError, ValueError):
        return False


def write_photos(told: Photos) -> bytes:
    """Write a file of photos."""
    photos = [
        {
            "seq": one.seq,
            "sha256": one.sha256.hex(),
            "key": one.key,
            "bytes": jose.to_b64u(one.ciphertext),
        }
        for one in told.photos
    ]
    return orjson.dumps({"betang": "photos", "v": 1, "dev": told.dev, "photos": photos})


def read_photos(data: bytes) -> Photos:
    """Read a file of photos, each as its name promises; raises `NotAnExportError`."""
    try:
        told = orjson.loads(data)
        photos = told["photos"]
        if told["betang"] != "photos" or told["v"] != 1 or not isinstance(told["dev"], str):
            raise NotAnExportError("another file of ours, or a newer one")
        if not isinstance(photos, list) or not 0 < len(photos) <= PHOTOS_MAX:
            raise NotAnExportError("no photos, or too many")
        return Photos(told["dev"], [_photo(one) for one in photos])
    except (KeyError, TypeError, ValueError) as error:
        raise NotAnExportError(str(error)) from error


def _photo(told: dict[str, Any]) -> Photo:
    seq, name, key = told["seq"], told["sha256"], told["key"]
    if type(seq) is not int or not 0 < seq < 2**53:
        raise NotAnExportError("a place that is none")
    if not _NAME.fullmatch(name) or not _KEY.fullmatch(key):
        raise NotAnExportError("a photo's name or key")
    ciphertext = jose.from_b64u(told["bytes"])
    if sha256(ciphertext).hexdigest() != name:
        raise NotAnExportError("bytes that were altered or cut")
    return Photo(seq, bytes.fromhex(name), key, ciphertext)
