"""Give and end roles: one person proposes, another approves."""

from datetime import datetime

from django.db.models import Q

from betang.accounts.access import DECIDING
from betang.accounts.models import PROVINCE_ROLES, Role, RoleGrant, User
from betang.core.actor import Actor
from betang.core.errors import FieldsError, RefusedError, SamePersonError
from betang.journal.record import record


class UnknownRoleError(FieldsError):
    """There is no such role."""

    code = "role.unknown"
    sentence = "Peran ini tidak dikenal."
    do = "Pilih salah satu peran dari daftar."


class ProvinceRoleError(FieldsError):
    """The role works for the whole province; a regency cannot give it."""

    code = "role.province"
    sentence = "Peran ini hanya berlaku untuk seluruh provinsi."
    do = "Kosongkan wilayahnya; pengusul dan penyetujunya harus dari tingkat provinsi."


class AlreadyProposedError(RefusedError):
    """The account has this role here already, or it waits for approval."""

    code = "role.already"
    sentence = "Akun ini sudah mempunyai atau sudah diusulkan untuk peran tersebut di wilayah itu."
    do = "Periksa daftar peran akun ini."


class NotWaitingError(RefusedError):
    """The proposal was approved or ended before."""

    code = "role.not_waiting"
    sentence = "Usulan peran ini sudah disetujui atau sudah diakhiri."
    do = "Muat ulang daftar peran."


class OwnRoleError(SamePersonError):
    """Nobody approves a role for himself."""

    code = "role.own"
    sentence = "Tidak seorang pun boleh menyetujui peran untuk dirinya sendiri."


class NoNikError(FieldsError):
    """Nobody named the NIK of this human: with another account he would approve his own acts."""

    code = "role.no_nik"
    sentence = "Peran yang menyetujui atau mengatur hanya untuk orang yang NIK-nya tercatat."
    do = "Mintalah administrator mencatat NIK-nya pada halaman pengguna, lalu usulkan lagi."


class FoundedError(RefusedError):
    """The first roles exist; further ones take two signed-in persons."""

    code = "role.founded"
    sentence = "Peran pertama sudah ada pada sistem ini."
    do = "Usulkan peran baru melalui halaman Pengguna; orang kedua menyetujuinya."


def propose(
    user: User,
    role: str,
    area: int | None = None,
    *,
    actor: Actor,
    at: datetime,
    until_at: datetime | None = None,
) -> RoleGrant:
    """Propose `role` for `user` in `area` (None: the whole province). It counts only when approved.

    Raises `UnknownRoleError`, `ProvinceRoleError`, `AlreadyProposedError`.
    """
    if role not in Role.values:
        raise UnknownRoleError(field="role")
    if role in PROVINCE_ROLES and area is not None:
        raise ProvinceRoleError(field="area")
    if user.grants.filter(_here(area), role=role, until_at__isnull=True).exists():
        raise AlreadyProposedError(field="role")
    assert actor.person is not None, "a role is proposed by a human"
    grant = RoleGrant.objects.create(
        user=user,
        role=role,
        area_id=area,
        proposed_by_person=actor.person,
        from_at=at,
        until_at=until_at,
    )
    record("role.proposed", grant.uuid, actor=actor, at=at, area=area, role=role)
    return grant


def require_nik(user: User, role: str) -> None:
    """Hold who gives a role that decides to a human who is known; raises `NoNikError`.

    Asked where people give roles, not of the made-up people of a demonstration.
    """
    if role in DECIDING and user.nik_index is None:
        raise NoNikError(field="role")


def approve(grant: RoleGrant, *, actor: Actor, at: datetime) -> RoleGrant:
    """Let a proposed role count from now on.

    Raises `SamePersonError` (the proposer), `OwnRoleError` (the account's own person),
    `NotWaitingError`.
    """
    assert actor.person is not None, "a role is approved by a human"
    if actor.person == grant.proposed_by_person:
        raise SamePersonError
    if actor.person == grant.user.person:
        raise OwnRoleError
    waiting = RoleGrant.objects.filter(
        pk=grant.pk, approved_by_person__isnull=True, until_at__isnull=True
    )
    if not waiting.update(approved_by_person=actor.person, from_at=at):
        raise NotWaitingError
    grant.refresh_from_db()
    record("role.granted", grant.uuid, actor=actor, at=at, area=grant.area_id, role=grant.role)
    return grant


def end(grant: RoleGrant, *, actor: Actor, at: datetime) -> RoleGrant:
    """End a role, or withdraw a proposal, at once. Raises `NotWaitingError` if it ended before."""
    if not RoleGrant.objects.filter(pk=grant.pk, until_at__isnull=True).update(until_at=at):
        raise NotWaitingError
    grant.refresh_from_db()
    record("role.ended", grant.uuid, actor=actor, at=at, area=grant.area_id, role=grant.role)
    return grant


def found(first: User, second: User, *, actor: Actor, at: datetime) -> list[RoleGrant]:
    """Give a new installation its first two roles: an admin and a province officer.

    Nobody can approve yet, so each of the two stands as the proposer or approver of the other's.
    Raises `FoundedError` once any role was ever granted, `SamePersonError` if both are one human.
    """
    if RoleGrant.objects.filter(approved_by_person__isnull=False).exists():
        raise FoundedError
    if first.person == second.person:
        raise SamePersonError
    grants = []
    for user, role, proposer in (
        (first, Role.ADMIN, second),
        (second, Role.DINSOS_PROVINCE, first),
    ):
        grant = RoleGrant.objects.create(
            user=user,
            role=role,
            proposed_by_person=proposer.person,
            approved_by_person=user.person,
            from_at=at,
        )
        record("role.granted", grant.uuid, actor=actor, at=at, role=role)
        grants.append(grant)
    return grants


def _here(area: int | None) -> Q:
    return Q(area__isnull=True) if area is None else Q(area_id=area)
