"""Issuing anew all cards of a key that is known to somebody else; two persons."""

from uuid import UUID

import click
from django.db import transaction
from django.utils import timezone

from betang.cards import reissue as acts
from betang.cards.models import Card
from betang.cli._acting import acting, counted, shared, tell
from betang.cli.card_life.options import AREA
from betang.core.money import number


@click.command()
@click.option("--key", "kid", type=int, help="Nomor kunci kartu yang diketahui orang lain.")
@click.option("--chip-version", type=int, help="Atau: versi induk kunci cip.")
@AREA
@shared
def reissue(
    kid: int | None, chip_version: int | None, area: int | None, username: str, as_json: bool
) -> None:
    """Hitung kartu dari kunci yang bocor dan usulkan penerbitan ulang; orang kedua menyetujui."""
    if (kid is None) == (chip_version is None):
        raise click.UsageError("Sebutkan salah satu: --key atau --chip-version.")
    actor = acting(username, "cycle.manage", area)
    known = acts.Known(kid=kid, key_version=chip_version)
    counts = acts.count(known, area=area)
    with transaction.atomic():
        act = acts.propose(known, actor=actor, at=timezone.now(), area=area)
    if as_json:
        tell({"reissue": str(act.uuid), "cards": act.counted, "states": counts}, as_json=True)
        return
    click.echo(f"{number(act.counted)} kartu")
    for state in Card.State:
        if state.value in counts:
            click.echo(f"  {state.label}: {number(counts[state.value])}")
    click.echo(f"Belum ada yang berubah. Orang kedua: betang cards reissue-confirm {act.uuid}")


@click.command(name="reissue-confirm")
@click.argument("reissue", type=click.UUID)
@shared
def reissue_confirm(reissue: UUID, username: str, as_json: bool) -> None:
    """Setujui penerbitan ulang sebagai orang kedua dan laksanakan, atau lanjutkan yang terhenti."""
    actor = acting(username, "role.approve")
    with counted("Menerbitkan ulang kartu") as progress:
        act = acts.confirm(reissue, actor=actor, at=timezone.now(), progress=progress)
    tell({"ended": act.ended, "ordered": act.ordered}, as_json=as_json)
