"""The pages as a Django app (for their template tags; it owns no table)."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Staff pages and public pages."""

    name = "betang.web"
