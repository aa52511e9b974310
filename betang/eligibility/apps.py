"""Django's registration of the eligibility app."""

from django.apps import AppConfig


class EligibilityConfig(AppConfig):
    """The app that owns who is promised what."""

    name = "betang.eligibility"
    label = "eligibility"
    verbose_name = "Kelayakan"
