"""Phones with and without NFC, and what they say that they were shown."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from betang.accounts.models import Device
from betang.cards.clones.suspect import look
from betang.cards.models import Card, Investigation, Suspicion
from betang.cards.present import PresentedRow, record_presentations
from betang.cards.tap import Where

#: Two landings of one river, a day's boat apart, and the next jetty.
HERE = Where(None, -2.21, 113.92)
UPRIVER = Where(None, -0.71, 113.41)
NEXT_DOOR = Where(None, -2.26, 113.93)


@pytest.fixture
def told(active, noon) -> Callable[..., list[str]]:
    """Let a device tell at sync of a card that it was shown; gives the rules that saw something.

    `heard` is when the office heard of it, an hour later unless said otherwise.
    """

    def tell(
        device: Device,
        *taps,
        at: datetime = noon,
        heard: datetime | None = None,
        card: Card = active,
        colour: str = "green",
        reason: str = "tap.genuine",
        where: Where = HERE,
        ahead: int | None = 0,
        share: float = 0,
        act: str = "deliver",
    ) -> list[str]:
        heard = heard or at + timedelta(hours=1)
        row = PresentedRow(
            card.number, act, colour, reason, taps, device.uuid, device.actor, at, where, ahead
        )
        record_presentations([row], heard_at=heard)
        return look([(device.uuid, heard)], cards=[card.uuid], at=heard, share=share)

    return tell


def rules() -> list[str]:
    return sorted(Suspicion.objects.values_list("rule", flat=True))


def opened() -> int:
    return Investigation.objects.filter(state="open").count()
