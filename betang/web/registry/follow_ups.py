"""What the field left for the office: listed by age, closed by a person or by a home point."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from betang.accounts.access import areas_of, may, within
from betang.accounts.models import Device
from betang.areas.models import Area
from betang.monitoring import board
from betang.monitoring.looks import listed
from betang.registry.follow_up import WAYS, close_follow_up
from betang.registry.models import FollowUp, Household, Member
from betang.sync.read_said import open_attachment
from betang.web.guard import StaffRequest, rule
from betang.web.shell.asked import Form, act
from betang.web.shell.listing import Column, ordered
from betang.web.shell.paging import page_of

KINDS = {
    "home_missing": "Titik rumah belum ada",
    "moved": "Keluarga atau anggotanya pindah",
    "deceased": "Ada yang meninggal",
    "not_found": "Keluarga tidak ditemukan",
    "refused": "Keluarga tidak bersedia didata",
    "aid_refused": "Keluarga menolak bantuan",
}
COLUMNS = (
    Column("sejak", "Sejak", ("opened_at",)),
    Column("jenis", "Yang perlu dikerjakan", ("kind",)),
    Column("keluarga", "Keluarga", ("household__head_name",)),
    Column("desa", "Desa atau kelurahan", ("household__village_id",)),
)
#: What the field may have written, in the order in which it is read.
SAID = (
    ("moved_to", "Pindah ke"),
    ("anchor", "Titik acuan"),
    ("custodian_name", "Penitip pesan"),
    ("custodian_contact", "Menghubunginya"),
    ("note", "Keterangan"),
)


@rule("household.see")
def follow_ups(request: StaffRequest) -> HttpResponse:
    """List what is open in one's own areas, the oldest first."""
    areas = areas_of(request.user, "household.see")
    own = FollowUp.objects.filter(within("household__village__code", areas))
    own = own.filter(closed_at__isnull=request.GET.get("keadaan") != "selesai")
    kind = request.GET.get("jenis", "")
    rows = own.filter(kind=kind) if kind in KINDS else own
    rows, heads = ordered(request, rows.select_related("household"), COLUMNS)
    page = page_of(request, rows)
    with transaction.atomic():
        listed(len(page), searched=False, actor=request.user.actor, at=timezone.now(), area=None)
    facts = {
        "title": "Tindak lanjut lapangan",
        "lead": "Yang ditemukan petugas dan perlu dikerjakan kantor.",
        "crumbs": [("/keluarga/", "Keluarga")],
        "page": page,
        "whole": own.count() if kind in KINDS else None,
        "heads": heads,
        "names": board.names(),
        "kinds": KINDS,
        "ways": WAYS,
    }
    return render(request, "registry/follow_ups.html", facts)


@rule("household.see")
def close(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Close one by a POST; whoever only looks is led to the family."""
    areas = areas_of(request.user, "household.see")
    own = FollowUp.objects.filter(within("household__village__code", areas))
    shown = get_object_or_404(own.select_related("household"), uuid=uuid)
    if request.method == "POST" and may(request.user, "case.decide", shown.household.village_id):
        form = Form(request)
        act(
            request,
            lambda: close_follow_up(
                shown, form.get("how"), actor=request.user.actor, at=timezone.now()
            ),
            "Tindak lanjut ditutup.",
        )
    return redirect("household", shown.household.uuid)


def of_household(household: Household) -> list[dict[str, Any]]:
    """Give what is open of a family, with what the field wrote, opened from its sealed attachment.

    Only for a page whose look was recorded.
    """
    rows = FollowUp.objects.filter(household=household, closed_at__isnull=True).order_by("pk")
    devices = {one.uuid: one.short_id for one in Device.objects.filter(
        uuid__in=[row.device for row in rows])}  # fmt: skip
    return [
        {
            "row": row,
            "words": KINDS[row.kind],
            "device": devices.get(row.device),
            "said": [*_codes(row), *_written(row)],
        }
        for row in rows
    ]


def _codes(row: FollowUp) -> list[tuple[str, str]]:
    """Say what stands in the facts: where to, and who collects from now on."""
    told = []
    if row.facts.get("left_province"):
        told.append(("Pindah ke", "luar provinsi"))
    village = Area.objects.filter(code=int(row.facts.get("to_village") or 0)).first()
    if village:
        told.append(("Pindah ke", village.name))
    successor = Member.objects.filter(
        uuid=row.facts.get("successor"), household=row.household
    ).first()
    if successor:
        told.append(("Penerus yang mengambil", successor.name))
    return told


def _written(row: FollowUp) -> list[tuple[str, str]]:
    if row.attachment_sha256 is None:
        return []
    private = open_attachment(bytes(row.attachment_sha256))
    return [(words, str(private[name])) for name, words in SAID if private.get(name)]
