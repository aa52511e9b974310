"""Sign in by user name or by phone number (companions have no mail), and keep strangers out."""

from contextlib import suppress
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from betang.accounts.models import User
from betang.accounts.users import PhoneFormError, normal_phone


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

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Count guesses by account: each spelling of a phone number is not a fresh start."""
        typed = str(credentials.get("username") or "")
        with suppress(PhoneFormError):
            number = normal_phone(typed)
            owner = User.objects.filter(phone=number).values_list("username", flat=True).first()
            typed = owner or number
        return f"sign-in:{typed.lower()}"
