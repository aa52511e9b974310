"""Addresses of rule sets and decrees."""

from django.urls import path

from betang.web.eligibility import rules

urlpatterns = [
    path("aturan/", rules.rules_and_decrees, name="rules"),
    path("aturan/usul/", rules.propose, name="propose_rules"),
    path("aturan/<uuid:uuid>/", rules.rule_set, name="rule_set"),
    path("aturan/<uuid:uuid>/setujui/", rules.approve, name="approve_rules"),
    path("sk/<uuid:uuid>/setujui/", rules.approve_decree, name="approve_decree"),
    path("sk/usul/", rules.propose_decree, name="propose_decree"),
]
