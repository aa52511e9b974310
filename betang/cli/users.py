"""Pengguna: buat akun, usulkan dan setujui peran."""

import click
from django.db import transaction
from django.utils import timezone

from betang.accounts import roles
from betang.accounts.models import Role, RoleGrant, User
from betang.accounts.users import create_user, require_mark
from betang.areas.models import Area
from betang.cli._acting import acting, as_json_option, shared, tell
from betang.core.actor import SYSTEM
from betang.core.errors import NotFoundError

AREA = click.option("--area", type=int, default=None, help="Kode wilayah; kosong: provinsi.")


class NoSuchUserError(NotFoundError):
    """Nobody signs in with this name."""

    code = "user.unknown"
    sentence = "Tidak ada akun dengan nama pengguna itu."
    do = "Periksa ejaannya, atau lihat daftar pada halaman Pengguna."


class NoSuchGrantError(NotFoundError):
    """No such proposal waits."""

    code = "role.no_proposal"
    sentence = "Tidak ada usulan peran seperti itu yang menunggu."
    do = "Usulkan dahulu dengan `betang users propose`."


@click.group()
def command() -> None:
    """Buat akun, usulkan dan setujui peran."""


@command.command()
@click.argument("username")
@click.option("--name", "full_name", required=True, help="Nama lengkap.")
@click.option("--phone", default=None, help="Nomor telepon, misalnya 0812 3456 7890.")
@click.option("--nik", default=None, help="NIK orangnya; NIK atau nomor telepon diperlukan.")
@click.option("--same-person", is_flag=True, help="Orang ini sudah mempunyai akun.")
@click.password_option(help="Kata sandi; ditanyakan bila tidak diberikan.")
@as_json_option
def create(
    username: str,
    full_name: str,
    phone: str | None,
    nik: str | None,
    same_person: bool,
    password: str,
    as_json: bool,
) -> None:
    """Buat akun untuk satu orang. Tanpa peran, akun belum dapat membuka apa pun."""
    require_mark(phone, nik)
    with transaction.atomic():
        user = create_user(
            username,
            full_name=full_name,
            phone=phone,
            nik=nik,
            same_person=same_person,
            password=password,
            actor=SYSTEM,
            at=timezone.now(),
        )
    tell({"username": user.username, "uuid": user.uuid}, as_json=as_json)


@command.command()
@click.argument("admin")
@click.argument("officer")
@as_json_option
def found(admin: str, officer: str, as_json: bool) -> None:
    """Beri dua orang peran pertama: administrator dan Dinas Sosial Provinsi. Hanya sekali."""
    first, second = _user(admin), _user(officer)
    for user, role in ((first, Role.ADMIN), (second, Role.DINSOS_PROVINCE)):
        roles.require_nik(user, role)
    with transaction.atomic():
        grants = roles.found(first, second, actor=SYSTEM, at=timezone.now())
    tell({"granted": [grant.role for grant in grants]}, as_json=as_json)


@command.command()
@click.argument("account")
@click.argument("role", type=click.Choice(Role.values))
@AREA
@shared
def propose(account: str, role: str, area: int | None, username: str, as_json: bool) -> None:
    """Usulkan peran untuk satu akun."""
    if area is not None and not Area.objects.filter(code=area).exists():
        raise click.BadParameter(f"{area} bukan kode wilayah yang dimuat.", param_hint="--area")
    actor, user = acting(username, "role.propose", area), _user(account)
    roles.require_nik(user, role)
    with transaction.atomic():
        grant = roles.propose(user, role, area, actor=actor, at=timezone.now())
    tell({"proposed": grant.role, "uuid": grant.uuid}, as_json=as_json)


@command.command()
@click.argument("account")
@click.argument("role", type=click.Choice(Role.values))
@AREA
@shared
def approve(account: str, role: str, area: int | None, username: str, as_json: bool) -> None:
    """Setujui peran yang diusulkan orang lain."""
    actor = acting(username, "role.approve", area)
    grant = RoleGrant.objects.filter(
        user=_user(account), role=role, approved_by_person__isnull=True, until_at__isnull=True
    ).first()
    if grant is None or grant.area_id != area:
        raise NoSuchGrantError
    with transaction.atomic():
        roles.approve(grant, actor=actor, at=timezone.now())
    tell({"granted": role, "uuid": grant.uuid}, as_json=as_json)


def _user(username: str) -> User:
    user = User.objects.filter(username__iexact=username).first()
    if user is None:
        raise NoSuchUserError
    return user
