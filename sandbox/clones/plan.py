"""Who serves whom, when families come, when phones are heard of, and when attacks are made."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import NamedTuple

from sandbox.clones.assumptions import Assumptions
from sandbox.clones.attacks import ATTACKS
from sandbox.clones.card import Card
from sandbox.clones.phone import Phone
from sandbox.clones.told import Try

#: Sync comes in the evening; an attack comes at any hour of the working day.
WORK_BEGINS, SYNC_AT = timedelta(hours=8), timedelta(hours=19)
BETWEEN_S = (45.0, 135.0)
DAYS = timedelta(days=1)


class Place(NamedTuple):
    """A village with its middle."""

    code: int
    lat: float
    lng: float


@dataclass(order=True)
class Due:
    """Something that happens at `at`: a visit, an attack, a sync."""

    at: datetime
    order: int
    what: str = field(compare=False)
    phone: Phone = field(compare=False)
    card: Card | None = field(compare=False, default=None)
    tried: Try | None = field(compare=False, default=None)
    online: bool = field(compare=False, default=False)


class Plan:
    """Everything that is drawn beforehand. `start` is midnight of the first day."""

    def __init__(
        self,
        given: Assumptions,
        cards: Sequence[Card],
        places: Sequence[Place],
        *,
        start: datetime,
    ) -> None:
        """Give each phone its families, and plan both cycles and the attacks."""
        self.given, self.start = given, start
        self.random = Random(given.seed)
        self.cards = sorted(cards, key=lambda card: (card.village, card.number))
        self.places = {place.code: place for place in places}
        self.phones: list[Phone] = []
        self.owner: dict[str, Phone] = {}
        self.tries: list[Try] = []
        self.visits: dict[tuple[str, int], datetime] = {}
        self.due: list[Due] = []
        self._order = count()
        self._enrol()
        self._plan_cycles()
        self._plan_attacks()

    def _enrol(self) -> None:
        given, draw = self.given, self.random
        for number in range(0, len(self.cards), given.families_a_phone):
            families = self.cards[number : number + given.families_a_phone]
            place = self.places[families[0].village]
            phone = Phone(
                len(self.phones),
                draw.random() < given.nfc,
                place.lat,
                place.lng,
                fetched_at=self.start - timedelta(hours=5),
            )
            if draw.random() < given.clock_wrong + given.clock_mended:
                days = draw.uniform(-given.clock_wrong_days, given.clock_wrong_days)
                phone.clock = timedelta(days=days)
                chance = given.clock_mended / (given.clock_wrong + given.clock_mended)
                phone.mended = draw.random() < chance
            self.phones.append(phone)
            for card in families:
                card.dead = draw.random() < given.dead_chip
                self.owner[card.number] = phone

    def _plan_cycles(self) -> None:
        given, draw = self.given, self.random
        families: dict[int, list[Card]] = {}
        for card in self.cards:
            families.setdefault(self.owner[card.number].number, []).append(card)
        for cycle in (0, 1):
            for phone in self.phones:
                own = list(families[phone.number])
                draw.shuffle(own)
                day = self.start + DAYS * (cycle * given.cycle_days + draw.randrange(6))
                for first in range(0, len(own), given.families_a_day):
                    self._plan_day(phone, own[first : first + given.families_a_day], day, cycle)
                    day += DAYS
        for card in self.cards:
            if draw.random() < given.replaced:
                at = self.start + DAYS * (given.cycle_days - 2)
                self._push(at, "replace", self.owner[card.number], card)

    def _plan_day(self, phone: Phone, cards: list[Card], day: datetime, cycle: int) -> None:
        given, draw = self.given, self.random
        online = phone.nfc and draw.random() < given.online_day
        at = day + WORK_BEGINS
        for card in cards:
            at += timedelta(seconds=draw.uniform(*BETWEEN_S))
            self.visits[card.number, cycle] = at
            there = phone
            if cycle and draw.random() < given.travels:
                there = draw.choice(self.phones)
            tried = Try("honest", "", at)
            self.tries.append(tried)
            self._push(at, "visit", there, card, tried, online=online and there is phone)
            if there is not phone:
                self._push_sync(there, at, waited=0)
        self._push_sync(phone, day, waited=0 if online else None)

    def _push_sync(self, phone: Phone, day: datetime, *, waited: int | None) -> None:
        """Plan the evening on which what happened on `day` is sent."""
        given, draw = self.given, self.random
        if waited is None:
            waited = 0
            while draw.random() > given.evening_sync and waited < given.sync_days_max:
                waited += 1
        midnight = day.replace(hour=self.start.hour, minute=self.start.minute, second=0)
        minutes = timedelta(minutes=draw.uniform(0, 120))
        self._push(midnight + DAYS * waited + SYNC_AT + minutes, "sync", phone)

    def _plan_attacks(self) -> None:
        """Draw for each attack a family, a phone and a moment in the second cycle."""
        given, draw = self.given, self.random
        reading = [phone for phone in self.phones if phone.nfc]
        # No card is attacked twice: else one attack would be found for the sake of another.
        victims = draw.sample(self.cards, len(self.cards))
        for kind in ATTACKS:
            for _ in range(given.attacks):
                card = self._victim(victims, kind)
                phone = draw.choice(self.phones if kind == "photocopy" else reading)
                own = self.owner[card.number]
                if draw.random() < 0.5 and (own.nfc or kind == "photocopy") and kind != "recorded":
                    phone = own
                self._plan_attack(kind, card, phone)
        left = set(map(id, victims))
        for _ in range(given.attacks // 5):
            phone = draw.choice(self.phones)
            theirs = [one for one in self.cards if self.owner[one.number] is phone]
            self._plan_evening(phone, [one for one in theirs if id(one) in left])

    def _victim(self, victims: list[Card], kind: str) -> Card:
        """Draw the next card; what is recorded at a visit was read by a phone that reads."""
        for place, card in enumerate(victims):
            if kind != "recorded" or (self.owner[card.number].nfc and not card.dead):
                return victims.pop(place)
        raise ValueError("more attacks than cards")

    def _plan_attack(self, kind: str, card: Card, phone: Phone) -> None:
        """Plan one: some days around the family's own visit, a recorded one in the days after."""
        given, draw = self.given, self.random
        honest = self.visits[card.number, 1]
        first = self.start + DAYS * given.cycle_days
        at = honest + timedelta(hours=draw.uniform(2, 96))
        if kind != "recorded":
            day = (honest - self.start).days + draw.randint(-3, 4)
            at = max(self.start + DAYS * day, first) + WORK_BEGINS
            at += timedelta(hours=draw.uniform(0, 8))
        online = phone.nfc and kind != "photocopy" and draw.random() < 0.5
        channel = "online" if online else ("offline" if phone.nfc else "without NFC")
        tried = Try(kind, channel, at)
        self.tries.append(tried)
        # Readings are kept in passing, the day before the second cycle begins.
        kept_at = first - DAYS + timedelta(hours=draw.uniform(0, 20))
        self._push(kept_at, "keep", phone, card, tried)
        self._push(at, "attack", phone, card, tried, online=online)
        self._push_sync(phone, at, waited=None)

    def _plan_evening(self, phone: Phone, theirs: list[Card]) -> None:
        """Plan an evening on which a companion goes through the cards that he was left with."""
        given, draw = self.given, self.random
        at = self.start + DAYS * (given.cycle_days + draw.randint(0, 8)) + timedelta(hours=17)
        tried = Try("holds_cards", "offline" if phone.nfc else "without NFC", at)
        self.tries.append(tried)
        for card in draw.sample(theirs, min(given.cards_held, len(theirs))):
            self._push(at, "hold", phone, card, tried)
            at += timedelta(seconds=given.held_gap_s * draw.uniform(0.7, 1.4))
        self._push_sync(phone, at, waited=None)

    def _push(
        self,
        at: datetime,
        what: str,
        phone: Phone,
        card: Card | None = None,
        tried: Try | None = None,
        *,
        online: bool = False,
    ) -> None:
        heapq.heappush(self.due, Due(at, next(self._order), what, phone, card, tried, online))
