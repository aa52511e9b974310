"""Who may do what, and where: the permission table, and the areas of an account.

A permission is granted to roles; a role is granted to an account in an area, by two persons. The
predicates are registered with django-rules, so `rules.has_perm("card.block", user, area)` and
`may(user, "card.block", area)` are one answer.
"""

from typing import Any, NamedTuple

from django.db.models import Q
from django.db.models.functions import Now
from rules.permissions import add_perm
from rules.predicates import predicate

from betang.accounts.models import Role, RoleGrant, User

#: The installation serves one province; a grant without an area reaches all of it.
PROVINCE = 62

#: The digits of a village's code: the longest there is.
VILLAGE_DIGITS = 10

OFFICE = frozenset({Role.DINSOS_PROVINCE, Role.DINSOS_REGENCY, Role.SUPERVISOR})
PROVINCE_OFFICE = frozenset({Role.DINSOS_PROVINCE})
EVERYONE = frozenset(Role)
#: Roles that approve or administer: by default they need a second factor, and an account that
#: holds one is recovered by two persons.
DECIDING = OFFICE | {Role.ADMIN, Role.TREASURER}

#: Permission -> roles. Admin keeps machines and accounts, and approves nothing (settled.md, "Who").
PERMISSIONS: dict[str, frozenset[Role]] = {
    "account.own": EVERYONE,
    "board.see": EVERYONE,
    "household.see": OFFICE | {Role.FACILITATOR, Role.AUDITOR},
    # A face is for who meets the family or answers for its data; an auditor reads the entries.
    "portrait.see": OFFICE | {Role.FACILITATOR},
    "portrait.decide": OFFICE,
    "registration.see": OFFICE | {Role.AUDITOR},
    "registration.decide": OFFICE,
    "card.see": OFFICE | {Role.FACILITATOR, Role.BUREAU, Role.AUDITOR},
    "card.block": OFFICE,
    "print.see": frozenset({Role.DINSOS_PROVINCE, Role.SUPERVISOR, Role.BUREAU, Role.AUDITOR}),
    "print.run": PROVINCE_OFFICE,
    "print.release": frozenset({Role.DINSOS_PROVINCE, Role.SUPERVISOR}),
    "print.return": frozenset({Role.DINSOS_PROVINCE, Role.BUREAU}),
    "investigation.see": OFFICE | {Role.AUDITOR},
    "investigation.close": OFFICE,
    "card.keep": OFFICE,
    "design.see": OFFICE | {Role.BUREAU, Role.AUDITOR},
    "design.edit": PROVINCE_OFFICE,
    "design.approve": frozenset({Role.DINSOS_PROVINCE, Role.SUPERVISOR}),
    "cycle.see": EVERYONE - {Role.VIEWER},
    "cycle.manage": PROVINCE_OFFICE,
    "intake.see": OFFICE | {Role.AUDITOR},
    "intake.upload": frozenset({Role.DINSOS_PROVINCE, Role.DINSOS_REGENCY}),
    "intake.approve": OFFICE,
    "rules.see": OFFICE | {Role.AUDITOR},
    "rules.propose": PROVINCE_OFFICE,
    "rules.approve": frozenset({Role.DINSOS_PROVINCE, Role.SUPERVISOR}),
    "decree.approve": frozenset({Role.DINSOS_PROVINCE, Role.SUPERVISOR}),
    "day.see": OFFICE | {Role.FACILITATOR, Role.AUDITOR},
    "day.plan": OFFICE,
    "device.see": OFFICE | {Role.ADMIN, Role.AUDITOR},
    "device.manage": frozenset({Role.ADMIN, Role.SUPERVISOR}),
    "alert.see": OFFICE | {Role.ADMIN, Role.TREASURER, Role.AUDITOR},
    "alert.close": OFFICE,
    "case.see": OFFICE | {Role.AUDITOR},
    "case.decide": OFFICE,
    "disbursement.see": frozenset({Role.DINSOS_PROVINCE, Role.TREASURER, Role.AUDITOR}),
    "disbursement.send": frozenset({Role.DINSOS_PROVINCE, Role.TREASURER}),
    "disbursement.release": frozenset({Role.TREASURER}),
    "disbursement.reconcile": frozenset({Role.DINSOS_PROVINCE, Role.TREASURER, Role.AUDITOR}),
    "user.see": frozenset({Role.ADMIN, Role.SUPERVISOR, Role.DINSOS_PROVINCE, Role.AUDITOR}),
    "user.create": frozenset({Role.ADMIN}),
    "user.recover": frozenset({Role.SUPERVISOR}),
    "user.confirm_recovery": frozenset({Role.SUPERVISOR, Role.DINSOS_PROVINCE}),
    "role.propose": frozenset({Role.ADMIN, Role.DINSOS_PROVINCE, Role.SUPERVISOR}),
    "role.approve": frozenset({Role.DINSOS_PROVINCE, Role.SUPERVISOR}),
}

#: What touches the whole province at once: a grant in one regency does not reach it.
WHOLE_PROVINCE = frozenset({
    "cycle.manage", "design.edit", "design.approve", "rules.propose", "rules.approve",
    "disbursement.see", "disbursement.send", "disbursement.release", "disbursement.reconcile",
    "print.see", "print.run", "print.release", "print.return",
})  # fmt: skip


class LiveGrant(NamedTuple):
    """A role that counts now, and the area code it reaches (the province where none is named)."""

    role: str
    area: int


def may(user: Any, permission: str, area: int | None = None) -> bool:
    """Say whether `user` holds `permission`, in `area` if one is given, else anywhere.

    What touches the whole province must be held in the whole province. Raises KeyError for a
    permission that is not in the table (a programmer's error).
    """
    allowed = PERMISSIONS[permission]
    if permission in WHOLE_PROVINCE:
        area = PROVINCE
    return any(
        grant.role in allowed and (area is None or covers(grant.area, area))
        for grant in live_grants(user)
    )


def areas_of(user: Any, permission: str | None = None) -> list[int]:
    """Give the area codes that `user` reaches, by any role or by those that hold `permission`.

    Codes inside another code of the list are left out, so that the list is short and disjoint.
    """
    allowed = EVERYONE if permission is None else PERMISSIONS[permission]
    codes = sorted({grant.area for grant in live_grants(user) if grant.role in allowed}, key=str)
    return [
        code for code in codes if not any(other != code and covers(other, code) for other in codes)
    ]


def roles_of(user: Any) -> set[str]:
    """Give the roles that `user` holds now, wherever."""
    return {grant.role for grant in live_grants(user)}


def covers(outer: int, inner: int) -> bool:
    """Say whether area `inner` is `outer` or lies inside it (Kemendagri codes nest by prefix)."""
    return str(inner).startswith(str(outer))


def village_range(area: int) -> tuple[int, int]:
    """Give the lowest and highest village code that can lie in `area`, both inclusive."""
    factor: int = 10 ** (VILLAGE_DIGITS - len(str(area)))
    return area * factor, (area + 1) * factor - 1


def within(field: str, areas: list[int]) -> Q:
    """Build the filter that keeps rows whose village code in `field` lies in `areas`.

    For a foreign key give its target, `village__code`: Django needs no join for that.

    No areas means no rows: an account without a role sees nothing.
    """
    kept = Q(pk__in=[])
    for area in areas:
        kept |= Q(**{f"{field}__range": village_range(area)})
    return kept


def live_grants(user: Any) -> list[LiveGrant]:
    """Give the roles of `user` that two persons granted and that count now.

    The answer is kept on the object, which lives for one request. The clock is the database's.
    """
    if not isinstance(user, User) or not user.is_active or user.pk is None:
        return []
    kept: list[LiveGrant] | None = user.__dict__.get("_live_grants")
    if kept is None:
        rows = RoleGrant.objects.filter(
            Q(until_at__isnull=True) | Q(until_at__gt=Now()),
            user=user,
            approved_by_person__isnull=False,
            from_at__lte=Now(),
        ).values_list("role", "area_id")
        kept = [LiveGrant(role, area or PROVINCE) for role, area in rows]
        user.__dict__["_live_grants"] = kept
    return kept


def _predicate(permission: str) -> Any:
    def holds(user: Any, area: int | None = None) -> bool:
        return may(user, permission, area)

    return predicate(holds, name=permission)  # type: ignore[no-untyped-call]


for _permission in PERMISSIONS:
    add_perm(_permission, _predicate(_permission))  # type: ignore[no-untyped-call]
