"""One's own account."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from betang.accounts import second_factor
from betang.accounts.access import live_grants
from betang.accounts.models import Role
from betang.monitoring import board
from betang.web.guard import StaffRequest, before_second_factor, public, rule


@rule("account.own")
def own_account(request: StaffRequest) -> HttpResponse:
    """Show who one is here, which roles one has, and how the account is kept safe."""
    names = board.names()
    grants = [
        (Role(grant.role).label, names.get(grant.area, "Provinsi"))
        for grant in live_grants(request.user)
    ]
    return render(request, "accounts/own.html", {"title": "Akun saya", "grants": grants})


@before_second_factor
@rule("account.own")
def second_factor_first(request: StaffRequest) -> HttpResponse:
    """Say that the account's role demands a second factor, and how to set one up."""
    if not second_factor.missing(request.user):
        return redirect("mfa_index")
    return render(request, "accounts/second_factor.html", {"title": "Pasang langkah kedua"})


@public("says that nobody signs up by himself")
def no_sign_up(request: HttpRequest) -> HttpResponse:
    """Answer that there is no such page: accounts are made by an administrator."""
    raise Http404


@public("says what to do when a password is forgotten")
def forgotten(request: HttpRequest) -> HttpResponse:
    """Say whom to meet."""
    return render(request, "accounts/forgotten.html", {"title": "Lupa kata sandi"})
