"""Addresses of rule sets, judgings and decrees."""

from django.urls import path

from betang.web.eligibility import judging, rules

urlpatterns = [
    path("aturan/", rules.rules_and_decrees, name="rules"),
    path("aturan/usul/", rules.propose, name="propose_rules"),
    path("aturan/<uuid:uuid>/", rules.rule_set, name="rule_set"),
    path("aturan/<uuid:uuid>/setujui/", rules.approve, name="approve_rules"),
    path("aturan/<uuid:uuid>/tarik/", rules.withdraw, name="withdraw_rules"),
    path("sk/<uuid:uuid>/tarik/", rules.withdraw_decree, name="withdraw_decree"),
    path("penilaian/", judging.judgings, name="judgings"),
    path("penilaian/mulai/", judging.start, name="start_judging"),
    path("penilaian/kemajuan/<uuid:uuid>/", judging.progress, name="judging_progress"),
    path("penilaian/<uuid:uuid>/", judging.run, name="run"),
    path("sk/<uuid:uuid>/setujui/", rules.approve_decree, name="approve_decree"),
    path("sk/usul/", rules.propose_decree, name="propose_decree"),
]
