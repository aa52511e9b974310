"""Addresses of families."""

from django.urls import path

from betang.web.registry import households

urlpatterns = [
    path("keluarga/", households.households, name="households"),
    path("keluarga/<uuid:uuid>/", households.household, name="household"),
]
