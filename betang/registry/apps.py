"""The Django app `registry`."""

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    """Names the app for Django."""

    name = "betang.registry"
    label = "registry"
    default_auto_field = "django.db.models.BigAutoField"
