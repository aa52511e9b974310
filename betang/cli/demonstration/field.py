"""The field's part: a fleet of virtual phones that speaks only HTTP, and a wallet of virtual chips.

The phones are processes of the sandbox: they hold their own keys, work without a signal, lose
answers, meet one family twice, are cloned and are shown copied cards.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from betang.accounts import devices
from betang.accounts.models import Device, User
from betang.areas.models import Area
from betang.cards import custody
from betang.cli.demonstration.telling import say, step
from betang.core.money import number
from betang.distribution import lease
from betang.keys.chip_master import test_master_path
from betang.programmes.models import Cycle

DISTRICT = 3
#: Families met by two devices, copied cards shown and phones cloned: what the board must show.
DOUBLES, COPIES, CLONES = 12, 8, 2


def share_out(count: int) -> list[tuple[int, ...]]:
    """Share the districts out to `count` devices, each inside one regency, evenly.

    A province of 136 districts and 14 regencies gets at least one device a regency.
    """
    by_regency: dict[int, list[int]] = {}
    for code in Area.objects.filter(level=DISTRICT).order_by("pk").values_list("pk", flat=True):
        by_regency.setdefault(code // 100, []).append(code)
    shares = dict.fromkeys(by_regency, 1)
    for _ in range(count - len(shares)):
        busiest = max(shares, key=lambda regency: len(by_regency[regency]) / shares[regency])
        shares[busiest] += 1
    return [
        tuple(districts[part :: shares[regency]])
        for regency, districts in by_regency.items()
        for part in range(shares[regency])
    ]


def serve_the_villages(
    folder: Path,
    cycle: Cycle,
    crew: Sequence[User],
    admin: User,
    areas: Sequence[tuple[int, ...]],
    origin: str,
    seed: int,
) -> None:
    """Enrol the phones, confirm their words, lease them their families, and let them work a day."""
    codes = folder / "enrolment-codes.json"
    with wallet_of_chips() as chips:
        with transaction.atomic():
            given = [
                {
                    "name": user.username,
                    "code": devices.issue_code(user, actor=admin.actor, at=timezone.now()),
                    "has_nfc": place % 3 != 0,  # many cheap phones have none
                }
                for place, user in enumerate(crew)
            ]
        codes.write_text(json.dumps(given))
        words = ["--server", origin, "--codes", str(codes), "--seed", str(seed), "--chip", chips]
        counts = {"doubles": DOUBLES, "copies": COPIES, "clones": CLONES}
        words += [word for name, value in counts.items() for word in (f"--{name}", str(value))]
        fleet = subprocess.Popen(
            [sys.executable, "-m", "sandbox.phones", *words],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert fleet.stdout
        try:
            with step(f"Mendaftarkan {len(crew)} HP petugas lewat HTTP") as bar:
                enrolled = json.loads(fleet.stdout.readline())["enrolled"]
                for place, told in enumerate(enrolled):
                    prepare_device(told, areas[place], cycle, admin)
                    bar(place + 1, len(enrolled))
            with step("Melayani desa: dengan sinyal, tanpa sinyal, jawaban hilang, HP kloning"):
                said, _ = fleet.communicate("go\n")
        finally:
            codes.unlink()
            if fleet.poll() is None:
                fleet.kill()
    tell(json.loads(said.splitlines()[-1]))


@transaction.atomic
def prepare_device(told: dict[str, Any], areas: Sequence[int], cycle: Cycle, admin: User) -> Device:
    """Confirm the six words, entrust the cards and lease the rights of the device's areas."""
    device = Device.objects.select_related("owner").get(uuid=told["uuid"])
    at = timezone.now()
    device = devices.confirm(device, words=told["words"], areas=areas, actor=admin.actor, at=at)
    for area in areas:
        custody.entrust(device.uuid, area=area, actor=admin.actor, at=at)
    with suppress(lease.NothingToLeaseError):  # a small list can leave a district empty
        lease.grant(device, cycle=cycle, actor=admin.actor, at=at)
    return device


def tell(summary: dict[str, Any]) -> None:
    """Tell what the phones say they did; the summary at the end counts what the server knows."""
    did, traffic = summary["did"], summary["traffic"]
    say(
        f"  HP: {number(did.get('delivered_online', 0))} paket saat ada sinyal, "
        f"{number(did.get('delivered_offline', 0))} tanpa sinyal, "
        f"{number(traffic.get('answers_lost', 0))} jawaban hilang, "
        f"{number(did.get('sent_again', 0))} catatan dikirim ulang tanpa perubahan"
    )


@contextmanager
def wallet_of_chips() -> Iterator[str]:
    """Run the virtual chips as a process that speaks APDUs; gives its host and port."""
    words = ["-m", "sandbox.chip", "--master", str(test_master_path())]
    process = subprocess.Popen([sys.executable, *words], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        yield json.loads(process.stdout.readline())["chip"]
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()
