"""The first making of keys with split custody, and opening them again by k of n custodians.

What is split is the one secret that opens everything: the key file's passphrase or the HSM's PIN,
128 random bits. Nobody but the custodians ever sees a share, and each only his own. How a share is
shown and asked for is the caller's (a terminal); this module never prints, logs or stores one.
"""

import json
import os
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings

from betang.core.actor import Actor
from betang.core.clock import to_wire
from betang.core.crypto import shares
from betang.core.crypto.keyring import Purpose
from betang.core.errors import RefusedError
from betang.core.identifiers import new_uuid
from betang.journal.record import record
from betang.keys import keyfile, place, ring, signer
from betang.keys.init import init
from betang.keys.models import DataKey

SECRET_BYTES = 16

#: Shows one custodian the text of his share.
Show = Callable[[str, str], None]
#: Asks a custodian (by name or number) to type his share, unseen.
Ask = Callable[[str], str]


class ShareRefusedError(RefusedError):
    """The shares do not make the secret of this installation."""

    code = "keys.share_refused"
    sentence = "Bagian kunci ditolak: {why}."
    do = "Ulangi dari bagian pertama; periksa amplop dan ejaannya."


class CustodyError(RefusedError):
    """The custodians are too few, too many, or named twice."""

    code = "keys.custody"
    sentence = "Pembagian {threshold} dari {count} pemegang tidak dapat dipakai."
    do = "Sebutkan 2 sampai 16 pemegang yang berbeda, dan sedikitnya dua yang diperlukan."


WHY = {
    "share.mixed": "bagian dari pembagian yang berbeda",
    "share.twice": "bagian yang sama diberikan dua kali",
    "share.too_few": "jumlah bagian belum cukup",
    "share.wrong": "gabungannya bukan rahasia yang dibagi",
    "share.mistyped": "salah ketik",
    "share.not_his": "bukan bagian yang baru ditunjukkan",
    "share.other_keys": "tidak membuka kunci pemasangan ini",
}


def hold(
    custodians: Sequence[str],
    threshold: int,
    *,
    show: Show,
    ask: Ask,
    actor: Actor,
    witness: Actor,
    at: datetime,
    cost: int = keyfile.COST_STRONG,
) -> Path:
    """Make the secret, hand its shares out, make every key, and write the signed protocol.

    Raises `KeyFileExistsError`, `CustodyError`; each share is typed back before anything is made.
    Call it in a transaction. With an HSM the token is initialised by its maker's tool first, and
    its PIN is then changed to the secret.
    """
    if place.key_path().exists():
        raise keyfile.KeyFileExistsError
    secret = secrets.token_bytes(SECRET_BYTES)
    _hand_out(secret, custodians, threshold, show=show, ask=ask)
    if settings.HSM_MODULE:
        from betang.keys import hsm  # noqa: PLC0415 - PKCS#11 is loaded only where it is used

        hsm.token().change_pin(place.hsm_pin(), secret.hex())
    _write_secret(secret)
    del secret
    init(actor=actor, at=at, cost=cost)
    return _write_protocol(custodians, threshold, actor=actor, witness=witness, at=at)


def rehearse(custodians: Sequence[str], threshold: int, *, show: Show, ask: Ask) -> None:
    """Play the ceremony with a secret that opens nothing: shares out, and k of them back in."""
    secret = secrets.token_bytes(SECRET_BYTES)
    _hand_out(secret, custodians, threshold, show=show, ask=ask)
    if gather(ask) != secret:
        raise ShareRefusedError(why=WHY["share.wrong"])


def reopen(ask: Ask) -> Path:
    """Put the secret where the servers read it, from k custodians; checked before it is written."""
    secret = gather(ask)
    if settings.HSM_MODULE:
        from betang.keys import hsm  # noqa: PLC0415 - PKCS#11 is loaded only where it is used

        good = hsm.accepts(secret.hex())
    else:
        try:
            good = bool(keyfile.open_file(place.key_path(), secret.hex()))
        except keyfile.KeyFileLockedError:
            good = False
    if not good:
        del secret
        raise ShareRefusedError(why=WHY["share.other_keys"])
    return _write_secret(secret)


def gather(ask: Ask) -> bytes:
    """Ask for shares, one custodian at a time, until there are enough; give the secret."""
    given: list[shares.Share] = []
    try:
        while not given or len(given) < given[0].threshold:
            given.append(shares.read(ask(str(len(given) + 1))))
        return shares.join(given)
    except shares.WrongShareError as wrong:
        why = WHY[wrong.code]
    raise ShareRefusedError(why=why)


def _hand_out(
    secret: bytes, custodians: Sequence[str], threshold: int, *, show: Show, ask: Ask
) -> None:
    if len({name.strip().casefold() for name in custodians}) != len(custodians):
        raise CustodyError(threshold=threshold, count=len(custodians))
    try:
        parts = shares.split(secret, threshold=threshold, count=len(custodians))
    except ValueError:
        raise CustodyError(threshold=threshold, count=len(custodians)) from None
    for name, part in zip(custodians, parts, strict=True):
        show(name, shares.write(part))
        try:
            same = shares.read(ask(name)) == part
        except shares.WrongShareError:
            same = False
        if not same:
            raise ShareRefusedError(why=WHY["share.not_his"])


def _write_secret(secret: bytes) -> Path:
    """Write the secret where the servers look for it: 0600, whole, outside the data folder."""
    path = place.secret_path()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(secret.hex())
    beside.replace(path)
    return path


def _write_protocol(
    custodians: Sequence[str], threshold: int, *, actor: Actor, witness: Actor, at: datetime
) -> Path:
    """Write who held what and which keys were made, signed by the manifest key; no secret."""
    protocol: dict[str, Any] = {
        "betang_ceremony": 1,
        "at": to_wire(at),
        "led_by": str(actor.person),
        "witness": str(witness.person),
        "threshold": threshold,
        "custodians": list(custodians),
        "back_end": "hsm" if settings.HSM_MODULE else "file",
        "keys": [
            {"kid": key.kid, "purpose": key.purpose.value, "sha256": sha256(key.public).hexdigest()}
            for key in ring.public_ring()
        ],
        "fingerprints": {str(row): bytes(row.fingerprint).hex() for row in DataKey.objects.all()},
    }
    body = json.dumps(protocol, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    kid, sign = signer.writer(Purpose.MANIFEST)
    signed = {
        "kid": kid,
        "signature": sign(b"betang/ceremony/1" + body).hex(),
        "protocol": protocol,
    }
    path = place.key_path().with_name(f"ceremony-{at:%Y%m%dT%H%M%S}.json")
    path.write_text(json.dumps(signed, indent=1, ensure_ascii=False))
    record(
        "keys.ceremony", new_uuid(), actor=actor, at=at, threshold=threshold,
        custodians=len(custodians), sha256=sha256(body).hexdigest(), witness=str(witness.person),
    )  # fmt: skip
    return path
