"""Addresses of leases, days and points."""

from django.urls import path

from betang.web.distribution import day, days, lease, leases, papers, plan, points

urlpatterns = [
    path("penugasan/", leases.leases, name="leases"),
    path("penugasan/<uuid:uuid>/", lease.lease, name="lease"),
    path("penugasan/<uuid:uuid>/ubah/", lease.change_lease, name="change_lease"),
    path("penugasan/<uuid:uuid>/pindah/", lease.move_lease, name="move_lease"),
    path("hari/", days.days, name="days"),
    path("hari/rencana/", plan.plan_page, name="plan_days"),
    path("hari/<uuid:uuid>/", day.day, name="day"),
    path("hari/<uuid:uuid>/ubah/", day.change_one, name="change_day"),
    path("hari/<uuid:uuid>/keluarga/", day.change_family, name="change_invitation"),
    path("hari/<uuid:uuid>/cetak/<str:name>/", papers.paper, name="day_paper"),
    path("titik/", points.points, name="points"),
    path("titik/<uuid:uuid>/", points.change_point, name="change_point"),
]
