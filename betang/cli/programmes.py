"""Program: bantuan yang dijanjikan, tahap, dan aturan kelayakan."""

import sys
from datetime import datetime
from pathlib import Path
from typing import NoReturn
from uuid import UUID

import click
import orjson
from django.db import transaction
from django.utils import timezone
from rich.console import Console
from rich.table import Table

from betang.cli._acting import acting, as_json_option, shared, tell
from betang.core.criteria.kinds import RuleTextError
from betang.core.criteria.rule_text import decode
from betang.core.errors import NotFoundError
from betang.programmes.create import create_programme
from betang.programmes.cycles import plan_cycle
from betang.programmes.models import Programme, RuleSet
from betang.programmes.rule_sets import (
    approve_rules,
    check_rules,
    default_rules,
    described,
    propose_rules,
)
from betang.registry.facts import FACTS

DEFAULT_CODE = "KHBS"
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def command() -> None:
    """Atur program, tahap, dan aturan kelayakan."""


@command.command()
@click.option("--code", default=DEFAULT_CODE, show_default=True, help="Kode program.")
@click.option(
    "--name", default="Kartu Huma Betang Sejahtera", show_default=True, help="Seperti tertulis."
)
@click.option(
    "--card-name",
    default="Kartu Huma Betang Sejahtera",
    show_default=True,
    help="Seperti tertulis.",
)
@click.option("--tap-required", is_flag=True, help="Kode QR saja tidak cukup; kartu ditempelkan.")
@shared
def create(
    code: str, name: str, card_name: str, tap_required: bool, username: str, as_json: bool
) -> None:
    """Buat program dengan bantuan tunai dan paket pangan."""
    actor = acting(username, "rules.propose")
    with transaction.atomic():
        programme = create_programme(
            code=code,
            name=name,
            card_name=card_name,
            tap_required=tap_required,
            actor=actor,
            at=timezone.now(),
        )
    tell(
        {
            "programme": str(programme.uuid),
            "code": programme.code,
            "benefits": programme.benefits.count(),
        },
        as_json=as_json,
    )


@command.command()
@click.argument("code")
@click.option(
    "--programme", "programme_code", default=DEFAULT_CODE, show_default=True, help="Kode program."
)
@click.option("--name", required=True, help="Nama tahap, misalnya Tahap I 2026.")
@click.option("--opens", "opens_on", type=DAY, required=True, help="Hari pertama, 2026-11-01.")
@click.option("--closes", "closes_on", type=DAY, required=True, help="Hari terakhir.")
@shared
def plan(
    code: str,
    programme_code: str,
    name: str,
    opens_on: datetime,
    closes_on: datetime,
    username: str,
    as_json: bool,
) -> None:
    """Rencanakan satu tahap (CODE enam angka, misalnya 202601)."""
    actor = acting(username, "cycle.manage")
    with transaction.atomic():
        cycle = plan_cycle(
            find_programme(programme_code),
            code=code,
            name=name,
            opens_on=opens_on.date(),
            closes_on=closes_on.date(),
            actor=actor,
            at=timezone.now(),
        )
    tell({"cycle": str(cycle.uuid), "code": cycle.code, "state": cycle.state}, as_json=as_json)


@command.group()
def rules() -> None:
    """Periksa, usulkan, dan setujui teks aturan."""


@rules.command()
@as_json_option
def facts(as_json: bool) -> None:
    """Tampilkan fakta yang boleh dipakai dalam aturan."""
    if as_json:
        told = {name: {"type": kind, "label": label} for name, (kind, label) in FACTS.items()}
        click.echo(orjson.dumps(told).decode())
        return
    table = Table("Fakta", "Jenis", "Arti")
    for name, (kind, label) in FACTS.items():
        table.add_row(name, kind, label)
    Console().print(table)


@rules.command(name="list")
@as_json_option
def show(as_json: bool) -> None:
    """Tampilkan semua aturan."""
    rows = [
        {
            "rule_set": str(one.uuid),
            "programme": one.programme.code,
            "name": one.name,
            "valid_from": one.valid_from.isoformat(),
            "state": one.state,
            "digest": one.digest,
        }
        for one in RuleSet.objects.select_related("programme").order_by("-valid_from", "-id")
    ]
    if as_json:
        click.echo(orjson.dumps(rows).decode())
        return
    table = Table("Aturan", "Program", "Nama", "Berlaku", "Keadaan")
    for row in rows:
        table.add_row(*(row[key] for key in list(row)[:-1]))
    Console().print(table)


@rules.command()
@click.argument(
    "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False
)
@as_json_option
def check(file: Path | None, as_json: bool) -> None:
    """Periksa teks aturan tanpa menyimpannya (tanpa FILE: aturan bawaan)."""
    try:
        read = check_rules(_text(file), FACTS)
    except RuleTextError as refused:
        _tell_findings(refused, file, as_json=as_json)
    if as_json:
        click.echo(orjson.dumps(described(read, FACTS)).decode())
        return
    click.echo(f"Teks aturan benar: {len(read.indicators)} indikator, berlaku {read.valid_from}.")
    for each in read.indicators:
        click.echo(f"  {each.role} {each.name}: {each.written}")


@rules.command()
@click.argument(
    "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False
)
@click.option(
    "--programme", "programme_code", default=DEFAULT_CODE, show_default=True, help="Kode program."
)
@shared
def propose(file: Path | None, programme_code: str, username: str, as_json: bool) -> None:
    """Usulkan teks aturan (tanpa FILE: aturan bawaan)."""
    actor = acting(username, "rules.propose")
    try:
        with transaction.atomic():
            rule_set = propose_rules(
                find_programme(programme_code),
                _text(file),
                facts=FACTS,
                actor=actor,
                at=timezone.now(),
            )
    except RuleTextError as refused:
        _tell_findings(refused, file, as_json=as_json)
    _tell_rule_set(rule_set, as_json=as_json)


@rules.command()
@click.argument("rule_set", type=click.UUID)
@shared
def approve(rule_set: UUID, username: str, as_json: bool) -> None:
    """Setujui aturan (orang lain daripada pengusulnya)."""
    actor = acting(username, "rules.approve")
    with transaction.atomic():
        found = RuleSet.objects.filter(uuid=rule_set).first()
        if found is None:
            raise NotFoundError
        approved = approve_rules(found, facts=FACTS, actor=actor, at=timezone.now())
    _tell_rule_set(approved, as_json=as_json)


def find_programme(code: str) -> Programme:
    """Give a programme by its code. Raises `NotFoundError`."""
    programme = Programme.objects.filter(code=code).first()
    if programme is None:
        raise NotFoundError(field="programme")
    return programme


def _text(file: Path | None) -> str:
    return default_rules() if file is None else decode(file.read_bytes())


def _tell_rule_set(rule_set: RuleSet, *, as_json: bool) -> None:
    tell(
        {
            "rule_set": str(rule_set.uuid),
            "name": rule_set.name,
            "valid_from": rule_set.valid_from.isoformat(),
            "state": rule_set.state,
            "digest": rule_set.digest,
        },
        as_json=as_json,
    )


def _tell_findings(refused: RuleTextError, file: Path | None, *, as_json: bool) -> NoReturn:
    """Write every finding as `file:line:column: sentence`, and end as refused."""
    if as_json:
        told = {
            "code": refused.code,
            "findings": [
                {"line": one.line, "column": one.column, "sentence": one.sentence, "do": one.do}
                for one in refused.findings
            ],
        }
        click.echo(orjson.dumps(told).decode())
    for one in () if as_json else refused.findings:
        click.echo(f"{file or 'bawaan'}:{one.line}:{one.column}: {one.sentence} {one.do}", err=True)
    sys.exit(1)
