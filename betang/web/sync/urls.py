"""Addresses of the courier's page."""

from django.urls import path

from betang.web.sync import courier

urlpatterns = [
    path("kurir/", courier.upload, name="courier"),
    path("kurir/tanda-terima/", courier.acknowledgement, name="courier_acknowledgement"),
]
