"""Sign in by user name or by phone number (companions have no mail), and keep strangers out.

Guesses are counted in the database by `attempts`: allauth's own limits count in each process alone
and are switched off in the settings.
"""

from contextlib import suppress
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest
from django.utils import timezone

from betang.accounts import attempts
from betang.accounts.models import User
from betang.accounts.users import PhoneFormError, normal_phone

#: A village or an office is one address, so the limit of an account is the strict one.
PASSWORD_OF_ACCOUNT = attempts.Limit("password of an account", 5, 300)
PASSWORDS_OF_ADDRESS = attempts.Limit("passwords of an address", 60, 300)


class PhoneBackend(ModelBackend):
    """Finds the account by the phone number typed where the user name is asked for."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **_others: Any,
    ) -> User | None:
        """Give the account of this number if the password is right and it is not closed."""
        if not username or not password:
            return None
        try:
            number = normal_phone(username)
        except PhoneFormError:
            return None
        user = User.objects.filter(phone=number).first()
        if user is None:
            User().set_password(password)  # the same time for a number that has no account
            return None
        return user if user.check_password(password) and user.is_active else None


class StaffAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by an administrator: nobody signs up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Answer no, always."""
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count this guess; raises a `ValidationError` for the form where there were too many."""
        self._guess = (
            (PASSWORD_OF_ACCOUNT, _account_of(str(credentials.get("username") or ""))),
            (PASSWORDS_OF_ADDRESS, attempts.address_of(request)),
        )
        if attempts.count(*self._guess, at=timezone.now()):
            raise self.validation_error("too_many_login_attempts")

    def _rollback_login_failed_rl_usage(self) -> None:
        """Uncount the guess that was right, as allauth does, and no other."""
        attempts.give_back(*self._guess)


def _account_of(typed: str) -> str:
    """Name the account that is guessed at: each spelling of a number is not a fresh start."""
    with suppress(PhoneFormError):
        number = normal_phone(typed)
        owner = User.objects.filter(phone=number).values_list("username", flat=True).first()
        typed = owner or number
    return typed.lower()
