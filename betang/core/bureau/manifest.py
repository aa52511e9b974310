"""The signed manifest of a print run: what belongs to it, and the sum of each file."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from betang.core.crypto.keyring import Keyring, NotTrustedError, Purpose

TYP = "betang-manifest+json"
NAME, SIGNATURE_NAME = "manifest.json", "manifest.sig"


class ManifestRefusedError(Exception):
    """The manifest is not what our key signed, or the files are not what it names.

    `code`: `manifest.malformed`, `manifest.bad_signature`, `manifest.files`, or what the ring says
    of the key.
    """

    def __init__(self, code: str, *files: str) -> None:
        super().__init__(" ".join((code, *files)))
        self.code, self.files = code, files


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest whose signature held: the run, its number of cards, and files with their sums."""

    run: str
    count: int
    chips: int
    files: Mapping[str, str]

    def check(self, sums: Mapping[str, str]) -> None:
        """Compare the sums (hexadecimal SHA-256 by name) of what is there, neither more nor less.

        Raises `ManifestRefusedError` with the names that are missing, altered or too many.
        """
        other = {name for name, _ in self.files.items() ^ sums.items()}
        if other:
            raise ManifestRefusedError("manifest.files", *sorted(other))


def read_manifest(content: bytes, signature: bytes, ring: Keyring) -> Manifest:
    """Read a manifest that the ring's manifest key signed. Raises `ManifestRefusedError`.

    `signature` is the content of `manifest.sig`. It does not prove that the files are those: that
    is `Manifest.check`.
    """
    try:
        signed: dict[str, Any] = json.loads(signature)
        kid, raw = int(signed["kid"]), bytes.fromhex(signed["signature"])
    except (ValueError, KeyError, TypeError) as error:
        raise ManifestRefusedError("manifest.malformed") from error
    try:
        key = ring.trusted(kid, Purpose.MANIFEST)
    except NotTrustedError as error:
        raise ManifestRefusedError(error.code) from error
    if not ring.verifies(key, content, raw):
        raise ManifestRefusedError("manifest.bad_signature")
    told: dict[str, Any] = json.loads(content)
    if told.get("typ") != TYP:
        raise ManifestRefusedError("manifest.malformed")
    return Manifest(told["run"], told["count"], told.get("chips", 0), told["files"])


def manifest_bytes(
    *, run: str, at: str, design: str, count: int, chips: int, rows_sha256: str,
    parts: list[dict[str, Any]], files: Mapping[str, str],
) -> bytes:  # fmt: skip
    """Write a manifest, to be signed as these very bytes."""
    content = {
        "typ": TYP, "v": 1, "run": run, "at": at, "design": design, "count": count, "chips": chips,
        "rows_sha256": rows_sha256, "parts": parts, "files": dict(files),
    }  # fmt: skip
    return json.dumps(content, indent=1).encode()


def signature_bytes(kid: int, signature: bytes) -> bytes:
    """Write the content of `manifest.sig`."""
    return json.dumps({"kid": kid, "signature": signature.hex()}).encode()
