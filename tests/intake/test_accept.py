"""From an uploaded file to registered families."""

import pytest
from django.db import IntegrityError, connection, transaction

from betang.areas.confirm import confirm_bps
from betang.areas.models import BpsCode
from betang.core.actor import Actor, ActorKind
from betang.core.errors import NotAllowedError, SamePersonError
from betang.core.identifiers import new_uuid
from betang.core.identity.area_code import CodeSystem
from betang.core.identity.household_number import is_household_number
from betang.intake.accept import NotWaitingError, accept, reject
from betang.intake.exclusions import UnknownProgrammeError, stage_exclusions
from betang.intake.models import Batch, Finding
from betang.intake.read import ColumnMissingError
from betang.intake.report import export_csv, findings, summary
from betang.intake.stage import NoAreasError, empty_old, stage
from betang.journal.models import Entry
from betang.keys import blobs
from betang.keys.models import SealedBlob
from betang.keys.sealing import blind_index, open_sealed
from betang.registry import incoming
from betang.registry.facts import FACTS, FACTS_RELATION, disagreements
from betang.registry.models import FamilyNumberChange, Household, Member
from tests.intake.conftest import CHILD, HEAD, SPOUSE, as_csv


def entries(kind):
    return Entry.objects.filter(kind=kind).count()


def facts(number_of="household_id"):
    names = ", ".join(FACTS)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {names} FROM {FACTS_RELATION} AS f ORDER BY household_id")
        return [dict(zip(FACTS, row, strict=True)) for row in cursor.fetchall()]


def exclude(programme, rows, budi, wati, noon):
    content = as_csv(rows, ("no_kk", "nik"))
    batch = stage_exclusions(
        content, programme=programme, period="2026-T4", file_name="x.csv", actor=budi, at=noon
    )
    return accept(batch, actor=wati, at=noon)


class TestStage:
    def test_refuses_what_is_no_list_and_keeps_nothing(self, ready, budi, noon):
        with pytest.raises(ColumnMissingError):
            stage(b"a,b\n1,2\n", file_name="x", actor=budi, at=noon)

        assert Batch.objects.count() == SealedBlob.objects.count() == entries("batch.staged") == 0

    def test_refuses_where_no_areas_are_loaded(self, keys, budi, noon):
        with pytest.raises(NoAreasError):
            stage(as_csv([HEAD]), file_name="x", actor=budi, at=noon)

    def test_refuses_an_actor_without_a_person(self, ready, noon):
        system = Actor(ActorKind.SYSTEM, new_uuid())

        with pytest.raises(NotAllowedError):
            stage(as_csv([HEAD]), file_name="x", actor=system, at=noon)

    def test_keeps_the_file_sealed_and_no_number_in_the_clear(self, staged):
        batch = staged(HEAD, SPOUSE)

        assert blobs.fetch(bytes(batch.blob)) == as_csv([HEAD, SPOUSE])
        with connection.cursor() as cursor:
            for table in incoming.tables(batch.uuid)[:2]:
                cursor.execute(f"SELECT string_agg(t::text, ' ') FROM {table} t")
                (everything,) = cursor.fetchone()
                assert HEAD["no_kk"] not in everything
                assert HEAD["nik"] not in everything

    def test_says_which_regencies_it_touches(self, staged):
        kapuas = {
            "no_kk": "6203010101200001", "nik": "6203011208900001", "kode_kabupaten_kota": "6203",
            "kode_kecamatan": "620301", "kode_kelurahan_desa": "6203011006",
            "nama_kelurahan_desa": "",
        }  # fmt: skip

        assert staged(HEAD, SPOUSE).regencies == staged(HEAD, SPOUSE).reach == [6201]
        assert staged(HEAD, HEAD | kapuas).reach == [6201, 6203]
        assert staged(HEAD | {"nik": "1"}).reach == [62]

    def test_cuts_no_row_between_two_pages_of_the_report(self, staged):
        batch = staged(HEAD | {"nik": "1", "nama": "", "hubungan_keluarga": "x"})
        every = [one["code"] for one in findings(batch)]

        assert len(every) > 1
        assert [one["code"] for one in findings(batch, limit=1)] == every

    def test_gives_the_same_batch_for_the_same_bytes(self, staged):
        first, second = staged(HEAD), staged(HEAD)

        assert first.pk == second.pk
        assert entries("batch.staged") == 1

    def test_reports_what_is_wrong_and_what_to_do(self, staged):
        batch = staged(HEAD, SPOUSE | {"nik": "123"}, CHILD | {"nama": " Agau"})

        assert (batch.rows, batch.held_rows, batch.warned_rows) == (3, 1, 1)
        assert [(one["row"], one["code"], one["value"]) for one in findings(batch)] == [
            (3, "nik.length", "•••"),
            (4, "text.spaces", " ••••"),
        ]
        assert [line["code"] for line in summary(batch)] == ["nik.length", "text.spaces"]
        assert all(line["sentence"] and line["do"] for line in summary(batch))
        lines = list(export_csv(batch))
        assert lines[1].startswith("3,nik,nik.length,tertahan,•••,")
        assert len(lines) == 3

    def test_never_lets_a_cell_be_a_formula_in_the_report(self, staged):
        batch = staged(HEAD, SPOUSE | {"kode_kelurahan_desa": "=1+1"})

        exported = "".join(export_csv(batch))

        assert ",'=1+1," in exported

    def test_keeps_no_folder_and_no_hidden_letter_of_a_file_name(self, ready, budi, noon):
        name = "C:\\rahasia\\daftar\x00.csv"

        assert stage(as_csv([HEAD]), file_name=name, actor=budi, at=noon).file_name == "daftar.csv"


class TestAccept:
    def test_refuses_the_one_who_uploaded_whatever_account_is_used(self, staged, budi, noon):
        batch = staged(HEAD)
        second_account = Actor(ActorKind.STAFF, new_uuid(), budi.person)

        for actor in (budi, second_account):
            with pytest.raises(SamePersonError):
                accept(batch, actor=actor, at=noon)

        assert Household.objects.count() == entries("batch.accepted") == 0

    def test_is_refused_by_the_database_too(self, staged, budi, noon):
        batch = staged(HEAD)

        with pytest.raises(IntegrityError, match="intake_batch_two_persons"), transaction.atomic():
            Batch.objects.filter(pk=batch.pk).update(
                state="accepted", accepted_by_person=budi.person
            )

    def test_refuses_what_was_decided_already(self, staged, budi, wati, sari, noon):
        batch = reject(staged(HEAD), actor=budi, at=noon)

        with pytest.raises(NotWaitingError):
            accept(batch, actor=wati, at=noon)
        with pytest.raises(NotWaitingError):
            reject(batch, actor=sari, at=noon)

        assert incoming.held(batch.uuid) is None
        assert Household.objects.count() == 0

    def test_registers_families_with_their_numbers_sealed(self, staged, wati, noon):
        accept(staged(HEAD, SPOUSE, CHILD), actor=wati, at=noon)

        (home,) = Household.objects.all()
        assert is_household_number(home.number)
        assert (home.village_id, home.head_name, home.decile) == (6_201_011_011, "Budi Dohong", 2)
        assert open_sealed(bytes(home.family_number_sealed)) == HEAD["no_kk"].encode()
        members = {member.name: member for member in Member.objects.all()}
        assert set(members) == {"Budi Dohong", "Sari", "Agau"}
        sari = members["Sari"]
        assert open_sealed(bytes(sari.nik_sealed)) == SPOUSE["nik"].encode()
        assert bytes(sari.nik_index) == blind_index("nik", SPOUSE["nik"])
        assert (sari.nik_last4, sari.sex, sari.relation, sari.is_head) == (
            "0001", "P", "spouse", False,
        )  # fmt: skip
        entry = Entry.objects.get(kind="batch.accepted")
        assert entry.facts["households_new"] == 1
        assert HEAD["nik"] not in str(entry.facts)
        assert "Budi" not in str(entry.facts)

    def test_leaves_no_incoming_rows_behind(self, staged, wati, noon):
        batch = accept(staged(HEAD), actor=wati, at=noon)

        assert incoming.held(batch.uuid) is None

    def test_leaves_a_held_family_out_and_takes_the_others(self, staged, wati, noon):
        other = {"no_kk": "6201010101200009"}
        batch = staged(
            HEAD | {"nik": "1"}, SPOUSE,
            CHILD | other | {"hubungan_keluarga": "1", "nama": "Tiel"},
        )  # fmt: skip

        outcome = accept(batch, actor=wati, at=noon).outcome

        assert (outcome["households_new"], outcome["members_new"]) == (1, 1)
        assert Household.objects.get().head_name == "Tiel"

    def test_reads_the_sealed_file_again_after_a_crash(self, staged, wati, noon):
        batch = staged(HEAD, SPOUSE)
        incoming.drop(batch.uuid)

        assert accept(batch, actor=wati, at=noon).outcome["members_new"] == 2
        assert Finding.objects.count() == 0

    def test_reads_it_again_where_the_crash_left_empty_tables(self, staged, wati, noon):
        batch = staged(HEAD, SPOUSE)
        incoming.create(batch.uuid)

        assert accept(batch, actor=wati, at=noon).outcome["members_new"] == 2

    def test_accepted_again_changes_nothing(self, staged, wati, noon):
        batch = accept(staged(HEAD, SPOUSE), actor=wati, at=noon)
        before = list(Household.objects.values()) + list(Member.objects.values())

        again = accept(batch, actor=wati, at=noon)

        assert again.outcome == batch.outcome
        assert list(Household.objects.values()) + list(Member.objects.values()) == before
        assert entries("batch.accepted") == 1


class TestASecondList:
    def test_that_says_the_same_in_other_bytes_changes_nothing(self, staged, wati, noon):
        accept(staged(HEAD, SPOUSE, CHILD), actor=wati, at=noon)
        before = list(Household.objects.values()) + list(Member.objects.values())

        outcome = accept(staged(CHILD, SPOUSE, HEAD), actor=wati, at=noon).outcome

        assert outcome["households_unchanged"] == 1
        assert outcome["members_unchanged"] == 3
        assert outcome["households_changed"] == outcome["members_changed"] == 0
        assert list(Household.objects.values()) + list(Member.objects.values()) == before

    def test_without_nik_finds_the_person_again_and_adds_the_nik_later(self, staged, wati, noon):
        unnamed = CHILD | {"nik": ""}
        accept(staged(HEAD, unnamed), actor=wati, at=noon)
        accept(staged(unnamed, HEAD), actor=wati, at=noon)
        (before,) = Member.objects.filter(name="Agau")

        outcome = accept(staged(HEAD, CHILD), actor=wati, at=noon).outcome

        (after,) = Member.objects.filter(name="Agau")
        assert (before.nik_index, after.pk, after.nik_last4) == (None, before.pk, "0001")
        assert outcome["members_new"] == 0

    def test_replaces_a_head_who_has_no_nik(self, staged, wati, noon):
        unnamed = HEAD | {"nik": ""}
        accept(staged(unnamed, SPOUSE), actor=wati, at=noon)

        accept(staged(HEAD | {"nik": "", "nama": "Tiel"}, SPOUSE), actor=wati, at=noon)
        accept(staged(SPOUSE | {"hubungan_keluarga": "1"}), actor=wati, at=noon)

        assert Member.objects.get(is_head=True).name == "Sari"
        assert Member.objects.count() == 3
        assert disagreements() == 0

    def test_gives_one_nik_to_one_of_two_namesakes(self, staged, wati, noon):
        accept(staged(HEAD, CHILD | {"nik": ""}), actor=wati, at=noon)
        first = Member.objects.get(name="Agau")
        Member.objects.create(uuid=new_uuid(), household=first.household, name="Agau")

        accept(staged(HEAD, CHILD), actor=wati, at=noon)

        assert sorted(Member.objects.filter(name="Agau").values_list("nik_last4", flat=True)) == [
            "", "0001",
        ]  # fmt: skip

    def test_changes_what_it_says_and_wipes_nothing_it_leaves_blank(self, staged, wati, noon):
        accept(staged(HEAD, SPOUSE), actor=wati, at=noon)
        blank = {"penghasilan_bulanan": "", "desil_nasional": "3", "tanggal_lahir": ""}

        outcome = accept(staged(HEAD | blank), actor=wati, at=noon).outcome

        home = Household.objects.get()
        assert (home.decile, home.income_rupiah) == (3, 900_000)
        assert Member.objects.get(is_head=True).birth_on is not None
        assert (outcome["households_changed"], outcome["members_changed"]) == (1, 0)
        assert Member.objects.count() == 2

    def test_under_a_new_kk_number_is_the_same_family_with_its_history(self, staged, wati, noon):
        accept(staged(HEAD, SPOUSE), actor=wati, at=noon)
        before = Household.objects.get()
        renewed = {"no_kk": "6201010101260001"}
        batch = staged(HEAD | renewed, SPOUSE | renewed)

        outcome = accept(batch, actor=wati, at=noon).outcome

        home = Household.objects.get()
        assert [one.code for one in Finding.objects.filter(batch=batch)] == ["kk.changed"]
        assert (home.pk, home.number) == (before.pk, before.number)
        assert open_sealed(bytes(home.family_number_sealed)) == renewed["no_kk"].encode()
        (kept,) = FamilyNumberChange.objects.all()
        assert open_sealed(bytes(kept.old_sealed)) == HEAD["no_kk"].encode()
        assert outcome["family_numbers_changed"] == 1

    def test_holds_a_nik_that_is_registered_in_another_family(self, staged, wati, noon):
        accept(staged(HEAD, CHILD), actor=wati, at=noon)
        other = {"no_kk": "6201010101200002"}
        host = SPOUSE | other | {"hubungan_keluarga": "1"}
        batch = staged(host, CHILD | other)

        outcome = accept(batch, actor=wati, at=noon).outcome

        assert [(one.row_number, one.code) for one in Finding.objects.filter(batch=batch)] == [
            (3, "nik.elsewhere")
        ]
        assert (outcome["households_new"], outcome["members_new"], outcome["held"]) == (1, 1, 1)
        assert Member.objects.get(name="Agau").household.head_name == "Budi Dohong"

    def test_holds_it_too_where_the_other_family_was_accepted_after_the_report(
        self, staged, wati, noon
    ):
        other = {"no_kk": "6201010101200002"}
        early = staged(SPOUSE | other | {"hubungan_keluarga": "1"}, CHILD | other)
        accept(staged(HEAD, CHILD), actor=wati, at=noon)

        batch = accept(early, actor=wati, at=noon)

        assert [one["code"] for one in findings(batch)] == ["nik.elsewhere"]
        assert (batch.held_rows, batch.problems["codes"]) == (1, {"nik.elsewhere": 1})
        assert Member.objects.get(name="Agau").household.head_name == "Budi Dohong"

    def test_holds_the_whole_family_where_it_is_the_head(self, staged, wati, noon):
        accept(staged(HEAD, SPOUSE), actor=wati, at=noon)
        other = {"no_kk": "6201010101200002"}
        batch = staged(SPOUSE | other | {"hubungan_keluarga": "1"}, CHILD | other)

        outcome = accept(batch, actor=wati, at=noon).outcome

        assert {(one["row"], one["code"]) for one in findings(batch)} == {
            (2, "nik.elsewhere"), (3, "family.waits"),
        }  # fmt: skip
        assert (outcome["households_new"], outcome["members_new"]) == (0, 0)

    def test_moves_a_person_when_it_brings_both_families(self, staged, wati, noon):
        accept(staged(HEAD, CHILD), actor=wati, at=noon)
        other = {"no_kk": "6201010101200002"}
        host = SPOUSE | other | {"hubungan_keluarga": "1"}

        accept(staged(HEAD, host, CHILD | other), actor=wati, at=noon)

        assert Member.objects.get(name="Agau").household.head_name == "Sari"
        assert disagreements() == 0

    def test_gives_the_family_a_new_head(self, staged, wati, noon):
        accept(staged(HEAD, SPOUSE), actor=wati, at=noon)
        died = HEAD | {"hubungan_keluarga": "9", "status_individu": "2"}

        accept(staged(died, SPOUSE | {"hubungan_keluarga": "1"}), actor=wati, at=noon)

        assert Member.objects.get(is_head=True).name == "Sari"
        (told,) = facts()
        assert (told["head_deceased"], told["any_deceased"], told["members_alive"]) == (
            False, True, 1,
        )  # fmt: skip
        assert disagreements() == 0


class TestABpsList:
    def test_is_held_until_a_clerk_confirms_then_means_the_village(self, staged, budi, wati, noon):
        line = BpsCode.objects.filter(level=4, state="proposed").first()
        row = HEAD | {
            "kode_kabupaten_kota": "", "kode_kecamatan": "",
            "kode_kelurahan_desa": str(line.bps_code), "nama_kelurahan_desa": line.name,
        }  # fmt: skip
        held = staged(row, code_system=CodeSystem.BPS)
        confirm_bps(line.bps_code, area=line.area_id, actor=budi, at=noon)

        batch = staged(row | {"alamat": "x"}, SPOUSE | {
            "kode_kabupaten_kota": "", "kode_kecamatan": "", "nama_kelurahan_desa": "",
            "kode_kelurahan_desa": str(line.bps_code),
        }, code_system=CodeSystem.BPS)  # fmt: skip
        accept(batch, actor=wati, at=noon)

        assert held.held_rows == 1
        assert Household.objects.get().village_id == line.area_id


class TestFacts:
    def test_are_unknown_where_nobody_said(self, staged, wati, noon):
        accept(
            staged(HEAD | {"desil_nasional": "", "penghasilan_bulanan": "-"}), actor=wati, at=noon
        )

        (told,) = facts()
        for name in ("decile", "income_rupiah", "has_pkh", "dwelling", "owns_car", "cattle"):
            assert told[name] is None, name
        assert (told["head_deceased"], told["inside_province"], told["has_home_point"]) == (
            False, True, False,
        )  # fmt: skip

    def test_know_no_from_unknown_among_the_conditions(self, ready, budi, wati, noon):
        row = HEAD | {"aset_bergerak_mobil": "2", "aset_bergerak_perahu": "1", "jml_sapi": "3"}
        content = as_csv(
            [row | {"jml_babi": ""}],
            (*HEAD, "aset_bergerak_mobil", "aset_bergerak_perahu", "jml_sapi", "jml_babi"),
        )

        accept(stage(content, file_name="x", actor=budi, at=noon), actor=wati, at=noon)

        (told,) = facts()
        assert [told[name] for name in ("owns_car", "owns_boat", "cattle", "pigs", "goats")] == [
            False, True, 3, None, None,
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("status", "expected"),
        [("2", (True, False, True)), ("3", (False, True, True)), ("4", (False, True, False))],
    )
    def test_follow_the_head(self, staged, wati, noon, status, expected):
        accept(staged(HEAD | {"status_individu": status}, SPOUSE), actor=wati, at=noon)

        (told,) = facts()
        assert (told["head_deceased"], told["head_moved"], told["inside_province"]) == expected
        assert told["members_alive"] == 1

    @pytest.mark.parametrize(
        ("living", "tenure", "dwelling"),
        [
            ("1", "1", "own"), ("1", "2", "rent"), ("", "3", "shared"), ("2", "1", "river"),
            ("3", "4", "camp"), ("4", "5", "none"), ("1", "5", None),
        ],
    )  # fmt: skip
    def test_name_the_dwelling(self, ready, budi, wati, noon, living, tenure, dwelling):
        columns = (*HEAD, "jenis_tempat_tinggal", "id_status_penguasaan_bangunan")
        row = HEAD | {columns[-2]: living, columns[-1]: tenure}
        batch = stage(as_csv([row], columns), file_name="x", actor=budi, at=noon)

        accept(batch, actor=wati, at=noon)

        assert facts()[0]["dwelling"] == dwelling
        assert ("dwelling.no_anchor" in batch.problems["codes"]) == (dwelling == "none")


class TestExclusions:
    def test_refuse_a_programme_that_is_none(self, ready, budi, noon):
        with pytest.raises(UnknownProgrammeError):
            stage_exclusions(
                b"nik\n1\n", programme="X", period="", file_name="x", actor=budi, at=noon
            )

    def test_refuse_the_one_who_uploaded(self, ready, budi, noon):
        with pytest.raises(SamePersonError):
            exclude("PKH", [HEAD], budi, budi, noon)

    def test_hold_rows_that_name_nobody(self, ready, budi, wati, noon):
        rows = [
            {"no_kk": "", "nik": ""},
            {"no_kk": "1", "nik": ""},
            {"no_kk": "", "nik": "62"},
            HEAD,
        ]

        batch = exclude("PKH", rows, budi, wati, noon)

        assert batch.held_rows == 2
        assert batch.outcome["listed"] == 1

    def test_mark_families_by_kk_or_by_any_members_nik(self, staged, budi, wati, noon):
        other = {"no_kk": "6201010101200002"}
        host = SPOUSE | other | {"hubungan_keluarga": "1"}
        accept(staged(HEAD, host, CHILD | other), actor=wati, at=noon)

        exclude("PKH", [{"no_kk": HEAD["no_kk"], "nik": ""}], budi, wati, noon)
        exclude("SEMBAKO", [{"no_kk": "", "nik": CHILD["nik"]}], budi, wati, noon)

        assert [(one["has_pkh"], one["has_sembako"], one["has_bltdd"]) for one in facts()] == [
            (True, False, None), (False, True, None),
        ]  # fmt: skip

    def test_mark_families_that_come_after_the_list(self, staged, budi, wati, noon):
        exclude("BLTDD", [{"no_kk": "", "nik": SPOUSE["nik"]}], budi, wati, noon)

        accept(staged(HEAD, SPOUSE), actor=wati, at=noon)

        assert facts()[0]["has_bltdd"] is True

    def test_replace_the_earlier_list_of_the_programme(self, staged, budi, wati, noon):
        accept(staged(HEAD), actor=wati, at=noon)
        exclude("PKH", [HEAD], budi, wati, noon)

        outcome = exclude("PKH", [SPOUSE | {"no_kk": ""}], budi, wati, noon).outcome

        assert facts()[0]["has_pkh"] is False
        assert outcome["households_changed"] == 1


class TestEmptyOld:
    def test_empties_what_waited_too_long_and_accepts_it_all_the_same(self, staged, wati, noon):
        batch = staged(HEAD)

        assert empty_old(at=noon) == 0
        assert empty_old(at=noon.replace(day=27)) == 1
        assert incoming.held(batch.uuid) is None
        assert accept(batch, actor=wati, at=noon).outcome["households_new"] == 1
