"""Addresses of cards."""

from django.urls import path

from betang.web.cards import cards

urlpatterns = [
    path("kartu/", cards.cards, name="cards"),
    path("kartu/<uuid:uuid>/", cards.card, name="card"),
]
