"""The chip's message: keys of one card, and the MAC that proves a tap (NTAG 424 DNA, SUN/SDM).

Sources: NXP AN10922 (key diversification), AN12196 rev 2.0 (SDM session keys, SDMMAC), NT4H2421Gx
data sheet section 9.3.4 (counter and UID mirroring). Cases: `vectors/chip.json`.
Traps: the read counter is least significant byte first in the session vector, most significant
first in the URL; AN10922 pads to 32 bytes, so for short inputs it is not CMAC(01 || M).
"""

import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import parse_qsl, urlsplit

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from betang.core.crypto.cmac import aes_cmac, subkeys

UID_BYTES = 7
MAC_BYTES = 8
COUNTER_MAX = 0xFFFFFF
KEY_BYTES = 16

#: Key numbers of the application; the master of each purpose is its own (docs/protocols/card.md).
K0_MASTER, K1_CHANGE, K2_FILE_READ, K3_WRITE, K4_SPARE = range(5)
#: AN10922 wants a system identifier, so that no other system's keys can come out equal.
SYSTEM_ID = b"betang"

_AN10922_BYTES = 32
_DIVERSIFY = b"\x01"
_SV2 = bytes.fromhex("3CC300010080")
_HEX = re.compile(r"[0-9A-Fa-f]+")


@dataclass(frozen=True, slots=True)
class Tap:
    """What one reading of the chip says, raw: not verified by anybody yet."""

    uid: bytes
    counter: int
    mac: bytes


def diversify(master: bytes, data: bytes) -> bytes:
    """Derive an AES-128 key from a master and up to 31 bytes of `data` (AN10922 section 2.2)."""
    if not 1 <= len(data) < _AN10922_BYTES:
        raise ValueError("AN10922 diversifies with 1 to 31 bytes")
    first, second = subkeys(master)
    message = _DIVERSIFY + data
    last = first
    if len(message) < _AN10922_BYTES:
        message = (message + b"\x80").ljust(_AN10922_BYTES, b"\0")
        last = second
    ending = bytes(a ^ b for a, b in zip(message[16:], last, strict=True))
    encryptor = Cipher(algorithms.AES(master), modes.CBC(bytes(16))).encryptor()
    return encryptor.update(message[:16] + ending)[16:]


def card_key(master: bytes, uid: bytes, *, key_number: int, version: int) -> bytes:
    """Derive key `key_number` of the card `uid` from the master of that version."""
    if len(uid) != UID_BYTES:
        raise ValueError("a UID has 7 bytes")
    return diversify(master, uid + bytes([key_number, version]) + SYSTEM_ID)


def sun_mac(file_read_key: bytes, uid: bytes, counter: int, message: bytes = b"") -> bytes:
    """Compute the SDMMAC that the chip mirrors for its reading number `counter`.

    `message` is empty where SDMMACInputOffset equals SDMMACOffset, as on our cards: UID and counter
    are in the session key already. AN12196 section 3.3 (session key) and 3.4.4 (odd bytes of CMAC).
    """
    vector = _SV2 + uid + counter.to_bytes(3, "little")
    session = aes_cmac(file_read_key, vector)
    return aes_cmac(session, message)[1::2]


def is_genuine(file_read_key: bytes, tap: Tap) -> bool:
    """Say whether the chip that holds `file_read_key` made this tap. It does not say when."""
    return hmac.compare_digest(sun_mac(file_read_key, tap.uid, tap.counter), tap.mac)


def tap_url(host: str, tap: Tap) -> str:
    """Write the URL that the chip shows for a tap."""
    counter = tap.counter.to_bytes(3, "big").hex().upper()
    return f"https://{host}/t?u={tap.uid.hex().upper()}&n={counter}&c={tap.mac.hex().upper()}"


def read_tap_url(url: str, *, host: str) -> Tap | None:
    """Read a tap from its URL; None where it is not one of `host`'s.

    The host is compared, never opened: a tag may hold any address.
    """
    try:
        parts = urlsplit(url)
        pairs = parse_qsl(parts.query, strict_parsing=True, max_num_fields=3)
    except ValueError:
        return None
    if (parts.scheme, parts.netloc, parts.path) != ("https", host, "/t"):
        return None
    if [name for name, _ in pairs] != ["u", "n", "c"]:
        return None
    return read_tap(*(value for _, value in pairs))


def read_tap(uid: str, counter: str, mac: str) -> Tap | None:
    """Read a tap from the three hexadecimal values of its URL; None where they are not a tap's."""
    for text, size in ((uid, UID_BYTES), (counter, 3), (mac, MAC_BYTES)):
        if len(text) != 2 * size or not _HEX.fullmatch(text):
            return None
    return Tap(bytes.fromhex(uid), int(counter, 16), bytes.fromhex(mac))


def are_rising(taps: Sequence[Tap]) -> bool:
    """Say whether there are two taps or more, of one chip, each counter above the one before."""
    return len(taps) >= 2 and all(
        before.uid == after.uid and before.counter < after.counter
        for before, after in pairwise(taps)
    )
