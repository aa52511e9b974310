"""The day of one phone, signed in a process of its own: nothing here needs the site's tables."""

from pathlib import Path
from typing import NamedTuple

from betang.core.crypto import signing
from sandbox.phones.phone import Phone

POINT = {"lat": -2.2083, "lng": 113.916, "accuracy_m": 8.5}
PRIVATE = {"collector_name": "Sumiati", "note": "", "signature": "M0 0L10 10"}


class Day(NamedTuple):
    """What a process needs to sign a phone's day; `cards` are the numbers by right."""

    origin: str
    short_id: str
    scalar: bytes
    ring: str
    lease: str
    cards: dict[str, str]
    body: Path


def sign(day: Day) -> None:
    """Deliver all that a phone holds, and write the one batch it will send."""
    phone = Phone(day.origin, None, signing.load_private_key(day.scalar), short_id=day.short_id)
    phone.trust(day.ring, None)
    phone.rights = dict.fromkeys(day.cards, day.lease)
    for right, number in day.cards.items():
        card = {"number": number, "colour": "green", "reason": "qr.valid", "qr": True, "taps": []}
        phone.deliver(right, card=card, point=POINT, private=PRIVATE)
    day.body.write_bytes(phone.body(phone.queue))
