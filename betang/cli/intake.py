"""Penerimaan data: unggah daftar, lihat laporan, setujui."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import click
import orjson
from django.db import transaction
from django.utils import timezone
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from betang.accounts.access import PROVINCE
from betang.cli._acting import acting, as_json_option, busy, shared
from betang.core.errors import NotFoundError
from betang.core.identity.area_code import CodeSystem
from betang.core.money import number
from betang.intake import report as reports
from betang.intake.accept import accept as accept_batch
from betang.intake.accept import reject as reject_batch
from betang.intake.exclusions import stage_exclusions
from betang.intake.models import Batch
from betang.intake.stage import Told
from betang.intake.stage import stage as stage_list
from betang.registry.models import OUTSIDE_PROGRAMMES

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def command() -> None:
    """Terima daftar keluarga dan daftar bantuan lain."""


@command.command()
@click.argument("file", type=FILE)
@click.option(
    "--codes",
    type=click.Choice([system.value for system in CodeSystem]),
    default="kemendagri",
    show_default=True,
    help="Sistem kode wilayah dalam berkas: angka yang sama berarti tempat lain.",
)
@shared
def stage(file: Path, codes: str, username: str, as_json: bool) -> None:
    """Unggah dan periksa satu daftar keluarga (CSV atau XLSX)."""
    actor = acting(username, "intake.upload")
    with _progress() as told, transaction.atomic():
        batch = stage_list(
            file.read_bytes(),
            file_name=file.name,
            code_system=CodeSystem(codes),
            actor=actor,
            at=timezone.now(),
            told=told,
        )
    _show(batch, as_json=as_json)


@command.command()
@click.argument("file", type=FILE)
@click.option(
    "--programme", type=click.Choice(OUTSIDE_PROGRAMMES), required=True, help="Program lain itu."
)
@click.option("--period", default="", help="Masa daftar, misalnya 2026-T1.")
@shared
def exclusions(file: Path, programme: str, period: str, username: str, as_json: bool) -> None:
    """Unggah daftar penerima bantuan lain (PKH, sembako, BLT-DD)."""
    actor = acting(username, "intake.upload", PROVINCE)
    with busy("Membaca daftar"), transaction.atomic():
        batch = stage_exclusions(
            file.read_bytes(),
            programme=programme,
            period=period,
            file_name=file.name,
            actor=actor,
            at=timezone.now(),
        )
    _show(batch, as_json=as_json)


@command.command()
@click.argument("batch_uuid", type=click.UUID)
@shared
def accept(batch_uuid: UUID, username: str, as_json: bool) -> None:
    """Setujui satu daftar; harus orang lain daripada yang mengunggah."""
    waiting = _batch(batch_uuid)
    for area in waiting.reach:  # in each of them, not in one
        actor = acting(username, "intake.approve", area)
    with _progress() as told, transaction.atomic():
        batch = accept_batch(waiting, actor=actor, at=timezone.now(), told=told)
    _show(batch, as_json=as_json)


@command.command()
@click.argument("batch_uuid", type=click.UUID)
@shared
def reject(batch_uuid: UUID, username: str, as_json: bool) -> None:
    """Tolak satu daftar; tidak ada yang berubah."""
    waiting = _batch(batch_uuid)
    for area in waiting.reach:  # in each of them, as to accept it
        actor = acting(username, "intake.upload", area)
    with transaction.atomic():
        batch = reject_batch(waiting, actor=actor, at=timezone.now())
    _show(batch, as_json=as_json)


@command.command()
@click.argument("batch_uuid", type=click.UUID)
@click.option("--csv", "csv_to", type=click.Path(path_type=Path), help="Tulis semua temuan.")
@as_json_option
def report(batch_uuid: UUID, csv_to: Path | None, as_json: bool) -> None:
    """Tampilkan apa yang salah dalam satu daftar dan apa yang harus dilakukan."""
    batch = _batch(batch_uuid)
    if csv_to:
        with csv_to.open("w", encoding="utf-8", newline="") as out:
            out.writelines(reports.export_csv(batch))
    _show(batch, as_json=as_json)


@command.command(name="list")
@as_json_option
def list_batches(as_json: bool) -> None:
    """Tampilkan semua daftar yang pernah diunggah."""
    batches = Batch.objects.order_by("-at")
    if as_json:
        click.echo(orjson.dumps([_told(batch) for batch in batches]).decode())
        return
    table = Table("Nomor", "Jenis", "Berkas", "Keadaan", "Baris", "Tertahan")
    for batch in batches:
        table.add_row(
            str(batch.uuid), batch.kind, batch.file_name, batch.state,
            number(batch.rows), number(batch.held_rows),
        )  # fmt: skip
    Console().print(table)


def _batch(uuid: UUID) -> Batch:
    batch = Batch.objects.filter(uuid=uuid).first()
    if batch is None:
        raise NotFoundError
    return batch


@contextmanager
def _progress() -> Iterator[Told]:
    """Show the step at work and the time it takes; nothing where nobody looks."""
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as progress:
        task = progress.add_task("memulai", total=None)
        yield lambda step: progress.update(task, description=step)


def _told(batch: Batch) -> dict[str, Any]:
    return {
        "uuid": str(batch.uuid),
        "kind": batch.kind,
        "programme": batch.programme,
        "file": batch.file_name,
        "state": batch.state,
        "rows": batch.rows,
        "held": batch.held_rows,
        "warned": batch.warned_rows,
        "households": batch.households,
        "codes": batch.problems.get("codes", {}),
        "outcome": batch.outcome,
    }


def _show(batch: Batch, *, as_json: bool) -> None:
    if as_json:
        click.echo(orjson.dumps(_told(batch)).decode())
        return
    click.echo(
        f"{batch.uuid}  {batch.state}: {number(batch.rows)} baris, "
        f"{number(batch.held_rows)} tertahan, {number(batch.warned_rows)} dengan peringatan."
    )
    lines = reports.summary(batch)
    if not lines:
        return
    table = Table("Kode", "Baris", "Tingkat", "Yang salah", "Yang harus dilakukan")
    for line in lines:
        table.add_row(
            line["code"], number(line["count"]), reports.SEVERITY_WORDS[line["severity"]],
            line["sentence"], line["do"],
        )  # fmt: skip
    Console().print(table)
