"""Wilayah: muat daftar dan batas, pastikan padanan kode BPS."""

from pathlib import Path

import click
import orjson
from django.db import transaction
from django.utils import timezone
from rich.console import Console

from betang.areas.boundaries import load_boundaries
from betang.areas.confirm import confirm_bps
from betang.areas.load import load_areas
from betang.cli._acting import acting, as_json_option, busy, shared
from betang.core.actor import SYSTEM
from betang.core.identity.area_code import dotted, read_area_code
from betang.core.money import number


@click.group()
def command() -> None:
    """Muat wilayah provinsi dan padanan kodenya."""


@command.command()
@as_json_option
def load(as_json: bool) -> None:
    """Muat 14 kabupaten/kota, kecamatan, desa, dan kode BPS; aman diulang."""
    with busy("Memuat wilayah"), transaction.atomic():
        loaded = load_areas(actor=SYSTEM, at=timezone.now())
    if as_json:
        click.echo(orjson.dumps(loaded._asdict()).decode())
        return
    click.echo(
        f"{number(loaded.areas)} wilayah ({number(loaded.areas_changed)} berubah), "
        f"{number(loaded.bps_codes)} kode BPS ({number(loaded.bps_changed)} berubah)."
    )


@command.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@as_json_option
def boundaries(files: tuple[Path, ...], as_json: bool) -> None:
    """Muat batas wilayah dari GeoJSON (properti `kode` Kemendagri)."""
    told = []
    with Console(stderr=True).status("Membaca batas wilayah") as status:
        for path in files:
            status.update(f"Membaca {path.name}")
            with transaction.atomic():
                loaded = load_boundaries(path, actor=SYSTEM, at=timezone.now())
            told.append({"file": path.name, **loaded._asdict()})
    if as_json:
        click.echo(orjson.dumps(told).decode())
        return
    for one in told:
        click.echo(
            f"{one['file']}: {one['read']} batas, {one['changed']} berubah, "
            f"{one['unknown']} tidak dikenal."
        )


@command.command()
@click.argument("bps_code", type=int)
@click.argument("area_code")
@shared
def confirm(bps_code: int, area_code: str, username: str, as_json: bool) -> None:
    """Pastikan arti satu kode BPS: BPS_CODE adalah wilayah AREA_CODE (Kemendagri)."""
    area = read_area_code(area_code)
    if area is None:
        raise click.BadParameter("bukan kode wilayah Kemendagri", param_hint="AREA_CODE")
    actor = acting(username, "intake.upload", area)
    with transaction.atomic():
        line = confirm_bps(bps_code, area=area, actor=actor, at=timezone.now())
    if as_json:
        told = {"bps_code": line.bps_code, "area": area, "state": line.state}
        click.echo(orjson.dumps(told).decode())
        return
    click.echo(f"BPS {bps_code} ({line.name}) = {dotted(area)}.")
