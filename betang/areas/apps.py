"""The Django app `areas`."""

from django.apps import AppConfig


class AreasConfig(AppConfig):
    """Names the app for Django."""

    name = "betang.areas"
    label = "areas"
    default_auto_field = "django.db.models.BigAutoField"
