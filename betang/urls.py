"""Every address of the site. Each view carries a rule; a test walks this list."""

from django.urls import include, path

urlpatterns = [
    path("api/v1/", include("betang.api.urls")),
    path("", include("betang.web.urls")),
]

handler400 = "betang.web.shell.refusal.bad_request"
handler403 = "betang.web.shell.refusal.forbidden"
handler404 = "betang.web.shell.refusal.not_found"
handler500 = "betang.web.shell.refusal.failed"
