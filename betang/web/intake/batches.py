"""Incoming lists: uploaded by one, read from a report, accepted by another."""

from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from betang.accounts.access import PROVINCE, areas_of, may
from betang.core.errors import FieldsError, NotAllowedError
from betang.core.identity.area_code import CodeSystem
from betang.intake import report
from betang.intake.accept import accept, reject
from betang.intake.exclusions import stage_exclusions
from betang.intake.models import Batch
from betang.intake.stage import stage
from betang.monitoring.looks import findings_exported
from betang.registry.models import OUTSIDE_PROGRAMMES
from betang.web.guard import StaffRequest, rule
from betang.web.shell.asked import Form, act, whole
from betang.web.shell.listing import Column, ordered
from betang.web.shell.paging import page_of
from betang.web.shell.people import who

COLUMNS = (
    Column("kapan", "Diunggah", ("-at",)),
    Column("berkas", "Berkas", ("file_name",)),
    Column("keadaan", "Keadaan", ("state",)),
    Column("baris", "Baris", ("rows",), numeric=True),
    Column("tertahan", "Tertahan", ("held_rows",), numeric=True),
)
OUTSIDE_WORDS = {"PKH": "PKH", "SEMBAKO": "Sembako (BPNT)", "BLTDD": "BLT Dana Desa"}
OUTCOME_WORDS = {
    "households_new": "Keluarga baru",
    "households_changed": "Keluarga berubah",
    "households_unchanged": "Keluarga tanpa perubahan",
    "members_new": "Anggota baru",
    "members_changed": "Anggota berubah",
    "members_unchanged": "Anggota tanpa perubahan",
    "family_numbers_changed": "Nomor KK berubah",
    "held": "Keluarga tertahan",
    "listed": "Orang yang tercatat menerima bantuan lain",
}


class NoFileError(FieldsError):
    """The form came without a file."""

    code = "list.no_file"
    sentence = "Belum ada berkas yang dipilih."
    do = "Pilih berkas CSV atau XLSX, lalu unggah."


class ProvinceListError(FieldsError):
    """A list of another programme replaces the one of the whole province."""

    code = "list.province"
    sentence = "Daftar penerima bantuan lain berlaku untuk seluruh provinsi."
    do = "Kirim berkas ini kepada Dinas Sosial Provinsi untuk diunggah."


@rule("intake.see")
def batches(request: StaffRequest) -> HttpResponse:
    """List the lists that came in."""
    rows, heads = ordered(request, _own(request), COLUMNS)
    facts = {
        "title": "Penerimaan data",
        "lead": "Daftar diunggah satu orang, diperiksa sistem, dan diterima oleh orang lain.",
        "page": page_of(request, rows),
        "heads": heads,
        "whole": None,
        "may_upload": may(request.user, "intake.upload"),
    }
    return render(request, "intake/batches.html", facts)


@rule("intake.upload")
def upload(request: StaffRequest) -> HttpResponse:
    """Upload a list of families, or of those who have aid elsewhere."""
    form = Form(request)
    if request.method == "POST":

        def doing() -> Batch:
            file = request.FILES.get("file")
            if file is None or file.name is None:
                raise NoFileError(field="file")
            actor, now = request.user.actor, timezone.now()
            if form.get("kind") in OUTSIDE_PROGRAMMES:
                if not may(request.user, "intake.upload", PROVINCE):
                    raise ProvinceListError(field="kind")
                return stage_exclusions(
                    file.read(),
                    programme=form.get("kind"),
                    period=form.get("period"),
                    file_name=file.name,
                    actor=actor,
                    at=now,
                )
            codes = CodeSystem.BPS if form.get("codes") == "bps" else CodeSystem.KEMENDAGRI
            return stage(file.read(), file_name=file.name, code_system=codes, actor=actor, at=now)

        staged = act(request, doing, "Berkas diterima dan sudah diperiksa.", form=form)
        if staged:
            return redirect("batch", staged.uuid)
    facts = {
        "title": "Unggah daftar",
        "crumbs": [("/penerimaan/", "Penerimaan data")],
        "form": form,
        "outside": [(name, OUTSIDE_WORDS.get(name, name)) for name in OUTSIDE_PROGRAMMES],
    }
    return render(request, "intake/upload.html", facts, status=422 if form.wrong else 200)


@rule("intake.see")
def batch(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Show what was found in a list, and what to do about each kind of it."""
    shown = get_object_or_404(_own(request), uuid=uuid)
    code = request.GET.get("kode") or None
    found = report.findings(shown, code=code, after_row=whole(request.GET.get("setelah", "")) or 0)
    facts = {
        "title": shown.file_name,
        "crumbs": [("/penerimaan/", "Penerimaan data")],
        "batch": shown,
        "summary": report.summary(shown),
        "findings": found,
        "more": found[-1]["row"] if len(found) >= 100 else None,
        "code": code,
        "uploader": who(shown.uploaded_by_person),
        "accepter": who(shown.accepted_by_person),
        "own": request.user.person == shown.uploaded_by_person,
        "may_approve": _answers_for(request, "intake.approve", shown),
        "outcome": [
            (words, shown.outcome[name])
            for name, words in OUTCOME_WORDS.items()
            if shown.outcome.get(name)
        ],
        "good": shown.rows - shown.held_rows,
    }
    return render(request, "intake/batch.html", facts)


@rule("intake.see")
def findings_csv(request: StaffRequest, uuid: UUID) -> StreamingHttpResponse:
    """Give all findings as a file for a spreadsheet, and record who takes it."""
    shown = get_object_or_404(_own(request), uuid=uuid)
    with transaction.atomic():
        findings_exported(
            shown.uuid,
            report.count(shown),
            actor=request.user.actor,
            at=timezone.now(),
        )
    response = StreamingHttpResponse(
        report.export_csv(shown), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="temuan-{shown.uuid}.csv"'
    return response


@require_POST
@rule("intake.approve")
def accept_it(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Accept a list into the registry, as the second person."""
    shown = get_object_or_404(_own(request), uuid=uuid)
    if not _answers_for(request, "intake.approve", shown):
        raise NotAllowedError
    act(
        request,
        lambda: accept(shown, actor=request.user.actor, at=timezone.now()),
        "Daftar diterima. Keluarga dari baris yang benar sudah tercatat.",
    )
    return redirect("batch", uuid)


@require_POST
@rule("intake.upload")
def reject_it(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Turn a list away."""
    shown = get_object_or_404(_own(request), uuid=uuid)
    act(
        request,
        lambda: reject(shown, actor=request.user.actor, at=timezone.now()),
        "Daftar ditolak; tidak ada data yang berubah.",
    )
    return redirect("batch", uuid)


def _own(request: StaffRequest) -> QuerySet[Batch]:
    """Give the lists that touch one's own areas alone, and those one uploaded."""
    areas = areas_of(request.user, "intake.see")
    if PROVINCE in areas:
        return Batch.objects.all()
    inside = Q(kind="households", regencies__contained_by=areas) & ~Q(regencies=[])
    return Batch.objects.filter(inside | Q(uploaded_by_person=request.user.person))


def _answers_for(request: StaffRequest, permission: str, batch: Batch) -> bool:
    """Say whether this account holds `permission` in every area that the list touches."""
    return all(may(request.user, permission, area) for area in batch.reach)
