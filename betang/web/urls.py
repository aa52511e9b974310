"""Every address of the pages; each room has its own list."""

from django.urls import include, path

from betang.web import fieldapp
from betang.web.accounts import urls as accounts
from betang.web.guard import declared, public
from betang.web.monitoring import urls as monitoring
from betang.web.public import urls as public_pages

FIELD = public("files of the field app; what they may do is asked by the device API")

urlpatterns = [
    path("", include(monitoring)),
    path("", include(accounts)),
    path("", include(public_pages)),
    path("lapangan/", declared(fieldapp.app_file, FIELD), name="field_app"),
    path("lapangan/<path:name>", declared(fieldapp.app_file, FIELD), name="field_app_file"),
]
