"""Kelayakan: nilai semua keluarga, jelaskan, bandingkan, tetapkan dengan SK."""

from datetime import datetime
from typing import Any
from uuid import UUID

import click
import orjson
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from betang.areas.models import Area
from betang.cli._acting import acting, busy, shared, steps, tell
from betang.cli.programmes import DAY, DEFAULT_CODE, find_programme
from betang.core.clock import WIB
from betang.core.errors import NotFoundError, RefusedError
from betang.eligibility.assess import assess as assess_all
from betang.eligibility.compare import compare as compare_runs
from betang.eligibility.decree import approve as approve_decree
from betang.eligibility.decree import next_number
from betang.eligibility.decree import propose as propose_decree
from betang.eligibility.explain import (
    decision_sentence,
    latest_assessment,
    latest_run,
)
from betang.eligibility.explain import explain as explain_assessment
from betang.eligibility.models import Decree, Run
from betang.programmes.models import Programme
from betang.programmes.rule_sets import rules_in_force
from betang.registry.models import Household

MARKS = {"true": "ya", "false": "tidak", "unknown": "?"}


class NoRulesError(RefusedError):
    """No approved rule set is in force."""

    code = "run.no_rules"
    sentence = "Belum ada aturan yang disetujui dan berlaku untuk program ini."
    do = "Usulkan aturan dan mintalah orang kedua menyetujuinya: betang programmes rules propose."


class NotJudgedError(RefusedError):
    """There is nothing to explain or compare yet."""

    code = "run.not_judged"
    sentence = "Belum ada hasil penilaian untuk ini."
    do = "Nilai semua keluarga lebih dahulu: betang eligibility assess."


@click.group()
def command() -> None:
    """Nilai, jelaskan, dan tetapkan penerima."""


@command.command()
@click.option(
    "--programme", "programme_code", default=DEFAULT_CODE, show_default=True, help="Kode program."
)
@click.option("--rules", "rules_uuid", type=click.UUID, help="Bukan aturan yang sedang berlaku.")
@shared
def assess(programme_code: str, rules_uuid: UUID | None, username: str, as_json: bool) -> None:
    """Nilai semua keluarga dengan aturan yang berlaku."""
    actor = acting(username, "rules.propose")
    at = timezone.now()
    programme = find_programme(programme_code)
    rule_set = (
        programme.rule_sets.filter(uuid=rules_uuid).first()
        if rules_uuid
        else rules_in_force(programme, at.astimezone(WIB).date())
    )
    if rule_set is None:
        raise NoRulesError
    with steps() as step, transaction.atomic():
        run = assess_all(rule_set, actor=actor, at=at, progress=step)
    tell({"run": str(run.uuid), **run.counts, "digest": run.digest}, as_json=as_json)


@command.command()
@click.argument("number")
@click.option(
    "--programme", "programme_code", default=DEFAULT_CODE, show_default=True, help="Kode program."
)
@shared
def explain(number: str, programme_code: str, username: str, as_json: bool) -> None:
    """Jelaskan penilaian satu keluarga (NUMBER: nomor keluarga)."""
    household = Household.objects.filter(number=number).first()
    acting(username, "household.see", household.village_id if household else None)
    if household is None:
        raise NotFoundError(field="number")
    assessment = latest_assessment(household, find_programme(programme_code))
    if assessment is None:
        raise NotJudgedError
    answers = explain_assessment(assessment)
    if as_json:
        told = {
            "household": household.number,
            "run": str(assessment.run.uuid),
            "decision": assessment.decision,
            "indicators": [
                {
                    "name": one.name,
                    "role": one.role,
                    "value": one.value,
                    "sentence": one.sentence,
                    "stands_against": one.stands_against,
                }
                for one in answers
            ],
        }
        click.echo(orjson.dumps(told).decode())
        return
    click.echo(decision_sentence(assessment))
    for one in answers:
        mark = "!" if one.stands_against else " "
        click.echo(f"{mark} {one.label} [{MARKS[one.value]}]: {one.sentence}")


@command.command()
@click.argument("older", type=click.UUID, required=False)
@click.argument("newer", type=click.UUID, required=False)
@click.option(
    "--programme", "programme_code", default=DEFAULT_CODE, show_default=True, help="Kode program."
)
@shared
def compare(
    older: UUID | None, newer: UUID | None, programme_code: str, username: str, as_json: bool
) -> None:
    """Bandingkan dua penilaian (tanpa argumen: dua yang terakhir)."""
    acting(username, "rules.see")
    before, after = _two_runs(find_programme(programme_code), older, newer)
    with busy("Membandingkan dua penilaian"):
        told = compare_runs(before, after)
    summary: dict[str, Any] = {
        "older": str(before.uuid),
        "newer": str(after.uuid),
        "gained": told.gained,
        "lost": told.lost,
        "unchanged": told.unchanged,
    }
    if as_json:
        summary["moves"] = [[old, new, many] for (old, new), many in told.moves.items()]
    tell(summary, as_json=as_json)
    for one in () if as_json else told.indicators:
        if one.became_true or one.became_false or one.became_unknown:
            click.echo(
                f"  {one.label}: menjadi ya {one.became_true}, menjadi tidak {one.became_false}, "
                f"menjadi belum diketahui {one.became_unknown}"
            )


@command.command()
@click.option("--area", "area_code", type=int, default=62, show_default=True, help="Wilayah SK.")
@click.option("--number", help="Nomor SK seperti pada naskah; tanpa ini dibuatkan.")
@click.option("--on", "on_date", type=DAY, help="Tanggal SK; tanpa ini hari ini.")
@click.option("--run", "run_uuid", type=click.UUID, help="Tanpa ini penilaian terakhir.")
@click.option(
    "--programme", "programme_code", default=DEFAULT_CODE, show_default=True, help="Kode program."
)
@shared
def propose(
    area_code: int,
    number: str | None,
    on_date: datetime | None,
    run_uuid: UUID | None,
    programme_code: str,
    username: str,
    as_json: bool,
) -> None:
    """Usulkan SK atas hasil penilaian."""
    actor = acting(username, "rules.propose", area_code)
    at = timezone.now()
    programme = find_programme(programme_code)
    area = Area.objects.filter(pk=area_code).first()
    if area is None:
        raise NotFoundError(field="area")
    day = on_date.date() if on_date else at.astimezone(WIB).date()
    run = _run(programme, run_uuid)
    with steps() as step, transaction.atomic():
        step("Menyusun daftar", 1, 1)
        decree = propose_decree(
            run,
            area=area,
            number=number or next_number(programme, area, day),
            on_date=day,
            actor=actor,
            at=at,
        )
    _tell_decree(decree, as_json=as_json)


@command.command()
@click.argument("decree")
@click.option(
    "--programme", "programme_code", default=DEFAULT_CODE, show_default=True, help="Kode program."
)
@shared
def approve(decree: str, programme_code: str, username: str, as_json: bool) -> None:
    """Tetapkan SK (DECREE: nomor atau uuid) dan daftarkan penerimanya."""
    wanted = Q(number=decree)
    if (uuid := _uuid(decree)) is not None:
        wanted |= Q(uuid=uuid)
    found = Decree.objects.filter(wanted, programme=find_programme(programme_code)).first()
    actor = acting(username, "decree.approve", found.area_id if found else None)
    if found is None:
        raise NotFoundError(field="decree")
    with steps() as step, transaction.atomic():
        approved = approve_decree(found, actor=actor, at=timezone.now(), progress=step)
    _tell_decree(approved, as_json=as_json)


def _run(programme: Programme, uuid: UUID | None) -> Run:
    if uuid is not None:
        run = Run.objects.filter(uuid=uuid, rule_set__programme=programme).first()
    else:
        run = latest_run(programme)
    if run is None:
        raise NotJudgedError
    return run


def _two_runs(programme: Programme, older: UUID | None, newer: UUID | None) -> tuple[Run, Run]:
    if older is not None and newer is not None:
        return _run(programme, older), _run(programme, newer)
    runs = list(Run.objects.filter(rule_set__programme=programme).order_by("-id")[:2])
    if len(runs) < 2:
        raise NotJudgedError
    return runs[1], runs[0]


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _tell_decree(decree: Decree, *, as_json: bool) -> None:
    tell(
        {
            "decree": str(decree.uuid),
            "number": decree.number,
            "area": str(decree.area_id),
            "state": decree.state,
            "households": decree.household_count,
            "digest": decree.digest,
        },
        as_json=as_json,
    )
