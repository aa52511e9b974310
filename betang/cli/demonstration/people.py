"""The cast: who signs in at the demonstration, each with one role, granted by two persons."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from betang.accounts.models import Role, User
from betang.accounts.roles import approve, found, propose
from betang.accounts.users import create_user
from betang.core.actor import SYSTEM

#: The demonstration's password, printed at its end; `BETANG_DEMO` marks the site as one.
PASSWORD = "rumah panjang contoh"  # noqa: S105 - public on purpose


@dataclass(frozen=True)
class Part:
    """A person of the cast. `area` is a Kemendagri number; None is the whole province."""

    username: str
    full_name: str
    role: Role
    task: str
    area: int | None = None


OFFICE = (
    Part("admin", "Agus Administrator", Role.ADMIN, "gawai dan akun; tidak menyetujui apa pun"),
    Part("budi", "Budi Santoso", Role.DINSOS_PROVINCE, "mengusulkan daftar, aturan, SK, bayar"),
    Part("wati", "Wati Lestari", Role.SUPERVISOR, "menyetujui sebagai orang kedua"),
    Part("tuti", "Tuti Handayani", Role.TREASURER, "menyetujui pembayaran"),
    Part("aulia", "Aulia Rahman", Role.AUDITOR, "memeriksa semuanya, tidak mengubah apa pun"),
    Part("gubernur", "Kantor Gubernur", Role.VIEWER, "melihat papan pantau"),
)

#: Names of facilitators are made up; each works in one regency.
FIRST_NAMES = ("Sari", "Andi", "Rina", "Yusuf", "Dewi", "Markus", "Lina", "Hendra", "Norma")


def facilitator(number: int, area: int) -> Part:
    """Make the part of the `number`-th facilitator (from 0), for an area."""
    name = FIRST_NAMES[number % len(FIRST_NAMES)]
    return Part(
        f"{name.lower()}{number + 1:02d}", f"{name} Petugas {number + 1:02d}", Role.FACILITATOR,
        "melayani keluarga di desa", area,
    )  # fmt: skip


@transaction.atomic
def gather(facilitators: list[Part], *, at: datetime) -> dict[str, User]:
    """Make the accounts of the cast and give each its role; returns them by user name."""
    cast: dict[str, User] = {}
    for part in (*OFFICE, *facilitators):
        cast[part.username] = create_user(
            part.username, full_name=part.full_name, password=PASSWORD, actor=SYSTEM, at=at
        )
    found(cast["admin"], cast["budi"], actor=SYSTEM, at=at)
    for part in (*OFFICE[2:], *facilitators):
        user = cast[part.username]
        grant = propose(user, part.role, part.area, actor=cast["admin"].actor, at=at)
        approve(grant, actor=cast["budi"].actor, at=at)
    return cast
