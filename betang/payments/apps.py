"""Tell Django about payments."""

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    """The cash benefit, from an account at the bank to a line of its statement."""

    name = "betang.payments"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Pembayaran"
