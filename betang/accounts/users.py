"""Make accounts and mend them. An account alone may do nothing: a role makes it (see `roles`)."""

import re
from datetime import datetime
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db.models import Q

from betang.accounts.devices import suspend
from betang.accounts.models import Device, DeviceState, User
from betang.core.actor import Actor
from betang.core.errors import FieldsError, SamePersonError
from betang.core.identifiers import new_uuid
from betang.journal.record import record

#: A phone in these states may still do something.
WORKING = (DeviceState.PENDING, DeviceState.ACTIVE)

USERNAME = re.compile(r"[a-z][a-z0-9._-]{2,59}")

FULL_NAME_MAX = 120

#: Country code and 8 to 12 digits: Indonesian mobile numbers.
PHONE = re.compile(r"\+62[0-9]{8,12}")


class UsernameFormError(FieldsError):
    """The user name is not one that can be typed everywhere."""

    code = "user.username_form"
    sentence = "Nama pengguna memuat huruf kecil, angka, titik, atau garis; contoh: sari.dewi."
    do = "Ketik nama pengguna lain, paling sedikit tiga tanda dan diawali huruf."


class UsernameTakenError(FieldsError):
    """Somebody else signs in with this name or number."""

    code = "user.taken"
    sentence = "Nama pengguna atau nomor telepon ini sudah dipakai akun lain."
    do = "Pilih nama pengguna lain, atau periksa apakah orang ini sudah mempunyai akun."


class PhoneFormError(FieldsError):
    """The phone number is not an Indonesian mobile number."""

    code = "user.phone_form"
    sentence = "Nomor telepon tidak dikenali; contoh: 0812 3456 7890."
    do = "Ketik nomor telepon genggam, atau kosongkan."


class FullNameError(FieldsError):
    """The name is missing, too long, or holds what no name holds."""

    code = "user.full_name"
    sentence = "Nama lengkap masih kosong atau lebih dari 120 huruf."
    do = "Ketik nama seperti pada tanda pengenal; nama satu kata ditulis satu kata."


class WeakPasswordError(FieldsError):
    """The password is too short or too common."""

    code = "user.weak_password"
    sentence = "Kata sandi terlalu pendek atau terlalu umum."
    do = "Pakai paling sedikit sepuluh tanda; tiga kata yang tidak berhubungan mudah diingat."


def create_user(
    username: str,
    *,
    full_name: str,
    password: str,
    actor: Actor,
    at: datetime,
    phone: str | None = None,
    person: UUID | None = None,
) -> User:
    """Make an account for a human. `person` is given when the human has an account already.

    Raises a `FieldsError` that names the field.
    """
    username = username.strip().lower()
    if not USERNAME.fullmatch(username):
        raise UsernameFormError(field="username")
    full_name = " ".join(full_name.split())
    if not full_name or len(full_name) > FULL_NAME_MAX or not full_name.isprintable():
        raise FullNameError(field="full_name")
    number = normal_phone(phone) if phone and phone.strip() else None
    if User.objects.filter(Q(username__iexact=username)).exists():
        raise UsernameTakenError(field="username")
    if number and User.objects.filter(phone=number).exists():
        raise UsernameTakenError(field="phone")
    user = User(
        username=username,
        phone=number,
        full_name=full_name,
        person=person or new_uuid(),
    )
    _set_password(user, password)
    user.save()
    record("user.created", user.uuid, actor=actor, at=at)
    return user


def recover(user: User, password: str, *, actor: Actor, at: datetime) -> User:
    """Give an account whose password is lost a new one, by a supervisor beside the person.

    Raises `SamePersonError` if the actor is the account's own person, `WeakPasswordError`.
    """
    if actor.person == user.person:
        raise SamePersonError(field="password")
    _set_password(user, password)
    user.save(update_fields=["password"])
    record("user.recovered", user.uuid, actor=actor, at=at)
    return user


def close_user(user: User, *, actor: Actor, at: datetime) -> User:
    """Close an account: it can sign in no more; what it did stays its own.

    Its phones are suspended: they get no family's data, and what they still send waits.
    """
    if User.objects.filter(pk=user.pk, is_active=True).update(is_active=False):
        record("user.closed", user.uuid, actor=actor, at=at)
        for device in Device.objects.filter(owner=user, state__in=WORKING):
            suspend(device, reason="akun pemilik ditutup", actor=actor, at=at)
    user.is_active = False
    return user


def normal_phone(text: str) -> str:
    """Write a phone number as +62...; raises `PhoneFormError` if it is none.

    People write 0812-3456-7890, 62812..., +62 812...: one number, one account.
    """
    digits = re.sub(r"[\s().-]", "", text)
    if digits.startswith("0"):
        digits = "+62" + digits[1:]
    elif digits.startswith("62"):
        digits = "+" + digits
    if not PHONE.fullmatch(digits):
        raise PhoneFormError(field="phone")
    return digits


def _set_password(user: User, password: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise WeakPasswordError(field="password") from error
    user.set_password(password)
