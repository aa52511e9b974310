"""The card's signed QR: a CWT with MOSIP Claim 169 in COSE_Sign1, zlib and Base45.

Normative: `docs/protocols/card.md`; cases: `vectors/qr.json`, `vectors/qr_cnf.json`. Sources: RFC
8392 (CWT), RFC 9052 (COSE), RFC 8747 (cnf), MOSIP "169 - QR Code Specifications" 1.2 (attribute
numbers), RFC 9285 (Base45).
A name is never decoded before the signature is verified.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import cbor2

from betang.core.card import base45, cbor
from betang.core.card.chip_key import NotAChipKeyError, read_confirmation, write_confirmation
from betang.core.card.cose import CoseRefusedError, Sealer, key_named, open_message
from betang.core.crypto.keyring import Keyring, NotTrustedError, Purpose
from betang.core.identity.card_number import read_card_number

#: CWT claims (RFC 8392 section 4, RFC 8747 section 3.1) and the identity claim (IANA, MOSIP).
ISS, EXP, IAT, CNF, IDENTITY = 1, 4, 6, 8, 169
#: Attributes inside claim 169: ID, full name, location code.
ID, FULL_NAME, LOCATION = 1, 4, 21

NAME_BYTES_MAX = 40
#: Version 40 at level L holds 4,296 characters; ours have about 314 and never more than 366.
TEXT_MAX = 1_000
#: Ours are under 300 bytes unpacked; a packed bomb is cut here.
UNPACKED_MAX = 2_048

#: A signature does not shrink, and the names are short: deflating made tokens of 184 bytes 192, at
#: half the price of the signature itself. Stored in the same zlib form they are 195.
_STORED: Final = 0
#: Enough of a token to hold its protected header, packed and unpacked.
_HEAD_CHARACTERS: Final = 120
_HEAD_BYTES: Final = 60
#: RFC 8949 integers of times: beyond year 9999 `datetime` cannot follow.
_TIME_MAX: Final = 253_402_300_799


class QrRefusedError(Exception):
    """The QR is not a card's, or not one to trust. `code` is one of `verdict.QR_RED`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class CardClaims:
    """What a card's QR says. `issued_at` and `expires_at` are whole seconds, UTC.

    `chip_key` is the uncompressed point of a chip that signs its taps (`public_chip`), if this
    card has one. Such a code is larger than version 11: the card needs a design with room for it.
    """

    issuer: str
    issued_at: datetime
    expires_at: datetime
    card_number: str
    household_name: str
    regency: int
    chip_key: bytes | None = None


class TokenWriter:
    """Writes tokens with one card key; made once for a run."""

    def __init__(self, kid: int, sign: Callable[[bytes], bytes]) -> None:
        """Write with the card key numbered `kid`; `sign` gives its r || s."""
        self._sealer = Sealer(Purpose.CARD, kid, sign)

    def token(self, claims: CardClaims) -> str:
        """Sign `claims` and give the text of the QR."""
        assert len(claims.household_name.encode()) <= NAME_BYTES_MAX, "cut the name first"
        payload: dict[int, object] = {
            ISS: claims.issuer,
            EXP: int(claims.expires_at.timestamp()),
            IAT: int(claims.issued_at.timestamp()),
            IDENTITY: {
                ID: claims.card_number,
                FULL_NAME: claims.household_name,
                LOCATION: str(claims.regency),
            },
        }
        if claims.chip_key is not None:
            payload[CNF] = write_confirmation(claims.chip_key)
        message = self._sealer.message(cbor2.dumps(payload))
        return base45.encode(zlib.compress(message, _STORED))


def sign_token(claims: CardClaims, *, kid: int, sign: Callable[[bytes], bytes]) -> str:
    """Write one token; `sign` gives r || s of the card key numbered `kid`."""
    return TokenWriter(kid, sign).token(claims)


def read_token(text: str, ring: Keyring, *, issuer: str, at: datetime) -> CardClaims:
    """Verify the text of a QR and give its claims; raises `QrRefusedError`, never anything else.

    `at` is the reader's clock (aware). It does not say whether the card was revoked or is the only
    copy: that is asked of the list and of the chip.
    """
    data = _unpacked(text)
    try:
        payload, key = open_message(data, ring, Purpose.CARD)
        claims = _claims(cbor.decode(payload))
        if claims.issuer != issuer:
            raise QrRefusedError("qr.other_issuer")
        ring.trusted(key.kid, Purpose.CARD, signed_at=claims.issued_at)
    except CoseRefusedError as error:
        raise QrRefusedError(error.code if "." in error.code else f"qr.{error.code}") from None
    except NotTrustedError as error:
        raise QrRefusedError(error.code) from None
    except cbor.NotOurCborError:
        raise QrRefusedError("qr.malformed") from None
    if at >= claims.expires_at:
        raise QrRefusedError("card.expired")
    return claims


def signing_key_of(text: str) -> int | None:
    """Give the number of the key that a token names, unverified; None for what is no token.

    From the beginning of the text alone: for the office, which looks through all its own cards.
    """
    try:
        head = zlib.decompressobj().decompress(base45.decode(text[:_HEAD_CHARACTERS]), _HEAD_BYTES)
        return key_named(head, Purpose.CARD)
    except (ValueError, zlib.error):
        return None


def name_on_card(name: str) -> str:
    """Cut a name to at most 40 bytes of UTF-8, at a word where there is one."""
    words = name.split()
    kept = ""
    for word in words:
        longer = f"{kept} {word}".strip()
        if len(longer.encode()) > NAME_BYTES_MAX:
            break
        kept = longer
    if kept or not words:
        return kept
    return words[0].encode()[:NAME_BYTES_MAX].decode(errors="ignore")


def _unpacked(text: str) -> bytes:
    """Undo Base45 and zlib, within limits."""
    if len(text) > TEXT_MAX:
        raise QrRefusedError("qr.not_ours")
    unpacker = zlib.decompressobj()
    try:
        data = unpacker.decompress(base45.decode(text), UNPACKED_MAX)
    except (ValueError, zlib.error):
        raise QrRefusedError("qr.not_ours") from None
    if not unpacker.eof or unpacker.unused_data:
        raise QrRefusedError("qr.not_ours")
    return data


def _claims(payload: object) -> CardClaims:
    """Read verified claims; raises `QrRefusedError` (`qr.malformed`) if they are not a card's."""
    match payload:
        case {
            1: str(issuer),
            4: int(expires),
            6: int(issued),
            169: {1: str(number), 4: str(name), 21: str(regency)},
            **others,
        }:
            pass
        case _:
            raise QrRefusedError("qr.malformed")
    times_fit = 0 <= issued <= expires <= _TIME_MAX
    regency_fits = len(regency) == 4 and regency.isascii() and regency.isdigit()
    if not times_fit or not regency_fits or not _is_card_number(number):
        raise QrRefusedError("qr.malformed")
    try:
        chip_key = read_confirmation(others.get(CNF))
    except NotAChipKeyError:
        raise QrRefusedError("qr.malformed") from None
    return CardClaims(
        issuer=issuer,
        issued_at=datetime.fromtimestamp(issued, UTC),
        expires_at=datetime.fromtimestamp(expires, UTC),
        card_number=number,
        household_name=name,
        regency=int(regency),
        chip_key=chip_key,
    )


def _is_card_number(text: str) -> bool:
    """Say whether `text` is a card number, written exactly as on the card."""
    read = read_card_number(text)
    return read is not None and str(read) == text
