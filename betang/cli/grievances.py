"""Pengaduan: daftar kasus, tindak lanjut, putusan."""

from uuid import UUID

import click
import orjson
from django.db import transaction
from django.utils import timezone
from rich.console import Console
from rich.table import Table

from betang.accounts.access import roles_of
from betang.accounts.models import Role, User
from betang.core.actor import Actor
from betang.core.clock import moment, to_wire
from betang.core.errors import NotAllowedError
from betang.grievances.decide import OUTCOMES, find_case
from betang.grievances.decide import assign as assign_case
from betang.grievances.decide import resolve as resolve_case
from betang.grievances.models import Case

DECIDERS = {Role.DINSOS_PROVINCE.value, Role.DINSOS_REGENCY.value, Role.SUPERVISOR.value}
SHOWN_MAX = 200


@click.group()
def command() -> None:
    """Tangani pengaduan dan penyerahan yang disengketakan."""


@command.command(name="list")
@click.option("--all", "everything", is_flag=True, help="Juga yang sudah diputus.")
@click.option("--json", "as_json", is_flag=True, help="Hasil sebagai satu baris JSON.")
def show(everything: bool, as_json: bool) -> None:
    """Tampilkan kasus yang belum diputus."""
    cases = Case.objects.order_by("opened_at", "id")
    if not everything:
        cases = cases.exclude(state=Case.State.RESOLVED)
    rows = list(cases[:SHOWN_MAX])
    if as_json:
        told = [
            {
                "case": str(one.uuid), "kind": one.kind, "state": one.state,
                "village": str(one.village_id), "opened_at": to_wire(one.opened_at),
                "subject": str(one.subject), "facts": one.facts,
            }
            for one in rows
        ]  # fmt: skip
        click.echo(orjson.dumps(told).decode())
        return
    table = Table("Kasus", "Perihal", "Keadaan", "Desa", "Dibuka")
    for one in rows:
        table.add_row(
            str(one.uuid), Case.Kind(one.kind).label, Case.State(one.state).label,
            str(one.village_id), moment(one.opened_at),
        )  # fmt: skip
    Console().print(table)


@command.command()
@click.argument("case", type=click.UUID)
@click.option("--to", "other", required=True, help="Nama pengguna yang menangani.")
@click.option("--by", "username", required=True, help="Nama pengguna yang bertindak.")
def assign(case: UUID, other: str, username: str) -> None:
    """Serahkan kasus kepada seseorang."""
    actor, hand = _actor(username), _actor(other)
    if hand.person is None:
        raise NotAllowedError
    with transaction.atomic():
        assign_case(find_case(case), hand.person, actor=actor, at=timezone.now())
    click.echo("Kasus diserahkan.")


@command.command()
@click.argument("case", type=click.UUID)
@click.argument("outcome", type=click.Choice(OUTCOMES))
@click.option("--reason", required=True, help="Alasan putusan.")
@click.option("--by", "username", required=True, help="Nama pengguna yang bertindak.")
def resolve(case: UUID, outcome: str, reason: str, username: str) -> None:
    """Putuskan kasus."""
    actor = _actor(username)
    with transaction.atomic():
        resolve_case(find_case(case), outcome, reason, actor=actor, at=timezone.now())
    click.echo("Kasus diputus.")


def _actor(username: str) -> Actor:
    user = User.objects.filter(username__iexact=username).first()
    if user is None or not roles_of(user) & DECIDERS:
        raise NotAllowedError
    return user.actor
