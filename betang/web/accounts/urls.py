"""Addresses of sign-in, of one's own account, and of users and roles."""

from typing import Any

from allauth.account import views as sign_in
from allauth.mfa.base import views as second_step
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkey
from django.urls import URLPattern, path

from betang.accounts import attempts
from betang.web.accounts import limits, own, people
from betang.web.guard import before_second_factor, declared, public, rule

#: Nobody is signed in yet, or is about to sign out.
DOOR = public("sign-in itself")
#: One's own account: anybody with a role.
OWN = rule("account.own")


def door(address: str, view: Any, name: str) -> URLPattern:
    """Route a view of the door; each address may knock only so often."""
    counted = limits.counted(view, limits.POSTS_OF_ADDRESS, attempts.address_of)
    return path(address, declared(counted, DOOR), name=name)


def mine(address: str, view: Any, name: str) -> URLPattern:
    """Route a view about one's own account; its passwords and codes may be tried only so often."""
    counted = limits.counted(view, limits.POSTS_OF_ACCOUNT, limits.account_of)
    return path(address, declared(counted, OWN), name=name)


def ahead(address: str, view: Any, name: str) -> URLPattern:
    """Route a view about one's own account that serves to set up a second factor."""
    route = mine(address, view, name)
    before_second_factor(route.callback)
    return route


urlpatterns = [
    door("masuk/", sign_in.login, "account_login"),
    door("keluar/", sign_in.logout, "account_logout"),
    door("akun/ditutup/", sign_in.account_inactive, "account_inactive"),
    door("akun/langkah-kedua/", second_step.authenticate, "mfa_authenticate"),
    door("akun/kunci-sandi/masuk/", passkey.login_webauthn, "mfa_login_webauthn"),
    path("akun/daftar/", own.no_sign_up, name="account_signup"),
    path("akun/lupa-sandi/", own.forgotten, name="account_reset_password"),
    path("akun/", own.own_account, name="own_account"),
    mine("akun/sandi/", sign_in.password_change, "account_change_password"),
    ahead("akun/ulang/", sign_in.reauthenticate, "account_reauthenticate"),
    path("akun/pengaman/pasang/", own.second_factor_first, name="second_factor"),
    mine("akun/pengaman/", second_step.index, "mfa_index"),
    mine("akun/pengaman/ulang/", second_step.reauthenticate, "mfa_reauthenticate"),
    ahead("akun/kode/pasang/", totp.activate_totp, "mfa_activate_totp"),
    mine("akun/kode/lepas/", totp.deactivate_totp, "mfa_deactivate_totp"),
    mine("akun/cadangan/", codes.view_recovery_codes, "mfa_view_recovery_codes"),
    mine("akun/cadangan/baru/", codes.generate_recovery_codes, "mfa_generate_recovery_codes"),
    mine("akun/cadangan/unduh/", codes.download_recovery_codes, "mfa_download_recovery_codes"),
    mine("akun/kunci-sandi/", passkey.list_webauthn, "mfa_list_webauthn"),
    ahead("akun/kunci-sandi/tambah/", passkey.add_webauthn, "mfa_add_webauthn"),
    mine("akun/kunci-sandi/ulang/", passkey.reauthenticate_webauthn, "mfa_reauthenticate_webauthn"),
    mine("akun/kunci-sandi/<int:pk>/hapus/", passkey.remove_webauthn, "mfa_remove_webauthn"),
    mine("akun/kunci-sandi/<int:pk>/ubah/", passkey.edit_webauthn, "mfa_edit_webauthn"),
    path("pengguna/", people.people, name="people"),
    path("pengguna/baru/", people.new_person, name="new_person"),
    path("pengguna/<uuid:uuid>/", people.person, name="person"),
    path("pengguna/<uuid:uuid>/peran/", people.propose_role, name="propose_role"),
    path("pengguna/<uuid:uuid>/nik/", people.name_nik_of, name="name_nik"),
    path("pengguna/<uuid:uuid>/sandi/", people.recover_person, name="recover_person"),
    path("pengguna/<uuid:uuid>/pemulihan/", people.ask_recovery, name="ask_recovery"),
    path("pemulihan/<uuid:uuid>/", people.confirm_recovery, name="confirm_recovery"),
    path("peran/<uuid:uuid>/setujui/", people.approve_role, name="approve_role"),
    path("peran/<uuid:uuid>/akhiri/", people.end_role, name="end_role"),
]
