"""Short tokens for addresses that say nothing to who reads them: sealed, and made by us alone.

AES-SIV (RFC 5297) under a key made from Django's secret: the same content gives the same token, a
changed letter gives none, and a token of one purpose is none of another. Nothing is kept.
"""

import binascii
import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import cache
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.conf import settings

#: No token of ours is longer: a name of a hundred letters, in base64, with room to spare.
LETTERS_MAX = 1_200


class NotOursError(ValueError):
    """The text is no token of ours for this purpose."""


def seal(content: Any, *purpose: str) -> str:
    """Seal what JSON can hold (and dates, uuids) for a purpose: its name, and whom it is for."""
    text = orjson.dumps(content)
    token = _cipher(settings.SECRET_KEY).encrypt(text, [part.encode() for part in purpose])
    return urlsafe_b64encode(token).decode().rstrip("=")


def unseal(token: str, *purpose: str) -> Any:
    """Open what `seal` made for this purpose. Raises `NotOursError`."""
    if not token.isascii() or len(token) > LETTERS_MAX:
        raise NotOursError
    try:
        sealed = urlsafe_b64decode(token + "=" * (-len(token) % 4))
        text = _cipher(settings.SECRET_KEY).decrypt(sealed, [part.encode() for part in purpose])
    except (binascii.Error, ValueError, InvalidTag) as error:
        raise NotOursError from error
    return orjson.loads(text)


@cache
def _cipher(secret: str) -> AESSIV:
    return AESSIV(hmac.digest(secret.encode(), b"betang.web.shell.sealed", hashlib.sha512))
