"""Every address of the pages; each room has its own list."""

from django.urls import include, path

from betang.web import fieldapp
from betang.web.accounts import device_urls as devices
from betang.web.accounts import urls as accounts
from betang.web.cards import urls as cards
from betang.web.distribution import urls as distribution
from betang.web.eligibility import urls as eligibility
from betang.web.grievances import urls as grievances
from betang.web.guard import declared, public
from betang.web.intake import urls as intake
from betang.web.monitoring import urls as monitoring
from betang.web.payments import urls as payments
from betang.web.programmes import urls as programmes
from betang.web.public import urls as public_pages
from betang.web.registry import urls as registry
from betang.web.shell.search import search
from betang.web.sync import urls as sync

FIELD = public("files of the field app; what they may do is asked by the device API")

urlpatterns = [
    path("", include(monitoring)),
    path("", include(accounts)),
    path("", include(devices)),
    path("", include(registry)),
    path("", include(cards)),
    path("", include(programmes)),
    path("", include(distribution)),
    path("", include(intake)),
    path("", include(eligibility)),
    path("", include(payments)),
    path("", include(grievances)),
    path("", include(public_pages)),
    path("", include(sync)),
    path("cari/", search, name="search"),
    path("lapangan/", declared(fieldapp.app_file, FIELD), name="field_app"),
    path("lapangan/<path:name>", declared(fieldapp.app_file, FIELD), name="field_app_file"),
]
