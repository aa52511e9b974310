"""The office's part: from a list to cards and open rights. Each step is one act, by two persons."""

from contextlib import suppress
from datetime import date, datetime, timedelta
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from betang.accounts.models import User
from betang.areas.boundaries import load_boundaries
from betang.areas.load import load_areas
from betang.areas.models import Area
from betang.cards import custody, issue, revocation
from betang.cli.demonstration.telling import say, step
from betang.core.actor import SYSTEM
from betang.core.money import number
from betang.distribution import plan
from betang.distribution.open_cycle import open_cycle
from betang.eligibility import assess, decree
from betang.intake.accept import accept
from betang.intake.exclusions import stage_exclusions
from betang.intake.models import Batch
from betang.intake.stage import stage
from betang.keys.init import init
from betang.programmes.create import create_programme
from betang.programmes.cycles import plan_cycle
from betang.programmes.models import Cycle, Programme
from betang.programmes.rule_sets import approve_rules, default_rules, propose_rules
from betang.registry.facts import FACTS

PROVINCE = 62
OUTSIDE_PROGRAMMES = ("PKH", "SEMBAKO", "BLTDD")
CYCLE_DAYS = 30
#: Where a checkout keeps real boundaries, if anybody put them there; everything works without.
BOUNDARIES = "kalteng_villages.geojson"


def lay_the_ground(boundaries: Path | None) -> None:
    """Make keys, areas and, where a file is given, boundaries."""
    text = "Membuat kunci, memuat 14 kabupaten/kota, 136 kecamatan, 1.571 desa/kelurahan"
    with step(text), transaction.atomic():
        init(actor=SYSTEM, at=timezone.now(), cost=2**14)
        load_areas(actor=SYSTEM, at=timezone.now())
    if boundaries and boundaries.exists():
        with step("Memuat batas desa"), transaction.atomic():
            load_boundaries(boundaries, actor=SYSTEM, at=timezone.now())


def receive_the_list(folder: Path, budi: User, wati: User) -> Batch:
    """Stage the list and the exclusion lists, and let a second person accept them."""
    for programme in OUTSIDE_PROGRAMMES:
        content = (folder / f"exclusions_{programme}.csv").read_bytes()
        with step(f"Menerima daftar penerima {programme}"), transaction.atomic():
            staged = stage_exclusions(
                content, programme=programme, period="2026-4", file_name=f"{programme}.csv",
                actor=budi.actor, at=timezone.now(),
            )  # fmt: skip
            accept(staged, actor=wati.actor, at=timezone.now())
    with step("Memeriksa daftar keluarga (Budi)"), transaction.atomic():
        batch = stage(
            (folder / "households.csv").read_bytes(), file_name="households.csv",
            actor=budi.actor, at=timezone.now(),
        )  # fmt: skip
    say(
        f"  {number(batch.rows)} baris; {number(batch.held_rows)} ditahan dengan alasan, "
        f"{number(batch.warned_rows)} diberi catatan"
    )
    with step("Menerima daftar ke dalam data induk (disetujui Wati)"), transaction.atomic():
        return accept(batch, actor=wati.actor, at=timezone.now())


def judge_and_enrol(budi: User, wati: User) -> Programme:
    """Make the programme and its rules, judge every household, and fix the result by decree."""
    text = "Membuat program dan aturannya (diusulkan Budi, disetujui Wati)"
    with step(text), transaction.atomic():
        programme = create_programme(actor=budi.actor, at=timezone.now())
        rules = propose_rules(
            programme, default_rules(), facts=FACTS, actor=budi.actor, at=timezone.now()
        )
        rules = approve_rules(rules, facts=FACTS, actor=wati.actor, at=timezone.now())
    with step("Menilai setiap keluarga, dengan alasan"), transaction.atomic():
        run = assess.assess(rules, actor=budi.actor, at=timezone.now())
    province = Area.objects.get(pk=PROVINCE)
    today = timezone.localdate()
    text = "Menetapkan penerima dengan SK (diusulkan Budi, disetujui Wati)"
    with step(text), transaction.atomic():
        proposed = decree.propose(
            run, area=province, number=decree.next_number(programme, province, today),
            on_date=today, actor=budi.actor, at=timezone.now(),
        )  # fmt: skip
        decree.approve(proposed, actor=wati.actor, at=timezone.now())
    return programme


def issue_the_cards(budi: User) -> None:
    """Issue a card with a signed QR and a virtual chip for every enrolled household."""
    text = "Menerbitkan kartu dengan QR bertanda tangan dan chip tiruan"
    with step(text) as bar, transaction.atomic():
        issue.issue_cards(actor=budi.actor, at=timezone.now(), virtual_chips=True, progress=bar)
        revocation.publish(actor=budi.actor, at=timezone.now())


def take_into_stock(budi: User) -> None:
    """Take the printed cards into the office's stock."""
    with transaction.atomic():
        custody.receive(actor=budi.actor, at=timezone.now())


def open_the_cycle(programme: Programme, budi: User) -> Cycle:
    """Open the first cycle: one entitlement a benefit for every enrolled household."""
    today: date = timezone.localdate()
    with step("Membuka tahap I: hak setiap keluarga atas setiap bantuan"), transaction.atomic():
        cycle = plan_cycle(
            programme, code=f"{today.year}01", name=f"Tahap I {today.year}", opens_on=today,
            closes_on=today + timedelta(days=CYCLE_DAYS), actor=budi.actor, at=timezone.now(),
        )  # fmt: skip
        open_cycle(cycle, actor=budi.actor, at=timezone.now())
    return cycle


def invite_the_rest(cycle: Cycle, budi: User) -> None:
    """Plan days at points, from tomorrow on, for the families that nobody served yet."""
    today, shape = timezone.localdate(), plan.Shape(sundays=True)
    waves = [plan.Wave(62, today + timedelta(days=1))]
    with (
        step("Mengundang yang belum dilayani: titik, hari, dan nomor antrean"),
        suppress(plan.NobodyToInviteError),  # of a small list everybody may be served
        transaction.atomic(),
    ):
        plan.plan_days(cycle, waves, shape, today=today, actor=budi.actor, at=timezone.now())


def now() -> datetime:
    """Read the clock, as interfaces do."""
    return timezone.now()
