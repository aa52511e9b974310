"""The Django application `distribution`."""

from django.apps import AppConfig


class DistributionConfig(AppConfig):
    """Name the application and its label."""

    name = "betang.distribution"
    label = "distribution"
    default_auto_field = "django.db.models.BigAutoField"
