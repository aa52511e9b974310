"""What reaches the office: taps presented online, and batches told at sync."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from betang.core.card.chip import Tap


@dataclass
class Try:
    """One attack, or one honest visit (kind `honest`), and what the phone itself made of it.

    `served`: the colour and level with which it was served at once (`green`, `amber1`, `amber2`),
    or `stopped`. For online tries the office's own answer replaces it.
    """

    kind: str
    channel: str
    at: datetime
    served: str = ""


@dataclass
class Told:
    """One delivery of a card as the phone tells it: `at` by the phone's clock."""

    card: str
    colour: str
    reason: str
    taps: Sequence[Tap]
    at: datetime
    lat: float
    lng: float
    act: str = "deliver"
    of: Try | None = None


@dataclass
class Batch:
    """Everything that a phone tells at one sync, heard at once. `ahead_s`: its clock, if measured.

    `of` the rows say which try they belong to; the office does not see that.
    """

    phone: int
    heard_at: datetime
    ahead_s: int | None
    rows: list[Told] = field(default_factory=list)


@dataclass
class Online:
    """A tap presented to the office at once; `again` where the first answer was lost."""

    phone: int
    at: datetime
    tap: Tap
    lat: float
    lng: float
    of: Try | None = None
    again: bool = False


@dataclass
class Replaced:
    """The office replaces a card: the family lost it."""

    card: str
    at: datetime


Happening = Batch | Online | Replaced
