"""Chip keys derived a second, and signatures a second, by both back ends: key file and SoftHSM2.

Floor of derivation: the plain AN10922 of `core.card.chip`, one key at a time from a master in
memory. Floor of signing: bare ES256 with a key in memory. Skipped rows: where SoftHSM2 is missing.
"""

import os
import secrets
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from benchmarks.row import Row
from betang.core.card.chip import card_key
from betang.core.crypto import signing
from betang.keys import chip_master, keyfile, place
from betang.keys.backend import KeyFileBackend, backend

#: Chips; each has five keys.
SIZE = 20_000
ROUNDS = 3
#: Chips a call, as a print run asks for them.
CHUNK = 1_000
SIGNATURES = 2_000
MODULE = Path("/usr/lib/softhsm/libsofthsm2.so")


def run(size: int) -> list[Row]:
    """Measure `size` chips by each back end, turn by turn with the floor."""
    settings.DEMO = False
    at = timezone.now()
    if not place.key_path().exists():
        keyfile.create(place.key_path(), place.passphrase(), at=at, cost=keyfile.COST_TESTS)
    if not KeyFileBackend().chip_versions():
        KeyFileBackend().make_chip_master(1, at=at)
    uids = [b"\x04" + number.to_bytes(6, "big") for number in range(size)]
    master, private = secrets.token_bytes(16), signing.new_private_key()
    plain = _best(lambda: [card_key(master, uid, key_number=2, version=1) for uid in uids])
    bare = _best(lambda: [signing.sign(private, b"x") for _ in range(SIGNATURES)])
    rows = _rows("file", uids, size / plain, SIGNATURES / bare)
    if MODULE.exists():
        with tempfile.TemporaryDirectory() as folder:
            _token(Path(folder))
            rows += _rows("softhsm", uids, size / plain, SIGNATURES / bare)
            settings.HSM_MODULE = ""
    return rows


def _rows(name: str, uids: list[bytes], plain: float, bare: float) -> list[Row]:
    kid = next(key.kid for key in backend().ring() if key.purpose.value == "card")
    holder = backend()

    def derive() -> None:
        for start in range(0, len(uids), CHUNK):
            chip_master.card_keys_many(uids[start : start + CHUNK], version=1)

    derived = 5 * len(uids) / _best(derive)
    signed = SIGNATURES / _best(lambda: [holder.sign(kid, b"x") for _ in range(SIGNATURES)])
    return [
        Row(
            name=f"keys.derive.{name}", value=round(derived), unit="keys/s", floor=round(plain),
            ratio=round(derived / plain, 2), peak_mb=None, size=len(uids),
        ),
        Row(
            name=f"keys.sign.{name}", value=round(signed), unit="signatures/s", floor=round(bare),
            ratio=round(signed / bare, 2), peak_mb=None, size=SIGNATURES,
        ),
    ]  # fmt: skip


def _best(act: Callable[[], object]) -> float:
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        act()
        times.append(time.perf_counter() - began)
    return min(times)


def _token(folder: Path) -> None:
    from betang.keys import hsm  # noqa: PLC0415 - only where it is used

    pin = secrets.token_hex(6)
    (folder / "tokens").mkdir()
    (folder / "conf").write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n")
    os.environ["SOFTHSM2_CONF"] = str(folder / "conf")
    subprocess.run(
        ["softhsm2-util", "--init-token", "--free", "--label", "bench", "--pin", pin, "--so-pin",
         pin], check=True, capture_output=True,
    )  # fmt: skip
    (folder / "pin").write_text(pin)
    settings.HSM_MODULE, settings.HSM_TOKEN = str(MODULE), "bench"
    settings.HSM_PIN_FILE = str(folder / "pin")
    hsm.token().make_keys(at=timezone.now())
