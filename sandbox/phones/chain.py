"""The chain of what a device says: each event signed, in turn, and queued until it is heard."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from betang.core.event import envelope
from betang.core.identifiers import new_uuid
from sandbox.phones.sealing import Sealed, seal
from sandbox.phones.wire import Speaker


@dataclass(slots=True)
class Queued:
    """A signed event that waits to be acknowledged."""

    seq: int
    id: UUID
    type: str
    jws: str
    payload: bytes
    attachment: Sealed | None
    provisional: str = ""


@dataclass
class Signer(Speaker):
    """A device with a chain of its own, and with what it has not sent yet."""

    short_id: str = ""
    uuid: str = ""
    seq: int = 0
    head: bytes = envelope.NO_PREVIOUS
    queue: list[Queued] = field(default_factory=list)

    def sign(
        self,
        kind: str,
        data: dict[str, Any],
        *,
        private: dict[str, Any] | None = None,
        at: datetime | None = None,
        lease: str | None = None,
    ) -> Queued:
        """Sign an event into the chain and put it into the queue."""
        sealed = seal(private) if private is not None else None
        if sealed:
            data = data | {"attachment": sealed.sha256.hex()}
        self.seq += 1
        event_id = new_uuid()
        payload = envelope.payload(
            dev=self.short_id,
            seq=self.seq,
            prev=self.head,
            id=event_id,
            type=kind,
            at=at or self.now(),
            data=data,
            mono_ms=int((self.ticks() - self.started) * 1000),
            lease=UUID(lease) if lease else None,
        )
        jws = envelope.sign(self.key, self.short_id, payload)
        queued = Queued(self.seq, event_id, kind, jws, payload, sealed)
        self.head = envelope.hash_of(payload)
        self.queue.append(queued)
        return queued

    def report(self) -> dict[str, Any]:
        """Tell of itself, and how much waits."""
        return super().report() | {"unsent": len(self.queue)}
