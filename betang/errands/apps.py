"""Django's registration of the errands app."""

from django.apps import AppConfig


class ErrandsConfig(AppConfig):
    """The app that owns long work asked for by a page."""

    name = "betang.errands"
    label = "errands"
    verbose_name = "Pekerjaan"
