"""Every address of the site. Each view carries a rule; a test walks this list."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = []
# While the rooms are being built: a room without urls is left out.
if find_spec("betang.api.urls"):
    urlpatterns += [path("api/v1/", include("betang.api.urls"))]
if find_spec("betang.web.urls"):
    urlpatterns += [path("", include("betang.web.urls"))]

handler400 = "betang.web.shell.refusal.bad_request"
handler403 = "betang.web.shell.refusal.forbidden"
handler404 = "betang.web.shell.refusal.not_found"
handler500 = "betang.web.shell.refusal.failed"
