"""Parcels of cards between offices: sent, counted, taken back, their missing cards settled."""

from collections.abc import Sequence
from uuid import UUID

import click
from django.db import transaction
from django.utils import timezone

from betang.cards import places
from betang.cards import transfer as parcels
from betang.cards.models import Transfer
from betang.cards.parcel import holds
from betang.cli._acting import acting, as_json_option, busy, shared, tell
from betang.core.errors import NotFoundError

TRANSFER = click.argument("transfer", type=click.UUID)


class NoSuchTransferError(NotFoundError):
    """No parcel has this uuid."""

    code = "cards.no_such_transfer"
    sentence = "Tidak ada kiriman kartu dengan nomor itu."
    do = "Lihat daftar kiriman dengan `betang cards transfers`."


@click.command()
@click.option("--from", "sender", type=int, help="Kode kantor pengirim; tanpa ini provinsi.")
@click.option("--to", "receiver", type=int, required=True, help="Kode kantor penerima.")
@click.option("--area", type=int, help="Kartu wilayah mana; tanpa ini wilayah penerima.")
@shared
def send(sender: int | None, receiver: int, area: int | None, username: str, as_json: bool) -> None:
    """Kirim kartu dari satu kantor ke kantor lain; penerima menghitungnya."""
    actor = acting(username, "card.keep", sender or 62)
    with busy("Mencatat kiriman"), transaction.atomic():
        given = parcels.send(
            places.office(sender),
            places.office(receiver),
            area=area or receiver,
            actor=actor,
            at=timezone.now(),
        )
    tell({"transfer": str(given.uuid), "sent": given.count}, as_json=as_json)


@click.command()
@TRANSFER
@click.option("--counted", type=int, required=True, help="Berapa kartu yang dihitung.")
@click.option("--missing", type=int, multiple=True, help="Nomor kartu yang kurang (boleh diulang).")
@click.option("--extra", type=int, multiple=True, help="Nomor kartu yang lebih (boleh diulang).")
@click.option("--reason", type=click.Choice(tuple(parcels.REASONS)), default=None, help="Sebab.")
@shared
def count(
    transfer: UUID,
    counted: int,
    missing: Sequence[int],
    extra: Sequence[int],
    reason: str | None,
    username: str,
    as_json: bool,
) -> None:
    """Hitung kiriman yang tiba; yang kurang dan yang lebih disebut nomornya."""
    found = _transfer(transfer)
    actor = acting(username, "card.keep", found.receiver.area)
    with transaction.atomic():
        done = parcels.acknowledge(
            found,
            counted=counted,
            missing=missing,
            extra=extra,
            reason=reason or "",
            actor=actor,
            at=timezone.now(),
        )
    told = {"state": done.state, "received": done.received_count, "missing": len(done.missing)}
    tell(told, as_json=as_json)


@click.command()
@TRANSFER
@shared
def recall(transfer: UUID, username: str, as_json: bool) -> None:
    """Tarik kembali kiriman yang belum dihitung penerima."""
    found = _transfer(transfer)
    actor = acting(username, "card.keep", found.sender.area)
    with transaction.atomic():
        done = parcels.recall(found, actor=actor, at=timezone.now())
    tell({"state": done.state, "count": done.count}, as_json=as_json)


@click.command()
@TRANSFER
@click.argument("numbers", type=int, nargs=-1, required=True)
@click.option("--found/--lost", required=True, help="Ditemukan, atau diblokir sebagai hilang.")
@shared
def settle(
    transfer: UUID, numbers: Sequence[int], found: bool, username: str, as_json: bool
) -> None:
    """Selesaikan kartu yang kurang pada sebuah kiriman: ditemukan, atau hilang dan diblokir."""
    row = _transfer(transfer)
    actor = acting(username, "card.keep", row.receiver.area)
    with transaction.atomic():
        done = parcels.settle(row, numbers, found=found, actor=actor, at=timezone.now())
    tell({"state": done.state, "settled": len(numbers)}, as_json=as_json)


@click.command()
@click.option("--all", "everything", is_flag=True, help="Juga yang sudah selesai.")
@as_json_option
def transfers(everything: bool, as_json: bool) -> None:
    """Daftar kiriman kartu: yang di jalan, dan yang kurang."""
    rows = Transfer.objects.select_related("sender", "receiver").order_by("-sent_at")
    if not everything:
        rows = rows.filter(state__in=["in_transit", "carried", "short"])
    told = [
        {
            "transfer": str(row.uuid),
            "from": row.sender.kind,
            "to": row.receiver.kind,
            "area": row.area,
            "state": row.state,
            "count": row.count,
            "missing": len(row.missing),
            "signed": holds(row),
        }
        for row in rows[:200]
    ]
    tell({"transfers": told}, as_json=as_json)


def _transfer(uuid: UUID) -> Transfer:
    found = Transfer.objects.select_related("sender", "receiver").filter(uuid=uuid).first()
    if found is None:
        raise NoSuchTransferError
    return found
