"""Print runs: frozen by one, drawn by the worker, released by another, returned by the bureau."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from betang.accounts.access import may
from betang.cards import revocation
from betang.cards.models import Bureau, PrintFinding, PrintRun
from betang.cards.print_run import print_in_house
from betang.cards.printing.ask import ask_drawing, ask_release
from betang.cards.printing.cancel import cancel
from betang.cards.printing.chip_keys import key_file_of
from betang.cards.printing.chips import list_chips
from betang.cards.printing.close import close
from betang.cards.printing.fetched import fetched
from betang.cards.printing.findings import FINDINGS
from betang.cards.printing.freeze import freeze
from betang.cards.printing.take_return import missing, take_return
from betang.core.errors import FieldsError
from betang.errands.ask import latest
from betang.errands.models import Errand
from betang.monitoring import board
from betang.web.guard import StaffRequest, rule
from betang.web.shell.asked import Form, act, named, whole
from betang.web.shell.errands import part, shown
from betang.web.shell.paging import in_order, page_of
from betang.web.shell.people import who

#: The route that answers how far a drawing or a sealing is.
PROGRESS = "print_progress"
KINDS = (Errand.Kind.PRINT, Errand.Kind.PACK)
State = PrintRun.State
#: A province's return file has 14 MB, its list of chips 5 MB: more is a wrong file.
FILE_BYTES_MAX = 40_000_000


class NoFileChosenError(FieldsError):
    """The form came without a file, or with a very large one."""

    code = "print.no_file"
    sentence = "Belum ada berkas yang dipilih, atau berkasnya lebih dari 40 MB."
    do = "Pilih berkas CSV dari biro, lalu kirim."


class NoBureauChosenError(FieldsError):
    """No bureau was chosen."""

    code = "print.no_bureau"
    sentence = "Biro tujuannya belum dipilih."
    do = "Pilih biro yang kuncinya sudah disetujui dua orang."


class AreaCodeError(FieldsError):
    """The code of the area is no code."""

    code = "print.area"
    sentence = "Kode wilayah berupa 4, 6 atau 10 angka, dan banyaknya kartu berupa angka."
    do = "Kosongkan keduanya untuk semua kartu yang menunggu."


@rule("print.see")
def print_runs(request: StaffRequest) -> HttpResponse:
    """List the runs; a POST freezes the cards that wait."""
    form = Form(request)
    if request.method == "POST" and may(request.user, "print.run"):
        run = act(request, lambda: _freeze(request, form), "Daftar kartu dibekukan.", form=form)
        if run:
            return redirect("print_run", run.uuid)
    rows = in_order(PrintRun.objects.all(), ["-id"])
    facts = {
        "title": "Cetak kartu",
        "lead": "Daftar dibekukan satu orang, digambar sistem, dan dilepas orang lain kepada biro.",
        "crumbs": [("/kartu/", "Kartu")],
        "form": form,
        "page": page_of(request, rows),
        "whole": None,
        "names": board.names(),
        "may_run": may(request.user, "print.run"),
    }
    return render(request, "cards/runs.html", facts, status=422 if form.wrong else 200)


@rule("print.see")
def print_run(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Show one run: how far it is, its parts, its package, what the bureau returned."""
    return _page(request, uuid, Form(request))


@rule("print.see")
def progress(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Answer how far a drawing or a sealing is."""
    errand = get_object_or_404(Errand, uuid=uuid, kind__in=KINDS)
    run = get_object_or_404(PrintRun, uuid=errand.about)
    return part(request, shown(errand, PROGRESS), "cards/run_progress.html", **_sums(run))


@require_POST
@rule("print.run")
def draw_it(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Ask for a run to be drawn, or for what is left of it."""
    form = Form(request)
    run = get_object_or_404(PrintRun, uuid=uuid)

    def doing() -> Errand:
        every = form.get("check_all") == "yes"
        return ask_drawing(run, check_all=every, actor=request.user.actor, at=timezone.now())

    return _done(request, run, form, doing, "Diminta; kemajuannya tampil di sini.")


@require_POST
@rule("print.release")
def release_it(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Ask for a run to be sealed for a bureau, as the second person."""
    form = Form(request)
    run = get_object_or_404(PrintRun, uuid=uuid)

    def doing() -> Errand:
        chosen = named(form.get("bureau"))
        bureau = Bureau.objects.filter(uuid=chosen).first() if chosen else None
        if bureau is None:
            raise NoBureauChosenError(field="bureau")
        return ask_release(run, bureau, actor=request.user.actor, at=timezone.now())

    return _done(request, run, form, doing, "Paket sedang disegel; kemajuannya tampil di sini.")


@require_POST
@rule("print.run")
def print_here(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Call a drawn run printed in the house."""
    run = get_object_or_404(PrintRun, uuid=uuid)

    def doing() -> object:
        return print_in_house(run, actor=request.user.actor, at=timezone.now())

    return _done(request, run, Form(request), doing, "Kartu dicatat sebagai dicetak di kantor.")


@require_POST
@rule("print.run")
def cancel_it(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Cancel a run that has not left, with a reason."""
    form = Form(request)
    run = get_object_or_404(PrintRun, uuid=uuid)

    def doing() -> PrintRun:
        reason = form.get("reason")
        return cancel(run, reason=reason, actor=request.user.actor, at=timezone.now())

    return _done(request, run, form, doing, "Proses cetak dibatalkan; kartunya menunggu lagi.")


@require_POST
@rule("print.return")
def chips(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Take the bureau's list of blank chips."""
    form = Form(request)
    run = get_object_or_404(PrintRun, uuid=uuid)

    def doing() -> int:
        file = _file(request, "chips")
        return list_chips(run, file, actor=request.user.actor, at=timezone.now())

    return _done(request, run, form, doing, "Daftar cip diterima.")


@rule("print.return")
def package(request: StaffRequest, uuid: UUID) -> FileResponse:
    """Give the encrypted package; who fetched it is recorded."""
    run = get_object_or_404(PrintRun, uuid=uuid, state__in=(State.RELEASED, State.RETURNED))
    with transaction.atomic():
        file = fetched(run, actor=request.user.actor, at=timezone.now())
    return FileResponse(file, as_attachment=True, filename=run.package_name)


@rule("print.return")
def transport_key(request: StaffRequest, uuid: UUID) -> FileResponse:
    """Give the sealed transport key, which travels by another way than the package."""
    run = get_object_or_404(PrintRun, uuid=uuid, state__in=(State.RELEASED, State.RETURNED))
    with transaction.atomic():
        file = fetched(run, actor=request.user.actor, at=timezone.now(), of_key=True)
    return FileResponse(file, as_attachment=True, filename=key_file_of(run).name)


@require_POST
@rule("print.return")
def take_back(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Take the bureau's return file; what was spoilt is on the next revocation list."""
    form = Form(request)
    run = get_object_or_404(PrintRun, uuid=uuid)

    def doing() -> object:
        actor, at = request.user.actor, timezone.now()
        back = take_return(run, _file(request, "back"), actor=actor, at=at)
        revocation.publish(actor=actor, at=at)
        return back

    return _done(request, run, form, doing, "Berkas kembalian diperiksa; hasilnya ada di bawah.")


@require_POST
@rule("print.release")
def close_it(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Close a run of which the bureau owes cards, with a reason."""
    form = Form(request)
    run = get_object_or_404(PrintRun, uuid=uuid)

    def doing() -> str:
        actor, at = request.user.actor, timezone.now()
        count = close(run, reason=form.get("closing"), actor=actor, at=at)
        revocation.publish(actor=actor, at=at)
        return f"{count}"

    return _done(request, run, form, doing, "Proses cetak ditutup; kartu yang kurang dicabut.")


def _freeze(request: StaffRequest, form: Form) -> PrintRun:
    area, limit = whole(form.get("area")), whole(form.get("limit"))
    if form.get("area") and (area is None or len(str(area)) not in {2, 4, 6, 10}):
        raise AreaCodeError(field="area")
    if form.get("limit") and not limit:
        raise AreaCodeError(field="limit")
    return freeze(actor=request.user.actor, at=timezone.now(), area=area, limit=limit)


def _file(request: StaffRequest, field: str) -> Any:
    file = request.FILES.get(field)
    if file is None or not file.size or file.size > FILE_BYTES_MAX:
        raise NoFileChosenError(field=field)
    return file.file


def _done(
    request: StaffRequest, run: PrintRun, form: Form, doing: Callable[[], object], said: str
) -> HttpResponse:
    if act(request, doing, said, form=form):
        return redirect("print_run", run.uuid)
    return _page(request, run.uuid, form)


def _sums(run: PrintRun) -> dict[str, Any]:
    """Give what moves while a run is drawn."""
    drawn = run.parts.exclude(drawn_at=None)
    told = drawn.aggregate(bytes=Sum("file_bytes"), checked=Sum("checked"))
    return {
        "run": run, "parts": run.parts.count(), "drawn": drawn.count(),
        "megabytes": -(-(told["bytes"] or 0) // 1_000_000), "checked": told["checked"] or 0,
    }  # fmt: skip


def _page(request: StaffRequest, uuid: UUID, form: Form) -> HttpResponse:
    run = get_object_or_404(PrintRun.objects.select_related("bureau"), uuid=uuid)
    errands = [shown(each, PROGRESS) for kind in KINDS if (each := latest(kind, run.uuid))]
    findings = in_order(PrintFinding.objects.filter(back__run=run), ["id"])
    user = request.user
    facts = _sums(run) | {
        "title": f"Proses cetak {run.at:%d-%m-%Y}",
        "crumbs": [("/kartu/", "Kartu"), ("/kartu/cetak/", "Cetak kartu")],
        "form": form,
        "names": board.names(),
        "errands": errands,
        "shown": next((each for each in errands if each.is_open), None),
        "packing": next((each for each in errands if each.errand.kind == Errand.Kind.PACK), None),
        "chips": run.chips.count(),
        "has_key": key_file_of(run).is_file(),
        "package_sha256": bytes(run.package_sha256 or b"").hex(),
        "package_megabytes": -(-(run.package_bytes or 0) // 1_000_000),
        "returns": run.returns.order_by("-id"),
        "missing": missing(run) if run.bureau_id and run.state in {"released", "returned"} else 0,
        "page": page_of(request, findings),
        "whole": None,
        "sentences": FINDINGS,
        "bureaus": Bureau.objects.exclude(approved_at=None).filter(ended_at=None).order_by("name"),
        "freezer": who(run.frozen_by_person),
        "releaser": who(run.released_by_person),
        "canceller": who(run.cancelled_by_person),
        "own": user.person == run.frozen_by_person,
        "may_run": may(user, "print.run"),
        "may_release": may(user, "print.release"),
        "may_return": may(user, "print.return"),
        "before_release": run.state in {State.FROZEN, State.DRAWING, State.CHECKED},
    }
    return render(request, "cards/run.html", facts, status=422 if form.wrong else 200)
