"""An event whose data were understood, as the acts of applying see it."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import connection

from betang.core.event import kinds
from betang.core.event.said.benefits import Delivered
from betang.core.event.said.cards import CardsReceived, CardTold, HandedOver
from betang.keys import blobs
from betang.sync.arrive import ATTACHMENT_CONTEXT, NONCE_BYTES, Arrived
from betang.sync.decisions import Decided, decide


@dataclass
class Heard:
    """An event with what it says."""

    arrived: Arrived
    type: str
    id: UUID
    at: datetime
    said: kinds.Said
    #: It had waited, and two persons let it be applied.
    released: bool = False

    @property
    def subjects(self) -> tuple[str, ...]:
        """Give what the event is about, so that events of one subject keep their order."""
        said = self.said
        if isinstance(said, Delivered):
            return (said.card.number,) if said.card else ()
        if isinstance(said, HandedOver | CardTold):
            return (said.card,)
        if isinstance(said, CardsReceived):
            return tuple(f"{number:014d}" for number in (*said.missing, *said.extra))
        return ()

    def decide(self, code: str, **facts: str) -> Decided:
        """Make the decision `code` about this event."""
        arrived = self.arrived
        return decide(arrived.event.seq, arrived.sha256, self.id, code, **facts)

    @cached_property
    def private(self) -> dict[str, Any]:
        """Give what the attachment says: as it came, or opened from where it is kept; else {}."""
        if self.arrived.attachment:
            return self.arrived.attachment.said
        return open_attachment(self.arrived.named) if self.arrived.named else {}


def open_attachment(name: bytes) -> dict[str, Any]:
    """Open a kept attachment; {} where it is missing, erased or unreadable."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT wrapped_key, ciphertext FROM sync_attachment WHERE sha256 = %s", [name]
        )
        row = cursor.fetchone()
    if row is None or row[0] is None:
        return {}
    secret = blobs.unwrap(bytes(row[0]), name)
    text = bytes(row[1])
    try:
        said = orjson.loads(
            AESGCM(secret).decrypt(text[:NONCE_BYTES], text[NONCE_BYTES:], ATTACHMENT_CONTEXT)
        )
    except (InvalidTag, ValueError):
        return {}
    return said if isinstance(said, dict) else {}
