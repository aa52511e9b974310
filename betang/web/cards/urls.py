"""Addresses of cards."""

from django.urls import path

from betang.web.cards import cards, investigation

urlpatterns = [
    path("kartu/", cards.cards, name="cards"),
    path("kartu/<uuid:uuid>/", cards.card, name="card"),
    path("kartu/telusur/", investigation.investigations, name="investigations"),
    path("kartu/<uuid:uuid>/telusur/", investigation.investigation, name="investigation"),
]
