"""The Django application `cards`."""

from django.apps import AppConfig


class CardsConfig(AppConfig):
    """Cards know households and enrolments, but nothing of leases."""

    name = "betang.cards"
    label = "cards"
    verbose_name = "Kartu"
    default_auto_field = "django.db.models.BigAutoField"
