"""Pembayaran: rekening, perintah bayar, pengiriman ke bank, pencocokan."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import click
from django.db import transaction
from django.utils import timezone

from betang.cli._acting import acting, busy, counted, shared, tell
from betang.core.errors import NotFoundError, RefusedError
from betang.payments import accounts as account_file
from betang.payments.account_files import (
    accept_accounts,
    find_file,
    reject_accounts,
    stage_accounts,
)
from betang.payments.bank import TIMEOUT_S, Bank
from betang.payments.check import check_names, to_check
from betang.payments.models import AccountFile
from betang.payments.open_bank import open_bank
from betang.payments.prepare import approve as approve_order
from betang.payments.prepare import find_order
from betang.payments.prepare import prepare as prepare_order
from betang.payments.reconcile import HISTORY_DAYS, fetch_history
from betang.payments.reconcile import reconcile as reconcile_lines
from betang.payments.send import send as send_all
from betang.payments.send import waiting
from betang.programmes.models import Cycle

CLERK = "disbursement.send"
TREASURER = "disbursement.release"
COMPARER = "disbursement.reconcile"
#: Committed when it ends, or an error: inside an outer transaction a `sent` that looks committed
#: would be undone by a crash, and forget a payment.
COMMITTED = partial(transaction.atomic, durable=True)


class ManyCyclesError(RefusedError):
    """More than one cycle has this code."""

    code = "cycle.many"
    sentence = "Ada lebih dari satu tahap dengan kode {cycle}."
    do = "Tutup tahap program lain lebih dahulu, atau pilih lewat halaman pembayaran."


@click.group()
def command() -> None:
    """Bayar bantuan tunai lewat bank, satu kali, dan buktikan."""


def _with_bank(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say where the bank is."""
    for option in (
        click.option("--bank-url", envvar="BETANG_BANK_URL", default="", help="Alamat bank."),
        click.option("--bank-keys", envvar="BETANG_BANK_KEYS", default="", help="Folder kunci."),
        click.option(
            "--connections",
            type=click.IntRange(1, 64),
            default=8,
            show_default=True,
            help="Sambungan sekaligus.",
        ),
        click.option(
            "--timeout",
            type=float,
            default=TIMEOUT_S,
            show_default=True,
            help="Detik menunggu satu jawaban.",
        ),
    ):
        function = option(function)
    return function


@command.command()
@click.option("--request", "request_to", type=click.Path(path_type=Path), help="Tulis permintaan.")
@click.option("--load", "load_from", type=click.Path(exists=True, path_type=Path), help="Baca.")
@click.option("--accept", type=click.UUID, help="Terima berkas yang dibaca orang lain.")
@click.option("--reject", type=click.UUID, help="Tolak berkas yang dibaca orang lain.")
@click.option("--check", is_flag=True, help="Tanyakan nama pemilik kepada bank.")
@click.option("--again", is_flag=True, help="Tanyakan juga yang pernah gagal.")
@_with_bank
@shared
def accounts(
    request_to: Path | None,
    load_from: Path | None,
    accept: UUID | None,
    reject: UUID | None,
    check: bool,
    again: bool,
    username: str,
    as_json: bool,
    **bank: Any,
) -> None:
    """Buka rekening dari berkas bank (dua orang) dan periksa nama pemiliknya."""
    actor = acting(username, CLERK)
    told: dict[str, Any] = {}
    if request_to:
        content = account_file.request_file()
        _write_private(request_to, content)
        told["requested"] = content.count("\n") - 1
    if load_from:
        with busy("Membaca berkas rekening"), transaction.atomic():
            file = stage_accounts(load_from.read_bytes(), actor=actor, at=timezone.now())
        told |= {"file": str(file.uuid), "waits_for": "orang kedua"} | _reported(file)
    if accept:
        with transaction.atomic():
            file = find_file(accept)
            accept_accounts(file, actor=actor, at=timezone.now())
        told |= {"file": str(file.uuid)} | _reported(file)
    if reject:
        with transaction.atomic():
            reject_accounts(find_file(reject), actor=actor, at=timezone.now())
        told["rejected"] = str(reject)
    if check:
        with _bank(**bank) as at_bank, _advancing("Memeriksa nama", to_check(again=again)) as step:
            done = check_names(
                at_bank, actor=actor, clock=timezone.now, transaction=COMMITTED,
                again=again, progress=step,
            )  # fmt: skip
        told |= {"verified": done.verified, "failed": done.failed, "unknown": done.unknown}
    _tell(told, as_json=as_json)


@command.command()
@click.argument("cycle_code")
@shared
def prepare(cycle_code: str, username: str, as_json: bool) -> None:
    """Siapkan perintah bayar satu tahap."""
    actor = acting(username, CLERK)
    cycle = _cycle(cycle_code)
    with busy("Menyiapkan perintah bayar"), transaction.atomic():
        done = prepare_order(cycle, actor=actor, at=timezone.now())
    order = done.order
    _tell(
        {
            "order": str(order.uuid), "count": order.count, "total_rupiah": order.total_rupiah,
            "again": done.again, "without_account": done.without_account, "digest": order.digest,
        },
        as_json=as_json,
    )  # fmt: skip


@command.command()
@click.argument("order", type=click.UUID)
@shared
def approve(order: UUID, username: str, as_json: bool) -> None:
    """Setujui perintah bayar (orang lain daripada yang menyiapkan)."""
    actor = acting(username, TREASURER)
    with busy("Memeriksa dan membukukan"), transaction.atomic():
        done = approve_order(find_order(order), actor=actor, at=timezone.now())
    _tell(
        {"order": str(done.uuid), "count": done.count, "total_rupiah": done.total_rupiah},
        as_json=as_json,
    )


@command.command()
@click.option(
    "--chunk", type=click.IntRange(1, 5000), default=500, show_default=True, help="Sekali catat."
)
@click.option(
    "--every", type=click.IntRange(5, 3600), help="Ulangi tiap sekian detik, sampai Ctrl-C."
)
@_with_bank
@shared
def send(chunk: int, every: int | None, username: str, as_json: bool, **bank: Any) -> None:
    """Kirim yang disetujui; tanyakan dulu yang belum pasti."""
    actor = acting(username, TREASURER)
    with _bank(**bank) as at_bank:
        while True:
            due = waiting()
            if due or not every:
                with _advancing("Membayar", due) as step:
                    run = send_all(
                        at_bank, actor=actor, clock=timezone.now, transaction=COMMITTED,
                        progress=step, chunk=chunk,
                    )  # fmt: skip
                _tell(
                    {
                        "sent": run.sent, "asked": run.asked, **run.ends,
                        "messages": run.messages, "stopped": run.stopped,
                    },
                    as_json=as_json,
                )  # fmt: skip
            if not every:
                return
            time.sleep(every)


@command.command()
@click.option(
    "--days",
    type=click.IntRange(1, HISTORY_DAYS),
    default=HISTORY_DAYS,
    show_default=True,
    help="Hari ke belakang.",
)
@_with_bank
@shared
def reconcile(days: int, username: str, as_json: bool, **bank: Any) -> None:
    """Cocokkan dengan riwayat rekening di bank."""
    actor = acting(username, COMPARER)
    to_at: datetime = timezone.now()
    from_at = to_at - timedelta(days=days)
    with _bank(**bank) as at_bank, _advancing("Mengambil riwayat", None) as step:
        lines = fetch_history(at_bank, from_at, to_at, progress=step)
    with busy("Mencocokkan"), transaction.atomic():
        done = reconcile_lines(lines, from_at, to_at, actor=actor, at=timezone.now())
    _tell(
        {
            "lines": done.lines, "new_lines": done.new_lines, "matched": done.matched,
            "different": done.different, "unexpected": done.unexpected, "missing": done.missing,
            "settled": done.settled, "clean": done.clean,
        },
        as_json=as_json,
    )  # fmt: skip


def _reported(file: AccountFile) -> dict[str, Any]:
    """Give a file's report with a sentence for each refused row."""
    counts = {name: file.report[name] for name in ("opened", "changed", "same", "refused_count")}
    refused = [
        one | {"sentence": account_file.SENTENCES[one["code"]]} for one in file.report["refused"]
    ]
    return counts | {"refused": refused}


def _cycle(code: str) -> Cycle:
    found = list(Cycle.objects.filter(code=code).exclude(state=Cycle.State.CLOSED)[:2])
    if not found:
        raise NotFoundError
    if len(found) > 1:
        raise ManyCyclesError(cycle=code)
    return found[0]


@contextmanager
def _bank(*, bank_url: str, bank_keys: str, connections: int, timeout: float) -> Iterator[Bank]:
    with open_bank(
        bank_url, bank_keys, clock=timezone.now, connections=connections, timeout_s=timeout
    ) as bank:
        yield bank


@contextmanager
def _advancing(label: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """Show a run that tells each time how much more is done."""
    done = 0
    with counted(label, total) as show:

        def step(more: int) -> None:
            nonlocal done
            done += more
            show(done, total)

        yield step


def _tell(told: dict[str, Any], *, as_json: bool) -> None:
    """Write a result; of refused rows each with its sentence."""
    refused = told.get("refused")
    if as_json or not isinstance(refused, list):
        tell(told, as_json=as_json)
        return
    tell(told | {"refused": len(refused)}, as_json=False)
    for one in refused:
        click.echo(f"  baris {one['line']}: {one['sentence']} [{one['code']}]")


def _write_private(path: Path, content: str) -> None:
    """Write a file that only its owner reads: it holds names."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(content)
