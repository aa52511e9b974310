"""Judging by a page: asked for once, done by the worker, read by who may, each in his areas."""

import threading
import time
from datetime import timedelta

import psycopg
import pytest
from django.db import connection, transaction
from django.utils import timezone

from betang import worker
from betang.accounts.models import RoleGrant, User
from betang.areas.models import Area
from betang.core.identifiers import new_uuid
from betang.eligibility.models import Assessment, Decree, Emptying, Run
from betang.errands import work
from betang.errands.models import Errand
from betang.journal.models import Entry
from betang.programmes.create import create_programme
from betang.programmes.cycles import plan_cycle
from betang.programmes.models import RuleSet
from betang.programmes.rule_sets import approve_rules, default_rules, propose_rules
from betang.registry.facts import FACTS
from betang.registry.models import Household, OutsideAidList
from tests.conftest import PATIENCE_S

VILLAGES = (6203011001, 6210011001)
GOOD = {
    "decile": 2, "income_rupiah": 1_500_000, "size": 4, "members_alive": 4, "dwelling": "own",
    "head_deceased": False, "head_moved": False, "any_deceased": False, "any_moved": False,
    "inside_province": True,
}  # fmt: skip


@pytest.fixture
def families(areas, noon):
    """Two families a regency: one that the default rules find eligible, one of unknown income."""
    for programme in ("PKH", "SEMBAKO", "BLTDD"):
        OutsideAidList.objects.create(programme=programme, list_uuid=new_uuid(), people=0, at=noon)
    return [
        Household.objects.create(
            uuid=new_uuid(), number=f"{1_000_000_000 + place}", village_id=village,
            head_name="Kepala", **(GOOD | ({"decile": None} if odd else {})),
        )
        for place, (village, odd) in enumerate((v, odd) for v in VILLAGES for odd in (0, 1))
    ]  # fmt: skip


@pytest.fixture
def programme(areas, budi, noon):
    return create_programme(actor=budi, at=noon)


@pytest.fixture
def rules(programme, budi, wati, noon):
    draft = propose_rules(programme, default_rules(), facts=FACTS, actor=budi, at=noon)
    with transaction.atomic():  # as a page does; tests of a killed worker have none around
        return approve_rules(draft, facts=FACTS, actor=wati, at=noon)


@pytest.fixture
def cycle(programme, budi, noon):
    return plan_cycle(
        programme, code="202601", name="Tahap I", opens_on=noon.date(),
        closes_on=noon.date() + timedelta(days=30), actor=budi, at=noon,
    )  # fmt: skip


@pytest.fixture
def clerk(sign_in):
    return sign_in("dinsos_province")


def form(rules, cycle=None):
    return {
        "programme": rules.programme.code, "rule_set": str(rules.uuid),
        "cycle": str(cycle.uuid) if cycle else "",
    }  # fmt: skip


def at_work():
    return worker.errand_once(Errand.Kind.JUDGE, threading.Event())


def until(holds):
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def page(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def judged(clerk, families, rules):
    clerk.post("/penilaian/mulai/", form(rules))
    assert at_work()
    return Run.objects.get()


@pytest.mark.django_db
class TestAsking:
    @pytest.mark.parametrize("role", ["supervisor", "auditor", "treasurer", "admin"])
    def test_is_for_the_provinces_office_alone(self, sign_in, families, rules, role):
        answer = sign_in(role).post("/penilaian/mulai/", form(rules))

        assert answer.status_code == 403
        assert not Errand.objects.exists()

    def test_is_for_no_office_of_one_regency(self, sign_in, families, rules):
        assert sign_in("dinsos_regency", 6203).post("/penilaian/mulai/").status_code == 403
        assert sign_in("dinsos_province", 6203).post("/penilaian/mulai/").status_code == 403

    @pytest.mark.parametrize("wrong", [{"rule_set": ""}, {"programme": "X"}, {"rule_set": "x"}])
    def test_names_the_field_that_is_wrong(self, clerk, families, rules, wrong):
        answer = clerk.post("/penilaian/mulai/", form(rules) | wrong)

        assert answer.status_code == 422
        assert "bukan aturan program" in answer.content.decode()

    def test_refuses_rules_that_do_not_hold_today_before_the_worker_sees_them(
        self, clerk, families, rules, programme, budi, wati, noon
    ):
        later = default_rules().replace("2026-01-01", "2099-01-01")
        draft = propose_rules(programme, later, facts=FACTS, actor=budi, at=noon)
        future = approve_rules(draft, facts=FACTS, actor=wati, at=noon)

        answer = clerk.post("/penilaian/mulai/", form(future))

        assert "tidak berlaku" in answer.content.decode()
        assert not Errand.objects.exists()

    def test_by_two_clerks_at_once_makes_one_run(self, clerk, sign_in, families, rules):
        second = sign_in("dinsos_province", name="kedua")

        answers = [each.post("/penilaian/mulai/", form(rules)) for each in (clerk, second, clerk)]
        while at_work():
            pass

        assert [each.status_code for each in answers] == [302, 422, 422]
        assert "sudah diminta" in answers[1].content.decode()
        assert Run.objects.count() == 1

    def test_without_approved_rules_says_what_comes_first(self, clerk, programme):
        told = page(clerk, "/penilaian/")

        assert "Belum ada aturan yang disetujui" in told
        assert "Mulai menilai" not in told


@pytest.mark.django_db
class TestTheWork:
    def test_is_recorded_in_the_name_of_who_asked_and_for_the_cycle(
        self, clerk, families, rules, cycle
    ):
        clerk.post("/penilaian/mulai/", form(rules, cycle))
        at_work()

        entry = Entry.objects.get(kind="run.assessed")
        user = User.objects.get(username="dinsos_province.provinsi")
        assert (entry.actor_uuid, entry.person) == (user.uuid, user.person)
        assert (entry.facts["cycle"], Run.objects.get().cycle) == ("202601", cycle)

    def test_is_refused_when_the_role_ended_meanwhile(self, clerk, families, rules):
        clerk.post("/penilaian/mulai/", form(rules))
        RoleGrant.objects.update(until_at=timezone.now())

        at_work()

        assert Errand.objects.get().told["code"] == "not_allowed"
        assert not Run.objects.exists()

    def test_that_is_refused_says_so_on_the_page_and_leaves_nothing(self, clerk, rules):
        clerk.post("/penilaian/mulai/", form(rules))
        at_work()

        told = page(clerk, "/penilaian/")
        assert "Belum ada keluarga yang dapat dinilai" in told
        assert "Mulai menilai" in told
        assert not Run.objects.exists()

    def test_of_a_worker_that_died_is_named_and_can_begin_again(self, clerk, families, rules):
        clerk.post("/penilaian/mulai/", form(rules))
        with work.held("judge"):
            work.take("judge", at=timezone.now())

        told = page(clerk, "/penilaian/")
        clerk.post("/penilaian/mulai/", form(rules))
        at_work()

        assert "terputus sebelum selesai" in told
        assert "Mulai menilai" in told
        assert list(Errand.objects.order_by("id").values_list("state", flat=True)) == [
            "interrupted", "done",
        ]  # fmt: skip
        assert Run.objects.count() == 1

    def test_shows_its_progress_until_the_end(self, clerk, families, rules):
        clerk.post("/penilaian/mulai/", form(rules))
        address = f"/penilaian/kemajuan/{Errand.objects.get().uuid}/"

        waiting = page(clerk, "/penilaian/"), page(clerk, address)
        at_work()
        ended = page(clerk, "/penilaian/"), page(clerk, address)

        assert all(f'data-errand="{address}"' in told for told in waiting)
        assert 'http-equiv="refresh"' in waiting[0]
        assert "Mulai menilai" not in waiting[0]
        assert not any("data-errand=" in told for told in ended)
        assert 'http-equiv="refresh"' not in ended[0]

    def test_that_nobody_takes_says_so(self, clerk, families, rules):
        clerk.post("/penilaian/mulai/", form(rules))
        Errand.objects.update(asked_at=timezone.now() - timedelta(minutes=1))

        assert "Belum ada program yang mengambilnya" in page(clerk, "/penilaian/")


@pytest.mark.django_db(transaction=True)
@pytest.mark.server
class TestAPowerCut:
    def test_in_the_middle_leaves_no_run_and_the_page_begins_again(
        self, live_betang, keys, clerk, families, rules
    ):
        """Kill -9 of the worker while it judges; a lock of another session holds it there."""
        settings = connection.settings_dict
        clerk.post("/penilaian/mulai/", form(rules))
        with psycopg.connect(
            host=settings["HOST"], port=settings["PORT"], user=settings["USER"],
            dbname=settings["NAME"],
        ) as session:  # fmt: skip
            session.execute("LOCK TABLE eligibility_run IN ACCESS EXCLUSIVE MODE")
            live_betang.start("worker")
            until(lambda: Errand.objects.get().step == "Menyegel hasil")
            live_betang.kill("worker")
        until(lambda: not work.at_work("judge"))

        told = page(clerk, "/penilaian/")
        clerk.post("/penilaian/mulai/", form(rules))
        live_betang.start("worker")
        until(lambda: Errand.objects.latest("id").state == "done")

        assert "terputus sebelum selesai" in told
        assert "Menyegel hasil" in told
        assert Errand.objects.order_by("id")[0].state == "interrupted"
        assert Run.objects.count() == 1
        assert Assessment.objects.count() == len(families)


@pytest.mark.django_db
class TestTheResult:
    def test_counts_decisions_and_each_indicators_answers(self, clerk, judged):
        answer = clerk.get(f"/penilaian/{judged.uuid}/")

        assert answer.context["counts"] == judged.counts
        assert judged.counts == {
            "households": 4, "eligible": 2, "not_eligible": 0, "unknown": 2,
        }  # fmt: skip
        for each in answer.context["indicators"]:
            assert sum(many for _, many in each["answers"]) == 4
        assert any(dict(each["answers"])["belum"] == 2 for each in answer.context["indicators"])

    def test_shows_a_regency_its_own_families_and_figures_alone(self, sign_in, judged, families):
        answer = sign_in("dinsos_regency", 6203).get(f"/penilaian/{judged.uuid}/")

        told = answer.content.decode()
        assert answer.context["counts"]["households"] == 2
        assert {each.household for each in answer.context["families"]} == set(families[:2])
        assert str(families[2].uuid) not in told
        assert "Angka untuk wilayah Anda" in told

    def test_names_no_family_to_who_may_see_none(self, sign_in, judged):
        for role in ("treasurer", "admin", "viewer", "facilitator"):
            assert sign_in(role).get(f"/penilaian/{judged.uuid}/").status_code == 403

    def test_leads_to_the_families_of_an_answer(self, clerk, judged, families):
        indicators = clerk.get(f"/penilaian/{judged.uuid}/").context["indicators"]
        name = next(e["name"] for e in indicators if dict(e["answers"])["belum"] == 2)

        answer = clerk.get(f"/penilaian/{judged.uuid}/?indikator={name}&jawaban=belum")
        told = answer.content.decode()

        assert {each.household for each in answer.context["families"]} == {families[1], families[3]}
        assert f"/keluarga/{families[1].uuid}/" in told
        assert "tersaring dari 4" in told

    def test_goes_on_behind_the_last_family_shown(self, clerk, judged, families, monkeypatch):
        monkeypatch.setattr("betang.web.eligibility.judging.FAMILIES_SHOWN", 3)
        first = clerk.get(f"/penilaian/{judged.uuid}/").context

        second = clerk.get(f"/penilaian/{judged.uuid}/?setelah={first['further']}").context

        seen = [each.household for each in [*first["families"], *second["families"]]]
        assert sorted(seen, key=lambda each: each.pk) == sorted(families, key=lambda e: e.pk)
        assert second["further"] is None

    @pytest.mark.parametrize(
        "odd", ["?setelah=x", "?indikator=x&jawaban=ya", "?putusan=x", "?berubah=1", "?setelah=²"]
    )
    def test_bears_odd_addresses(self, clerk, judged, odd):
        page(clerk, f"/penilaian/{judged.uuid}/{odd}")

    def test_is_compared_with_the_run_before(self, clerk, judged, families, rules):
        Household.objects.filter(pk=families[1].pk).update(decile=1)
        clerk.post("/penilaian/mulai/", form(rules))
        at_work()
        newer = Run.objects.latest("id")

        answer = clerk.get(f"/penilaian/{newer.uuid}/?berubah=1")

        assert answer.context["former"] == judged
        assert answer.context["comparison"].gained == 1
        assert [each.household for each in answer.context["families"]] == [families[1]]
        older = page(clerk, f"/penilaian/{judged.uuid}/")
        assert "menurut penilaian yang terbaru" in older

    def test_stays_in_numbers_when_its_rows_are_emptied(self, clerk, judged, families, noon):
        Emptying.objects.create(run=judged, at=noon)
        Assessment.objects.all().delete()

        answer = clerk.get(f"/penilaian/{judged.uuid}/")

        told = answer.content.decode()
        assert answer.context["counts"]["households"] == 4
        assert answer.context["indicators"]
        assert "Rincian per keluarga" in told
        assert "Alasannya" not in told
        assert "rincian sudah dihapus" in page(clerk, "/penilaian/")


@pytest.mark.django_db
class TestWithdrawing:
    @pytest.fixture
    def draft(self, clerk, programme):
        clerk.post("/aturan/usul/", {"programme": programme.code, "text": default_rules()})
        return RuleSet.objects.get()

    def decree(self, clerk, judged):
        clerk.post(
            "/sk/usul/",
            {"run": judged.pk, "area": 62, "number": "SK 1", "on_date": "2026-11-12"},
        )
        return Decree.objects.get()

    def test_a_rule_set_is_for_its_proposer_or_who_may_approve(self, sign_in, clerk, draft):
        address = f"/aturan/{draft.uuid}/tarik/"

        assert sign_in("auditor").post(address).status_code == 403
        assert sign_in("supervisor", 6203).post(address).status_code == 403
        assert sign_in("dinsos_regency", 6203).post(address).status_code == 403
        assert RuleSet.objects.get().state == "draft"
        assert "Tarik usulan ini" in page(clerk, f"/aturan/{draft.uuid}/")
        clerk.post(address)
        assert RuleSet.objects.get().state == "withdrawn"
        assert "Ditarik" in page(clerk, "/aturan/")

    def test_a_rule_set_after_the_approval_is_refused_with_a_sentence(self, sign_in, clerk, draft):
        sign_in("supervisor").post(f"/aturan/{draft.uuid}/setujui/")

        answer = clerk.post(f"/aturan/{draft.uuid}/tarik/", follow=True)

        told = answer.content.decode()
        assert "sudah disetujui, jadi tidak dapat ditarik lagi" in told
        assert "Tarik usulan ini" not in told
        assert RuleSet.objects.get().state == "approved"

    def test_a_decree_is_for_its_proposer_or_who_may_approve_it_there(self, sign_in, clerk, judged):
        proposed = self.decree(clerk, judged)
        address = f"/sk/{proposed.uuid}/tarik/"

        assert sign_in("auditor").post(address).status_code == 403
        assert sign_in("supervisor", 6203).post(address).status_code == 403
        assert Decree.objects.get().state == "proposed"
        assert "Tarik usulan" in page(clerk, "/aturan/")
        sign_in("supervisor").post(address)
        assert Decree.objects.get().state == "withdrawn"

    def test_a_decree_after_the_approval_is_refused_with_a_sentence(self, sign_in, clerk, judged):
        proposed = self.decree(clerk, judged)
        sign_in("supervisor").post(f"/sk/{proposed.uuid}/setujui/")

        answer = clerk.post(f"/sk/{proposed.uuid}/tarik/", follow=True)

        assert "sudah ditetapkan, jadi tidak dapat ditarik lagi" in answer.content.decode()
        assert Decree.objects.get().state == "approved"

    def test_what_was_withdrawn_cannot_be_approved(self, sign_in, clerk, judged):
        proposed = self.decree(clerk, judged)
        clerk.post(f"/sk/{proposed.uuid}/tarik/")

        answer = sign_in("supervisor").post(f"/sk/{proposed.uuid}/setujui/", follow=True)

        assert "sudah ditarik" in answer.content.decode()
        assert Area.objects.exists()
        assert Decree.objects.get().state == "withdrawn"
