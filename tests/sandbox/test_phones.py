"""The fleet against a real server: whatever goes wrong in the field, each right counts once."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from betang.accounts import devices
from betang.accounts.models import Device
from betang.cards import custody
from betang.cards.issue import issue_cards
from betang.core.actor import SYSTEM
from betang.distribution import lease as leases
from betang.keys.init import init
from betang.ledger.balance import imbalance
from tests.sync.world import make_world

#: Some seconds on a quiet machine; only a fleet that hangs takes so long.
PATIENCE_S = 600


def one(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


@pytest.mark.server
class TestAFleet:
    def test_counts_each_right_once_and_is_told_why_of_the_rest(
        self, live_betang, budi, wati, tmp_path: Path
    ):
        init(actor=SYSTEM, at=timezone.now())
        world = make_world(budi, wati, families=12)
        issue_cards(actor=budi, at=timezone.now(), virtual_chips=True)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE cards_card SET state = 'printed'")
        custody.receive(actor=budi, at=timezone.now())
        live_betang.start("site")
        areas = (6201011001, 6201011002, 6202011001)
        codes = [
            {
                "name": f"sari{area}",
                "code": devices.issue_code(world.owner, actor=budi, at=timezone.now()),
            }
            for area in areas
        ]
        (tmp_path / "codes.json").write_text(json.dumps(codes))
        fleet = subprocess.Popen(
            [
                sys.executable, "-m", "sandbox.phones", "--server", live_betang.origin,
                "--codes", str(tmp_path / "codes.json"), "--seed", "7",
            ],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert fleet.stdin
        assert fleet.stdout
        enrolled = json.loads(fleet.stdout.readline())["enrolled"]
        for told, area in zip(enrolled, areas, strict=True):
            device = Device.objects.select_related("owner").get(uuid=told["uuid"])
            at = timezone.now()
            devices.confirm(device, words=told["words"], areas=[area], actor=budi, at=at)
            custody.entrust(device.uuid, area=area, actor=budi, at=at)
            leases.grant(device, cycle=world.cycle, actor=budi, at=at)
        said, _ = fleet.communicate("go\n", timeout=PATIENCE_S)
        summary = json.loads(said.splitlines()[-1])

        assert fleet.returncode == 0, summary
        assert summary["unsent"] == 0
        assert summary["did"]["sent_again_with_another_answer"] == 0
        assert len(summary["frozen"]) == 1
        codes = summary["decisions"]
        assert codes.get("claim.not_leased", 0) + codes.get("claim.already_delivered", 0) >= 1
        assert one("SELECT count(*) FROM sync_fieldeventfork") == 1
        delivered = one("SELECT count(*) FROM distribution_delivery WHERE counted")
        told = summary["did"]["delivered_offline"] + summary["did"]["delivered_online"]
        assert delivered == told, json.dumps(summary)
        assert one("SELECT count(*) FROM cards_card WHERE handed_over_at IS NOT NULL") > 0
        twice = """SELECT count(*) FROM (SELECT entitlement_id FROM distribution_delivery
                   WHERE counted GROUP BY 1 HAVING count(*) > 1) x"""
        assert one(twice) == 0
        undecided = """SELECT count(*) FROM sync_fieldevent e WHERE NOT EXISTS (SELECT 1 FROM
                       sync_decision d WHERE d.event_sha256 = e.payload_sha256)"""
        assert one(undecided) == 0
        assert imbalance() == []
