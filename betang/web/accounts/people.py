"""Users and roles: who may do what, proposed by one and approved by another."""

from datetime import timedelta
from uuid import UUID

from django.db.models import Prefetch, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from betang.accounts import recover as recovery
from betang.accounts.access import PROVINCE, may
from betang.accounts.models import Recovery, Role, RoleGrant, User
from betang.accounts.roles import approve, end, propose, require_nik
from betang.accounts.users import create_user, name_nik, require_mark
from betang.areas.models import Area
from betang.core.errors import FieldsError, NotAllowedError
from betang.monitoring import board
from betang.web.guard import StaffRequest, rule
from betang.web.shell.asked import Form, act, whole
from betang.web.shell.listing import Column, ordered
from betang.web.shell.paging import page_of
from betang.web.shell.people import who

COLUMNS = (
    Column("nama", "Nama", ("full_name",)),
    Column("pengguna", "Nama pengguna", ("username",)),
)


class UnknownAreaError(FieldsError):
    """There is no area of this code."""

    code = "area.unknown"
    sentence = "Kode wilayah ini tidak ada di provinsi."
    do = "Pilih wilayah dari daftar, atau ketik kode Kemendagri seperti 6203 atau 6203011001."


@rule("user.see")
def people(request: StaffRequest) -> HttpResponse:
    """List accounts with their roles."""
    users = User.objects.prefetch_related(
        Prefetch("grants", RoleGrant.objects.filter(until_at__isnull=True).order_by("from_at"))
    )
    whole = users.count()
    words = request.GET.get("cari", "").strip()
    if words:
        users = users.filter(Q(full_name__icontains=words) | Q(username__icontains=words.lower()))
    role = request.GET.get("peran", "")
    if role in Role.values:
        users = users.filter(grants__role=role, grants__until_at__isnull=True).distinct()
    users, heads = ordered(request, users, COLUMNS)
    facts = {
        "title": "Pengguna dan peran",
        "lead": "Setiap peran diusulkan oleh satu orang dan disetujui oleh orang lain.",
        "page": page_of(request, users),
        "whole": whole,
        "heads": heads,
        "roles": Role.choices,
        "names": board.names(),
        "waiting": RoleGrant.objects.filter(
            approved_by_person__isnull=True, until_at__isnull=True
        ).select_related("user"),
        "recoveries": Recovery.objects.filter(
            ended_at__isnull=True,
            asked_at__gt=timezone.now() - timedelta(hours=recovery.CONFIRM_HOURS),
        ).select_related("user"),
        "may_create": may(request.user, "user.create"),
        "may_approve": may(request.user, "role.approve"),
    }
    return render(request, "accounts/people.html", facts)


@rule("user.create")
def new_person(request: StaffRequest) -> HttpResponse:
    """Make an account."""
    form = Form(request)
    if request.method == "POST":

        def doing() -> User:
            require_mark(form.get("phone"), form.get("nik"))
            return create_user(
                form.get("username"),
                full_name=form.get("full_name"),
                phone=form.get("phone"),
                nik=form.get("nik"),
                same_person=bool(form.get("same_person")),
                password=form.typed.get("password", ""),
                actor=request.user.actor,
                at=timezone.now(),
            )

        made = act(
            request,
            doing,
            "Akun dibuat. Usulkan sekarang perannya; orang kedua menyetujuinya.",
            form=form,
        )
        if made:
            return redirect("person", made.uuid)
    return render(
        request,
        "accounts/new.html",
        {"title": "Akun baru", "form": form, "crumbs": [("/pengguna/", "Pengguna dan peran")]},
        status=422 if form.wrong else 200,
    )


@rule("user.see")
def person(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Show one account, its roles and its devices."""
    shown = get_object_or_404(User, uuid=uuid)
    return _person_page(request, shown, Form(request))


@require_POST
@rule("user.create")
def name_nik_of(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Name the NIK of the human behind an account that has none."""
    shown = get_object_or_404(User, uuid=uuid)
    form = Form(request)
    done = act(
        request,
        lambda: name_nik(shown, form.get("nik"), actor=request.user.actor, at=timezone.now()),
        "NIK dicatat dan disimpan tersegel.",
        form=form,
    )
    return redirect("person", uuid) if done else _person_page(request, shown, form)


@require_POST
@rule("role.propose")
def propose_role(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Propose a role for an account."""
    shown = get_object_or_404(User, uuid=uuid)
    form = Form(request)

    def doing() -> RoleGrant:
        area = whole(form.get("area"))
        if form.get("area") and not Area.objects.filter(code=area or 0).exists():
            raise UnknownAreaError(field="area")
        if not may(request.user, "role.propose", area or PROVINCE):
            raise NotAllowedError(field="area")
        require_nik(shown, form.get("role"))
        return propose(shown, form.get("role"), area, actor=request.user.actor, at=timezone.now())

    if act(
        request, doing, "Peran diusulkan. Peran berlaku setelah disetujui orang kedua.", form=form
    ):
        return redirect("person", uuid)
    return _person_page(request, shown, form)


@require_POST
@rule("user.recover")
def recover_person(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Give an account a new password, beside the person."""
    shown = get_object_or_404(User, uuid=uuid)
    if not _reaches(request, shown, "user.recover"):
        raise NotAllowedError
    form = Form(request)
    done = act(
        request,
        lambda: recovery.recover(
            shown,
            form.typed.get("password", ""),
            actor=request.user.actor,
            at=timezone.now(),
            factor_lost=bool(form.get("factor_lost")),
        ),
        "Kata sandi baru sudah berlaku.",
        form=form,
    )
    return redirect("person", uuid) if done else _person_page(request, shown, form)


@require_POST
@rule("user.recover")
def ask_recovery(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Ask to recover an account that takes two persons."""
    shown = get_object_or_404(User, uuid=uuid)
    if not _reaches(request, shown, "user.recover"):
        raise NotAllowedError
    act(
        request,
        lambda: recovery.ask(shown, actor=request.user.actor, at=timezone.now()),
        "Pemulihan diajukan. Orang kedua memastikannya dalam satu hari, di hadapan pemilik akun.",
    )
    return redirect("person", uuid)


@require_POST
@rule("user.confirm_recovery")
def confirm_recovery(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Recover an account that somebody else asked for."""
    asked = get_object_or_404(Recovery.objects.select_related("user"), uuid=uuid)
    if not _reaches(request, asked.user, "user.confirm_recovery"):
        raise NotAllowedError
    form = Form(request)
    done = act(
        request,
        lambda: recovery.confirm(
            asked,
            form.typed.get("password", ""),
            actor=request.user.actor,
            at=timezone.now(),
            factor_lost=bool(form.get("factor_lost")),
        ),
        "Akun dipulihkan. Kata sandi baru sudah berlaku.",
        form=form,
    )
    if done:
        return redirect("person", asked.user.uuid)
    return _person_page(request, asked.user, form)


@require_POST
@rule("role.approve")
def approve_role(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """Approve a proposed role."""
    grant = get_object_or_404(RoleGrant.objects.select_related("user"), uuid=uuid)
    if not may(request.user, "role.approve", grant.area_id or PROVINCE):
        raise NotAllowedError
    act(
        request,
        lambda: approve(grant, actor=request.user.actor, at=timezone.now()),
        "Peran disetujui dan berlaku mulai sekarang.",
    )
    return redirect("person", grant.user.uuid)


@require_POST
@rule("role.propose")
def end_role(request: StaffRequest, uuid: UUID) -> HttpResponse:
    """End a role or withdraw a proposal."""
    grant = get_object_or_404(RoleGrant.objects.select_related("user"), uuid=uuid)
    if not may(request.user, "role.propose", grant.area_id or PROVINCE):
        raise NotAllowedError
    act(
        request,
        lambda: end(grant, actor=request.user.actor, at=timezone.now()),
        "Peran diakhiri.",
    )
    return redirect("person", grant.user.uuid)


def _reaches(request: StaffRequest, shown: User, permission: str) -> bool:
    """Say whether this account may recover `shown`: only who reaches all its roles.

    Else a supervisor of one regency would sign in as the province.
    """
    grants = shown.grants.filter(recovery.not_ended(timezone.now()))
    held = grants.values_list("area_id", flat=True)
    return may(request.user, permission) and all(
        may(request.user, permission, area or PROVINCE) for area in held
    )


def _person_page(request: StaffRequest, shown: User, form: Form) -> HttpResponse:
    names, now = board.names(), timezone.now()
    asked = recovery.waiting(shown, at=now)
    facts = {
        "title": shown.full_name,
        "crumbs": [("/pengguna/", "Pengguna dan peran")],
        "shown": shown,
        "form": form,
        "grants": shown.grants.order_by("-from_at"),
        "devices": shown.devices.order_by("-enrolled_at"),
        "names": names,
        "places": [(code, name) for code, name in names.items() if code < 1_000_000],
        "roles": Role.choices,
        "may_name": may(request.user, "user.create"),
        "may_propose": may(request.user, "role.propose"),
        "may_approve": may(request.user, "role.approve"),
        "may_recover": _reaches(request, shown, "user.recover"),
        "takes_two": recovery.takes_two(shown, at=now),
        "asked": asked,
        "asked_by": who(asked.asked_by_person) if asked else None,
        "may_confirm": asked and _reaches(request, shown, "user.confirm_recovery"),
    }
    return render(request, "accounts/person.html", facts, status=422 if form.wrong else 200)
