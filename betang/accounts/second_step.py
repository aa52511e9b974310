"""The second step of sign-in: six digits are guessed at most so often, and each is good once."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.mfa.base import forms
from allauth.mfa.models import Authenticator
from django.utils import timezone

from betang.accounts import attempts

#: Six digits are a million guesses; at this rate that takes two years.
CODES_OF_ACCOUNT = attempts.Limit("codes of an account", 5, 300)
#: A code is valid for thirty seconds, and for the one who typed it first (RFC 6238, section 5.2).
CODE_ONCE = attempts.Limit("a code of an account", 1, 60)


class _CountedCode:
    """A form that asks for a code; allauth's forms beside it check it."""

    user: Any
    authenticator: Any

    def clean_code(self) -> str:
        """Check the code; raises a `ValidationError` that says wrong, or too often."""
        guess = (CODES_OF_ACCOUNT, str(self.user.pk))
        if attempts.count(guess, at=timezone.now()):
            raise get_adapter().validation_error("too_many_login_attempts")
        code: str = super().clean_code()  # type: ignore[misc]
        if self.authenticator.type == Authenticator.Type.TOTP:
            used = (CODE_ONCE, f"{self.user.pk}:{''.join(code.split())}")
            if attempts.count(used, at=timezone.now()):
                raise get_adapter().validation_error("incorrect_code")
        attempts.give_back(guess)
        return code


class AuthenticateForm(_CountedCode, forms.AuthenticateForm):  # type: ignore[misc]
    """The code at sign-in."""


class ReauthenticateForm(_CountedCode, forms.ReauthenticateForm):  # type: ignore[misc]
    """The code before a change of the account."""
