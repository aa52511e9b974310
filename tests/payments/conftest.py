"""Families with a cash benefit due, and a real bank process beside them."""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from django.db import connection, transaction
from django.utils import timezone

from betang.areas.models import Area
from betang.core.actor import Actor
from betang.core.identifiers import new_uuid
from betang.core.identity.household_number import household_number
from betang.distribution.open_cycle import open_cycle
from betang.eligibility.models import Decree, Enrolment, Run
from betang.payments.accounts import load_accounts, read_answer, request_file
from betang.payments.agreement import read_agreement
from betang.payments.bank import Bank
from betang.payments.check import check_names
from betang.payments.models import Disbursement, Order
from betang.payments.prepare import approve, prepare
from betang.payments.send import Sent, send
from betang.programmes.models import Benefit, Cycle, Programme, RuleSet
from betang.registry.models import Household
from sandbox.bank.partner import agree
from tests.conftest import PATIENCE_S

VILLAGE = 6201011001


@dataclass
class BankProcess:
    """`python -m sandbox.bank`, and what a test may do to it."""

    folder: Path
    url: str = ""
    process: subprocess.Popen[bytes] | None = None
    options: list[str] = field(default_factory=list)

    def start(self) -> None:
        """Start it and learn its address; on the same port after a restart."""
        port = self.url.rsplit(":", 1)[1] if self.url else "0"
        self.process = subprocess.Popen(
            [
                sys.executable, "-m", "sandbox.bank", "--port", port, "--keys", str(self.folder),
                *self.options,
            ],
            stdout=subprocess.PIPE,
        )  # fmt: skip
        assert self.process.stdout is not None
        self.url = json.loads(self.process.stdout.readline())["bank"]

    def kill(self) -> None:
        """Kill -9."""
        assert self.process is not None
        assert self.process.stdout is not None
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def ask(self, path: str, **body: Any) -> Any:
        """Use a path behind the counter."""
        url = f"{self.url}/sandbox/{path}"
        answer = (
            httpx.post(url, json=body, trust_env=False, timeout=PATIENCE_S)
            if body
            else httpx.get(url, trust_env=False, timeout=PATIENCE_S)
        )
        answer.raise_for_status()
        return answer.json()

    def burekol(self, request: str) -> bytes:
        """Have accounts opened from a file."""
        url = f"{self.url}/sandbox/burekol"
        return httpx.post(
            url, content=request.encode(), trust_env=False, timeout=PATIENCE_S
        ).content

    def client(self, *, timeout_s: float = 3.0, connections: int = 4) -> Bank:
        """Make a client of ours for it."""
        return Bank(
            self.url, read_agreement(self.folder), clock=timezone.now, connections=connections,
            timeout_s=timeout_s,
        )  # fmt: skip


@pytest.fixture(scope="session")
def agreed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys agreed with the bank, made once: RSA keys take their time."""
    folder = tmp_path_factory.mktemp("agreed")
    agree(folder)
    return folder


@pytest.fixture
def bank_process(tmp_path: Path, agreed: Path) -> Iterator[BankProcess]:
    """A bank with no misbehaviour of its own; answers that hang do so for 6 s, a client waits 3."""
    shutil.copytree(agreed, tmp_path / "bank")
    bank = BankProcess(tmp_path / "bank", options=["--hang-seconds", "6", "--slow-seconds", "0.2"])
    bank.start()
    yield bank
    bank.kill()


@pytest.fixture
def bank(bank_process: BankProcess) -> Iterator[Bank]:
    """Our client of it."""
    client = bank_process.client()
    yield client
    client.close()


def make_families(count: int, *, actor: Actor, at: Any) -> Cycle:
    """Make a village with `count` enrolled families and an open cycle with its entitlements."""
    parent = None
    for level, (code, kind) in enumerate(
        [(62, "provinsi"), (6201, "kabupaten"), (620101, "kecamatan"), (VILLAGE, "desa")], start=1
    ):
        parent, _ = Area.objects.get_or_create(
            code=code, defaults={"level": level, "parent": parent, "name": f"A{code}", "kind": kind}
        )
    programme = Programme.objects.create(code="KHBS", name="KHBS", card_name="KHBS")
    Benefit.objects.create(
        programme=programme, code="cash", name="Tunai", channel="bank", amount_rupiah=250_000
    )
    Benefit.objects.create(
        programme=programme, code="parcel", name="Paket", channel="hand", amount_rupiah=150_000,
        goods=[{"item": "beras", "quantity": 5, "unit": "kg"}],
    )  # fmt: skip
    cycle = Cycle.objects.create(
        programme=programme, code="202601", name="Tahap 1", opens_on="2026-01-01",
        closes_on="2026-03-31",
    )  # fmt: skip
    rules = RuleSet.objects.create(
        programme=programme, name="r", valid_from="2026-01-01", text="t",
        digest=hashlib.sha256(b"t").hexdigest(), compiled={},
        proposed_by_person=new_uuid(), proposed_at=at,
    )  # fmt: skip
    run = Run.objects.create(
        rule_set=rules, at=at, rules_digest="0" * 64, fact_names=[], counts={}, digest="0" * 64
    )
    decree = Decree.objects.create(
        number="SK 1", on_date="2026-01-01", programme=programme, area_id=62, run=run,
        household_count=count, digest="0" * 64, proposed_by_person=new_uuid(), proposed_at=at,
    )  # fmt: skip
    families = Household.objects.bulk_create(
        Household(
            uuid=new_uuid(), number=household_number(100_000_000 + n), village_id=VILLAGE,
            head_name=f"Siti Nur'aini {n}",
        )
        for n in range(count)
    )  # fmt: skip
    Enrolment.objects.bulk_create(
        Enrolment(household=family, programme=programme, decree=decree, from_on="2026-01-01")
        for family in families
    )
    open_cycle(cycle, actor=actor, at=at)
    return cycle


@dataclass
class Office:
    """A cycle and the people who pay it."""

    cycle: Cycle
    bank_process: BankProcess
    bank: Bank
    clerk: Actor
    treasurer: Actor

    def open_accounts(self) -> None:
        """Have accounts opened for all families and check their holders."""
        answer = self.bank_process.burekol(request_file())
        with transaction.atomic():
            load_accounts(read_answer(answer), actor=self.clerk, at=timezone.now())
        self.check()

    def check(self, *, again: bool = False) -> Any:
        """Ask for the holders' names."""
        return check_names(
            self.bank, actor=self.clerk, clock=timezone.now, transaction=transaction.atomic,
            again=again,
        )  # fmt: skip

    def approved(self) -> Order:
        """Prepare and approve what is due."""
        with transaction.atomic():
            order = prepare(self.cycle, actor=self.clerk, at=timezone.now()).order
        with transaction.atomic():
            return approve(order, actor=self.treasurer, at=timezone.now())

    def send(self, **options: Any) -> Sent:
        """Send what is approved, with short waits."""
        options.setdefault("wait_s", 0.02)
        return send(
            self.bank, actor=self.treasurer, clock=timezone.now, transaction=transaction.atomic,
            **options,
        )  # fmt: skip

    def references(self) -> list[str]:
        """Give all references in the order of the families."""
        return list(Disbursement.objects.order_by("id").values_list("reference", flat=True))

    def states(self) -> dict[str, int]:
        """Count disbursements by state."""
        counts: dict[str, int] = {}
        for state in Disbursement.objects.values_list("state", flat=True):
            counts[state] = counts.get(state, 0) + 1
        return counts


@pytest.fixture
def other_session() -> Iterator[psycopg.Connection[Any]]:
    """Another session on the test database."""
    settings = connection.settings_dict
    with psycopg.connect(
        host=settings["HOST"], port=settings["PORT"], user=settings["USER"],
        dbname=settings["NAME"], autocommit=True,
    ) as session:  # fmt: skip
        yield session


@pytest.fixture
def office(
    bank_process: BankProcess, bank: Bank, keys: None, budi: Actor, wati: Actor, noon: Any
) -> Office:
    """Ten families with a cash benefit due, none with an account yet."""
    cycle = make_families(10, actor=budi, at=noon)
    return Office(cycle, bank_process, bank, budi, wati)


@pytest.fixture
def ready(office: Office) -> Office:
    """Ten families with checked accounts and an approved order."""
    office.open_accounts()
    office.approved()
    return office
