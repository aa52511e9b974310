"""A print run step by step: frozen, drawn, checked, released to a bureau, returned."""

from pathlib import Path
from typing import Any
from uuid import UUID

import click
from django.db import transaction
from django.utils import timezone
from rich.console import Console
from rich.table import Table

from betang.cards import revocation
from betang.cards.models import PrintFinding, PrintRun
from betang.cards.print_run import print_in_house
from betang.cards.printing import bureaus, runs
from betang.cards.printing.cancel import cancel as cancel_run
from betang.cards.printing.chips import list_chips
from betang.cards.printing.close import close as close_run
from betang.cards.printing.draw import check as check_run
from betang.cards.printing.draw import draw as draw_run
from betang.cards.printing.folder import folder_of
from betang.cards.printing.freeze import freeze as freeze_run
from betang.cards.printing.pool import PROCESSES
from betang.cards.printing.release import release as release_run
from betang.cards.printing.release import tidy
from betang.cards.printing.take_return import missing, take_return
from betang.cli._acting import acting, as_json_option, busy, counted, shared, steps, tell
from betang.cli.card_life.options import AREA
from betang.core.money import number

RUN = click.argument("run_uuid", metavar="RUN", type=click.UUID)
FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
#: Findings shown on a terminal; all of them are on the page and in --json.
SHOWN = 20


@click.command()
@AREA
@click.option("--limit", type=click.IntRange(min=1), help="Paling banyak sekian kartu.")
@shared
def freeze(area: int | None, limit: int | None, username: str, as_json: bool) -> None:
    """Bekukan kartu yang dipesan menjadi satu proses cetak."""
    actor = acting(username, "print.run")
    with busy("Membekukan daftar kartu"), transaction.atomic():
        run = freeze_run(actor=actor, at=timezone.now(), area=area, limit=limit)
    told = {"run": str(run.uuid), "count": run.count, "parts": run.parts.count()}
    tell(told | {"left_out": list(runs.left_out(run))}, as_json=as_json)


@click.command()
@RUN
@click.option("--check-all", is_flag=True, help="Baca kembali setiap kartu, bukan contoh saja.")
@click.option(
    "--processes",
    type=click.IntRange(1, 16),
    default=PROCESSES,
    show_default=True,
    help="Banyaknya proses yang menggambar bersama.",
)
@shared
def draw(run_uuid: UUID, check_all: bool, processes: int, username: str, as_json: bool) -> None:
    """Gambar kartu suatu proses cetak; bila terputus, jalankan lagi untuk melanjutkan."""
    actor, run = acting(username, "print.run"), runs.find(run_uuid)
    with counted("Menggambar kartu") as progress:
        draw_run(
            run,
            actor=actor,
            clock=timezone.now,
            check_all=check_all,
            processes=processes,
            progress=progress,
        )
    tell(_told(run), as_json=as_json)


@click.command()
@RUN
@click.option("--all", "check_all", is_flag=True, help="Baca setiap kartu, bukan contoh saja.")
@shared
def check(run_uuid: UUID, check_all: bool, username: str, as_json: bool) -> None:
    """Baca kembali kartu dari berkas yang sudah digambar dan bandingkan dengan daftarnya."""
    acting(username, "print.run")
    run = runs.find(run_uuid)
    with counted("Membaca kembali kartu") as progress:
        read = check_run(run, check_all=check_all, progress=progress)
    tell({"run": str(run.uuid), "read": read, "wrong": 0}, as_json=as_json)


@click.command()
@RUN
@FILE
@shared
def chips(run_uuid: UUID, file: Path, username: str, as_json: bool) -> None:
    """Catat UID cip kosong milik biro, agar paketnya membawa kunci cip itu."""
    actor, run = acting(username, "print.return"), runs.find(run_uuid)
    with busy("Memeriksa daftar cip"), file.open("rb") as lines:
        count = list_chips(run, lines, actor=actor, at=timezone.now())
    tell({"run": str(run.uuid), "chips": count}, as_json=as_json)


@click.command()
@RUN
@click.option("--bureau", type=click.UUID, help="Biro tujuan; lihat `betang cards bureau list`.")
@click.option("--in-house", is_flag=True, help="Dicetak di kantor sendiri; tanpa paket.")
@shared
def release(
    run_uuid: UUID, bureau: UUID | None, in_house: bool, username: str, as_json: bool
) -> None:
    """Lepas proses cetak sebagai orang kedua: paket terenkripsi bagi biro."""
    if (bureau is None) == (not in_house):
        raise click.UsageError("Pilih salah satu: --bureau UUID atau --in-house.")
    actor = acting(username, "print.run" if in_house else "print.release")
    run = runs.find(run_uuid)
    if bureau is None:
        print_in_house(run, actor=actor, at=timezone.now())
        tell(_told(run) | {"folder": str(folder_of(run))}, as_json=as_json)
        return
    tidy(run)
    with steps() as step:
        package = release_run(run, bureaus.find(bureau), actor=actor, clock=timezone.now, step=step)
    told = {"package": str(package), "package_sha256": bytes(run.package_sha256 or b"").hex()}
    tell(_told(run) | told, as_json=as_json)


@click.command(name="return")
@RUN
@FILE
@shared
def return_(run_uuid: UUID, file: Path, username: str, as_json: bool) -> None:
    """Terima berkas kembalian biro: pasangkan cip, catat kartu jadi dan kartu rusak."""
    actor, run = acting(username, "print.return"), runs.find(run_uuid)
    with busy("Memeriksa kembalian biro"), file.open("rb") as lines, transaction.atomic():
        back = take_return(run, lines, actor=actor, at=timezone.now())
        revocation.publish(actor=actor, at=timezone.now())
    findings = back.findings.order_by("line")
    told: dict[str, Any] = {
        "run": str(run.uuid), "count": back.count, "ok": back.ok, "spoilt": back.spoilt,
        "again": back.again, "held": back.held, "missing": missing(run),
        "findings": _findings(findings if as_json else findings[:SHOWN]),
    }  # fmt: skip
    tell(told, as_json=as_json)


@click.command()
@RUN
@click.option("--reason", required=True, help="Alasan, tanpa nama orang.")
@shared
def close(run_uuid: UUID, reason: str, username: str, as_json: bool) -> None:
    """Tutup proses cetak yang kartunya kurang: yang kurang dicabut dan dipesan lagi."""
    actor, run = acting(username, "print.release"), runs.find(run_uuid)
    with transaction.atomic():
        count = close_run(run, reason=reason, actor=actor, at=timezone.now())
        revocation.publish(actor=actor, at=timezone.now())
    tell({"run": str(run.uuid), "missing": count}, as_json=as_json)


@click.command()
@RUN
@click.option("--reason", required=True, help="Alasan, tanpa nama orang.")
@shared
def cancel(run_uuid: UUID, reason: str, username: str, as_json: bool) -> None:
    """Batalkan proses cetak yang belum dilepas; kartunya menunggu lagi."""
    actor, run = acting(username, "print.run"), runs.find(run_uuid)
    with transaction.atomic():
        cancel_run(run, reason=reason, actor=actor, at=timezone.now())
    tell(_told(run), as_json=as_json)


@click.command()
@RUN
@as_json_option
def show(run_uuid: UUID, as_json: bool) -> None:
    """Tunjukkan keadaan satu proses cetak."""
    tell(_told(runs.find(run_uuid)), as_json=as_json)


@click.command(name="list")
@as_json_option
def list_(as_json: bool) -> None:
    """Daftar proses cetak, yang terbaru dahulu."""
    rows = list(PrintRun.objects.order_by("-id"))
    if as_json:
        tell({"runs": [_told(run) for run in rows]}, as_json=True)
        return
    table = Table("Proses cetak", "Dibekukan", "Kartu", "Keadaan")
    for run in rows:
        label = PrintRun.State(run.state).label
        table.add_row(str(run.uuid), f"{run.at:%d-%m-%Y %H.%M}", number(run.count), str(label))
    Console().print(table)


def _told(run: PrintRun) -> dict[str, Any]:
    parts = run.parts
    return {
        "run": str(run.uuid), "state": run.state, "count": run.count, "left_out": run.left_out,
        "parts": parts.count(), "drawn": parts.exclude(drawn_at=None).count(),
        "checked": run.checked, "chips": run.chips.count(), "missing": missing(run),
    }  # fmt: skip


def _findings(rows: Any) -> list[str]:
    return [_line(one) for one in rows]


def _line(one: PrintFinding) -> str:
    return f"baris {one.line}: {one.card_number} {one.code}"
