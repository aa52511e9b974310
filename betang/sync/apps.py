"""The Django application `sync`."""

from django.apps import AppConfig


class SyncConfig(AppConfig):
    """Name the application and its label."""

    name = "betang.sync"
    label = "sync"
    default_auto_field = "django.db.models.BigAutoField"
