"""COSE_Sign1 (RFC 9052 section 4.2) as Betang writes it: the one place that signs and opens it.

`[protected {1: -7, 4: kid, 16: typ}, {}, payload, signature]` under tag 18, the Sig_structure with
an empty external_aad so that independent readers verify it; `typ` (RFC 9596) binds the purpose.
Algorithm and purpose are the ring's: a header that says otherwise is refused.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Final

import cbor2

from betang.core.card import cbor
from betang.core.card.cbor import byte_string
from betang.core.crypto.keyring import Keyring, NotTrustedError, Purpose, RingKey
from betang.core.crypto.signing import SIGNATURE_BYTES

TAG_SIGN1: Final = 18
ALG, KID, TYP = 1, 4, 16
ES256: Final = -7
# What is the same in every message, encoded once: an issuing run writes 300,000 of them.
#: Tag 18, then an array of four.
_SIGN1: Final = bytes([0xC0 + TAG_SIGN1, 0x84])
_NO_UNPROTECTED: Final = cbor2.dumps({})
#: The beginning of the Sig_structure (RFC 9052 section 4.4), an array of four, and its empty aad.
_SIGNED: Final = b"\x84" + cbor2.dumps("Signature1")
_NO_AAD: Final = cbor2.dumps(b"")

_TYP_PARTS: Final = ("application/betang-", "+cose")


class CoseRefusedError(Exception):
    """The bytes are not a message of ours, or not one to trust.

    `code` says why: `not_ours` (no COSE_Sign1 with a Betang `typ`), `malformed`, `bad_signature`,
    or the ring's `key.unknown`, `key.other_purpose`, `key.rotated_out`.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def typ_of(purpose: Purpose) -> str:
    """Give the `typ` that binds a message to its purpose."""
    return purpose.value.join(_TYP_PARTS)


@dataclass(frozen=True, slots=True)
class Sealer:
    """Signs payloads for one purpose with one key."""

    purpose: Purpose
    kid: int
    sign: Callable[[bytes], bytes]

    def message(self, payload: bytes) -> bytes:
        """Give the tagged COSE_Sign1 of `payload`."""
        protected, body = _header(self.purpose, self.kid), byte_string(payload)
        signature = self.sign(_SIGNED + protected + _NO_AAD + body)
        return _SIGN1 + protected + _NO_UNPROTECTED + body + byte_string(signature)


def open_message(data: bytes, ring: Keyring, purpose: Purpose) -> tuple[bytes, RingKey]:
    """Verify a message and give its payload, undecoded, and the key that signed it.

    Raises `CoseRefusedError`.
    """
    protected, payload, signature = _parts(data)
    kid = _kid(protected, purpose)
    try:
        key = ring.trusted(kid, purpose)
    except NotTrustedError as error:
        raise CoseRefusedError(error.code) from None
    if not ring.verifies(key, _signed_bytes(protected, payload), signature):
        raise CoseRefusedError("bad_signature")
    return payload, key


def take_apart(data: bytes, purpose: Purpose) -> tuple[bytes, int]:
    """Give the payload of a message that we signed ourselves, unverified, and its key's number.

    Never for what a stranger shows. Raises `CoseRefusedError`.
    """
    protected, payload, _ = _parts(data)
    return payload, _kid(protected, purpose)


def key_named(head: bytes, purpose: Purpose) -> int | None:
    """Give the number of the key that the first bytes of a message name; None if not ours."""
    sample = _SIGN1 + _header(purpose, 0)
    before = sample.index(bytes([KID, 0x41])) + 2
    named = head[before : before + 1]
    if not named or head[: len(sample)] != sample[:before] + named + sample[before + 1 :]:
        return None
    return named[0]


@cache
def _header(purpose: Purpose, kid: int) -> bytes:
    """Encode the protected header of a key: the same for every message that it signs."""
    return byte_string(cbor2.dumps({ALG: ES256, KID: bytes([kid]), TYP: typ_of(purpose)}))


def _parts(data: bytes) -> tuple[bytes, bytes, bytes]:
    """Take the message apart: protected header, payload, signature."""
    try:
        tagged = cbor.decode(data)
    except cbor.NotOurCborError:
        raise CoseRefusedError("not_ours") from None
    match tagged:
        case cbor.Tagged(
            tag=18,
            item=[bytes(protected), dict(unprotected), bytes(payload), bytes(signature)],
        ):
            # What is not signed is not read: nothing may stand in the unprotected header.
            if unprotected or len(signature) != SIGNATURE_BYTES:
                raise CoseRefusedError("malformed")
            return protected, payload, signature
        case _:
            raise CoseRefusedError("not_ours")


def _kid(protected: bytes, purpose: Purpose) -> int:
    """Read the key's number from a header that is exactly ours."""
    try:
        header = cbor.decode(protected)
    except cbor.NotOurCborError:
        raise CoseRefusedError("not_ours") from None
    if not isinstance(header, dict):
        raise CoseRefusedError("not_ours")
    typ = header.get(TYP)
    before, after = _TYP_PARTS
    if not isinstance(typ, str) or not (typ.startswith(before) and typ.endswith(after)):
        raise CoseRefusedError("not_ours")
    if typ != typ_of(purpose):
        raise CoseRefusedError("key.other_purpose")
    kid = header.get(KID)
    if len(header) != 3 or header.get(ALG) != ES256 or not isinstance(kid, bytes) or len(kid) != 1:
        raise CoseRefusedError("malformed")
    return kid[0]


def _signed_bytes(protected: bytes, payload: bytes) -> bytes:
    """Give the Sig_structure (RFC 9052 section 4.4), which is what is signed."""
    return _SIGNED + byte_string(protected) + _NO_AAD + byte_string(payload)
