"""What our cards hold: the NDEF file with the URL, the settings that mirror the tap into it.

Normative: `docs/protocols/chip.md`. Sources: NFC Forum Type 4 Tag and URI record ("https://" is
prefix 04h); NT4H2421Gx data sheet section 9.3 (SDM). The personalisation writes this, the virtual
chip that is made whole holds this, and a chip is compared with this.
"""

from betang.core.card.chip import K1_CHANGE, K2_FILE_READ, K3_WRITE, Tap, tap_url
from betang.core.card.chip_commands import WRITE_BYTES_MAX
from betang.core.card.ev2 import CommMode
from betang.core.card.file_settings import FREE, NEVER, FileSettings, Mirroring, Rights

#: NDEF record: first and last, short, well-known type U, and "https://" as its prefix byte.
_RECORD_HEAD, _HTTPS, _PREFIX = b"\xd1\x01", b"U\x04", "https://"
#: Two bytes of length, four of the record's head, one of the prefix.
_URL_AT = 7


def ndef_file(url: str) -> bytes:
    """Give the beginning of an NDEF file that holds a URL: its length, then the record."""
    payload = _HTTPS + url.removeprefix(_PREFIX).encode()
    record = _RECORD_HEAD + bytes([len(payload) - 1]) + payload
    return len(record).to_bytes(2, "big") + record


def read_url(message: bytes) -> str | None:
    """Read the URL of an NDEF message; None where it is not one such record."""
    if message[:2] != _RECORD_HEAD or message[3:5] != _HTTPS or len(message) != 4 + message[2]:
        return None
    try:
        return _PREFIX + message[5:].decode("ascii")
    except UnicodeDecodeError:
        return None


def card_file(host: str) -> bytes:
    """Give the file of our cards: the URL with zeros where the chip mirrors.

    Raises `ValueError` where the host is too long for one command.
    """
    data = ndef_file(tap_url(host, Tap(bytes(7), 0, bytes(8))))
    if len(data) > WRITE_BYTES_MAX:
        raise ValueError("the host is too long for the chip")
    return data


def card_settings(host: str) -> FileSettings:
    """Give the settings of that file.

    Anybody reads; K3 writes, K1 changes these settings; UID and counter are mirrored in plain, the
    MAC of K2 is over nothing, and nobody asks the chip for its counter otherwise.
    """
    query = len(f"{host}/t?")
    uid = _URL_AT + query + len("u=")
    counter = uid + 14 + len("&n=")
    mac = counter + 6 + len("&c=")
    return FileSettings(
        CommMode.FULL,
        Rights(read=FREE, write=K3_WRITE, read_write=K3_WRITE, change=K1_CHANGE),
        Mirroring(
            FREE, K2_FILE_READ, NEVER,
            uid_offset=uid, counter_offset=counter, mac_input_offset=mac, mac_offset=mac,
        ),
    )  # fmt: skip
