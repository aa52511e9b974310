"""Ticket rosters, as the worker makes them: keys derived, taps computed, hashed, committed.

Floor: the same number of bare PBKDF2-HMAC-SHA-256 of 1,000 iterations in the same run, turn by
turn. Both in CPU-seconds of this process; the database's own work is in neither.
"""

import time
from hashlib import pbkdf2_hmac

from django.conf import settings
from django.utils import timezone

from benchmarks import field_world
from benchmarks.row import Row
from betang.accounts.models import Device, DeviceArea, User
from betang.cards.issue import issue_cards
from betang.cards.models import Card, TicketRoster, TicketSegment
from betang.cards.tickets import page_for
from betang.core import jose
from betang.core.actor import SYSTEM
from betang.core.card.ticket import ITERATIONS, TICKET_BYTES
from betang.core.crypto import signing
from betang.core.device.short_id import new_short_id
from betang.core.identifiers import new_uuid
from betang.distribution import lease as leases
from betang.distribution.models import Lease
from betang.distribution.open_cycle import open_cycle
from betang.keys import chip_master
from betang.keys.init import init
from betang.sync.tickets import build_next

#: Cards of the device.
SIZE = 300
#: Turns; each makes the roster anew.
ROUNDS = 3


def run(size: int) -> list[Row]:
    """Measure the making of one device's roster of `size` cards."""
    settings.DEMO = True  # only there a chip's master lies in a file
    chip_master.make_test_master()
    _lease(size)
    turns = [(_built(), _bare(size * settings.TICKETS)) for _ in range(ROUNDS)]
    rate = size * settings.TICKETS / min(ours for ours, _ in turns)
    bare = size * settings.TICKETS / min(floor for _, floor in turns)
    page, since, travelled = b"", 0, 0
    while not travelled or since < int.from_bytes(page[28:32], "big"):
        page = page_for(TicketRoster.objects.get().device, since)
        since, travelled = int.from_bytes(page[24:28], "big"), travelled + len(page)
    return [
        Row(
            name="tickets", value=round(rate), unit="per CPU-second", floor=round(bare),
            ratio=round(rate / bare, 2), peak_mb=None, size=size,
        ),
        Row(
            name="tickets.bytes", value=round(travelled / size), unit="bytes a card", floor=None,
            ratio=None, peak_mb=None, size=size,
        ),
    ]  # fmt: skip


def _lease(size: int) -> None:
    """Give one phone with NFC the rights of `size` families, who have their cards."""
    at = timezone.now()
    init(actor=SYSTEM, at=at)
    cycle = field_world.make(size, at=at)
    open_cycle(cycle, actor=field_world.CLERK, at=at)
    issue_cards(actor=field_world.CLERK, at=at, virtual_chips=True)
    Card.objects.update(state="printed")
    Card.objects.update(state="in_custody")
    Card.objects.update(state="active", handed_over_at=at)
    _phone()
    leases.grant(Device.objects.get(), cycle=cycle, actor=field_world.CLERK, at=at)
    assert Lease.objects.get().rights_count >= size


def _phone() -> None:
    """Enrol a phone for the whole province without HTTP: that is not what is measured."""
    jwk = jose.jwk_of(signing.new_private_key().public_key())
    device = Device.objects.create(
        uuid=new_uuid(),
        short_id=new_short_id(),
        owner=User.objects.create(username="sari", full_name="Sari"),
        public_jwk=jwk,
        thumbprint=jose.thumbprint(jwk),
        state="active",
        has_nfc=True,
        enrolled_at=timezone.now(),
    )
    DeviceArea.objects.create(device=device, area_id=62)


def _built() -> float:
    """Make the whole roster from nothing; give the CPU-seconds."""
    TicketRoster.objects.all().delete()
    began = time.process_time()
    while build_next(at=timezone.now()):
        pass
    took = time.process_time() - began
    made = sum(TicketSegment.objects.values_list("count", flat=True))
    assert made == Card.objects.count() * settings.TICKETS, made
    return took


def _bare(count: int) -> float:
    """Hash so many messages of a tap's size, and nothing else."""
    salt = bytes(16)
    began = time.process_time()
    for n in range(count):
        pbkdf2_hmac("sha256", n.to_bytes(18, "big"), salt, ITERATIONS, TICKET_BYTES)
    return time.process_time() - began
