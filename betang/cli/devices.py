"""Gawai: kode pendaftaran, pencocokan enam kata, penangguhan, pencabutan."""

from hashlib import sha256
from typing import Any

import click
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from betang.accounts import devices
from betang.accounts.models import Device, User
from betang.cli._acting import acting, as_json_option, shared, tell
from betang.core.clock import to_wire
from betang.core.errors import NotFoundError
from betang.core.jose import to_b64u
from betang.keys import signer
from betang.sync.supervise import close_gap, release_waiting

MANAGE = "device.manage"


class NoDeviceError(NotFoundError):
    """No device has this short id."""

    code = "device.unknown"
    sentence = "Tidak ada gawai dengan nomor itu."
    do = "Lihat daftar gawai dengan `betang devices list`."


class NoOwnerError(NotFoundError):
    """No account has this user name."""

    code = "user.unknown"
    sentence = "Tidak ada akun dengan nama pengguna itu."
    do = "Periksa nama penggunanya."


@click.group()
def command() -> None:
    """Daftarkan, cocokkan, tangguhkan dan cabut gawai petugas."""


@command.command()
@click.argument("facilitator")
@shared
def code(facilitator: str, username: str, as_json: bool) -> None:
    """Buat kode pendaftaran sekali pakai (10 menit) untuk gawai FACILITATOR."""
    actor = acting(username, MANAGE)
    owner = User.objects.filter(username__iexact=facilitator).first()
    if owner is None:
        raise NoOwnerError(field="facilitator")
    with transaction.atomic():
        made = devices.issue_code(owner, actor=actor, at=timezone.now())
    _, point = signer.current("enrolment")
    text = f"{settings.ORIGIN}/lapangan/#enrol={made}.{to_b64u(sha256(point).digest())}"
    tell({"code": made, "qr": text, "minutes": devices.CODE_MINUTES}, as_json=as_json)


@command.command(name="list")
@click.option("--state", help="Hanya yang berkeadaan ini.")
@as_json_option
def list_all(state: str | None, as_json: bool) -> None:
    """Tampilkan gawai, keadaannya dan kapan terakhir terhubung."""
    found = Device.objects.select_related("owner").order_by("short_id")
    if state:
        found = found.filter(state=state)
    told: dict[str, Any] = {
        one.short_id: {
            "state": one.state,
            "owner": one.owner.username,
            "words": " ".join(devices.words_of(one)),
            "last_seen_at": to_wire(one.last_seen_at) if one.last_seen_at else None,
        }
        for one in found
    }
    tell(told, as_json=as_json)


@command.command()
@click.argument("short_id")
@click.option("--words", required=True, help="Enam kata yang dibacakan dari gawai.")
@click.option("--area", "areas", type=int, multiple=True, required=True, help="Kode wilayah.")
@shared
def confirm(
    short_id: str, words: str, areas: tuple[int, ...], username: str, as_json: bool
) -> None:
    """Cocokkan enam kata gawai dan izinkan gawai bekerja di wilayahnya."""
    actor = acting(username, MANAGE)
    with transaction.atomic():
        done = devices.confirm(
            _device(short_id), words=words.split(), areas=areas, actor=actor, at=timezone.now()
        )
    tell({"device": done.short_id, "state": done.state}, as_json=as_json)


@command.command()
@click.argument("short_id")
@click.option("--reason", required=True)
@shared
def suspend(short_id: str, reason: str, username: str, as_json: bool) -> None:
    """Tangguhkan gawai; catatannya menunggu."""
    actor = acting(username, MANAGE)
    with transaction.atomic():
        done = devices.suspend(_device(short_id), reason=reason, actor=actor, at=timezone.now())
    tell({"device": done.short_id, "state": done.state}, as_json=as_json)


@command.command()
@click.argument("short_id")
@shared
def reinstate(short_id: str, username: str, as_json: bool) -> None:
    """Aktifkan lagi gawai yang ditangguhkan."""
    actor = acting(username, MANAGE)
    with transaction.atomic():
        done = devices.reinstate(_device(short_id), actor=actor, at=timezone.now())
    tell({"device": done.short_id, "state": done.state}, as_json=as_json)


@command.command()
@click.argument("short_id")
@click.option("--reason", required=True)
@shared
def revoke(short_id: str, reason: str, username: str, as_json: bool) -> None:
    """Cabut gawai untuk seterusnya, misalnya karena hilang."""
    actor = acting(username, MANAGE)
    with transaction.atomic():
        done = devices.revoke(_device(short_id), reason=reason, actor=actor, at=timezone.now())
    tell({"device": done.short_id, "state": done.state}, as_json=as_json)


@command.command()
@click.argument("short_id")
@click.option("--reason", required=True)
@click.option("--second", required=True, help="Nama pengguna orang kedua.")
@shared
def gap(short_id: str, reason: str, second: str, username: str, as_json: bool) -> None:
    """Nyatakan catatan yang hilang tidak akan datang (dua orang), lalu proses sisanya."""
    closed, report = close_gap(
        _device(short_id),
        reason=reason,
        actor=acting(username, MANAGE),
        second=acting(second, MANAGE),
        at=timezone.now(),
    )
    told = {"from_seq": closed.from_seq, "to_seq": closed.to_seq, "applied_seq": report.seq}
    tell(told, as_json=as_json)


@command.command()
@click.argument("short_id")
@click.option("--reason", required=True)
@click.option("--second", required=True, help="Nama pengguna orang kedua.")
@shared
def release(short_id: str, reason: str, second: str, username: str, as_json: bool) -> None:
    """Proses catatan yang menunggu karena gawainya tidak aktif (dua orang)."""
    count = release_waiting(
        _device(short_id),
        reason=reason,
        actor=acting(username, MANAGE),
        second=acting(second, MANAGE),
        at=timezone.now(),
    )
    tell({"released": count}, as_json=as_json)


def _device(short_id: str) -> Device:
    found = Device.objects.select_related("owner").filter(short_id=short_id.upper()).first()
    if found is None:
        raise NoDeviceError(field="short_id")
    return found
