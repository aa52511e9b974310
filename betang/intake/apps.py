"""The Django app `intake`."""

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    """Names the app for Django."""

    name = "betang.intake"
    label = "intake"
    default_auto_field = "django.db.models.BigAutoField"
