"""Addresses of the facilitators' devices."""

from django.urls import path

from betang.web.accounts import device, devices, replace

urlpatterns = [
    path("gawai/", devices.devices, name="devices"),
    path("gawai/daftarkan/", devices.new_code, name="new_code"),
    path("gawai/<uuid:uuid>/", device.device, name="device"),
    path("gawai/<uuid:uuid>/sahkan/", device.confirm_it, name="confirm_device"),
    path("gawai/<uuid:uuid>/wilayah/", device.assign_it, name="assign_device"),
    path("gawai/<uuid:uuid>/rantai/", device.decide_chain, name="decide_chain"),
    path("gawai/<uuid:uuid>/hentikan/", device.stop_it, name="stop_device"),
    path("gawai/<uuid:uuid>/ganti/", replace.replace, name="replace_device"),
]
