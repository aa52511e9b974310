"""Addresses that anybody may open: the printed one of each card, and the tap."""

from django.urls import path

from betang.web.public import card

urlpatterns = [
    path("k", card.look, name="public_card"),
    path("t", card.tap, name="public_tap"),
]
