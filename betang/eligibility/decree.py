"""The decree (SK): one person proposes a run's result for an area, a second approves it.

Enrolment follows approval, in the same transaction. Whoever the run says is eligible enters or
stays; whoever it says is not leaves; an undecided household neither enters nor leaves, since a gap
in the data takes nothing from anybody.
"""

from datetime import date, datetime
from typing import NamedTuple

from django.db import connection

from betang.accounts.access import village_range
from betang.areas.models import Area
from betang.core.actor import Actor
from betang.core.errors import FieldsError, RefusedError, SamePersonError
from betang.eligibility.assess import Progress, digest
from betang.eligibility.explain import latest_run
from betang.eligibility.models import Decree, Enrolment, Run
from betang.eligibility.retain import check_whole
from betang.journal.record import record
from betang.programmes.models import Programme

#: A decree is given by a head of region: the governor, or a regent or mayor.
LEVELS = (1, 2)
NUMBER_CHARACTERS_MAX = 60

#: What the paper lists: the numbers of the eligible households, in order.
LISTED = """
SELECT count(*), encode(sha256(convert_to(
    coalesce(string_agg(h.number, E'\\n' ORDER BY h.number), ''), 'UTF8')), 'hex')
FROM eligibility_assessment AS a JOIN registry_household AS h ON h.id = a.household_id
WHERE a.run_id = %(run)s AND a.decision = 1 AND a.village_id BETWEEN %(first)s AND %(last)s
"""
UNDECIDED = """
SELECT count(*) FROM eligibility_assessment AS a
WHERE a.run_id = %(run)s AND a.decision = -1 AND a.village_id BETWEEN %(first)s AND %(last)s
"""
#: A household that the run does not know was merged or has left.
LEAVE = """
UPDATE eligibility_enrolment AS e SET until_on = %(on)s, ended_by_id = %(decree)s
FROM registry_household AS h
LEFT JOIN eligibility_assessment AS a ON a.run_id = %(run)s AND a.household_id = h.id
WHERE e.household_id = h.id AND e.programme_id = %(programme)s AND e.until_on IS NULL
  AND coalesce(a.village_id, h.village_id) BETWEEN %(first)s AND %(last)s
  AND coalesce(a.decision, 0) = 0
"""
ENTER = """
INSERT INTO eligibility_enrolment (uuid, household_id, programme_id, decree_id, from_on)
SELECT gen_random_uuid(), a.household_id, %(programme)s, %(decree)s, %(on)s
FROM eligibility_assessment AS a
WHERE a.run_id = %(run)s AND a.decision = 1 AND a.village_id BETWEEN %(first)s AND %(last)s
  AND NOT EXISTS (
    SELECT 1 FROM eligibility_enrolment AS e
    WHERE e.programme_id = %(programme)s AND e.household_id = a.household_id
      AND e.until_on IS NULL)
ORDER BY a.household_id
"""


class DecreeAreaError(FieldsError):
    """A decree covers a province, or a regency or city."""

    code = "decree.area"
    sentence = "SK berlaku untuk satu provinsi atau satu kabupaten/kota."
    do = "Pilih provinsi, kabupaten, atau kota."


class DecreeNumberError(FieldsError):
    """The number is missing or too long."""

    code = "decree.number"
    sentence = "Nomor SK masih kosong atau lebih dari 60 huruf."
    do = "Tulis nomor SK seperti pada naskahnya."


class DecreeNumberTakenError(RefusedError):
    """Another decree has this number."""

    code = "decree.number_taken"
    sentence = "Nomor SK ini sudah dipakai."
    do = "Periksa nomor pada naskah SK."


class DecreeExistsError(RefusedError):
    """There is a decree over this run for this area."""

    code = "decree.already"
    sentence = "Sudah ada SK atas hasil penilaian ini untuk wilayah yang sama."
    do = "Pakai SK yang sudah ada, atau nilai ulang lebih dahulu."


class RunSupersededError(RefusedError):
    """A newer run of the programme exists."""

    code = "decree.run_superseded"
    sentence = "Sudah ada penilaian yang lebih baru untuk program ini."
    do = "Usulkan SK atas hasil penilaian terbaru."


class NobodyEligibleError(RefusedError):
    """Nobody in the area is eligible."""

    code = "decree.nobody"
    sentence = "Tidak ada keluarga yang layak di wilayah ini menurut hasil penilaian."
    do = "Periksa wilayah dan hasil penilaiannya."


class DecreeWithdrawnError(RefusedError):
    """The proposal was taken back."""

    code = "decree.withdrawn"
    sentence = "Usulan SK ini sudah ditarik."
    do = "Usulkan SK baru bila masih diperlukan."


class DecreeStandsError(RefusedError):
    """The decree was approved: it cannot be withdrawn any more."""

    code = "decree.stands"
    sentence = "SK ini sudah ditetapkan, jadi tidak dapat ditarik lagi."
    do = "Nilai ulang lalu usulkan SK baru; SK baru mengakhiri penetapan yang lama."


class DecreeNotProposedError(RefusedError):
    """The decree was approved before."""

    code = "decree.not_proposed"
    sentence = "SK ini sudah ditetapkan sebelumnya."
    do = "Muat ulang daftar SK."


class DecreeSamePersonError(SamePersonError):
    """The proposer may not approve."""

    code = "decree.two_persons"


class RunAlteredError(RefusedError):
    """The rows of the run are not what they were when it was made."""

    code = "decree.run_altered"
    sentence = "Hasil penilaian tidak lagi sama dengan saat dibuat; SK tidak dapat ditetapkan."
    do = "Laporkan kepada pengelola sistem dan pengawas; jangan menetapkan SK ini."


class BackdatedError(RefusedError):
    """Somebody in the area was enrolled after the day of the decree."""

    code = "decree.backdated"
    sentence = "Tanggal SK lebih awal dari penetapan yang sudah berlaku di wilayah ini."
    do = "Usulkan SK dengan tanggal yang tidak lebih awal."


class Listed(NamedTuple):
    """What a decree over a run would list in an area."""

    households: int
    digest: str


def next_number(programme: Programme, area: Area, on_date: date) -> str:
    """Suggest a number where the office has given none: SK/KHBS/6203/2026/001."""
    stem = f"SK/{programme.code}/{area.pk}/{on_date.year}/"
    used = Decree.objects.filter(programme=programme, number__startswith=stem).count()
    return f"{stem}{used + 1:03d}"


def propose(
    run: Run, *, area: Area, number: str, on_date: date, actor: Actor, at: datetime
) -> Decree:
    """Propose to make a run's result binding for a province or regency.

    Raises `DecreeAreaError`, `DecreeNumberError`, `DecreeNumberTakenError`, `DecreeExistsError`,
    `RunSupersededError`, `RunEmptiedError`, `NobodyEligibleError`.
    """
    assert actor.person is not None, "a decree is proposed by a human"
    programme = run.rule_set.programme
    _check_proposal(run, area, number.strip(), programme)
    listed = list_of(run, area)
    if not listed.households:
        raise NobodyEligibleError(field="area")
    decree = Decree.objects.create(
        number=number.strip(),
        on_date=on_date,
        programme=programme,
        area=area,
        run=run,
        household_count=listed.households,
        digest=listed.digest,
        proposed_by_person=actor.person,
        proposed_at=at,
    )
    record(
        "decree.proposed",
        decree.uuid,
        actor=actor,
        at=at,
        area=area.pk,
        run=run.uuid,
        count=listed.households,
        digest=listed.digest,
    )
    return decree


def approve(
    decree: Decree, *, actor: Actor, at: datetime, progress: Progress | None = None
) -> Decree:
    """Make a decree binding, by a second person, and enrol by it.

    Raises `DecreeSamePersonError`, `DecreeNotProposedError`, `DecreeWithdrawnError`,
    `RunAlteredError`, `BackdatedError`.
    """
    assert actor.person is not None, "a decree is approved by a human"
    if actor.person == decree.proposed_by_person:
        raise DecreeSamePersonError
    _wait_for_others(decree.programme_id)
    approved = Decree.objects.filter(pk=decree.pk, state=Decree.State.PROPOSED).update(
        state=Decree.State.APPROVED, approved_by_person=actor.person, approved_at=at
    )
    decree.refresh_from_db()
    if not approved:
        withdrawn = decree.state == Decree.State.WITHDRAWN
        raise DecreeWithdrawnError if withdrawn else DecreeNotProposedError
    _step(progress, "Memeriksa hasil penilaian", 1)
    if digest(decree.run_id) != decree.run.digest or list_of(decree.run, decree.area) != Listed(
        decree.household_count, decree.digest
    ):
        raise RunAlteredError
    _check_date(decree)
    _step(progress, "Menetapkan penerima", 2)
    entered, left, undecided = _enrol(decree)
    _step(progress, "Mencatat", 3)
    record(
        "decree.approved",
        decree.uuid,
        actor=actor,
        at=at,
        area=decree.area_id,
        run=decree.run.uuid,
        programme=decree.programme.uuid,
        count=decree.household_count,
        entered=entered,
        left=left,
        stayed=decree.household_count - entered,
        undecided=undecided,
        digest=decree.digest,
    )
    return decree


def withdraw(decree: Decree, *, actor: Actor, at: datetime) -> Decree:
    """Take a proposed decree back; its number and its run may be used for another proposal.

    Whether `actor` may (the proposer, or who may approve) is asked by the interface. Raises
    `DecreeStandsError`, `DecreeWithdrawnError`.
    """
    assert actor.person is not None, "a decree is withdrawn by a human"
    taken = Decree.objects.filter(pk=decree.pk, state=Decree.State.PROPOSED).update(
        state=Decree.State.WITHDRAWN, withdrawn_by_person=actor.person, withdrawn_at=at
    )
    decree.refresh_from_db()
    if not taken:
        approved = decree.state == Decree.State.APPROVED
        raise DecreeStandsError if approved else DecreeWithdrawnError
    record(
        "decree.withdrawn",
        decree.uuid,
        actor=actor,
        at=at,
        area=decree.area_id,
        run=decree.run.uuid,
        count=decree.household_count,
    )
    return decree


def list_of(run: Run, area: Area) -> Listed:
    """Count and digest the households that a decree over `run` lists in `area`."""
    first, last = village_range(area.pk)
    with connection.cursor() as cursor:
        cursor.execute(LISTED, {"run": run.pk, "first": first, "last": last})
        return Listed(*cursor.fetchone())


def _check_proposal(run: Run, area: Area, number: str, programme: Programme) -> None:
    if area.level not in LEVELS:
        raise DecreeAreaError(field="area")
    if not number or len(number) > NUMBER_CHARACTERS_MAX or not number.isprintable():
        raise DecreeNumberError(field="number")
    if latest_run(programme) != run:
        raise RunSupersededError
    check_whole(run)
    standing = Decree.objects.exclude(state=Decree.State.WITHDRAWN)
    if standing.filter(programme=programme, number=number).exists():
        raise DecreeNumberTakenError(field="number")
    if standing.filter(run=run, area=area).exists():
        raise DecreeExistsError


def _wait_for_others(programme_id: int) -> None:
    """Let one decree of a programme enrol at a time: two may cover the same households."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtext('eligibility.enrol'), %s)", [programme_id]
        )


def _check_date(decree: Decree) -> None:
    first, last = village_range(decree.area_id)
    if Enrolment.objects.filter(
        programme_id=decree.programme_id,
        until_on__isnull=True,
        from_on__gt=decree.on_date,
        household__village_id__gte=first,
        household__village_id__lte=last,
    ).exists():
        raise BackdatedError(field="on_date")


def _enrol(decree: Decree) -> tuple[int, int, int]:
    """End and begin enrolments; give how many entered, left, and stay undecided."""
    first, last = village_range(decree.area_id)
    values: dict[str, int | date] = {
        "run": decree.run_id,
        "decree": decree.pk,
        "programme": decree.programme_id,
        "on": decree.on_date,
        "first": first,
        "last": last,
    }
    with connection.cursor() as cursor:
        cursor.execute(LEAVE, values)
        left = cursor.rowcount
        cursor.execute(ENTER, values)
        entered = cursor.rowcount
        cursor.execute(UNDECIDED, values)
        undecided = int(cursor.fetchone()[0])
    return entered, left, undecided


def _step(progress: Progress | None, what: str, number: int) -> None:
    if progress:
        progress(what, number, 3)
