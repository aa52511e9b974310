"""Print bureaus and the keys that open what we send them."""

from uuid import UUID

import click
from django.db import transaction
from django.utils import timezone

from betang.cards.models import Bureau
from betang.cards.printing import bureaus
from betang.cli._acting import acting, as_json_option, shared, tell

BUREAU = click.argument("bureau_uuid", metavar="BIRO", type=click.UUID)


@click.command()
@click.argument("recipient", metavar="KUNCI")
@click.option("--name", required=True, help="Nama biro seperti pada kontrak.")
@shared
def propose(recipient: str, name: str, username: str, as_json: bool) -> None:
    """Usulkan biro cetak dan kunci publiknya (age1…)."""
    actor = acting(username, "print.run")
    with transaction.atomic():
        bureau = bureaus.propose(name, recipient, actor=actor, at=timezone.now())
    tell(_told(bureau), as_json=as_json)


@click.command()
@BUREAU
@shared
def approve(bureau_uuid: UUID, username: str, as_json: bool) -> None:
    """Setujui biro dan kuncinya sebagai orang kedua, setelah kunci dicocokkan lewat telepon."""
    actor = acting(username, "print.release")
    with transaction.atomic():
        bureau = bureaus.approve(bureaus.find(bureau_uuid), actor=actor, at=timezone.now())
    tell(_told(bureau), as_json=as_json)


@click.command()
@BUREAU
@shared
def end(bureau_uuid: UUID, username: str, as_json: bool) -> None:
    """Jangan kirimi biro ini paket lagi."""
    actor = acting(username, "print.run")
    with transaction.atomic():
        bureau = bureaus.end(bureaus.find(bureau_uuid), actor=actor, at=timezone.now())
    tell(_told(bureau), as_json=as_json)


@click.command(name="list")
@as_json_option
def list_(as_json: bool) -> None:
    """Daftar biro cetak."""
    rows = [_told(bureau) for bureau in Bureau.objects.order_by("id")]
    tell(
        {"bureaus": rows if as_json else [" ".join(row.values()) for row in rows]}, as_json=as_json
    )


def _told(bureau: Bureau) -> dict[str, str]:
    state = "ended" if bureau.ended_at else "approved" if bureau.approved_at else "proposed"
    return {
        "bureau": str(bureau.uuid), "state": state, "name": bureau.name, "key": bureau.recipient,
    }  # fmt: skip
