"""Tell Django about the ledger."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """The double-entry book of money and goods."""

    name = "betang.ledger"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Buku besar"
