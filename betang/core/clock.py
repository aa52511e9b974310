"""How time is written: RFC 3339 UTC with milliseconds on the wire, WIB for people."""

from datetime import UTC, date, datetime, timedelta, timezone

#: Waktu Indonesia Barat: Kalimantan Tengah is on UTC+7, without daylight saving.
WIB = timezone(timedelta(hours=7), "WIB")

MONTHS = (
    "Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September",
    "Oktober", "November", "Desember",
)  # fmt: skip


def to_wire(moment: datetime) -> str:
    """Write an aware moment as `2026-11-12T07:32:00.000Z`. Raises ValueError if it is naive."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone cannot be sent")
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def from_wire(text: str) -> datetime:
    """Read what `to_wire` wrote. Raises ValueError for anything that is not RFC 3339 in UTC."""
    if not text.endswith("Z") or len(text) > 30:
        raise ValueError("not a UTC time")
    return datetime.fromisoformat(text)


def day(on: date) -> str:
    """Write a date as people do: `12 November 2026`."""
    return f"{on.day} {MONTHS[on.month - 1]} {on.year}"


def moment(at: datetime) -> str:
    """Write a moment in the province's zone: `12 November 2026 14.32 WIB`."""
    local = at.astimezone(WIB)
    return f"{day(local.date())} {local:%H.%M} WIB"
