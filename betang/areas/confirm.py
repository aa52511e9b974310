"""Confirm what a BPS number means: a clerk's word, where names alone prove nothing."""

from datetime import datetime

from betang.areas.models import Area, BpsCode
from betang.core.actor import Actor
from betang.core.errors import NotFoundError, RefusedError
from betang.core.identifiers import new_uuid
from betang.journal.record import record


class UnknownBpsCodeError(NotFoundError):
    """No such BPS number is loaded."""

    code = "areas.bps_unknown"
    sentence = "Kode BPS {bps_code} tidak ada dalam daftar."
    do = "Periksa angkanya, atau muat ulang daftar wilayah dengan `betang areas load`."


class LevelDiffersError(RefusedError):
    """A village's number cannot mean a district."""

    code = "areas.level_differs"
    sentence = "Kode BPS {bps_code} dan kode Kemendagri {area_code} bukan wilayah setingkat."
    do = "Pilih wilayah pada tingkat yang sama."


def confirm_bps(bps_code: int, *, area: int, actor: Actor, at: datetime) -> BpsCode:
    """Record that `bps_code` means the area with the Kemendagri number `area`.

    Raises `UnknownBpsCodeError`, `LevelDiffersError`. Confirming again with another area corrects
    the first word; both stay in the journal.
    """
    line = BpsCode.objects.select_for_update().filter(pk=bps_code).first()
    if line is None:
        raise UnknownBpsCodeError(bps_code=bps_code)
    place = Area.objects.filter(pk=area).first()
    if place is None or place.level != line.level:
        raise LevelDiffersError(bps_code=bps_code, area_code=area)
    line.area = place
    line.state = "confirmed"
    line.confirmed_by_person = actor.person
    line.confirmed_at = at
    line.save()
    record(
        "area.bps_confirmed", new_uuid(), actor=actor, at=at, area=area,
        bps_code=bps_code, area_code=area,
    )  # fmt: skip
    return line
