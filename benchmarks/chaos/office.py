"""The desks of a run: the acts that pages and commands call, with the simulated moment as `at`.

What is touched by two persons is written down here, because whoever checks must know which claims
are contested by construction.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from benchmarks.chaos.world import CLERK, SECOND, village
from betang.accounts import devices
from betang.accounts.models import Device, DeviceState, User
from betang.areas.models import Area
from betang.cards.block import block
from betang.cards.models import Card as CardRow
from betang.core.errors import RefusedError
from betang.distribution import lease as leases
from betang.distribution.models import Delivery, Entitlement, Lease, LeaseRight
from betang.distribution.move import move
from betang.grievances.models import Case
from betang.keys import chip_master
from betang.programmes.models import Cycle
from betang.sync import decide_case, supervise
from sandbox.chaos.office import Free
from sandbox.clones.card import Card

TWO: dict[str, Any] = {"actor": CLERK, "second": SECOND}
WHY = "menurut rencana"
#: Leases that end within this time are renewed in the morning.
SOON = timedelta(days=3)
HELD = "SELECT device_id FROM sync_devicecursor WHERE held_count > 0 ORDER BY device_id"
#: Of two persons' acts on whatever waits of a device, those that there may be something for.
WAITING: tuple[tuple[Callable[..., int], Callable[..., int]], ...] = (
    (supervise.release_waiting, supervise.refuse_waiting),
    (supervise.release_branch, supervise.refuse_branch),
)


@dataclass
class Desk:
    """All desks of the province. An act that a rule refuses gives the refusal's code."""

    devices: int
    #: Rights that two persons freed or moved, devices that somebody doubted, cards that ended.
    freed: set[str] = field(default_factory=set)
    doubted: set[str] = field(default_factory=set)
    ended: dict[str, float] = field(default_factory=dict)
    #: Leases that were renewed briefly, and that nobody renews again: they run out.
    left: set[int] = field(default_factory=set)
    refused: list[str] = field(default_factory=list)

    # --- devices ------------------------------------------------------------------------------

    def code(self, number: int) -> str:
        """Issue an enrolment code."""
        owner = User.objects.get(username=f"petugas{number:04d}")
        with transaction.atomic():
            return devices.issue_code(owner, actor=CLERK, at=_now())

    def confirm(self, short_id: str, words: list[str], number: int) -> None:
        """Confirm the six words; give the device its village."""
        with transaction.atomic():
            areas = [village(number)]
            devices.confirm(_device(short_id), words=words, areas=areas, actor=CLERK, at=_now())

    def suspend(self, short_id: str) -> str:
        """Stop a device for now."""
        with self._tried() as told:
            devices.suspend(_device(short_id), reason=WHY, actor=CLERK, at=_now())
        return told[0] if told else ""

    def reinstate(self, short_id: str) -> str:
        """Let it work again; release what waited."""
        with self._tried() as told:
            devices.reinstate(_device(short_id), actor=CLERK, at=_now())
        if not told:
            with self._tried():
                supervise.release_waiting(_device(short_id), reason=WHY, **TWO, at=_now())
        return told[0] if told else ""

    def revoke(self, short_id: str) -> str:
        """End it for good."""
        self.doubted.add(short_id)
        with self._tried() as told:
            devices.revoke(_device(short_id), reason=WHY, actor=CLERK, at=_now())
        return told[0] if told else ""

    def settle(self, short_id: str, *, release: bool) -> str:
        """Release or refuse whatever waits."""
        self.doubted.add(short_id)
        for yes, no in WAITING:
            with self._tried():
                (yes if release else no)(_device(short_id), reason=WHY, **TWO, at=_now())
        return ""

    def close_gaps(self) -> int:
        """Give up what is missing, device by device."""
        with connection.cursor() as cursor:
            cursor.execute(HELD)
            ids = [row[0] for row in cursor.fetchall()]
        closed = 0
        for device in Device.objects.filter(pk__in=ids).order_by("pk"):
            try:
                supervise.close_gap(device, reason=WHY, **TWO, at=_now())
            except RefusedError:
                continue
            closed += 1
        return closed

    # --- leases -------------------------------------------------------------------------------

    def grant(self, short_id: str) -> str:
        """Lease what is free."""
        with self._tried() as told:
            cycle = Cycle.objects.get()
            leases.grant(_device(short_id), cycle=cycle, actor=CLERK, at=_now())
        return told[0] if told else ""

    def grant_there(self, short_id: str, number: int) -> str:
        """Split a list: what another device holds stays with it."""
        with self._tried() as told:
            receiver, place = _device(short_id), village(number)
            areas = sorted({*receiver.areas.values_list("area_id", flat=True), place})
            devices.assign(receiver, areas=areas, actor=CLERK, at=_now())
            cycle = Cycle.objects.get()
            leases.grant(receiver, cycle=cycle, areas=[place], actor=CLERK, at=_now())
        return told[0] if told else ""

    def morning(self, *, draw: float) -> None:
        """Renew what ends soon; on some mornings close gaps and look at frozen devices."""
        live = Lease.objects.filter(state="live", not_after__lt=_now() + SOON)
        for lease in live.filter(device__state=DeviceState.ACTIVE).order_by("pk"):
            if lease.pk in self.left:
                continue
            with self._tried():
                leases.renew(lease, actor=CLERK, at=_now())
        if draw < 0.5:
            self.close_gaps()
        if draw < 0.3:
            for device in Device.objects.filter(state=DeviceState.FROZEN).order_by("pk"):
                self.settle(device.short_id, release=Random(draw).random() < 0.5)

    def renew(self, short_id: str, days: int) -> str:
        """Renew all its leases."""
        with self._tried() as told:
            for lease in _leases(short_id).filter(state="live"):
                leases.renew(lease, days=days, actor=CLERK, at=_now())
                if days < leases.DAYS:
                    self.left.add(lease.pk)
        return told[0] if told else ""

    def revoke_leases(self, short_id: str) -> str:
        """Take them back."""
        with self._tried() as told:
            for lease in _leases(short_id).filter(state="live"):
                leases.revoke(lease, reason=WHY, actor=CLERK, at=_now())
        return told[0] if told else ""

    def move(self, short_id: str, to: str) -> str:
        """Move them to a device that first gets the villages."""
        with self._tried() as told:
            receiver = _device(to)
            for lease in _leases(short_id).filter(state__in=["live", "revoked"]):
                held = LeaseRight.objects.filter(lease=lease, ended_at=None)
                rights = Entitlement.objects.filter(pk__in=held.values("entitlement_id"))
                places = set(rights.values_list("village_id", flat=True))
                own = set(receiver.areas.values_list("area_id", flat=True))
                areas = sorted(own | places)
                devices.assign(receiver, areas=areas, actor=CLERK, at=_now())
                self.freed |= {str(uuid) for uuid in rights.values_list("uuid", flat=True)}
                move(lease, receiver, **TWO, at=_now())
        return told[0] if told else ""

    def override(self, right: str) -> str:
        """Free one right."""
        with self._tried() as told:
            leases.override(UUID(right), reason=WHY, **TWO, at=_now())
            self.freed.add(right)
        return told[0] if told else ""

    def free(self) -> list[Free]:
        """Give what nobody holds in the village that is nobody's."""
        place = Area.objects.get(code=village(self.devices))
        open_ones = Entitlement.objects.filter(
            village_id=place.code, channel="hand", state="open", holder=None
        ).select_related("household")
        numbers = dict(
            CardRow.objects.filter(village_id=place.code).values_list("household_id", "number")
        )
        return [
            Free(str(one.uuid), str(one.household.uuid), numbers[one.household_id])
            for one in open_ones.order_by("pk")
        ]

    # --- cards and cases ----------------------------------------------------------------------

    def cards(self) -> dict[str, Card]:
        """Give every card with the key of its chip."""
        rows = [
            (card.number, card.village_id, bytes(card.chip_uid or b""))
            for card in CardRow.objects.order_by("pk")
        ]
        keys = chip_master.file_read_keys([uid for _, _, uid in rows], version=1)
        return {
            number: Card(number, place, uid, key)
            for (number, place, uid), key in zip(rows, keys, strict=True)
        }

    def block(self, number: str) -> str:
        """Block a card."""
        with self._tried() as told:
            block(number, reason="lost", actor=CLERK, at=_now())
            self.ended[number] = _now().timestamp()
        return told[0] if told else ""

    def judge(self, *, draw: float) -> str:
        """Decide one contested delivery: it never counts, or it counts, by two persons."""
        waiting = Case.objects.filter(kind=Case.Kind.CONTESTED_DELIVERY, state="open")
        cases = list(waiting.order_by("pk")[:50])
        if not cases:
            return "nothing open"
        case = cases[int(draw * 1_000) % len(cases)]
        right = Entitlement.objects.filter(pk__in=Delivery.objects.filter(uuid=case.subject)
                                           .values("entitlement_id"))  # fmt: skip
        self.freed |= {str(uuid) for uuid in right.values_list("uuid", flat=True)}
        wanted = ("dismissed", "upheld", "replaced")[int(draw * 10_000) % 3]
        with self._tried() as told:
            decide_case.decide_case(case, wanted, "diperiksa", actor=CLERK, at=_now())
            if wanted != "dismissed":
                decide_case.confirm_case(case, actor=SECOND, at=_now())
        return told[0] if told else ""

    @contextmanager
    def _tried(self) -> Iterator[list[str]]:
        """Do an act in a transaction of its own; a refusal leaves no trace but its code."""
        told: list[str] = []
        try:
            with transaction.atomic():
                yield told
        except RefusedError as refusal:
            told.append(refusal.code)
            self.refused.append(refusal.code)


def _now() -> datetime:
    return timezone.now()


def _device(short_id: str) -> Device:
    return Device.objects.select_related("owner").get(short_id=short_id)


def _leases(short_id: str) -> Any:
    found = Lease.objects.filter(device__short_id=short_id)
    return found.select_related("device", "cycle").order_by("pk")
