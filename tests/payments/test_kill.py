"""Power cuts: the sender or the bank dies at any moment, and nobody is paid twice."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from betang import cluster
from betang.accounts.models import RoleGrant, User
from betang.core.actor import Actor
from betang.core.identifiers import new_uuid
from betang.journal.models import Entry
from betang.ledger.balance import balance, imbalance
from betang.ledger.chart import BANK, OWED
from betang.payments.reconcile import fetch_history, reconcile
from tests.conftest import PATIENCE_S
from tests.payments.conftest import BankProcess, Office, make_families

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.server]
FAMILIES = 60


@pytest.fixture
def sixty(
    transactional_db: None, bank_process: BankProcess, keys: None, budi: Actor, wati: Actor,
    noon: Any,
) -> Iterator[Office]:  # fmt: skip
    """Sixty families with an approved order and a bank that takes 0.2 s for each."""
    cycle = make_families(FAMILIES, actor=budi, at=noon)
    bank = bank_process.client(timeout_s=30)
    office = Office(cycle, bank_process, bank, budi, wati)
    office.open_accounts()
    office.approved()
    bank_process.ask("faults", fault="slow", references=office.references(), times=1)
    user = User.objects.create(username="bendahara", full_name="Bendahara", person=new_uuid())
    RoleGrant.objects.create(
        user=user, role="treasurer", from_at=timezone.now(), proposed_by_person=new_uuid(),
        approved_by_person=new_uuid(),
    )  # fmt: skip
    yield office
    bank.close()


def sender(office: Office) -> subprocess.Popen[bytes]:
    """Start `betang payments send` as a process of the app role."""
    database = connection.settings_dict["NAME"]
    environment = os.environ | {
        "BETANG_ROLE": "app",
        "BETANG_DATABASE_URL": f"postgresql://{cluster.APP_ROLE}@/{database}"
        f"?host={cluster.socket_folder()}",
        "DJANGO_SETTINGS_MODULE": "betang.settings",
    }
    return subprocess.Popen(
        [
            sys.executable, "-m", "betang", "payments", "send", "--by", "bendahara",
            "--json", "--chunk", "20", "--connections", "4", "--timeout", "30",
            "--bank-url", office.bank_process.url, "--bank-keys", str(office.bank_process.folder),
        ],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def until(office: Office, transfers: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until the bank has booked so many."""
    deadline = time.monotonic() + PATIENCE_S
    while office.bank_process.ask("counts")["transfers"] < transfers:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)


def arrived(office: Office) -> int:
    """Count what the bank has booked when nothing is on its way any more."""
    before, booked = -1, 0
    while before != booked:
        before = booked
        time.sleep(1)
        booked = office.bank_process.ask("counts")["transfers"]
    return booked


class TestAPowerCut:
    def test_pays_nobody_twice_when_the_sender_is_killed_twice(self, sixty):
        for transfers in (7, 33):
            process = sender(sixty)
            until(sixty, transfers, process)
            process.kill()
            process.communicate()

        last = sender(sixty)
        out, err = last.communicate(timeout=PATIENCE_S)

        counts = sixty.bank_process.ask("counts")
        assert last.returncode == 0, err
        assert (counts["transfers"], counts["accounts_paid_twice"]) == (FAMILIES, 0)
        assert sixty.states() == {"paid": FAMILIES}
        assert b'"stopped":""' in out
        assert (balance(OWED), balance(BANK)) == (0, 0)
        assert imbalance() == []
        assert Entry.objects.filter(kind="disbursement.paid").count() == FAMILIES

    def test_pays_nobody_twice_when_the_bank_is_killed(self, sixty):
        process = sender(sixty)
        until(sixty, 10, process)

        sixty.bank_process.kill()
        sixty.bank_process.start()
        process.communicate(timeout=PATIENCE_S)
        sixty.send(wait_s=0.1)

        counts = sixty.bank_process.ask("counts")
        assert (counts["transfers"], counts["accounts_paid_twice"]) == (FAMILIES, 0)
        assert sixty.states() == {"paid": FAMILIES}
        assert imbalance() == []

    def test_lets_the_statement_settle_what_a_killed_sender_never_heard(self, sixty, budi):
        process = sender(sixty)
        until(sixty, 12, process)
        process.kill()
        process.communicate()
        booked = arrived(sixty)
        before = sixty.states().get("paid", 0)

        now = timezone.now()
        start = now - timedelta(days=1)
        lines = fetch_history(sixty.bank, start, now)
        done = reconcile(lines, start, now, actor=budi, at=timezone.now())

        assert done.settled == booked - before > 0
        assert sixty.states()["paid"] == booked
        assert imbalance() == []
