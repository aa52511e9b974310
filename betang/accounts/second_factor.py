"""Who needs a second factor (six digits or a passkey) to work, and who has one.

The roles of `BETANG_SECOND_FACTOR_ROLES` open no page but the one that sets it up; everybody else
is offered it (docs/decisions/0071).
"""

from allauth.mfa.models import Authenticator
from django.conf import settings

from betang.accounts.access import roles_of
from betang.accounts.models import User

#: Recovery codes are the spare key of a second factor, not one themselves.
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def has(user: User) -> bool:
    """Say whether `user` has set one up."""
    return bool(Authenticator.objects.filter(user=user, type__in=FACTORS).exists())


def missing(user: User) -> bool:
    """Say whether a role of `user` demands a second factor that is not there."""
    demanding = settings.SECOND_FACTOR_ROLES
    return not demanding.isdisjoint(roles_of(user)) and not has(user)


def forget(user: User) -> bool:
    """Take every second factor and its recovery codes away; say whether there were any.

    For a recovery only: the phone is lost, and the person stands beside who recovers.
    """
    deleted, _ = Authenticator.objects.filter(user=user).delete()
    return bool(deleted)
