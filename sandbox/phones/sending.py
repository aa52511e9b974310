"""How a queue gets out: in batches, as a courier's file, and its photos in parts.

It marks as sent only what an answer names, and sends the same bytes again when an answer is lost.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson

from betang.core import jose
from betang.core.crypto.sealing import seal_to
from betang.core.event import courier, courier_photos
from sandbox.phones.bundle import Holder
from sandbox.phones.chain import Queued
from sandbox.phones.sealing import BLOB_CONTEXT, BLOB_KEY_CONTEXT, Sealed, seal
from sandbox.phones.wire import RefusedByServerError

BATCH = 100
#: Answers after which a record may be forgotten.
RECEIVED = frozenset({"stored", "again"})


@dataclass
class Sender(Holder):
    """A device that forgets only what an answer names."""

    stopped: bool = False

    def body(self, events: list[Queued]) -> bytes:
        """Write the body of `POST /events`."""
        told: dict[str, Any] = {"events": []}
        for one in events:
            item: dict[str, Any] = {"jws": one.jws}
            if one.attachment and self.batch_key:
                item["attachment"] = self.batch_key.wrap(one.attachment)
                told["batch_key"] = self.batch_key.as_json()
            told["events"].append(item)
        return orjson.dumps(told)

    def push(self, *, lose_answers: bool = False, size: int = BATCH) -> list[dict[str, Any]]:
        """Send the queue in batches; forget only what an answer names.

        With `lose_answers` the server hears and commits, and the answer never arrives: nothing is
        forgotten.
        """
        answers: list[dict[str, Any]] = []
        at = 0
        while at < len(self.queue) and not self.stopped:
            batch = self.queue[at : at + size]
            told = self.send(batch)
            if lose_answers:
                self._count("answers_lost", len(batch))
                at += size
                continue
            answers += told["answers"]
            done = self._heed(batch, told["answers"])
            self.queue = [one for one in self.queue if one.seq not in done]
            at = 0 if done else at + size
        return answers

    def send(self, batch: list[Queued]) -> Any:
        """Send these events, whatever was said of them before."""
        answer = self._post("POST", f"/api/v1/events{self._brief('?')}", self.body(batch))
        told = orjson.loads(answer.content)
        if answer.status_code >= 400:
            raise RefusedByServerError(answer.status_code, told)
        self._count("events_sent", len(batch))
        return told

    def _heed(self, batch: list[Queued], answers: list[dict[str, Any]]) -> set[int]:
        done: set[int] = set()
        for one, answer in zip(batch, answers, strict=True):
            self._count(f"answer_{answer['answer']}", 1)
            if answer["answer"] in {"stored", "again"}:
                done.add(one.seq)
            elif answer["answer"] == "fork":
                self.stopped = True
        return done

    def export(self) -> bytes:
        """Write everything unsent into a file that somebody else carries; forget nothing."""
        bodies = [
            orjson.loads(self.body(self.queue[at : at + BATCH]))
            for at in range(0, len(self.queue), BATCH)
        ]
        kid, key = self._key("seal")
        told = courier.Export(self.short_id, self.now(), bodies)
        return courier.write_export(told, kid=kid, seal_key=key)

    def export_photos(self, photos: Iterable[tuple[int, Sealed]]) -> bytes:
        """Write sealed photos into a file that somebody else carries, each with its event's seq."""
        told = [
            courier_photos.Photo(seq, one.sha256, self.blob_key(one), one.ciphertext)
            for seq, one in photos
        ]
        return courier_photos.write_photos(courier_photos.Photos(self.short_id, told))

    def blob_key(self, sealed: Sealed) -> str:
        """Say how the server opens a sealed photo: the header `Blob-Key`."""
        kid, public = self._key("seal")
        return f"{kid}.{jose.to_b64u(seal_to(public, sealed.key, context=BLOB_KEY_CONTEXT))}"

    def acknowledge(self, file: bytes) -> int:
        """Forget what a signed acknowledgement names; give how many."""
        _, key = self._key("acknowledgement")
        told = courier.read_acknowledgement(file, key)
        names = {(seq, digest) for seq, digest, answer, _ in told.answers if answer in RECEIVED}
        kept = [
            one for one in self.queue
            if (one.seq, sha256(one.payload).digest()) not in names
        ]  # fmt: skip
        forgotten, self.queue = len(self.queue) - len(kept), kept
        return forgotten

    def upload(self, photo: bytes, *, part: int = 64 * 1024, stop_after: int | None = None) -> str:
        """Send a photo sealed, in parts, from where the server says; give its name."""
        sealed = seal(photo, BLOB_CONTEXT)
        return self.upload_sealed(sealed, part=part, stop_after=stop_after)

    def upload_sealed(
        self, sealed: Sealed, *, part: int = 64 * 1024, stop_after: int | None = None
    ) -> str:
        """Send or go on sending a sealed photo."""
        key = self.blob_key(sealed)
        path = f"/api/v1/blobs/{sealed.sha256.hex()}"
        head = self.request("HEAD", path)
        at = int(head.headers.get("Upload-Offset", 0)) if head.status_code == 200 else 0
        sent = 0
        while at < len(sealed.ciphertext) and sent != stop_after:
            headers = {
                "Upload-Offset": str(at),
                "Upload-Length": str(len(sealed.ciphertext)),
                "Content-Type": "application/octet-stream",
                "Blob-Key": key,
            }
            answer = self.request("PATCH", path, sealed.ciphertext[at : at + part], headers=headers)
            if answer.status_code >= 400:
                raise RefusedByServerError(answer.status_code, orjson.loads(answer.content))
            at = int(answer.headers["Upload-Offset"])
            sent += 1
        return sealed.sha256.hex()
