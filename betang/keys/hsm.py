"""Keys in an HSM, through PKCS#11: the second back end of `betang.keys.backend`.

Signing keys, the seal key, the chips' masters and the key that opens the key file are made in the
token, sensitive and not extractable, and never leave it. What remains outside is the key file with
the data keys alone, since sealing a value takes a microsecond and a call into a token does not: the
file's passphrase is what the token's own AES key makes of two fixed blocks, so it opens nowhere
else. A key's facts (purpose, version, when it was made) stand in its label, its kid in its id.
Tried with SoftHSM2; no real HSM was confirmed (docs/operate/keys.md).
"""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from threading import RLock
from typing import Any

import pkcs11
from django.conf import settings
from pkcs11 import KDF, Attribute, KeyType, Mechanism, MechanismFlag, ObjectClass
from pkcs11.exceptions import PinIncorrect, PKCS11Error

from betang.core.card.diversify import diversify_many
from betang.core.crypto.keyring import Algorithm, Purpose, RingKey
from betang.core.crypto.signing import POINT_BYTES, load_public_key
from betang.core.errors import RefusedError
from betang.keys import keyfile, place
from betang.keys.backend import KeyNotHereError

#: The named curve P-256 as DER (RFC 5480 section 2.1.1.1).
P256_PARAMETERS = bytes.fromhex("06082A8648CE3D030107")
MADE_SAFE = {
    Attribute.SENSITIVE: True,
    Attribute.EXTRACTABLE: False,
    Attribute.PRIVATE: True,
    Attribute.MODIFIABLE: False,
}
LABEL = "betang"
FILE_KEK = "file-kek"
#: Blocks a call: small enough for the buffers of a network HSM, large enough that calls are few.
CALL_BYTES = 1 << 16
#: Another process may have rotated: the list of keys is asked for again after so long.
LISTED_FOR_SECONDS = 2.0


class HsmUnavailableError(RefusedError):
    """The HSM does not answer, the token is not there, or it refused."""

    code = "keys.hsm_unavailable"
    sentence = "HSM tidak dapat dipakai ({why})."
    do = "Periksa BETANG_HSM_MODULE, BETANG_HSM_TOKEN dan berkas PIN, lalu `betang doctor`."


@contextmanager
def _answering() -> Iterator[None]:
    """Turn what PKCS#11 raises into a refusal; its text may name objects, so only its kind."""
    try:
        yield
    except PKCS11Error as failed:
        why = type(failed).__name__
    else:
        return
    raise HsmUnavailableError(why=why)


@dataclass
class _Listed:
    """What the token held when it was asked last."""

    public: dict[int, RingKey] = field(default_factory=dict)
    private: dict[int, Any] = field(default_factory=dict)
    chip: dict[int, Any] = field(default_factory=dict)
    file_kek: Any = None


class HsmBackend:
    """Keys of one token, in one logged-in session of this process."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self._lock = RLock()
        self._listed_at = float("-inf")
        self._known = _Listed()

    def ring(self) -> tuple[RingKey, ...]:
        """Give the public part of every key pair in the token."""
        return tuple(self._listed().public.values())

    def sign(self, kid: int, message: bytes) -> bytes:
        """Sign in the token; the message is hashed here, so that it need not travel."""
        key = self._pair(kid, Algorithm.ES256)
        with _answering():
            return bytes(key.sign(sha256(message).digest(), mechanism=Mechanism.ECDSA))

    def exchange(self, kid: int, point: bytes) -> bytes:
        """Compute ECDH in the token; only the shared x-coordinate comes out."""
        load_public_key(point)  # off the curve is the caller's error, not the token's
        key = self._pair(kid, Algorithm.ECDH)
        with _answering():
            shared = key.derive_key(
                KeyType.GENERIC_SECRET,
                256,
                mechanism=Mechanism.ECDH1_DERIVE,
                mechanism_param=(KDF.NULL, None, point),
                template={Attribute.SENSITIVE: False, Attribute.EXTRACTABLE: True},
            )
            secret = bytes(shared[Attribute.VALUE])
            shared.destroy()
        return secret

    def chip_versions(self) -> tuple[int, ...]:
        """Give the versions of the chips' master in the token."""
        return tuple(sorted(self._listed().chip))

    def diversify(self, version: int, inputs: Sequence[bytes]) -> list[bytes]:
        """Derive a key for each input; the token encrypts thousands of blocks a call."""
        master = self._listed().chip.get(version)
        if master is None:
            raise KeyNotHereError(key=f"chip-master {version}")
        with _answering():
            return diversify_many(_blocks_of(master), inputs)

    def file_passphrase(self) -> bytes:
        """Give what opens the key file: two fixed blocks under a key that never leaves the token.

        Makes that key where the token has none.
        """
        if self._listed().file_kek is None:
            self._make_secret(FILE_KEK, 1, bits=256, at=None)
        encrypt = _blocks_of(self._listed().file_kek)
        with _answering():
            return encrypt(sha256(b"betang/keyfile-passphrase/1").digest()).hex().encode()

    def change_pin(self, old: str, new: str) -> None:
        """Give the token another user PIN."""
        try:
            self._session.set_pin(old, new)
        except PKCS11Error as failed:
            why = type(failed).__name__
        else:
            return
        del old, new  # no frame of the traceback may hold them
        raise HsmUnavailableError(why=why)

    def make_keys(self, *, at: datetime) -> None:
        """Make the first key of each purpose, and the first chip master, where there is none."""
        held = {key.purpose for key in self.ring()}
        for kid, purpose in enumerate(Purpose, start=1):
            if purpose not in held:
                self.make_key(purpose, kid=kid, version=1, at=at)
        if not self.chip_versions():
            self.make_chip_master(1, at=at)

    def make_key(self, purpose: Purpose, *, kid: int, version: int, at: datetime) -> None:
        """Make a key pair in the token."""
        seal = keyfile.algorithm_of(purpose) is Algorithm.ECDH
        with _answering():
            self._session.create_domain_parameters(
                KeyType.EC, {Attribute.EC_PARAMS: P256_PARAMETERS}, local=True
            ).generate_keypair(
                id=bytes([kid]),
                label=_label(purpose.value, version, at),
                store=True,
                capabilities=MechanismFlag.DERIVE if seal else MechanismFlag.SIGN,
                private_template=MADE_SAFE,
            )
        self._listed_at = float("-inf")

    def make_chip_master(self, version: int, *, at: datetime) -> None:
        """Make a master of the chips in the token."""
        self._make_secret(keyfile.CHIP_MASTER, version, bits=128, at=at)

    def _make_secret(self, name: str, version: int, *, bits: int, at: datetime | None) -> None:
        with _answering():
            self._session.generate_key(
                KeyType.AES,
                bits,
                id=f"{name}/{version}".encode(),
                label=_label(name, version, at),
                store=True,
                capabilities=MechanismFlag.ENCRYPT,
                template=MADE_SAFE,
            )
        self._listed_at = float("-inf")

    def _pair(self, kid: int, algorithm: Algorithm) -> Any:
        listed = self._listed()
        if kid not in listed.private or kid not in listed.public:
            raise KeyNotHereError(key=kid)
        assert listed.public[kid].algorithm is algorithm, "one key, one purpose"
        return listed.private[kid]

    def _listed(self) -> _Listed:
        with self._lock:
            if time.monotonic() - self._listed_at > LISTED_FOR_SECONDS:
                with _answering():
                    self._known = self._ask()
                self._listed_at = time.monotonic()
            return self._known

    def _ask(self) -> _Listed:
        found = _Listed()
        for each in self._session.get_objects():
            words = str(each[Attribute.LABEL]).split(" ")
            if words[0] != LABEL or len(words) != 4:
                continue
            kind, name, version = each[Attribute.CLASS], words[1], int(words[2])
            if kind is ObjectClass.SECRET_KEY and name == keyfile.CHIP_MASTER:
                found.chip[version] = each
            elif kind is ObjectClass.SECRET_KEY and name == FILE_KEK:
                found.file_kek = each
            elif kind is ObjectClass.PRIVATE_KEY:
                found.private[each[Attribute.ID][0]] = each
            elif kind is ObjectClass.PUBLIC_KEY:
                key = _ring_key(each, Purpose(name), version, datetime.fromisoformat(words[3]))
                found.public[key.kid] = key
        return found


def _ring_key(public: Any, purpose: Purpose, version: int, at: datetime) -> RingKey:
    return RingKey(
        kid=public[Attribute.ID][0],
        purpose=purpose,
        version=version,
        algorithm=keyfile.algorithm_of(purpose),
        # A DER octet string around the point (PKCS#11 2.40 section 2.3.3); some tokens leave it out
        public=bytes(public[Attribute.EC_POINT])[-POINT_BYTES:],
        not_before=at,
        not_after=at + keyfile.VALID_FOR,
    )


def _label(name: str, version: int, at: datetime | None) -> str:
    return f"{LABEL} {name} {version} {at.isoformat() if at else '-'}"


def _blocks_of(key: Any) -> Callable[[bytes], bytes]:
    def encrypt(blocks: bytes) -> bytes:
        calls = (blocks[start : start + CALL_BYTES] for start in range(0, len(blocks), CALL_BYTES))
        return b"".join(key.encrypt(part, mechanism=Mechanism.AES_ECB) for part in calls)

    return encrypt


_OPENED: dict[tuple[str, str], tuple[int, HsmBackend]] = {}
_LOCK = RLock()


def token() -> HsmBackend:
    """Give the token's back end, logged in once a process. Raises `HsmUnavailableError`."""
    named = (settings.HSM_MODULE, settings.HSM_TOKEN)
    with _LOCK:
        known = _OPENED.get(named)
        # A forked child must initialise PKCS#11 anew (PKCS#11 2.40 usage guide, section 2.5.2).
        if known is not None and known[0] == os.getpid():
            return known[1]
        opened = _open(*named, forked=known is not None)
        _OPENED[named] = (os.getpid(), opened)
        return opened


def accepts(pin: str) -> bool:
    """Say whether the token takes `pin`: for opening by custodians, before any server runs."""
    forget()
    try:
        with (
            pkcs11.lib(settings.HSM_MODULE)
            .get_token(token_label=settings.HSM_TOKEN)
            .open(user_pin=pin)
        ):
            return True
    except PinIncorrect:
        return False
    except PKCS11Error as failed:
        why = type(failed).__name__
    del pin  # no frame of the traceback may hold it
    raise HsmUnavailableError(why=why)


def forget() -> None:
    """Log out of every token; the next use opens it again."""
    with _LOCK:
        for pid, opened in _OPENED.values():
            if pid == os.getpid():
                opened._session.close()  # noqa: SLF001
        _OPENED.clear()


def _open(module: str, label: str, *, forked: bool) -> HsmBackend:
    with _answering():
        library = pkcs11.lib(module)
        if forked:
            library.reinitialize()
        return HsmBackend(
            library.get_token(token_label=label).open(rw=True, user_pin=place.hsm_pin())
        )
