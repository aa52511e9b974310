"""Addresses of cycles."""

from django.urls import path

from betang.web.programmes import cycles

urlpatterns = [
    path("tahap/", cycles.cycles, name="cycles"),
    path("tahap/<uuid:uuid>/", cycles.cycle, name="cycle"),
    path("tahap/kemajuan/<uuid:uuid>/", cycles.progress, name="cycle_progress"),
    path("tahap/<uuid:uuid>/buka/", cycles.open_it, name="open_cycle"),
    path("tahap/<uuid:uuid>/tutup/", cycles.close_it, name="close_cycle"),
]
