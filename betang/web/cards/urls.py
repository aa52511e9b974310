"""Addresses of cards."""

from django.urls import path

from betang.web.cards import cards, design_editor, designs, investigation

urlpatterns = [
    path("kartu/", cards.cards, name="cards"),
    path("kartu/<uuid:uuid>/", cards.card, name="card"),
    path("kartu/desain/", designs.designs, name="designs"),
    path("kartu/desain/<uuid:uuid>/", designs.design, name="design"),
    path("kartu/desain/<uuid:uuid>/bandingkan/", designs.compare, name="design_compare"),
    path("kartu/desain/<uuid:uuid>/putuskan/", designs.decide, name="design_decide"),
    path("kartu/desain/<uuid:uuid>/tarik/", designs.take_back, name="design_take_back"),
    path("kartu/desain/<uuid:uuid>/uji/", design_editor.trial, name="design_trial"),
    path("kartu/desain/<uuid:uuid>/pratinjau/", design_editor.preview, name="design_preview"),
    path(
        "kartu/desain/<uuid:uuid>/gambar/<str:side>/<str:size>/",
        designs.picture,
        name="design_picture",
    ),
    path("kartu/telusur/", investigation.investigations, name="investigations"),
    path("kartu/<uuid:uuid>/telusur/", investigation.investigation, name="investigation"),
]
