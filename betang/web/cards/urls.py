"""Addresses of cards."""

from django.urls import path

from betang.web.cards import cards, design_editor, designs, investigation, run_bureaus, runs

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
    path("kartu/cetak/", runs.print_runs, name="print_runs"),
    path("kartu/cetak/biro/", run_bureaus.print_bureaus, name="print_bureaus"),
    path(
        "kartu/cetak/biro/<uuid:uuid>/setujui/",
        run_bureaus.approve_bureau,
        name="approve_print_bureau",
    ),
    path("kartu/cetak/biro/<uuid:uuid>/akhiri/", run_bureaus.end_bureau, name="end_print_bureau"),
    path("kartu/cetak/kemajuan/<uuid:uuid>/", runs.progress, name="print_progress"),
    path("kartu/cetak/<uuid:uuid>/", runs.print_run, name="print_run"),
    path("kartu/cetak/<uuid:uuid>/gambar/", runs.draw_it, name="draw_print_run"),
    path("kartu/cetak/<uuid:uuid>/lepas/", runs.release_it, name="release_print_run"),
    path("kartu/cetak/<uuid:uuid>/kantor/", runs.print_here, name="print_run_here"),
    path("kartu/cetak/<uuid:uuid>/batal/", runs.cancel_it, name="cancel_print_run"),
    path("kartu/cetak/<uuid:uuid>/cip/", runs.chips, name="print_run_chips"),
    path("kartu/cetak/<uuid:uuid>/paket/", runs.package, name="print_run_package"),
    path("kartu/cetak/<uuid:uuid>/kunci/", runs.transport_key, name="print_run_key"),
    path("kartu/cetak/<uuid:uuid>/kembali/", runs.take_back, name="print_run_return"),
    path("kartu/cetak/<uuid:uuid>/tutup/", runs.close_it, name="close_print_run"),
    path("kartu/telusur/", investigation.investigations, name="investigations"),
    path("kartu/<uuid:uuid>/telusur/", investigation.investigation, name="investigation"),
]
