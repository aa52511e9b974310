"""Give an account whose password or second factor is lost back to its human.

Who approves or administers is recovered by two: one asks, another confirms and sets the password
with the person before him, so that nobody gets into a peer's account alone and then stands on
both sides of an approval (docs/decisions/0072).
"""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from betang.accounts import second_factor
from betang.accounts.access import DECIDING
from betang.accounts.models import Recovery, User
from betang.accounts.users import set_password
from betang.core.actor import Actor
from betang.core.errors import RefusedError, SamePersonError
from betang.journal.record import record

#: Long enough for two people to meet the third, short enough that nobody finds it months later.
CONFIRM_HOURS = 24


class RecoveryTakesTwoError(RefusedError):
    """The account approves or administers: one person alone does not recover it."""

    code = "user.recovery_takes_two"
    sentence = "Akun ini menyetujui atau mengatur sesuatu; pemulihannya memerlukan dua orang."
    do = "Ajukan pemulihannya; orang kedua memastikan dan memberi kata sandi baru."


class OwnRecoveryError(SamePersonError):
    """Nobody recovers his own account."""

    code = "user.recovery_own"
    sentence = "Tidak seorang pun boleh memulihkan akunnya sendiri."
    do = "Mintalah dua penyelia lain."


class RecoveryNotWaitingError(RefusedError):
    """It was confirmed before, replaced by a newer one, or nobody confirmed it within a day."""

    code = "user.recovery_not_waiting"
    sentence = "Pengajuan pemulihan ini sudah selesai atau sudah lewat satu hari."
    do = "Ajukan lagi bila masih diperlukan."


def takes_two(user: User, *, at: datetime) -> bool:
    """Say whether a role of the account, also one that waits for approval, takes two persons."""
    return user.grants.filter(not_ended(at), role__in=DECIDING).exists()


def not_ended(at: datetime) -> Q:
    """Keep the grants that count, wait for approval, or end later."""
    return Q(until_at__isnull=True) | Q(until_at__gt=at)


def recover(
    user: User, password: str, *, actor: Actor, at: datetime, factor_lost: bool = False
) -> User:
    """Give an account a new password, by one supervisor beside its human.

    `factor_lost` takes the second factor away too. Raises `OwnRecoveryError`,
    `RecoveryTakesTwoError` or `WeakPasswordError`.
    """
    if actor.person == user.person:
        raise OwnRecoveryError(field="password")
    if takes_two(user, at=at):
        raise RecoveryTakesTwoError(field="password")
    return _give_back(user, password, factor_lost, actor, at, {})


def ask(user: User, *, actor: Actor, at: datetime) -> Recovery:
    """Ask to recover an account by two; an older request that waits is dropped.

    Raises `OwnRecoveryError`.
    """
    if actor.person == user.person:
        raise OwnRecoveryError
    assert actor.person is not None, "a recovery is asked for by a human"
    User.objects.select_for_update(no_key=True).get(pk=user.pk)  # of two at once, the later stays
    Recovery.objects.filter(user=user, ended_at__isnull=True).update(ended_at=at)
    asked = Recovery.objects.create(user=user, asked_by_person=actor.person, asked_at=at)
    record("user.recovery_asked", user.uuid, actor=actor, at=at, recovery=asked.uuid)
    return asked


def waiting(user: User, *, at: datetime) -> Recovery | None:
    """Give the request that waits for a second person."""
    since = at - timedelta(hours=CONFIRM_HOURS)
    return Recovery.objects.filter(user=user, ended_at__isnull=True, asked_at__gt=since).first()


def confirm(
    asked: Recovery, password: str, *, actor: Actor, at: datetime, factor_lost: bool = False
) -> User:
    """Recover the account that somebody else asked for, with its human present.

    Raises `OwnRecoveryError`, `SamePersonError` (who asked), `RecoveryNotWaitingError` or
    `WeakPasswordError`.
    """
    if actor.person == asked.user.person:
        raise OwnRecoveryError(field="password")
    if actor.person == asked.asked_by_person:
        raise SamePersonError(field="password")
    open_now = Recovery.objects.filter(
        pk=asked.pk, ended_at__isnull=True, asked_at__gt=at - timedelta(hours=CONFIRM_HOURS)
    )
    if not open_now.update(ended_at=at, confirmed_by_person=actor.person):
        raise RecoveryNotWaitingError(field="password")
    facts = {"recovery": str(asked.uuid)}
    return _give_back(asked.user, password, factor_lost, actor, at, facts)


def _give_back(
    user: User,
    password: str,
    factor_lost: bool,  # noqa: FBT001 - private, and named by both callers
    actor: Actor,
    at: datetime,
    facts: dict[str, str],
) -> User:
    set_password(user, password)
    user.save(update_fields=["password"])
    dropped = factor_lost and second_factor.forget(user)
    told: dict[str, Any] = {"second_factor": dropped} | facts
    record("user.recovered", user.uuid, actor=actor, at=at, **told)
    return user
