"""The Django application `keys`."""

from django.apps import AppConfig


class KeysConfig(AppConfig):
    """Keys lie just above the journal, so that every room may sign and seal."""

    name = "betang.keys"
    label = "keys"
    verbose_name = "Kunci"
    default_auto_field = "django.db.models.BigAutoField"
