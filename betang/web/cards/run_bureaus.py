"""Print bureaus: proposed with their key by one person, approved by another."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from betang.accounts.access import may
from betang.accounts.models import User
from betang.cards.models import Bureau
from betang.cards.printing import bureaus
from betang.web.guard import StaffRequest, rule
from betang.web.shell.asked import Form, act


@rule("print.see")
def print_bureaus(request: StaffRequest) -> HttpResponse:
    """List the bureaus; a POST proposes one."""
    form = Form(request)
    if request.method == "POST" and may(request.user, "print.run"):

        def doing() -> Bureau:
            name, key = form.get("name"), form.get("recipient")
            return bureaus.propose(name, key, actor=request.user.actor, at=timezone.now())

        if act(request, doing, "Biro diusulkan. Orang kedua menyetujui kuncinya.", form=form):
            return redirect("print_bureaus")
    facts = {
        "title": "Biro cetak",
        "lead": "Paket kartu hanya dapat dibuka dengan kunci biro. Kuncinya didaftarkan dua orang.",
        "crumbs": [("/kartu/", "Kartu"), ("/kartu/cetak/", "Cetak kartu")],
        "form": form,
        "bureaus": Bureau.objects.order_by("-id"),
        "people": {user.person: user.full_name for user in User.objects.all()},
        "person": request.user.person,
        "may_run": may(request.user, "print.run"),
        "may_release": may(request.user, "print.release"),
    }
    return render(request, "cards/bureaus.html", facts, status=422 if form.wrong else 200)


@require_POST
@rule("print.release")
def approve_bureau(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Approve a bureau and its key, as the second person."""
    bureau = get_object_or_404(Bureau, uuid=uuid)
    act(
        request,
        lambda: bureaus.approve(bureau, actor=request.user.actor, at=timezone.now()),
        "Biro disetujui. Paket dapat disegel untuknya.",
    )
    return redirect("print_bureaus")


@require_POST
@rule("print.run")
def end_bureau(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Send a bureau nothing more."""
    bureau = get_object_or_404(Bureau, uuid=uuid)
    act(
        request,
        lambda: bureaus.end(bureau, actor=request.user.actor, at=timezone.now()),
        "Biro ini tidak dikirimi paket lagi.",
    )
    return redirect("print_bureaus")
