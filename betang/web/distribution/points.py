"""Distribution points: the list, a CSV taken in, and giving a point up."""

from uuid import UUID

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from betang.accounts.access import areas_of, may, within
from betang.areas import points as act_points
from betang.areas.models import DistributionPoint
from betang.core.errors import NotAllowedError
from betang.monitoring import board
from betang.web.guard import StaffRequest, rule
from betang.web.shell.asked import Form, act
from betang.web.shell.listing import Column, ordered
from betang.web.shell.paging import page_of

COLUMNS = (
    Column("desa", "Desa atau kelurahan", ("village_id",)),
    Column("nama", "Titik", ("name",)),
)
#: Five thousand lines of eighty letters and two numbers.
BYTES_MAX = 1_000_000


@rule("day.see")
def points(request: StaffRequest) -> HttpResponse:
    """List the points of one's areas; a POST takes a list of points in."""
    form, loaded = Form(request), None
    if request.method == "POST":
        if not may(request.user, "day.plan"):
            raise NotAllowedError
        loaded = act(request, lambda: _loaded(request, form), "Daftar titik dibaca.", form=form)
        if loaded and not loaded.wrong:
            return redirect("points")
        if loaded:  # what is wrong stays in the form, to be corrected and sent again
            form.typed["list"] = "\n".join(one.text for one in loaded.wrong)
    own = DistributionPoint.objects.filter(
        within("village__code", areas_of(request.user, "day.see"))
    )
    words = request.GET.get("cari", "").strip()
    rows = (
        own.filter(Q(name__icontains=words) | Q(village__name__icontains=words)) if words else own
    )
    rows, heads = ordered(request, rows, COLUMNS)
    facts = {
        "title": "Titik penyaluran",
        "lead": "Desa tanpa titik memakai balai desa atau kantor kelurahannya saat direncanakan.",
        "crumbs": [("/hari/", "Hari penyaluran")],
        "page": page_of(request, rows),
        "whole": own.count() if words else None,
        "heads": heads,
        "names": board.names(),
        "form": form,
        "loaded": loaded,
        "may_plan": may(request.user, "day.plan"),
    }
    return render(request, "distribution/points.html", facts, status=422 if form.wrong else 200)


@require_POST
@rule("day.plan")
def change_point(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Give a point up, or take it up again."""
    own = within("village__code", areas_of(request.user, "day.plan"))
    point = get_object_or_404(DistributionPoint.objects.filter(own), uuid=uuid)
    active = request.POST.get("do") == "use"
    act(
        request,
        lambda: act_points.set_active(
            point, active=active, actor=request.user.actor, at=timezone.now()
        ),
        "Titik dipakai lagi." if active else "Titik tidak dipakai lagi untuk rencana baru.",
    )
    return redirect("points")


def _loaded(request: StaffRequest, form: Form) -> act_points.Loaded:
    file = request.FILES.get("file")
    text = form.get("list")
    if file is not None:
        if (file.size or 0) > BYTES_MAX:
            raise act_points.NotAListError(field="list")
        try:
            text = file.read().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise act_points.NotAListError(field="list") from error
    return act_points.load_points(
        text,
        within=lambda village: may(request.user, "day.plan", village),
        actor=request.user.actor,
        at=timezone.now(),
    )
