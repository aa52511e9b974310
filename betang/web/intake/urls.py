"""Addresses of incoming lists."""

from django.urls import path

from betang.web.intake import batches

urlpatterns = [
    path("penerimaan/", batches.batches, name="batches"),
    path("penerimaan/unggah/", batches.upload, name="upload"),
    path("penerimaan/<uuid:uuid>/", batches.batch, name="batch"),
    path("penerimaan/<uuid:uuid>/temuan.csv", batches.findings_csv, name="findings_csv"),
    path("penerimaan/<uuid:uuid>/terima/", batches.accept_it, name="accept_batch"),
    path("penerimaan/<uuid:uuid>/tolak/", batches.reject_it, name="reject_batch"),
]
