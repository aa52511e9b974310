"""The fleet: enrols, waits to be confirmed, works a day without signal, and comes back to send.

Each phone has a thread of its own, as each companion has a day of his own.
"""

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import httpx

from sandbox.phones import mischief
from sandbox.phones.chain import Queued
from sandbox.phones.day import Day, Plan
from sandbox.phones.phone import Phone
from sandbox.phones.reader import Reader

#: Phones that send at once; a village office has one dish.
AT_ONCE = 4
#: How long the fleet waits for its tickets in all, and how often a phone asks.
TICKETS_WITHIN_S = 90.0
TICKETS_AGAIN_S = 0.5


@dataclass
class Fleet:
    """All phones of a run, by the name of their code."""

    server: str
    seed: int
    plan: Plan
    chip: str | None = None
    copies: int = 3
    doubles: int = 4
    clones: int = 1
    seconds: float = 0.0
    patient_until: float = 0.0
    days: dict[str, Day] = field(default_factory=dict)
    sent: dict[str, list[Queued]] = field(default_factory=dict)
    cloned: list[tuple[str, Phone]] = field(default_factory=list)
    tell: Callable[[str], None] = print

    def enrol(self, codes: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Enrol a phone for each code; give the words that an administrator must confirm."""
        told = []
        for number, one in enumerate(codes):
            client = httpx.Client(base_url=self.server, timeout=60, trust_env=False)
            nfc = bool(one.get("has_nfc", self.chip is not None))
            phone = Phone(self.server, client, has_nfc=nfc)
            words = phone.enrol(one["code"])
            random = Random(f"{self.seed}:{number}")
            start = datetime.now(UTC) - timedelta(hours=self.plan.hours)
            reader = Reader(self.chip) if self.chip and nfc else None
            name = one.get("name") or phone.short_id
            self.days[name] = Day(phone, random, self.plan, start, reader)
            told.append(
                {"name": name, "short_id": phone.short_id, "uuid": phone.uuid, "words": words}
            )
        return told

    def work(self) -> dict[str, Any]:
        """Fetch, serve offline, do what goes wrong, send, read the decisions; give the summary."""
        began = time.monotonic()
        self.patient_until = began + TICKETS_WITHIN_S
        days = list(self.days.values())
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(self._morning, self.days, days))
            list(pool.map(self._day, days))
            self._meet(days)
            list(pool.map(self._evening, self.days, days))
            self._copies_online(days)
            self._split()
            list(pool.map(self._night, self.days, days))
        return self._summary(time.monotonic() - began)

    def _morning(self, name: str, day: Day) -> None:
        """At the village office, with a signal: fetch, and serve whoever is there online."""
        self._fetch(day)
        day.stock("stock.received")
        day.random.shuffle(day.families)
        at_the_office = int(len(day.families) * day.plan.online)
        for family in day.families[:at_the_office]:
            day.serve(family, online=True)
        self.sent[name] = list(day.phone.queue)
        self._send(day, day.phone.queue)

    def _fetch(self, day: Day) -> None:
        """Fetch until the tickets are there: whoever drives away before must ask for a photo."""
        while True:
            day.phone.fetch()
            day.prepare()
            if day.covered() or time.monotonic() > self.patient_until:
                return
            time.sleep(TICKETS_AGAIN_S)

    def _day(self, day: Day) -> None:
        """In the villages, without a signal."""
        client, day.phone.client = day.phone.client, None
        at_the_office = int(len(day.families) * day.plan.online)
        day.serve_offline(day.families[at_the_office:])
        day.stock("stock.counted")
        day.phone.client = client

    def _meet(self, days: list[Day]) -> None:
        """Two phones meet one family; a copied card is shown where nobody can know."""
        busy = [day for day in days if day.phone.rights]
        for n in range(min(self.doubles, len(busy) * (len(busy) > 1))):
            mischief.serve_a_family_of_another(
                busy[n % len(busy)], busy[(n + 1) % len(busy)], count=1
            )
        for n, day in enumerate(busy[: self.copies]):
            open_rights = sorted(set(day.phone.rights) - {r for r, _ in day.phone.delivered})
            victim = next((c for c in busy[n - 1].cards.values() if c["state"] == "active"), None)
            if open_rights and victim:
                mischief.show_a_copy_offline(day, victim, open_rights[0])

    def _evening(self, name: str, day: Day) -> None:
        """Back at the dish: answers get lost, events go out of order, all arrives."""
        self.sent[name] = [*self.sent.get(name, []), *day.phone.queue]
        if day.phone.queue and day.random.random() < 0.5:
            mischief.lose_answers(day.phone)
        if day.random.random() < 0.3:
            mischief.send_out_of_order(day.phone)
        self._send(day, day.phone.queue)
        day.phone.pull()

    def _copies_online(self, days: list[Day]) -> None:
        for n, day in enumerate(days[: self.copies]):
            card = next((c for c in day.cards.values() if c["state"] == "active"), None)
            if card:
                mischief.show_a_copy_online(day, card)
            if len(days) > 1:
                mischief.ask_online_for_a_family_of_another(day, days[(n + 1) % len(days)])

    def _split(self) -> None:
        """Some phones were cloned: both copies work on, and the second to send is a fork."""
        for name in list(self.days)[-self.clones :] if self.clones else []:
            day = self.days[name]
            other = mischief.clone(day)
            if other is None:
                continue
            day.phone.sign("problem.reported", {"code": "other"}, private={"note": ""})
            self.sent[name].append(day.phone.queue[-1])
            self._send(day, day.phone.queue)
            other.push()
            other.pull()
            self.cloned.append((name, other))

    def _night(self, name: str, day: Day) -> None:
        """Send everything once more: nothing may change."""
        different = mischief.send_again(day.phone, self.sent[name])
        day.count("sent_again", len(self.sent[name]))
        day.count("sent_again_with_another_answer", different)
        day.phone.pull()

    def _send(self, day: Day, queue: list[Queued]) -> None:
        """Send the queue; with `seconds`, spread over that time so that a board can be watched."""
        batches = max(1, -(-len(queue) // 100))
        if not self.seconds:
            day.phone.push()
            return
        for _ in range(batches * 4):
            if not day.phone.queue or day.phone.stopped:
                return
            before = day.phone.queue
            day.phone.queue = before[:25]
            day.phone.push(size=25)
            day.phone.queue = [*day.phone.queue, *before[25:]]
            time.sleep(self.seconds / (batches * 4))
        day.phone.push()

    def _summary(self, took: float) -> dict[str, Any]:
        """Count what the phones did and what they were told."""
        did: Counter[str] = Counter()
        answers: Counter[str] = Counter()
        outcomes: Counter[str] = Counter()
        codes: Counter[str] = Counter()
        for day in self.days.values():
            did.update(day.did)
        phones = [*(day.phone for day in self.days.values()), *(p for _, p in self.cloned)]
        for phone in phones:
            answers.update(phone.counts)
            told = {d["event_sha256"]: d for d in phone.decisions}  # the newest of an event stands
            outcomes.update(d["outcome"] for d in told.values())
            codes.update(d["code"] for d in told.values())
        left = sum(len(phone.queue) for phone in phones if not phone.stopped)
        return {
            "devices": len(self.days),
            "seconds": round(took, 1),
            "did": dict(sorted(did.items())),
            "traffic": dict(sorted(answers.items())),
            "outcomes": dict(sorted(outcomes.items())),
            "decisions": dict(sorted(codes.items())),
            "frozen": [name for name, phone in self.cloned if phone.stopped],
            "unsent": left,
        }
