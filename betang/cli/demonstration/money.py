"""The bank's part: a stand-in bank over HTTP that loses answers, and each family paid once."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import httpx
from django.db import transaction
from django.utils import timezone

from betang.accounts.models import User
from betang.cli.demonstration.telling import say, step
from betang.core.money import number, rupiah
from betang.payments.account_files import accept_accounts, stage_accounts
from betang.payments.accounts import request_file
from betang.payments.agreement import read_agreement
from betang.payments.bank import Bank
from betang.payments.check import check_names, to_check
from betang.payments.prepare import approve, prepare
from betang.payments.reconcile import fetch_history, reconcile
from betang.payments.send import send
from betang.programmes.models import Cycle

#: What goes wrong at the bank, as shares of the payments: enough to be seen, as real lines are.
FAULTS = (
    "lost_answer=0.004,error_after_booking=0.002,in_progress=0.003,name_mismatch=0.01,dormant=0.004"
)
#: The stand-in answers at once or never: a short patience keeps the demonstration short.
PATIENCE_S = 3.0
CONNECTIONS = 8


class OpenBank(NamedTuple):
    """The stand-in bank's address, and our client that speaks to it."""

    url: str
    client: Bank


@contextmanager
def open_bank(folder: Path) -> Iterator[OpenBank]:
    """Start the stand-in bank as a process of its own, and give the client to it."""
    folder.mkdir(parents=True, exist_ok=True)
    words = ["-m", "sandbox.bank", "--port", "0", "--keys", str(folder), "--faults", FAULTS]
    with (folder / "bank.log").open("ab") as log:
        process = subprocess.Popen([sys.executable, *words], stdout=subprocess.PIPE, stderr=log)
    try:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["bank"]
        bank = Bank(
            url, read_agreement(folder), clock=timezone.now, connections=CONNECTIONS,
            timeout_s=PATIENCE_S,
        )  # fmt: skip
        try:
            yield OpenBank(url, bank)
        finally:
            bank.close()
    finally:
        process.terminate()
        process.wait(10)


def pay(cycle: Cycle, opened: OpenBank, *, budi: User, tuti: User) -> None:
    """Open accounts, check names, order, approve, send, and compare with the bank's book."""
    bank = opened.client
    with step("Meminta bank membuka rekening (burekol)"):
        answer = httpx.post(
            f"{opened.url}/sandbox/burekol", content=request_file().encode(), timeout=60
        )
        with transaction.atomic():
            file = stage_accounts(answer.content, actor=budi.actor, at=timezone.now())
        with transaction.atomic():
            loaded = accept_accounts(file, actor=tuti.actor, at=timezone.now())
    say(f"  {number(loaded.opened)} rekening; {number(len(loaded.refused))} ditolak bank")
    with step("Mencocokkan nama pemilik rekening") as bar:
        bar.of(to_check())
        checked = check_names(
            bank, actor=budi.actor, clock=timezone.now, transaction=transaction.atomic,
            progress=bar.add,
        )  # fmt: skip
    say(f"  {number(checked.verified)} cocok; {number(checked.failed)} tidak, menunggu perbaikan")
    with step("Menyiapkan perintah bayar (Budi) dan menyetujuinya (Tuti, bendahara)"):
        with transaction.atomic():
            prepared = prepare(cycle, actor=budi.actor, at=timezone.now())
        with transaction.atomic():
            order = approve(prepared.order, actor=tuti.actor, at=timezone.now())
    say(f"  {number(order.count)} keluarga, {rupiah(order.total_rupiah)}")
    with step("Membayar lewat bank yang kadang tidak menjawab") as bar:
        bar.of(order.count)
        for _ in range(3):  # what stays in doubt is asked again, never paid again
            run = send(
                bank, actor=tuti.actor, clock=timezone.now, transaction=transaction.atomic,
                progress=bar.add, wait_s=0.05,
            )  # fmt: skip
            if not run.ends.get("unknown"):
                break
    with step("Mencocokkan dengan riwayat rekening di bank"):
        to_at = timezone.now()
        from_at = to_at - timedelta(days=1)
        lines = fetch_history(bank, from_at, to_at)
        with transaction.atomic():
            reconcile(lines, from_at, to_at, actor=budi.actor, at=timezone.now())
