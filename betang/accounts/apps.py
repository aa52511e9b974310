"""Accounts as a Django app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Who may act."""

    name = "betang.accounts"
    default_auto_field = "django.db.models.BigAutoField"
