"""Every address of the site. Each view carries a rule; a test walks this list."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = []
# While the rooms are being built: a room without urls is left out.
if find_spec("betang.api.urls"):
    urlpatterns += [path("api/v1/", include("betang.api.urls"))]
if find_spec("betang.web.urls"):
    urlpatterns += [path("", include("betang.web.urls"))]
