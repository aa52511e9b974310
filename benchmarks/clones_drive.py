"""Give a simulated province to the real office; count what it stops, finds, and wrongly accuses.

Cards, devices and areas are rows; taps go through `present`, batches through
`record_presentations`, and each evening the worker follows the journal: the rules that run are the
ones that run in production.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from statistics import median
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from betang import worker
from betang.accounts.models import Device, User
from betang.cards import custody
from betang.cards.hand_over import HandOverRow, hand_over_many
from betang.cards.issue import issue_cards
from betang.cards.models import Card as CardRow
from betang.cards.present import PresentedRow, record_presentations
from betang.cards.replace import replace
from betang.cards.tap import Where, present
from betang.core.actor import Actor
from betang.core.clock import WIB
from betang.core.identifiers import new_uuid
from betang.journal import feed
from betang.keys import chip_master
from sandbox.clones.card import Card
from sandbox.clones.phone import Phone
from sandbox.clones.province import Province
from sandbox.clones.told import Batch, Online, Replaced, Try

DAY = timedelta(days=1)
#: Cards handed over in one statement, as a device's batch is.
AT_ONCE = 100
#: What each new suspicion is about: its presentations, or a device and a day.
NEW = """
SELECT s.id, s.rule, s.device, s.day, f.device, f.card_number, f.at, p.device, p.card_number, p.at
FROM cards_suspicion s LEFT JOIN cards_presentation f ON f.id = s.first_id
LEFT JOIN cards_presentation p ON p.id = s.second_id
WHERE s.id > %s AND s.rule <> 'sample' ORDER BY s.id
"""

Key = tuple[UUID, str, datetime]


class Counted(NamedTuple):
    """What came of one kind of attack through one channel. `days`: the middle one, of those found.

    `amber`: served with a photo; `green`: served without. Of both, `found` and `never` say whether
    the office saw it afterwards.
    """

    kind: str
    channel: str
    tried: int
    stopped: int
    amber: int
    green: int
    found: int
    days: float | None
    never: int


@dataclass
class Result:
    """What came of a province."""

    tries: Sequence[Try]
    #: Honest presentations that the office kept, and suspicions that are about nothing else.
    honest: int = 0
    false_alarms: Counter[str] = field(default_factory=Counter)
    #: By which rule (or refusal) each attack was found first, and when.
    found: dict[int, tuple[str, datetime]] = field(default_factory=dict)

    def counted(self) -> list[Counted]:
        """Count by kind and channel."""
        groups: dict[tuple[str, str], list[Try]] = defaultdict(list)
        for tried in self.tries:
            if tried.kind != "honest":
                groups[tried.kind, tried.channel].append(tried)
        return [self._count(*name, tries) for name, tries in groups.items()]

    def by_rule(self, kind: str, channel: str) -> Counter[str]:
        """Say which rules found attacks of this kind, through this channel, first."""
        return Counter(
            self.found[id(tried)][0]
            for tried in self.tries
            if (tried.kind, tried.channel) == (kind, channel)
            and id(tried) in self.found
            and tried.served != "stopped"
        )

    def _count(self, kind: str, channel: str, tries: Sequence[Try]) -> Counted:
        passed = [tried for tried in tries if tried.served != "stopped"]
        late = [(self.found[id(one)][1] - one.at) / DAY for one in passed if id(one) in self.found]
        return Counted(
            kind,
            channel,
            len(tries),
            len(tries) - len(passed),
            sum(one.served.startswith("amber") for one in passed),
            sum(one.served == "green" for one in passed),
            len(late),
            round(median(late), 1) if late else None,
            len(passed) - len(late),
        )


def hand_out(*, actor: Actor, at: datetime) -> list[Card]:
    """Issue a card to every enrolled family and hand it over; give what the simulation needs."""
    chip_master.make_test_master()
    carrier = new_device(nfc=True, at=at)
    with transaction.atomic():
        issue_cards(actor=actor, at=at, virtual_chips=True)
        CardRow.objects.update(state="printed")
        custody.receive(actor=actor, at=at)
        custody.entrust(carrier.uuid, area=62, actor=actor, at=at)
    with connection.cursor() as cursor:  # a planner without statistics would scan it each time
        cursor.execute("ANALYZE cards_card")
    numbers = list(CardRow.objects.values_list("number", flat=True))
    for first in range(0, len(numbers), AT_ONCE):
        rows = [
            HandOverRow(one, carrier.uuid, carrier.actor, at)
            for one in numbers[first : first + AT_ONCE]
        ]
        with transaction.atomic():
            hand_over_many(rows)
    active = CardRow.objects.filter(state="active").order_by("number")
    return [
        Card(
            card.number,
            card.village_id,
            bytes(card.chip_uid or b""),
            chip_master.file_read_key(bytes(card.chip_uid or b""), version=card.key_version),
        )
        for card in active
    ]


def new_device(*, nfc: bool, at: datetime) -> Device:
    """Enrol a phone of a facilitator of its own, by rows."""
    name = new_uuid()
    owner = User.objects.create(username=str(name), full_name="Petugas", person=new_uuid())
    return Device.objects.create(
        short_id=name.hex[-8:].upper(),
        owner=owner,
        public_jwk={},
        thumbprint=name.bytes,
        has_nfc=nfc,
        state="active",
        enrolled_at=at,
    )


class Drive:
    """One province, given to the office."""

    def __init__(self, province: Province, *, actor: Actor) -> None:
        """Enrol the phones of the province."""
        assert settings.DEMO, "the test master of chips is a demonstration's"
        self.province, self.actor = province, actor
        self.devices = [self._enrolled(phone) for phone in province.phones]
        self.result = Result(province.tries)
        self._of: dict[Key, Try] = {}
        self._days: dict[tuple[UUID, date], list[Try]] = defaultdict(list)
        self._seen = 0

    def run(self) -> Result:
        """Let it pass, an evening's follow-ups after each day."""
        # What is asked is what the rules see, not how fast a disk is: no wait for it.
        with connection.cursor() as cursor:
            cursor.execute("SET synchronous_commit = off")
        evening: datetime | None = None
        for happening in self.province.run():
            at = happening.heard_at if isinstance(happening, Batch) else happening.at
            if evening is not None and at >= evening:
                self._follow(evening)
                evening = None
            evening = evening or at + DAY / 24
            with transaction.atomic():
                if isinstance(happening, Batch):
                    self._tell(happening)
                elif isinstance(happening, Online):
                    self._present(happening)
                else:
                    self._replace(happening)
        if evening is not None:
            self._follow(evening)
        return self.result

    def _enrolled(self, phone: Phone) -> Device:
        return new_device(nfc=phone.nfc, at=self.province.start)

    def _present(self, shown: Online) -> None:
        device, tap, tried = self.devices[shown.phone], shown.tap, shown.of
        seen = present(
            tap.uid,
            tap.counter,
            tap.mac,
            act="deliver",
            actor=device.actor,
            at=shown.at,
            device=device.uuid,
            lease=True,
            where=Where(None, shown.lat, shown.lng),
        )
        assert tried is not None
        self._note((device.uuid, seen.card_number, shown.at), tried)
        if not shown.again:  # the lost answer's tap is red, and the phone knows that it sent it
            stopped = seen.colour == "red" or tried.served == "stopped"
            level = {"green": "green", "amber": "amber2"}.get(seen.colour, "")
            tried.served = "stopped" if stopped else level

    def _tell(self, batch: Batch) -> None:
        """Tell what was served; a delivery that was stopped was none."""
        device = self.devices[batch.phone]
        told = [row for row in batch.rows if row.of is None or row.of.served != "stopped"]
        rows = [
            PresentedRow(
                row.card,
                row.act,
                row.colour,
                row.reason,
                row.taps,
                device.uuid,
                device.actor,
                row.at,
                Where(None, row.lat, row.lng),
                batch.ahead_s,
            )
            for row in told
        ]
        for row in told:
            assert row.of is not None
            self._note((device.uuid, row.card, row.at), row.of)
        verdicts = record_presentations(rows, heard_at=batch.heard_at) if rows else []
        for row, verdict in zip(told, verdicts, strict=True):
            if verdict.colour == "red" and row.of is not None and row.of.kind != "honest":
                self.result.found.setdefault(id(row.of), (verdict.reason, batch.heard_at))

    def _replace(self, ended: Replaced) -> None:
        replace(ended.card, actor=self.actor, at=ended.at)

    def _note(self, key: Key, tried: Try) -> None:
        self._of[key] = tried
        self._days[key[0], key[2].astimezone(WIB).date()].append(tried)
        self.result.honest += tried.kind == "honest"

    def _follow(self, at: datetime) -> None:
        """Let the worker follow the journal, and see what it found."""
        while feed.move().entries or worker.follow_once():
            pass
        with connection.cursor() as cursor:
            cursor.execute(NEW, [self._seen])
            rows = cursor.fetchall()
        for number, rule, device, day, *pair in rows:
            self._seen = number
            keys: list[Key] = [(*pair[:3],), (*pair[3:],)]
            if day:
                about = [one for one in self._days[device, day] if _explains(rule, one)]
            else:
                about = [self._of[key] for key in keys if key in self._of]
            attacks = [tried for tried in about if tried.kind != "honest"]
            if not attacks:
                self.result.false_alarms[rule] += 1
            for tried in attacks:
                self.result.found.setdefault(id(tried), (rule, at))


def _explains(rule: str, tried: Try) -> bool:
    """Say whether a try is what a rule of days looks for."""
    wanted = {"amber_day": tried.served == "amber2", "fast_day": tried.kind == "holds_cards"}
    return wanted.get(rule, False)
