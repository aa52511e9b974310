"""Tell Django about grievances."""

from django.apps import AppConfig


class GrievancesConfig(AppConfig):
    """Cases and their steps."""

    name = "betang.grievances"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Pengaduan"
