"""Accounts as a Django app."""

from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class AccountsConfig(AppConfig):
    """Who may act."""

    name = "betang.accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Refuse to start with a role that does not exist: it would demand nothing of anybody."""
        from betang.accounts.models import Role  # noqa: PLC0415 - models are there from here on

        if unknown := settings.SECOND_FACTOR_ROLES - set(Role.values):
            raise ImproperlyConfigured(f"BETANG_SECOND_FACTOR_ROLES: {', '.join(sorted(unknown))}")
