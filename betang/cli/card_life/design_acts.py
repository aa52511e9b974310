"""What is done to card designs on the command line: told, taken out, brought in, looked at."""

from pathlib import Path

import click
import orjson
from django.db import transaction
from django.utils import timezone

from betang.cards.design import current, first, named
from betang.cards.design.check import everything
from betang.cards.design.edit import bring_in
from betang.cards.design.layout import BYTES_MAX, LayoutFormError, read_text, written
from betang.cards.design.version import Design
from betang.cards.models import DesignVersion
from betang.cli._acting import acting, as_json_option, shared, tell
from betang.core.identifiers import new_uuid
from betang.programmes.models import Programme

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command(name="list")
@as_json_option
def list_(as_json: bool) -> None:
    """Sebutkan semua versi rancangan kartu dan yang dipakai sekarang."""
    in_use = current(_programme()).name
    versions = DesignVersion.objects.exclude(state="discarded").order_by("made_at")
    states = {first().name: "approved"} | {each.name: each.state for each in versions}
    tell({"in_use": in_use, "designs": states}, as_json=as_json)


@click.command(name="export")
@click.argument("name")
@click.option("--to", "path", type=FILE, help="Tulis ke berkas, bukan ke layar.")
@as_json_option
def export(name: str, path: Path | None, as_json: bool) -> None:
    """Tulis satu versi sebagai JSON, ke layar atau ke berkas. Gambar logo tidak ikut."""
    spaced = None if as_json else orjson.OPT_INDENT_2
    text = orjson.dumps(written(named(name).layout), option=spaced).decode()
    if path is None:
        click.echo(text)
    else:
        path.write_text(text + "\n", encoding="utf-8")


@click.command(name="import")
@click.argument("path", type=FILE)
@click.option("--name", required=True, help="Nama tanpa nomor, seperti rumah-panjang.")
@shared
def import_(path: Path, name: str, username: str, as_json: bool) -> None:
    """Buat draf dari JSON yang diekspor. Usulan dan persetujuan tetap lewat halaman."""
    actor = acting(username, "design.edit")
    told = written(read_text(_content(path)))
    with transaction.atomic():
        version = bring_in(name, told, actor=actor, at=timezone.now())
    tell({"design": version.name, "state": version.state}, as_json=as_json)


@click.command(name="check")
@click.argument("what")
@as_json_option
def check(what: str, as_json: bool) -> None:
    """Periksa sebuah versi, atau berkas JSON, seperti saat diusulkan. Kode keluar 1: ada temuan."""
    path = Path(what)
    if path.is_file():
        chosen = Design(new_uuid(), path.stem, read_text(_content(path)))
    else:
        chosen = named(what)
    findings = everything(chosen, programme=_programme())
    told = [f"{each.sentence} {each.do}" for each in findings]
    tell({"design": chosen.name, "findings": told}, as_json=as_json)
    if findings:
        raise click.exceptions.Exit(1)


def _content(path: Path) -> bytes:
    if not path.is_file():
        raise LayoutFormError(wrong="berkasnya tidak ada")
    if path.stat().st_size > BYTES_MAX:
        raise LayoutFormError(wrong="lebih besar dari 64 KiB")
    return path.read_bytes()


def _programme() -> Programme | None:
    return Programme.objects.order_by("pk").first()
