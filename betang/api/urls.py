"""Addresses of the device API (docs/protocols/device.md)."""

from django.urls import path

from betang.api import blobs, claims, devices, events, portraits, tickets

urlpatterns = [
    path("ping", devices.ping, name="api-ping"),
    path("devices/enrol", devices.enrol, name="api-enrol"),
    path("device", devices.stands, name="api-device"),
    path("device/wiped", devices.wiped, name="api-wiped"),
    path("bundle", devices.bundle, name="api-bundle"),
    path("events", events.events, name="api-events"),
    path("decisions", events.decisions, name="api-decisions"),
    path("portraits", portraits.portraits, name="api-portraits"),
    path("tickets", tickets.tickets, name="api-tickets"),
    path("taps", claims.taps, name="api-taps"),
    path("claims/reserve", claims.reserve, name="api-reserve"),
    path("blobs/<str:name>", blobs.blob, name="api-blob"),
]
