"""Who acts."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class ActorKind(StrEnum):
    """What kind of hand did it."""

    STAFF = "staff"
    DEVICE = "device"
    SYSTEM = "system"
    PARTNER = "partner"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class Actor:
    """An account, a device or a program that acts, and the human behind it.

    `person` is the human behind an account or device: maker and approver are compared by it, so
    that one human with two accounts is still one. None where no human stands behind (system).
    """

    kind: ActorKind
    uuid: UUID
    person: UUID | None = None


#: Acts of the program itself: the worker, a migration, a scheduled check.
SYSTEM = Actor(ActorKind.SYSTEM, UUID("00000000-0000-7000-8000-000000000001"))
