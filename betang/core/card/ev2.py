"""EV2 secure messaging of the NTAG 424 DNA: first authentication, session keys, MACs, encryption.

Sources: NT4H2421Gx data sheet rev 3.0 section 9.1 (authentication, command counter, session
keys, communication modes) and 10.4.1 (AuthenticateEV2First); AN12196 rev 2.0 tables 7, 14, 17, 18,
25. Cases: `vectors/chip.json`. Both ends are here: the reader's and, for the virtual chip, the
card's.
"""

import hmac
from dataclasses import dataclass, field
from enum import Enum

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from betang.core.crypto.cmac import BLOCK_BYTES, aes_cmac

AUTHENTICATE, MORE = 0x71, 0xAF
#: Key numbers, then the reader's capabilities: none.
NO_CAPABILITIES = b"\x00"
TI_BYTES, MAC_BYTES, COUNTER_MAX = 4, 8, 0xFFFF

_NO_IV = bytes(BLOCK_BYTES)
#: Labels of the session vectors and of the IVs (section 9.1.4).
_SV1, _SV2 = bytes.fromhex("A55A00010080"), bytes.fromhex("5AA500010080")
_IV_COMMAND, _IV_ANSWER = b"\xa5\x5a", b"\x5a\xa5"


class CommMode(Enum):
    """How a command's data travel."""

    PLAIN = 0
    MAC = 1
    FULL = 3


class MessagingError(Exception):
    """What came is not what the other end of this session sends."""


def cbc(key: bytes, data: bytes, iv: bytes = _NO_IV) -> bytes:
    """Encrypt whole blocks with AES-128 CBC."""
    return Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor().update(data)


def uncbc(key: bytes, data: bytes, iv: bytes = _NO_IV) -> bytes:
    """Decrypt whole blocks of AES-128 CBC. Raises `MessagingError` for another length."""
    if len(data) % BLOCK_BYTES:
        raise MessagingError("not whole blocks")
    return Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor().update(data)


def pad(data: bytes) -> bytes:
    """Pad to whole blocks: 80h, then zeros, always at least one byte."""
    return data + b"\x80" + bytes(-(len(data) + 1) % BLOCK_BYTES)


def unpad(data: bytes) -> bytes:
    """Undo `pad`. Raises `MessagingError`."""
    kept = data.rstrip(b"\0")
    if not kept.endswith(b"\x80") or len(data) - len(kept) >= BLOCK_BYTES:
        raise MessagingError("wrong padding")
    return kept[:-1]


def short_mac(key: bytes, message: bytes) -> bytes:
    """Compute a CMAC and keep its second, fourth, ... sixteenth byte."""
    return aes_cmac(key, message)[1::2]


def rotated(challenge: bytes) -> bytes:
    """Rotate a challenge left by one byte, as both ends prove that they read it."""
    return challenge[1:] + challenge[:1]


def session_keys(key: bytes, rnd_a: bytes, rnd_b: bytes) -> tuple[bytes, bytes]:
    """Derive the keys of encryption and of MACs from both challenges."""
    mixed = bytes(a ^ b for a, b in zip(rnd_a[2:8], rnd_b[:6], strict=True))
    context = rnd_a[:2] + mixed + rnd_b[6:] + rnd_a[8:]
    return aes_cmac(key, _SV1 + context), aes_cmac(key, _SV2 + context)


@dataclass(slots=True)
class Session:
    """An authenticated session: its keys, its number, and how many commands it has seen."""

    encryption_key: bytes = field(repr=False)
    mac_key: bytes = field(repr=False)
    transaction: bytes
    counter: int = 0

    def wrap_command(self, code: int, head: bytes, data: bytes, mode: CommMode) -> bytes:
        """Give what follows the instruction: header, data, MAC, as `mode` wants them."""
        if mode is CommMode.FULL and data:
            data = cbc(self.encryption_key, pad(data), self.command_iv())
        if mode is CommMode.PLAIN:
            return head + data
        return head + data + self._mac(code, self.counter, head + data)

    def unwrap_command(self, code: int, head_bytes: int, body: bytes, mode: CommMode) -> bytes:
        """Give the data of a command that the reader wrapped; the card's end.

        Raises `MessagingError`.
        """
        if mode is CommMode.PLAIN:
            return body[head_bytes:]
        said, mac = body[:-MAC_BYTES], body[-MAC_BYTES:]
        self._same(mac, self._mac(code, self.counter, said))
        data = said[head_bytes:]
        if mode is CommMode.FULL and data:
            return unpad(uncbc(self.encryption_key, data, self.command_iv()))
        return data

    def wrap_answer(self, status: int, data: bytes, mode: CommMode) -> bytes:
        """Count the command and give its answer without the status; the card's end."""
        self.counter += 1
        if mode is CommMode.PLAIN:
            return data
        if mode is CommMode.FULL and data:
            data = cbc(self.encryption_key, pad(data), self.answer_iv())
        return data + self._mac(status, self.counter, data)

    def unwrap_answer(self, status: int, body: bytes, mode: CommMode) -> bytes:
        """Count the command and give the data of its answer. Raises `MessagingError`."""
        self.counter += 1
        if mode is CommMode.PLAIN:
            return body
        data, mac = body[:-MAC_BYTES], body[-MAC_BYTES:]
        self._same(mac, self._mac(status, self.counter, data))
        if mode is CommMode.FULL and data:
            return unpad(uncbc(self.encryption_key, data, self.answer_iv()))
        return data

    def command_iv(self) -> bytes:
        """Give the IV of the next command."""
        return self._iv(_IV_COMMAND)

    def answer_iv(self) -> bytes:
        """Give the IV of the answer to the command counted last."""
        return self._iv(_IV_ANSWER)

    def _iv(self, label: bytes) -> bytes:
        number = self.transaction + self.counter.to_bytes(2, "little")
        return cbc(self.encryption_key, (label + number).ljust(BLOCK_BYTES, b"\0"))

    def _mac(self, first: int, counter: int, rest: bytes) -> bytes:
        number = counter.to_bytes(2, "little") + self.transaction
        return short_mac(self.mac_key, bytes([first]) + number + rest)

    @staticmethod
    def _same(mac: bytes, expected: bytes) -> None:
        if not hmac.compare_digest(mac, expected):
            raise MessagingError("wrong MAC")


@dataclass(frozen=True, slots=True)
class Authentication:
    """The reader's end of AuthenticateEV2First with one key and one random challenge."""

    number: int
    key: bytes = field(repr=False)
    rnd_a: bytes = field(repr=False)

    def begin(self) -> bytes:
        """Give the data of the first part: which key."""
        return bytes([self.number]) + NO_CAPABILITIES

    def prove(self, challenge: bytes) -> bytes:
        """Give the data of the second part, which proves that we hold the key."""
        rnd_b = self._rnd_b(challenge)
        return cbc(self.key, self.rnd_a + rotated(rnd_b))

    def finish(self, challenge: bytes, answer: bytes) -> Session:
        """Verify the card's proof and open the session. Raises `MessagingError`."""
        said = uncbc(self.key, answer)
        if len(said) != 2 * BLOCK_BYTES:
            raise MessagingError("wrong length")
        proof = said[TI_BYTES : TI_BYTES + BLOCK_BYTES]
        if not hmac.compare_digest(proof, rotated(self.rnd_a)):
            raise MessagingError("the card does not hold this key")
        keys = session_keys(self.key, self.rnd_a, self._rnd_b(challenge))
        return Session(*keys, said[:TI_BYTES])

    def _rnd_b(self, challenge: bytes) -> bytes:
        if len(challenge) != BLOCK_BYTES:
            raise MessagingError("wrong length")
        return uncbc(self.key, challenge)
