"""The journal as a Django app."""

from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig, apps

from betang.journal.kinds import declare


class JournalConfig(AppConfig):
    """Loads the kinds that every app declares in its `journal_kinds` module."""

    name = "betang.journal"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Collect the declared kinds of all apps."""
        for config in apps.get_app_configs():
            module = f"{config.name}.journal_kinds"
            if config.name.startswith("betang.") and find_spec(module):
                declare(import_module(module).KINDS)
