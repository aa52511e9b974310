"""Pengaduan: daftar kasus, tindak lanjut, putusan."""

from uuid import UUID

import click
import orjson
from django.db import transaction
from django.utils import timezone
from rich.console import Console
from rich.table import Table

from betang.cli._acting import acting, as_json_option, ask, shared, sure, tell
from betang.core.clock import moment, to_wire
from betang.core.errors import NotAllowedError
from betang.grievances.decide import CLAIM_OUTCOMES, find_case, give_back
from betang.grievances.decide import assign as assign_case
from betang.grievances.decide import note as note_case
from betang.grievances.models import Case
from betang.sync.decide_case import confirm_case, decide_case

DECIDE = "case.decide"
SHOWN_MAX = 200


@click.group()
def command() -> None:
    """Tangani pengaduan dan penyerahan yang disengketakan."""


@command.command(name="list")
@click.option("--all", "everything", is_flag=True, help="Juga yang sudah diputus.")
@as_json_option
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
@shared
def assign(case: UUID, other: str, username: str, as_json: bool) -> None:
    """Serahkan kasus kepada seseorang yang berwenang di wilayahnya."""
    found = find_case(case)
    actor = acting(username, DECIDE, found.village_id)
    hand = acting(other, DECIDE, found.village_id)
    if hand.person is None:
        raise NotAllowedError
    with transaction.atomic():
        assign_case(found, hand.person, actor=actor, at=timezone.now())
    _told(found, as_json=as_json)


@command.command()
@click.argument("case", type=click.UUID)
@click.option("--text", required=True, help="Apa yang ditemukan; disimpan tersegel.")
@shared
def note(case: UUID, text: str, username: str, as_json: bool) -> None:
    """Tambahkan catatan pada kasus."""
    found = find_case(case)
    actor = acting(username, DECIDE, found.village_id)
    with transaction.atomic():
        note_case(found, text, actor=actor, at=timezone.now())
    _told(found, as_json=as_json)


@command.command()
@click.argument("case", type=click.UUID)
@click.argument("outcome", type=click.Choice(CLAIM_OUTCOMES))
@click.option("--reason", required=True, help="Alasan putusan; disimpan tersegel.")
@shared
def resolve(case: UUID, outcome: str, reason: str, username: str, as_json: bool) -> None:
    """Putuskan kasus; penyerahan yang akan dihitung baru diusulkan, untuk orang kedua.

    \b
    upheld     terbukti; sebuah penyerahan akan dihitung
    replaced   penyerahan ini menggantikan yang terhitung
    dismissed  tidak terbukti; penyerahan tidak dihitung, untuk seterusnya
    unclear    tidak dapat dipastikan; penyerahan tidak dihitung
    """  # noqa: D301 - click reads a backspace as: keep these lines
    found = find_case(case)
    actor = acting(username, DECIDE, found.village_id)
    with transaction.atomic():
        decide_case(found, outcome, reason, actor=actor, at=timezone.now())
    _told(found, as_json=as_json)


@command.command()
@click.argument("case", type=click.UUID)
@sure
@shared
def confirm(case: UUID, yes: bool, username: str, as_json: bool) -> None:
    """Setujui putusan yang diusulkan orang lain; barang dan capaian ikut berubah."""
    found = find_case(case)
    actor = acting(username, DECIDE, found.village_id)
    ask(f"Putusan {found.proposed_outcome} tidak dapat diubah lagi. Lanjutkan?", yes=yes)
    with transaction.atomic():
        confirm_case(found, actor=actor, at=timezone.now())
    _told(found, as_json=as_json)


@command.command(name="return")
@click.argument("case", type=click.UUID)
@click.option("--reason", required=True, help="Mengapa usulan dikembalikan; disimpan tersegel.")
@shared
def return_(case: UUID, reason: str, username: str, as_json: bool) -> None:
    """Kembalikan putusan yang diusulkan, dengan alasan."""
    found = find_case(case)
    actor = acting(username, DECIDE, found.village_id)
    with transaction.atomic():
        give_back(found, reason, actor=actor, at=timezone.now())
    _told(found, as_json=as_json)


def _told(case: Case, *, as_json: bool) -> None:
    told = {"case": str(case.uuid), "state": case.state, "outcome": case.outcome}
    if case.proposed_outcome:
        told |= {"proposed": case.proposed_outcome, "waits_for": "orang kedua"}
    tell(told, as_json=as_json)
