"""A programme with cash and a parcel, its cycle, the decree that enrols: what a right needs.

The tests' small world and the benchmarks' large one stand on it. It lies here because benchmarks
may not import tests, and because `sandbox` knows Betang over HTTP alone.
"""

import hashlib
from datetime import date, datetime
from typing import Any

from betang.core.actor import Actor
from betang.eligibility.models import Decree, Run
from betang.programmes.models import Benefit, Cycle, Programme, RuleSet


def make_programme(goods: list[dict[str, Any]]) -> Cycle:
    """Make a programme with two benefits and a planned cycle; `goods` are the parcel's."""
    programme = Programme.objects.create(code="KHBS", name="KHBS", card_name="KHBS")
    Benefit.objects.create(
        programme=programme, code="cash", name="Tunai", channel="bank", amount_rupiah=250_000
    )
    Benefit.objects.create(
        programme=programme,
        code="parcel",
        name="Paket",
        channel="hand",
        amount_rupiah=150_000,
        goods=goods,
    )
    return Cycle.objects.create(
        programme=programme,
        code="202601",
        name="Tahap I",
        opens_on=date(2026, 1, 1),
        closes_on=date(2027, 12, 31),
    )


def make_decree(
    programme: Programme, *, proposer: Actor, approver: Actor, at: datetime, count: int
) -> Decree:
    """Make an approved decree over a run that judged nobody: judging is not what is asked here."""
    assert proposer.person is not None
    digest = hashlib.sha256(b"rules").hexdigest()
    rules = RuleSet.objects.create(
        programme=programme,
        name="aturan",
        valid_from=at.date(),
        text="rules",
        digest=digest,
        compiled={},
        proposed_by_person=proposer.person,
        proposed_at=at,
    )
    run = Run.objects.create(
        rule_set=rules, at=at, rules_digest=digest, fact_names=[], counts={}, digest=digest
    )
    return Decree.objects.create(
        number="SK-1",
        on_date=at.date(),
        programme=programme,
        area_id=62,
        run=run,
        household_count=count,
        digest=digest,
        proposed_by_person=proposer.person,
        proposed_at=at,
        state="approved",
        approved_by_person=approver.person,
        approved_at=at,
    )
