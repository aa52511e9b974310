"""What every page's frame needs to know."""

from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest

from betang.accounts.access import may, roles_of
from betang.accounts.models import Role
from betang.monitoring.seen import open_alerts


class Room(NamedTuple):
    """One link of the rail."""

    address: str
    icon: str
    title: str
    permission: str
    waiting: int = 0


ROOMS = (
    ("/", "layout-grid", "Papan pantau", "board.see"),
    ("/peringatan/", "bell", "Peringatan", "alert.see"),
    ("/kasus/", "scale", "Kasus", "case.see"),
    ("/keluarga/", "users", "Keluarga", "household.see"),
    ("/kartu/", "credit-card", "Kartu", "card.see"),
    ("/tahap/", "calendar-range", "Tahap", "cycle.see"),
    ("/penerimaan/", "file-input", "Penerimaan data", "intake.see"),
    ("/aturan/", "file-check", "Aturan dan SK", "rules.see"),
    ("/hari/", "map-pin", "Hari penyaluran", "day.see"),
    ("/penugasan/", "clipboard-list", "Penugasan luring", "device.see"),
    ("/gawai/", "smartphone", "Gawai petugas", "device.see"),
    ("/penyaluran/", "banknote", "Penyaluran ke rekening", "disbursement.see"),
    ("/pengguna/", "user-cog", "Pengguna dan peran", "user.see"),
)
#: Pages whose address begins otherwise than the room they belong to.
ELSEWHERE = {
    "wilayah": "/",
    "titik": "/hari/",
    "sk": "/aturan/",
    "penilaian": "/aturan/",
    "peran": "/pengguna/",
    "pendaftaran": "/keluarga/",
    "tindak-lanjut": "/keluarga/",
}


def frame(request: HttpRequest) -> dict[str, Any]:
    """Give the rail of this account, the watermark and the stream's address."""
    user = getattr(request, "user", None)
    facts: dict[str, Any] = {"demo": settings.DEMO, "stream_origin": settings.STREAM_ORIGIN}
    if user is None or not user.is_authenticated:
        return facts
    facts["rooms"] = [
        Room(*room, waiting=open_alerts(user).count() if room[3] == "alert.see" else 0)
        for room in ROOMS
        if may(user, room[3]) and not request.__dict__.get("rooms_shut")
    ]
    first = request.path.split("/")[1]
    facts["here"] = ELSEWHERE.get(first, f"/{first}/")
    facts["own_roles"] = [Role(role).label for role in sorted(roles_of(user))]
    return facts
