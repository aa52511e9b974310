"""Reads the vectors that the Python and the TypeScript twin share."""

import json
from base64 import urlsafe_b64decode
from datetime import datetime
from pathlib import Path
from typing import Any

from betang.core.clock import from_wire
from betang.core.crypto.keyring import Algorithm, Keyring, KeyState, Purpose, RingKey

FOLDER = Path(__file__).parents[3] / "vectors"


def read(name: str) -> dict[str, Any]:
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def b64u(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def ring_of(keys: list[dict[str, Any]]) -> Keyring:
    return Keyring.of(
        RingKey(
            kid=key["kid"],
            purpose=Purpose(key["purpose"]),
            version=1,
            algorithm=Algorithm(key["alg"]),
            public=b"\x04" + b64u(key["x"]) + b64u(key["y"]),
            not_before=from_wire(key["not_before"]),
            not_after=from_wire(key["not_after"]),
            state=KeyState(key["state"]),
        )
        for key in keys
    )


def unix(moment: datetime) -> int:
    return int(moment.timestamp())
