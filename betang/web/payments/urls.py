"""Addresses of payments through the bank."""

from django.urls import path

from betang.web.payments import orders

urlpatterns = [
    path("penyaluran/", orders.orders, name="orders"),
    path("penyaluran/siapkan/", orders.prepare_it, name="prepare_order"),
    path("penyaluran/<uuid:uuid>/", orders.order, name="order"),
    path("penyaluran/kemajuan/<uuid:uuid>/", orders.progress, name="payment_progress"),
    path("penyaluran/<uuid:uuid>/kirim/", orders.send_it, name="send_order"),
    path("penyaluran/<uuid:uuid>/cocokkan/", orders.reconcile_it, name="reconcile_order"),
    path("penyaluran/<uuid:uuid>/setujui/", orders.approve_it, name="approve_order"),
]
