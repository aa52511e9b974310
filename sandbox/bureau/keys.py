"""Open the transport key and the wrapped keys of chips (RFC 5649), from the description alone."""

import csv
from pathlib import Path

import pyrage
from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.cmac import CMAC
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap_with_padding

UID_BYTES, KEY_BYTES = 7, 16


class WrongKeyError(Exception):
    """The transport key does not have the check value that it came with, or a line was moved."""


def open_transport_key(sealed: bytes, identity: str) -> bytes:
    """Open the sealed transport key and compare its check value."""
    text = pyrage.decrypt(sealed, [pyrage.x25519.Identity.from_str(identity)]).decode("ascii")
    _, _, _, check, secret = text.strip().split(",")
    key = bytes.fromhex(secret)
    mac = CMAC(algorithms.AES(key))
    mac.update(bytes(16))
    if mac.finalize()[:3].hex().upper() != check:
        raise WrongKeyError("check value")
    return key


def chip_keys(folder: Path, key: bytes) -> dict[bytes, tuple[bytes, ...]]:
    """Give K0 to K4 of each chip of an opened package, by UID."""
    with (folder / "kunci-cip.csv").open(newline="", encoding="ascii") as file:
        return dict(_opened(row, key) for row in csv.DictReader(file))


def _opened(row: dict[str, str], key: bytes) -> tuple[bytes, tuple[bytes, ...]]:
    uid = bytes.fromhex(row["uid"])
    opened = aes_key_unwrap_with_padding(key, bytes.fromhex(row["wrapped"]))
    if opened[:UID_BYTES] != uid:
        raise WrongKeyError(row["uid"])
    keys = opened[UID_BYTES:]
    return uid, tuple(keys[n : n + KEY_BYTES] for n in range(0, len(keys), KEY_BYTES))
