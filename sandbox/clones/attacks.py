"""What is tried with cards, by kind: which taps a phone gets to see, and how.

Each returns the taps that are shown; none where only a code is shown. `settles`: the companion
lets one tap do.
"""

from collections.abc import Callable
from random import Random

from betang.core.card.chip import Tap
from sandbox.clones.assumptions import Assumptions
from sandbox.clones.card import Card

#: Kept readings by card number: what an attacker read in passing, before the attack.
Kept = list[Tap]


def photocopy(_card: Card, _kept: Kept, _random: Random, _given: Assumptions) -> list[Tap]:
    """Show a photocopy of the code; the chip "does not answer"."""
    return []


def magic_tag(card: Card, kept: Kept, random: Random, given: Assumptions) -> list[Tap]:
    """Hold a tag with a copied UID and one recorded URL: every reading is the same."""
    return kept[:1] if random.random() < given.settles_for_one else [kept[0], kept[0]]


def harvested_one(card: Card, kept: Kept, random: Random, given: Assumptions) -> list[Tap]:
    """Play one reading back that nobody has used, and hope that one is enough."""
    return kept[:1] if random.random() < given.settles_for_one else [kept[0], kept[0]]


def harvested_several(card: Card, kept: Kept, random: Random, given: Assumptions) -> list[Tap]:
    """Play two readings back, rising, that were read in passing and never used."""
    return kept[:2]


def relay(card: Card, _kept: Kept, random: Random, given: Assumptions) -> list[Tap]:
    """Ask the genuine chip, far away, while the phone waits."""
    return card.taps(2, burned=random.randint(0, given.burst_max))


lent = relay

#: Kind -> how it is shown. `recorded` plays back what the office has been told of already, and
#: `holds_cards` is a whole evening: both are made where the days are (`province.py`).
ATTACKS: dict[str, Callable[[Card, Kept, Random, Assumptions], list[Tap]]] = {
    "photocopy": photocopy,
    "magic_tag": magic_tag,
    "harvested_one": harvested_one,
    "harvested_several": harvested_several,
    "recorded": harvested_several,
    "relay": relay,
    "lent": lent,
}
