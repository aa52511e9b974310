"""Django's registration of the programmes app."""

from django.apps import AppConfig


class ProgrammesConfig(AppConfig):
    """The app that owns what is promised."""

    name = "betang.programmes"
    label = "programmes"
    verbose_name = "Program"
