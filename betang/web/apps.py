"""The pages as a Django app (for their template tags; it owns no table)."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Staff pages and public pages."""

    name = "betang.web"

    def ready(self) -> None:
        """Connect the signals."""
        from betang.web.accounts import sign_out  # noqa: F401, PLC0415 - needs the loaded models
