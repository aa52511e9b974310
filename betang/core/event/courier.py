"""A phone's records carried by somebody else: the sealed export file and its acknowledgement.

Normative: `docs/protocols/courier.md`. The export holds the bodies of `POST /events`, sealed to the
server, so that whoever carries it reads nothing and can change nothing unnoticed. The
acknowledgement is signed; the phone believes no other and deletes nothing before it.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple

import orjson

from betang.core import jose
from betang.core.clock import from_wire, to_wire
from betang.core.crypto.sealing import seal_to
from betang.core.crypto.signing import PublicKey

#: A month of a busy companion, without photos, is about six of these megabytes.
EXPORT_BYTES_MAX = 16 * 1024 * 1024
#: Ten thousand events: what may wait of one device (betang/sync/ingest.py).
BODIES_MAX = 100
CONTEXT = b"betang/export/1"
ACKNOWLEDGEMENT_TYP = "betang-acknowledgement+jws"
ANSWERS = frozenset({"stored", "again", "held", "fork", "refused"})


class NotAnExportError(ValueError):
    """The bytes are no export file, or not its content."""


class NotAnAcknowledgementError(ValueError):
    """The bytes are no acknowledgement, or not signed by that key."""


class Export(NamedTuple):
    """What a phone has not been able to send: the bodies of `POST /events`, in order."""

    dev: str
    made_at: datetime
    bodies: Sequence[dict[str, Any]]


class Acknowledgement(NamedTuple):
    """What the server answers to an export: one answer an event that has a place in the chain.

    `answers`: (seq, SHA-256 of the payload, answer, code or None), as `POST /events` answers.
    `photos`: the names of those that came in a file of photos and are whole on the server.
    """

    dev: str
    at: datetime
    export_sha256: bytes
    applied_seq: int
    answers: Sequence[tuple[int, bytes, str, str | None]]
    photos: Sequence[bytes] = ()


def write_export(export: Export, *, kid: int, seal_key: PublicKey) -> bytes:
    """Write and seal an export file to the server's `seal` key, numbered `kid`."""
    content = orjson.dumps(
        {
            "v": 1,
            "dev": export.dev,
            "made_at": to_wire(export.made_at),
            "bodies": list(export.bodies),
        }
    )
    sealed = seal_to(seal_key, content, context=CONTEXT)
    return orjson.dumps({"betang": "export", "v": 1, "kid": kid, "sealed": jose.to_b64u(sealed)})


def read_envelope(data: bytes) -> bytes:
    """Give what is sealed in an export file; raises `NotAnExportError`."""
    try:
        told = orjson.loads(data)
        if told["betang"] != "export" or told["v"] != 1:
            raise NotAnExportError("another file of ours, or a newer one")
        return jose.from_b64u(told["sealed"])
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise NotAnExportError(str(error)) from error


def read_content(content: bytes) -> Export:
    """Read an opened export; raises `NotAnExportError`."""
    try:
        told = orjson.loads(content)
        bodies = told["bodies"]
        if told["v"] != 1 or not isinstance(told["dev"], str) or not isinstance(bodies, list):
            raise NotAnExportError("not the members of an export")
        if not 0 < len(bodies) <= BODIES_MAX or not all(isinstance(one, dict) for one in bodies):
            raise NotAnExportError("no bodies, too many, or none of ours")
        return Export(told["dev"], from_wire(told["made_at"]), bodies)
    except (KeyError, TypeError, ValueError) as error:
        raise NotAnExportError(str(error)) from error


def write_acknowledgement(told: Acknowledgement, kid: int, sign: Callable[[bytes], bytes]) -> bytes:
    """Write and sign an acknowledgement file by the `acknowledgement` key `kid`."""
    content = {
        "v": 1,
        "dev": told.dev,
        "at": to_wire(told.at),
        "export_sha256": told.export_sha256.hex(),
        "applied_seq": told.applied_seq,
        "answers": [
            {"seq": seq, "sha256": digest.hex(), "answer": answer}
            | ({"code": code} if code else {})
            for seq, digest, answer, code in told.answers
        ],
    } | ({"photos": [name.hex() for name in told.photos]} if told.photos else {})
    jws = jose.by_our_key(kid, ACKNOWLEDGEMENT_TYP, content, sign)
    return orjson.dumps({"betang": "acknowledgement", "v": 1, "jws": jws})


def read_acknowledgement(data: bytes, key: PublicKey) -> Acknowledgement:
    """Read an acknowledgement signed by `key`; raises `NotAnAcknowledgementError`."""
    try:
        told = orjson.loads(data)
        if told["betang"] != "acknowledgement" or told["v"] != 1:
            raise NotAnAcknowledgementError("another file of ours, or a newer one")
        parts = jose.split(told["jws"])
        if parts.header.get("typ") != ACKNOWLEDGEMENT_TYP or not jose.signed_by(key, parts):
            raise NotAnAcknowledgementError("not signed by this key for this purpose")
        body = orjson.loads(parts.payload)
        return Acknowledgement(
            str(body["dev"]),
            from_wire(body["at"]),
            bytes.fromhex(body["export_sha256"]),
            int(body["applied_seq"]),
            [_answer(one) for one in body["answers"]],
            tuple(bytes.fromhex(name) for name in body.get("photos", ())),
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise NotAnAcknowledgementError(str(error)) from error


def digest_of(file: bytes) -> bytes:
    """Give what an acknowledgement names an export file by."""
    return sha256(file).digest()


def _answer(one: dict[str, Any]) -> tuple[int, bytes, str, str | None]:
    if one["answer"] not in ANSWERS:
        raise NotAnAcknowledgementError("an answer of another version")
    return int(one["seq"]), bytes.fromhex(one["sha256"]), one["answer"], one.get("code")
