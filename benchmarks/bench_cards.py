"""Cards: signing tokens, verifying taps, drawing faces; each beside its floor, on one core.

The floor of signing and reading is ES256 alone; of a tap, the same ciphers without a line of
meaning (AN10922, session key, MAC). Faces have no floor: the figure is a rate.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.cmac import CMAC
from cryptography.hazmat.primitives.hashes import SHA256

from benchmarks.row import Row
from betang.cards.faces import Face, Look, write_faces
from betang.core.card.chip import Tap, card_key, is_genuine, sun_mac
from betang.core.card.qr import CardClaims, TokenWriter, read_token
from betang.core.crypto import signing
from betang.core.crypto.keyring import Algorithm, Keyring, Purpose, RingKey
from betang.core.identity.card_number import card_number
from betang.core.identity.household_number import household_number

SIZE = 5_000
HOST = "kartu.betang.example"
NOON = datetime(2026, 11, 12, 5, tzinfo=UTC)
ROUNDS = 3


def run(size: int) -> list[Row]:
    key = signing.new_private_key()
    writer = TokenWriter(1, lambda message: signing.sign(key, message))
    claims = [_claims(n) for n in range(size)]
    tokens: list[str] = []

    def write() -> None:
        tokens[:] = [writer.token(one) for one in claims]

    return [
        _against("cards.sign", size, write, lambda: _bare_signing(key, size)),
        _reading(key, tokens),
        _taps(size),
        _faces(claims, tokens),
    ]


def _against(name: str, size: int, ours: Callable[[], None], floor: Callable[[], None]) -> Row:
    """Measure both, turn by turn, and keep each one's best."""
    pairs = [(_seconds(ours), _seconds(floor)) for _ in range(ROUNDS)]
    rate, bare = size / min(a for a, _ in pairs), size / min(b for _, b in pairs)
    return _row(name, rate, size, floor=bare)


def _row(name: str, rate: float, size: int, *, floor: float | None = None) -> Row:
    return Row(
        name=name,
        value=round(rate),
        unit="per CPU-second",
        floor=round(floor) if floor else None,
        ratio=round(rate / floor, 2) if floor else None,
        peak_mb=None,
        size=size,
    )


def _seconds(work: Callable[[], None]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def _claims(n: int) -> CardClaims:
    number = card_number(household_number(n + 1), 1)
    until = NOON + timedelta(days=1826)
    return CardClaims(HOST, NOON, until, number, f"Warga Desa {n}", 6201)


def _bare_signing(key: signing.PrivateKey, size: int) -> None:
    message, algorithm = bytes(200), ec.ECDSA(SHA256())
    for _ in range(size):
        key.sign(message, algorithm)


def _reading(key: signing.PrivateKey, tokens: list[str]) -> Row:
    public = signing.dump_public_key(key.public_key())
    facts = (1, Purpose.CARD, 1, Algorithm.ES256, public, NOON, NOON + timedelta(days=3650))
    ring = Keyring.of([RingKey(*facts)])
    message, algorithm = bytes(200), ec.ECDSA(SHA256())
    der, public_key = key.sign(message, algorithm), key.public_key()

    def read() -> None:
        for token in tokens:
            read_token(token, ring, issuer=HOST, at=NOON)

    def bare() -> None:
        for _ in tokens:
            public_key.verify(der, message, algorithm)

    return _against("cards.read", len(tokens), read, bare)


def _taps(size: int) -> Row:
    """Verify taps of different cards: derive K2, compute the MAC, compare."""
    master, taps = bytes(range(16)), []
    for n in range(size * 4):
        uid = b"\x04" + n.to_bytes(6, "big")
        key = card_key(master, uid, key_number=2, version=1)
        taps.append(Tap(uid, n % 500, sun_mac(key, uid, n % 500)))

    def ours() -> None:
        for tap in taps:
            assert is_genuine(card_key(master, tap.uid, key_number=2, version=1), tap)

    def bare() -> None:
        """Run the same ciphers without a line of meaning: two ECB/CBC runs and two CMACs."""
        aes, zero = algorithms.AES(master), bytes(16)
        for _ in taps:
            Cipher(aes, modes.ECB()).encryptor().update(zero)  # noqa: S305
            Cipher(aes, modes.CBC(zero)).encryptor().update(bytes(32))
            for _ in range(2):
                mac = CMAC(algorithms.AES(master))
                mac.update(zero)
                mac.finalize()

    return _against("cards.sun", len(taps), ours, bare)


def _faces(claims: list[CardClaims], tokens: list[str]) -> Row:
    """Draw a file of a thousand cards, front and back."""
    some = min(1_000, len(tokens))
    day = (NOON + timedelta(days=1826)).date()
    faces = [
        Face(one.card_number, one.household_name, token, day)
        for one, token in zip(claims[:some], tokens, strict=False)
    ]
    look = Look("Kartu Huma Betang Sejahtera", "Pemerintah Provinsi", HOST, sample=True)
    with TemporaryDirectory() as folder:
        rate = some / _seconds(lambda: write_faces(Path(folder) / "f.pdf", faces, look))
    return _row("cards.faces", rate, some)
