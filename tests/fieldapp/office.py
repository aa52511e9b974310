"""What the office does for a phone in the journeys: code, words, lease, a courier's file."""

import hashlib
from collections.abc import Sequence

import httpx
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import Page

from betang.accounts import devices
from betang.accounts.models import Device
from betang.cards import custody
from betang.core.actor import Actor
from betang.core.crypto.keyring import Purpose
from betang.core.jose import to_b64u
from betang.distribution import lease as leases
from betang.keys import signer
from tests.conftest import PATIENCE_S
from tests.sync.world import World

#: The village whose families hold their cards, the one whose cards the phone still carries, and
#: one where this phone has no business.
SERVED, WAITING, ELSEWHERE = 6201011001, 6201011002, 6202011001


def code(origin: str, world: World, clerk: Actor) -> str:
    """The text of the administrator's QR."""
    _, point = signer.current(Purpose.ENROLMENT)
    once = devices.issue_code(world.owner, actor=clerk, at=timezone.now())
    return f"{origin}/lapangan/#enrol={once}.{to_b64u(hashlib.sha256(point).digest())}"


def confirm(
    page: Page,
    world: World,
    clerk: Actor,
    *,
    areas: Sequence[int] = (SERVED, WAITING),
    leased: bool = True,
) -> Device:
    """Compare the words on the phone with the office's; entrust cards and lease rights, or not."""
    page.get_by_text("Bacakan enam kata ini").wait_for()
    words = [text.split()[-1] for text in page.locator("ol li").all_inner_texts()]
    device = Device.objects.select_related("owner").get(state="pending")
    at = timezone.now()
    with transaction.atomic():  # the phone asks all the time; it shall see all of it or nothing
        if leased:
            custody.entrust(device.uuid, area=WAITING, actor=clerk, at=at)
        devices.confirm(device, words=words, areas=areas, actor=clerk, at=at)
        if leased:
            leases.grant(device, cycle=world.cycle, actor=clerk, at=at)
    told = "keluarga belum dilayani" if leased else "Belum ada penugasan"
    page.get_by_text(told).wait_for()
    return device


def carried(origin: str, file: bytes) -> bytes:
    """Upload the file as a courier's own browser does, and give the receipt."""
    with httpx.Client(base_url=origin, timeout=PATIENCE_S) as courier:
        courier.get("/kurir/")
        token = {"csrfmiddlewaretoken": courier.cookies["csrftoken"]}
        shown = courier.post("/kurir/", data=token, files={"file": ("kiriman.betang", file)})
        assert shown.status_code == 200
        receipt = shown.text.partition('name="receipt" value="')[2].partition('"')[0]
        receipt = receipt.replace("&quot;", '"')
        return courier.post("/kurir/tanda-terima/", data=token | {"receipt": receipt}).content
