"""Addresses of payments through the bank."""

from django.urls import path

from betang.web.payments import accounts, orders

urlpatterns = [
    path("penyaluran/", orders.orders, name="orders"),
    path("penyaluran/siapkan/", orders.prepare_it, name="prepare_order"),
    path("penyaluran/<uuid:uuid>/", orders.order, name="order"),
    path("penyaluran/rekening/", accounts.accounts, name="accounts"),
    path("penyaluran/rekening/minta/", accounts.request_file, name="request_accounts"),
    path("penyaluran/rekening/unggah/", accounts.upload, name="upload_accounts"),
    path("penyaluran/rekening/periksa/", accounts.check, name="check_accounts"),
    path("penyaluran/rekening/kemajuan/<uuid:uuid>/", accounts.progress, name="account_progress"),
    path("penyaluran/rekening/<uuid:uuid>/", accounts.account_file, name="account_file"),
    path("penyaluran/rekening/<uuid:uuid>/terima/", accounts.accept, name="accept_accounts"),
    path("penyaluran/rekening/<uuid:uuid>/tolak/", accounts.reject, name="reject_accounts"),
    path("penyaluran/kemajuan/<uuid:uuid>/", orders.progress, name="payment_progress"),
    path("penyaluran/<uuid:uuid>/kirim/", orders.send_it, name="send_order"),
    path("penyaluran/<uuid:uuid>/cocokkan/", orders.reconcile_it, name="reconcile_order"),
    path("penyaluran/<uuid:uuid>/setujui/", orders.approve_it, name="approve_order"),
]
