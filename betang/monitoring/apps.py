"""Monitoring as a Django app."""

from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    """Alerts and indicators."""

    name = "betang.monitoring"
    default_auto_field = "django.db.models.BigAutoField"
