"""Addresses of the board and the alerts."""

from django.urls import path

from betang.web.monitoring import alerts, board

urlpatterns = [
    path("", board.board, name="board"),
    path("wilayah/<int:code>/", board.area, name="board_area"),
    path("peringatan/", alerts.alerts, name="alerts"),
    path("peringatan/<uuid:uuid>/", alerts.alert, name="alert"),
]
