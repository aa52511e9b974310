"""Addresses of the facilitators' devices."""

from django.urls import path

from betang.web.accounts import devices

urlpatterns = [
    path("gawai/", devices.devices, name="devices"),
    path("gawai/daftarkan/", devices.new_code, name="new_code"),
    path("gawai/<uuid:uuid>/", devices.device, name="device"),
    path("gawai/<uuid:uuid>/sahkan/", devices.confirm_it, name="confirm_device"),
    path("gawai/<uuid:uuid>/rantai/", devices.decide_chain, name="decide_chain"),
    path("gawai/<uuid:uuid>/hentikan/", devices.stop_it, name="stop_device"),
]
