"""Addresses of cases."""

from django.urls import path

from betang.web.grievances import cases

urlpatterns = [
    path("kasus/", cases.cases, name="cases"),
    path("kasus/<uuid:uuid>/", cases.case, name="case"),
]
