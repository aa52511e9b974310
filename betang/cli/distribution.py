"""Penyaluran: buka tahap, penugasan luring, pengalihan hak, capaian."""

from datetime import datetime
from pathlib import Path
from uuid import UUID

import click
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from betang.accounts.access import may
from betang.accounts.models import Device, User
from betang.areas.points import NotAListError, load_points
from betang.cli._acting import (
    acting,
    acting_on,
    as_json_option,
    ask,
    shared,
    steps,
    sure,
    tell,
)
from betang.core.clock import WIB, to_wire
from betang.core.errors import NotFoundError
from betang.distribution import lease as leases
from betang.distribution import plan as plan_of
from betang.distribution.models import Entitlement, Lease, VillageTally
from betang.distribution.open_cycle import open_cycle
from betang.programmes.models import Cycle

CYCLES = "cycle.manage"
DEVICES = "device.manage"
DAYS = "day.plan"


class NothingThereError(NotFoundError):
    """No such cycle, device or lease."""

    code = "distribution.unknown"
    sentence = "Tidak ditemukan: {what}."
    do = "Periksa kode atau nomornya."


@click.group()
def command() -> None:
    """Buka tahap penyaluran dan atur siapa yang boleh menyerahkan apa."""


@command.command(name="open")
@click.argument("cycle_code")
@shared
def open_one(cycle_code: str, username: str, as_json: bool) -> None:
    """Buka tahap: setiap keluarga yang ditetapkan mendapat haknya."""
    actor = acting(username, CYCLES)
    with steps() as step, transaction.atomic():
        step("Membuka tahap", 1, 1)
        done = open_cycle(_cycle(cycle_code), actor=actor, at=timezone.now())
    tell(done._asdict(), as_json=as_json)


@command.command()
@click.argument("short_id")
@click.argument("cycle_code")
@click.option("--area", "areas", type=int, multiple=True, help="Kode wilayah; bawaan: semuanya.")
@click.option("--days", type=int, default=leases.DAYS, show_default=True, help="Lamanya, hari.")
@shared
def lease(
    short_id: str, cycle_code: str, areas: tuple[int, ...], days: int, username: str, as_json: bool
) -> None:
    """Tugaskan hak yang masih bebas kepada satu gawai saja."""
    acting(username, DEVICES)
    device = Device.objects.select_related("owner").filter(short_id=short_id.upper()).first()
    if device is None:
        raise NothingThereError(what=short_id)
    actor = acting_on(device, username, DEVICES)
    with transaction.atomic():
        done = leases.grant(
            device,
            cycle=_cycle(cycle_code),
            areas=areas or None,
            days=days,
            actor=actor,
            at=timezone.now(),
        )
    told = {
        "lease": str(done.uuid),
        "rights": done.rights_count,
        "not_after": to_wire(done.not_after),
    }
    tell(told, as_json=as_json)


@command.command(name="sign-anew")
@shared
def sign_anew(username: str, as_json: bool) -> None:
    """Tanda tangani lagi penugasan yang kuncinya dicabut; hak dan harinya tetap."""
    actor = acting(username, DEVICES)
    with transaction.atomic():
        done = leases.sign_anew(actor=actor, at=timezone.now())
    tell({"leases": done}, as_json=as_json)


@command.command()
@click.argument("lease_id", type=click.UUID)
@click.option("--reason", required=True, help="Alasannya.")
@shared
def revoke(lease_id: UUID, reason: str, username: str, as_json: bool) -> None:
    """Tarik penugasan; haknya tetap pada gawai sampai dikembalikan atau dialihkan."""
    acting(username, DEVICES)
    found = Lease.objects.select_related("device__owner").filter(uuid=lease_id).first()
    if found is None:
        raise NothingThereError(what=str(lease_id))
    actor = acting_on(found.device, username, DEVICES)
    with transaction.atomic():
        done = leases.revoke(found, reason=reason, actor=actor, at=timezone.now())
    tell({"lease": str(done.uuid), "state": done.state}, as_json=as_json)


@command.command()
@click.argument("entitlement", type=click.UUID)
@click.option("--reason", required=True, help="Alasannya.")
@click.option("--second", required=True, help="Nama pengguna orang kedua.")
@sure
@shared
def override(
    entitlement: UUID, reason: str, second: str, yes: bool, username: str, as_json: bool
) -> None:
    """Lepaskan hak yang dipegang gawai (dua orang, dengan alasan)."""
    right = Entitlement.objects.filter(uuid=entitlement).first()
    area = right.village_id if right else None
    actor, other = acting(username, DEVICES, area), acting(second, DEVICES, area)
    ask("Penyerahan gawai itu atas hak ini akan disengketakan. Lanjutkan?", yes=yes)
    with transaction.atomic():
        leases.override(entitlement, reason=reason, actor=actor, second=other, at=timezone.now())
    tell({"entitlement": str(entitlement), "state": "open"}, as_json=as_json)


@command.command()
@click.argument("cycle_code")
@click.option("--area", type=int, default=62, show_default=True, help="Kode wilayah.")
@click.option(
    "--from", "first_on", type=click.DateTime(["%Y-%m-%d"]), required=True, help="Hari pertama."
)
@click.option("--per-day", type=int, default=plan_of.PER_DAY, show_default=True, help="Keluarga.")
@shared
def days(
    cycle_code: str, area: int, first_on: datetime, per_day: int, username: str, as_json: bool
) -> None:
    """Rencanakan hari penyaluran: setiap keluarga diundang ke titik, tanggal, dan nomor antrean."""
    actor = acting(username, DAYS, area)
    at = timezone.now()
    with transaction.atomic():
        done = plan_of.plan_days(
            _cycle(cycle_code),
            [plan_of.Wave(area, first_on.date())],
            plan_of.Shape(per_day=per_day),
            today=at.astimezone(WIB).date(),
            actor=actor,
            at=at,
        )
    tell(done._asdict(), as_json=as_json)


@command.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@shared
def points(file: Path, username: str, as_json: bool) -> None:
    """Ambil titik penyaluran dari CSV (desa; nama; lat; lng); baris yang salah disebutkan."""
    actor = acting(username, DAYS)
    user = User.objects.get(username__iexact=username)
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotAListError from error
    with transaction.atomic():
        done = load_points(
            text,
            within=lambda village: may(user, DAYS, village),
            actor=actor,
            at=timezone.now(),
        )
    for one in done.wrong:
        click.echo(f"Baris {one.line}: {one.why}", err=True)
    tell({"made": done.made, "kept": done.kept, "wrong": len(done.wrong)}, as_json=as_json)


@command.command()
@click.argument("cycle_code")
@as_json_option
def tally(cycle_code: str, as_json: bool) -> None:
    """Hitung capaian satu tahap."""
    names = ("due", "served_online", "served_offline", "contested", "bank_due", "paid")
    sums = VillageTally.objects.filter(cycle=_cycle(cycle_code)).aggregate(
        **{name: Sum(name) for name in names}
    )
    tell({name: sums[name] or 0 for name in names}, as_json=as_json)


def _cycle(code: str) -> Cycle:
    found = Cycle.objects.filter(code=code).order_by("-pk").first()
    if found is None:
        raise NothingThereError(what=code)
    return found
