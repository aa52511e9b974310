"""Make accounts and close them. An account alone may do nothing: a role makes it (see `roles`)."""

import re
from datetime import datetime
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Q

from betang.accounts.devices import suspend
from betang.accounts.models import Device, DeviceState, User
from betang.core.actor import Actor
from betang.core.errors import FieldsError, RefusedError
from betang.core.identifiers import new_uuid
from betang.core.identity.nik import Nik, read_nik
from betang.journal.record import record
from betang.keys.sealing import blind_index, seal

#: A phone in these states may still do something.
WORKING = (DeviceState.PENDING, DeviceState.ACTIVE)

USERNAME = re.compile(r"[a-z][a-z0-9._-]{2,59}")

FULL_NAME_MAX = 120

#: Country code and 8 to 12 digits: Indonesian mobile numbers.
PHONE = re.compile(r"\+62[0-9]{8,12}")

LOCK = "SELECT pg_advisory_xact_lock(hashtext('betang.accounts.person'))"


class UsernameFormError(FieldsError):
    """The user name is not one that can be typed everywhere."""

    code = "user.username_form"
    sentence = "Nama pengguna memuat huruf kecil, angka, titik, atau garis; contoh: sari.dewi."
    do = "Ketik nama pengguna lain, paling sedikit tiga tanda dan diawali huruf."


class UsernameTakenError(FieldsError):
    """Somebody else signs in with this name."""

    code = "user.taken"
    sentence = "Nama pengguna ini sudah dipakai akun lain."
    do = "Pilih nama pengguna lain, atau periksa apakah orang ini sudah mempunyai akun."


class NikFormError(FieldsError):
    """The number is no NIK."""

    code = "user.nik_form"
    sentence = "NIK terdiri dari 16 angka seperti pada KTP."
    do = "Ketik ulang dari KTP; spasi boleh."


class NikNamedError(RefusedError):
    """The account has a NIK already; another one would make it another human's."""

    code = "user.nik_named"
    sentence = "NIK akun ini sudah tercatat."
    do = "Bila NIK itu salah, tutup akun ini dan buat akun baru."


class NoMarkError(FieldsError):
    """Neither NIK nor phone number was given: a second account of this human would go unnoticed."""

    code = "user.no_mark"
    sentence = "Isi NIK atau nomor telepon orangnya."
    do = "Salah satunya diperlukan agar satu orang dengan dua akun tetap dihitung satu orang."


class PersonKnownError(FieldsError):
    """A human with this NIK or phone number has an account already."""

    code = "user.person_known"
    sentence = "Orang dengan NIK atau nomor telepon ini sudah mempunyai akun."
    do = (
        "Pakai akun yang ada. Bila ia memang perlu akun kedua, nyatakan bahwa ini orang yang sama; "
        "bila bukan orangnya, periksa nomornya."
    )


class PersonUnknownError(FieldsError):
    """Nobody with this NIK or phone number has an account, though the caller said so."""

    code = "user.person_unknown"
    sentence = "Belum ada akun dengan NIK atau nomor telepon ini."
    do = "Periksa nomornya, atau hapus tanda bahwa orang ini sudah mempunyai akun."


class PersonsDifferError(FieldsError):
    """NIK and phone number belong to two humans."""

    code = "user.persons_differ"
    sentence = "NIK dan nomor telepon ini milik dua orang yang berbeda."
    do = "Periksa keduanya; kosongkan nomor telepon yang dipakai bersama."


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
    nik: str | None = None,
    same_person: bool = False,
    person: UUID | None = None,
) -> User:
    """Make an account for a human, known by `nik` or `phone` where one of them is given.

    `same_person` says that the human has an account already and gets one more: both then count as
    one where maker and approver are compared. The further account signs in by its user name; a
    phone number stays with the first. `person` names the human directly. Raises a `FieldsError`
    that names the field.
    """
    username = username.strip().lower()
    if not USERNAME.fullmatch(username):
        raise UsernameFormError(field="username")
    full_name = " ".join(full_name.split())
    if not full_name or len(full_name) > FULL_NAME_MAX or not full_name.isprintable():
        raise FullNameError(field="full_name")
    number = normal_phone(phone) if phone and phone.strip() else None
    nik = normal_nik(nik) if nik and nik.strip() else None
    if User.objects.filter(Q(username__iexact=username)).exists():
        raise UsernameTakenError(field="username")
    index = blind_index("nik", nik) if nik else None
    known = _known_person(number, index, same_person=same_person)
    if person and known and person != known:
        raise PersonsDifferError(field="nik" if nik else "phone")
    user = User(
        username=username,
        phone=None if User.objects.filter(phone=number).exists() else number,
        full_name=full_name,
        person=known or person or new_uuid(),
        nik_sealed=seal(nik) if nik else None,
        nik_index=index,
        nik_last4=nik[-4:] if nik else "",
    )
    set_password(user, password)
    user.save()
    accounts = User.objects.filter(person=user.person).count()
    facts = {"accounts": accounts} if accounts > 1 else {}
    record("user.created", user.uuid, actor=actor, at=at, **facts)
    return user


def name_nik(user: User, nik: str, *, actor: Actor, at: datetime) -> User:
    """Name the NIK of the human behind an account that has none.

    Raises `NikFormError`, `NikNamedError`, or `PersonKnownError` where the NIK is that of another
    account's human: what this account did stands under another person, and cannot be joined.
    """
    nik = normal_nik(nik)
    index = blind_index("nik", nik)
    with connection.cursor() as cursor:
        cursor.execute(LOCK)
    if User.objects.filter(nik_index=index).exclude(person=user.person).exists():
        raise PersonKnownError(field="nik")
    named = {"nik_sealed": seal(nik), "nik_index": index, "nik_last4": nik[-4:]}
    if not User.objects.filter(pk=user.pk, nik_index__isnull=True).update(**named):
        raise NikNamedError(field="nik")
    user.refresh_from_db()
    record("user.nik_named", user.uuid, actor=actor, at=at)
    return user


def require_mark(phone: str | None, nik: str | None) -> None:
    """Hold who makes an account to naming its human; raises `NoMarkError`."""
    if not (phone or "").strip() and not (nik or "").strip():
        raise NoMarkError(field="nik")


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


def normal_nik(text: str) -> str:
    """Write a NIK as sixteen digits; raises `NikFormError` if it is none."""
    digits = re.sub(r"[\s.-]", "", text)
    if not isinstance(read_nik(digits), Nik):
        raise NikFormError(field="nik")
    return digits


def _known_person(number: str | None, index: bytes | None, *, same_person: bool) -> UUID | None:
    """Give the person of this phone number or NIK, if there is one and the caller said so."""
    if number is None and index is None and not same_person:
        return None
    with connection.cursor() as cursor:
        cursor.execute(LOCK)  # of two accounts made at once, the second sees the first
    owners = User.objects.filter(phone=number) if number else User.objects.none()
    by_phone = set(owners.values_list("person", flat=True))
    owners = User.objects.filter(nik_index=index) if index else User.objects.none()
    by_nik = set(owners.values_list("person", flat=True))
    field = "nik" if by_nik else "phone"
    found = by_phone | by_nik
    if len(found) > 1:
        raise PersonsDifferError(field=field)
    if found and not same_person:
        raise PersonKnownError(field=field)
    if same_person and not found:
        raise PersonUnknownError(field="same_person")
    return found.pop() if found else None


def set_password(user: User, password: str) -> None:
    """Set a password that is not weak, without saving; raises `WeakPasswordError`."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise WeakPasswordError(field="password") from error
    user.set_password(password)
