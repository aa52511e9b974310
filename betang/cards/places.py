"""Naming the place that an act means: an office by its area, a device, a parcel on its way."""

from uuid import UUID

from django.db import connection

from betang.cards.models import Place
from betang.core.errors import NotFoundError

PROVINCE_DIGITS, REGENCY_DIGITS, VILLAGE_DIGITS = 2, 4, 10

#: Where cards are in an office's stock, with no device and on no way.
OFFICES = (Place.Kind.PROVINCE, Place.Kind.REGENCY, Place.Kind.VILLAGE)


class NoSuchPlaceError(NotFoundError):
    """No office keeps cards under this code."""

    code = "cards.no_such_place"
    sentence = "Tidak ada kantor penyimpan kartu dengan kode {area}."
    do = "Isi 62 (provinsi), kode kabupaten/kota (4 angka) atau kode desa/kelurahan (10 angka)."
    status = 422


def bureau() -> Place:
    """Give the bureau that prints."""
    return _place(Place.Kind.BUREAU)


def province() -> Place:
    """Give the province's office."""
    return _place(Place.Kind.PROVINCE)


def of_device(device: UUID) -> Place:
    """Give the hands of the officer who carries `device`."""
    return _place(Place.Kind.DEVICE, device=device)


def of_families(village: int) -> Place:
    """Give the families of `village`."""
    return _place(Place.Kind.FAMILY, area=village)


def office(area: int | None) -> Place:
    """Give the office that keeps the cards of `area`; raises `NoSuchPlaceError` where none does."""
    digits = len(str(area)) if area is not None else PROVINCE_DIGITS
    if digits == PROVINCE_DIGITS:
        return province()
    kind = {REGENCY_DIGITS: Place.Kind.REGENCY, VILLAGE_DIGITS: Place.Kind.VILLAGE}.get(digits)
    if kind is None or not _is_area(area):
        raise NoSuchPlaceError(area=area, field="to")
    return _place(kind, area=area)


def transit(transfer: UUID) -> Place:
    """Give the way that one parcel is on."""
    place, _ = Place.objects.get_or_create(kind=Place.Kind.TRANSIT, transfer=transfer)
    return place


def area_of(place: Place) -> int | None:
    """Give the area in which somebody must have a say to act for `place`; None: the province."""
    return place.area


def _place(kind: Place.Kind, *, area: int | None = None, device: UUID | None = None) -> Place:
    """Find the place, or make it: the database holds each once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT cards_place_of(%s, %s, %s)", [kind.value, area, device])
        row = cursor.fetchone()
    return Place.objects.get(pk=row[0])


def _is_area(area: int | None) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM areas_area WHERE code = %s)", [area])
        row = cursor.fetchone()
    return bool(row and row[0])
