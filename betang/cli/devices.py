"""Gawai: kode pendaftaran, pencocokan enam kata, penangguhan, pencabutan."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

import click
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from betang.accounts import devices
from betang.accounts.access import areas_of
from betang.accounts.models import Device, User
from betang.cli._acting import (
    acting,
    acting_in_any,
    acting_on,
    as_json_option,
    ask,
    busy,
    shared,
    sure,
    tell,
)
from betang.core.clock import to_wire
from betang.core.errors import NotFoundError
from betang.core.jose import to_b64u
from betang.keys import signer
from betang.monitoring import lagging
from betang.sync import supervise
from betang.sync.propose import ACTS

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


def by_two(function: Callable[..., None]) -> Callable[..., None]:
    """Add what an act of two persons needs."""
    second = click.option("--second", required=True, help="Nama pengguna orang kedua.")
    reason = click.option("--reason", required=True, help="Alasannya.")
    return reason(second(sure(shared(function))))


@click.group()
def command() -> None:
    """Daftarkan, cocokkan, tangguhkan dan cabut gawai petugas."""


@command.command()
@click.argument("facilitator")
@shared
def code(facilitator: str, username: str, as_json: bool) -> None:
    """Buat kode pendaftaran sekali pakai (10 menit) untuk gawai FACILITATOR."""
    owner = User.objects.filter(username__iexact=facilitator).first()
    if owner is None:
        acting(username, MANAGE)
        raise NoOwnerError(field="facilitator")
    actor = acting_in_any(username, MANAGE, areas_of(owner))
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
    wrong = lagging.problems_of([one.pk for one in found], at=timezone.now())
    told: dict[str, Any] = {
        one.short_id: {
            "state": one.state,
            "owner": one.owner.username,
            "words": " ".join(devices.words_of(one)),
            "last_seen_at": to_wire(one.last_seen_at) if one.last_seen_at else None,
            "version": one.app_version,
            "unsent": one.unsent,
            "wrong": [problem.name for problem in wrong[one.pk]],
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
    for area in areas:
        acting(username, MANAGE, area)
    with transaction.atomic():
        done = devices.confirm(
            _device(short_id, username),
            words=words.split(),
            areas=areas,
            actor=actor,
            at=timezone.now(),
        )
    tell({"device": done.short_id, "state": done.state}, as_json=as_json)


@command.command()
@click.argument("short_id")
@click.option("--reason", required=True, help="Alasannya.")
@shared
def suspend(short_id: str, reason: str, username: str, as_json: bool) -> None:
    """Tangguhkan gawai; catatannya menunggu."""
    done = _done(devices.suspend, short_id, username, reason=reason)
    tell({"device": done.short_id, "state": done.state}, as_json=as_json)


@command.command()
@click.argument("short_id")
@shared
def reinstate(short_id: str, username: str, as_json: bool) -> None:
    """Aktifkan lagi gawai yang ditangguhkan."""
    done = _done(devices.reinstate, short_id, username)
    tell({"device": done.short_id, "state": done.state}, as_json=as_json)


@command.command()
@click.argument("short_id")
@click.option("--reason", required=True, help="Alasannya.")
@shared
def revoke(short_id: str, reason: str, username: str, as_json: bool) -> None:
    """Cabut gawai untuk seterusnya, misalnya karena hilang."""
    done = _done(devices.revoke, short_id, username, reason=reason)
    tell({"device": done.short_id, "state": done.state}, as_json=as_json)


@command.command()
@click.argument("short_id")
@click.option("--reason", required=True, help="Alasannya.")
@shared
def wipe(short_id: str, reason: str, username: str, as_json: bool) -> None:
    """Minta gawai memusnahkan data keluarga pada kontak berikutnya; catatannya tetap."""
    done = _done(devices.order_wipe, short_id, username, reason=reason)
    tell({"device": done.short_id, "state": done.state, "wipe": "ordered"}, as_json=as_json)


@command.command()
@click.argument("short_id")
@by_two
def gap(short_id: str, **given: Any) -> None:
    """Nyatakan catatan yang hilang tidak akan datang (dua orang), lalu proses sisanya."""
    _carry_out("gap", short_id, **given)


@command.command()
@click.argument("short_id")
@click.option("--branch", is_flag=True, help="Cabang kedua rantainya, bukan yang menunggu.")
@by_two
def release(short_id: str, branch: bool, **given: Any) -> None:
    """Proses catatan yang menunggu karena gawainya tidak aktif (dua orang)."""
    _carry_out("release_branch" if branch else "release", short_id, **given)


@command.command()
@click.argument("short_id")
@click.argument("what", type=click.Choice(("waiting", "branch", "parked")))
@by_two
def refuse(short_id: str, what: str, **given: Any) -> None:
    """Putuskan bahwa catatan tidak berlaku (dua orang).

    \b
    waiting  yang menunggu karena gawainya tidak aktif
    branch   cabang kedua rantainya
    parked   yang selalu gagal diproses
    """  # noqa: D301 - click reads a backspace as: keep these lines
    _carry_out({"waiting": "refuse"}.get(what, f"refuse_{what}"), short_id, **given)


@command.command()
@click.argument("short_id")
@by_two
def reverse(short_id: str, **given: Any) -> None:
    """Batalkan penyerahan cabang pertama yang terlanjur dihitung (dua orang)."""
    _carry_out("reverse_branch", short_id, **given)


@command.command()
@shared
def retry(username: str, as_json: bool) -> None:
    """Proses ulang sekarang juga catatan yang gagal, dari semua gawai."""
    acting(username, MANAGE)
    with busy("Memproses ulang"):
        done = supervise.retry_parked(at=timezone.now())
    tell({"applied": done}, as_json=as_json)


def _carry_out(
    name: str,
    short_id: str,
    *,
    reason: str,
    second: str,
    yes: bool,
    username: str,
    as_json: bool,
) -> None:
    """Do an act about a device's chain with both persons named."""
    device = _device(short_id, username)
    actor = acting_on(device, username, MANAGE)
    other = acting_on(device, second, MANAGE)
    act = ACTS[name]
    ask(f"{act.question} Lanjutkan?", yes=yes)
    with busy("Memproses catatan"):
        told = act.carry_out(device, reason=reason, actor=actor, second=other, at=timezone.now())
    tell(told, as_json=as_json)


def _device(short_id: str, username: str) -> Device:
    """Find a device; who may manage none anywhere does not learn whether it is there."""
    acting(username, MANAGE)
    found = Device.objects.select_related("owner").filter(short_id=short_id.upper()).first()
    if found is None:
        raise NoDeviceError(field="short_id")
    return found


def _done(doing: Callable[..., Device], short_id: str, username: str, **said: str) -> Device:
    """Do something to a device that the person may manage; give it as it is after."""
    device = _device(short_id, username)
    actor = acting_on(device, username, MANAGE)
    with transaction.atomic():
        return doing(device, **said, actor=actor, at=timezone.now())
