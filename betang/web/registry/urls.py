"""Addresses of families."""

from django.urls import path

from betang.web.registry import follow_ups, households, portraits, registrations

urlpatterns = [
    path("keluarga/", households.households, name="households"),
    path("keluarga/<uuid:uuid>/", households.household, name="household"),
    path("keluarga/<uuid:uuid>/foto/", portraits.portrait, name="portrait"),
    path("keluarga/<uuid:uuid>/foto/gambar/", portraits.picture, name="portrait_picture"),
    path("pendaftaran/", registrations.registrations, name="registrations"),
    path("pendaftaran/<uuid:uuid>/", registrations.registration, name="registration"),
    path(
        "pendaftaran/<uuid:uuid>/foto/<int:place>/",
        registrations.photo,
        name="registration_photo",
    ),
    path("tindak-lanjut/", follow_ups.follow_ups, name="follow_ups"),
    path("tindak-lanjut/<uuid:uuid>/", follow_ups.close, name="follow_up"),
]
