"""Addresses of leases."""

from django.urls import path

from betang.web.distribution import lease, leases

urlpatterns = [
    path("penugasan/", leases.leases, name="leases"),
    path("penugasan/<uuid:uuid>/", lease.lease, name="lease"),
    path("penugasan/<uuid:uuid>/ubah/", lease.change_lease, name="change_lease"),
    path("penugasan/<uuid:uuid>/pindah/", lease.move_lease, name="move_lease"),
]
