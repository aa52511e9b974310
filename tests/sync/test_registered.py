"""A family registered in the field: kept whatever its number, decided by an office, told back."""

from datetime import date
from threading import Barrier, Thread

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from betang.core.actor import Actor, ActorKind
from betang.core.identifiers import new_uuid
from betang.core.identity.nik import make_nik
from betang.eligibility.models import Enrolment
from betang.journal.models import Entry
from betang.keys.sealing import blind_index, open_sealed
from betang.registry.decide_proposal import (
    DecidedBeforeError,
    FamilyNumberKnownError,
    NikKnownError,
    NothingToldError,
    OwnRegistrationError,
    ReasonError,
)
from betang.registry.facts import disagreements
from betang.registry.models import Geotag, Household, HouseholdProposal, Member
from betang.registry.outside_aid import replace_list
from betang.registry.told import open_told
from betang.registry.twins import other_proposals, twins_of
from betang.sync import supervise
from betang.sync.decide_proposal import accept_proposal, refuse_proposal, say_known, told_of
from sandbox.phones.phone import Phone, photo
from tests.sync.world import VILLAGES, World, make_owner, make_world

HERE = VILLAGES[0]
NIK = make_nik(area=620101, born_on=date(1987, 5, 2), sex="P", serial=7)
SON = make_nik(area=620101, born_on=date(2015, 3, 4), sex="L", serial=9)
KK = "6201010107260001"
TOLD = {
    "head_name": "Nyai Undang",
    "head_nik": NIK,
    "family_number": KK,
    "members": [
        {"name": "Itak", "relation": "parent", "born": "1951"},
        {"name": "Tingang", "relation": "child", "nik": SON},
    ],
    "address": "Lanting ketiga dari jembatan",
    "anchor": "Dermaga belakang pasar",
    "custodian_name": "Pak RT Dehen",
    "custodian_contact": "0812 3456 7890",
    "home": {"lat": -2.2, "lng": 113.9, "accuracy_m": 8.0},
    "note": "Sering di sungai",
}
WATI = Actor(ActorKind.STAFF, new_uuid(), new_uuid())
TUTI = Actor(ActorKind.STAFF, new_uuid(), new_uuid())


@pytest.fixture
def phone(world: World) -> Phone:
    made = world.confirmed()
    made.fetch()
    return made


def registered(phone: Phone, private=TOLD, **more) -> HouseholdProposal:
    queued = phone.register(HERE, private, **({"size": 3, "dwelling": "river"} | more))
    phone.push()
    return HouseholdProposal.objects.get(event=queued.id)


def decisions(phone: Phone) -> list[tuple[str, str]]:
    phone.pull()
    return [(one["code"], one["outcome"]) for one in phone.decisions]


class TestTheBundle:
    def test_brings_as_many_numbers_as_the_office_set(self, phone, settings):
        assert len(phone.numbers) == settings.REGISTRATION_NUMBERS == 40

    def test_says_them_once_to_a_phone_that_holds_them(self, phone):
        whole = phone.call("GET", f"/api/v1/bundle?since={phone.bundle['version']}")
        held = f"&numbers={whole['numbers_version']}"

        short = phone.call("GET", f"/api/v1/bundle?since={phone.bundle['version']}{held}")

        assert whole["unchanged"]
        assert len(whole["registration_numbers"]) == 40
        assert short["registration_numbers"] is None

    def test_replaces_the_used_and_never_says_them_again(self, phone):
        number = phone.numbers[0]
        registered(phone)

        version = phone.bundle["version"]
        phone.fetch()

        assert number not in phone.numbers
        assert len(phone.numbers) == 40
        assert phone.bundle["version"] == version  # a family registered costs no new bundle


class TestRegistering:
    def test_outside_the_phones_areas_is_refused(self, world):
        phone = world.confirmed(areas=(6202,))
        phone.fetch()
        phone.register(HERE, TOLD)
        phone.push()

        assert decisions(phone) == [("household.unknown", "refused")]
        assert not HouseholdProposal.objects.exists()

    def test_keeps_what_was_told_and_waits_for_the_office(self, phone):
        proposal = registered(phone)

        told = open_told(proposal.told_sealed)
        assert decisions(phone) == [("household.proposed", "waiting")]
        assert (proposal.number_state, proposal.state) == ("own", "waiting")
        assert (proposal.village_id, proposal.size, proposal.dwelling) == (HERE, 3, "river")
        assert proposal.head_name == "Nyai Undang"
        assert (proposal.home_lat, proposal.home_accuracy_m) == (-2.2, 8.0)
        assert [one.name for one in told.people] == ["Nyai Undang", "Itak", "Tingang"]
        assert (told.custodian, told.custodian_contact) == ("Pak RT Dehen", "0812 3456 7890")
        assert bytes(proposal.family_number_index) == blind_index("family_number", KK)
        assert NIK.encode() not in bytes(proposal.told_sealed)
        entry = Entry.objects.get(kind="household.proposed")
        assert (entry.subject, entry.area) == (proposal.uuid, HERE)
        assert "Undang" not in str(entry.facts)

    def test_the_same_twice_is_kept_once(self, phone):
        queued = phone.register(HERE, TOLD)
        phone.push(lose_answers=True)
        phone.push()
        phone.send([queued])

        assert HouseholdProposal.objects.count() == 1
        assert decisions(phone) == [("household.proposed", "waiting")]

    @pytest.mark.parametrize(
        ("number", "code", "state"),
        [("S-1111-1111", "household.proposed_foreign", "foreign")],
    )
    def test_under_a_number_that_was_never_leased_is_kept_and_marked(
        self, phone, number, code, state
    ):
        proposal = registered(phone, provisional=number)

        assert decisions(phone) == [(code, "waiting")]
        assert (proposal.provisional, proposal.number_state) == (number, state)

    def test_under_the_number_of_another_phone_leaves_it_to_that_phone(self, world, phone):
        world.owner = make_owner("rudi", world.actor, world.second, world.at)
        other = world.confirmed()
        other.fetch()
        number = other.numbers[0]

        stolen = registered(phone, provisional=number)
        own = registered(other)

        assert (stolen.number_state, own.number_state) == ("foreign", "own")
        assert stolen.provisional == own.provisional == number

    def test_twice_under_one_number_in_one_batch_keeps_both(self, phone):
        number = phone.numbers[0]
        phone.register(HERE, TOLD)
        phone.register(HERE, TOLD | {"head_name": "Lain"}, provisional=number)
        phone.push()

        states = HouseholdProposal.objects.order_by("pk").values_list("number_state", flat=True)
        assert list(states) == ["own", "again"]
        assert [code for code, _ in decisions(phone)] == [
            "household.proposed", "household.proposed_again",
        ]  # fmt: skip

    @pytest.mark.parametrize(
        "private",
        [
            None,
            {"note": "tanpa nama"},
            {"head_name": 7, "members": "x", "home": []},
            {"head_name": "A\0B", "head_nik": "12", "head_born": "1987-13-40", "members": [1, {}]},
            {"head_name": "N" * 400, "members": [{"name": "M", "relation": "?"}] * 60},
        ],
    )
    def test_of_a_family_badly_told_is_kept_too(self, phone, private):
        proposal = registered(phone, private)

        assert decisions(phone)[0][1] == "waiting"
        assert "\0" not in proposal.head_name
        assert len(proposal.head_name) <= 100

    def test_names_its_photos(self, phone):
        name = phone.upload(photo())

        proposal = registered(phone, photos=[name])

        assert [bytes(one).hex() for one in proposal.photos] == [name]

    def test_is_completed_by_an_attachment_that_comes_later(self, phone):
        queued = phone.register(HERE, TOLD)
        kept, queued.attachment = queued.attachment, None
        phone.push()
        proposal = HouseholdProposal.objects.get()
        with pytest.raises(NothingToldError):
            accept_proposal(proposal, actor=WATI, at=timezone.now())

        queued.attachment = kept
        phone.send([queued])

        assert told_of(proposal).head_name == "Nyai Undang"
        assert proposal.home_lat == -2.2
        assert len(proposal.nik_indexes) == 2


class TestAccepting:
    def test_is_not_for_who_registered_it(self, phone):
        proposal = registered(phone)
        same = Actor(ActorKind.STAFF, new_uuid(), proposal.proposed_by_person)

        with pytest.raises(OwnRegistrationError):
            accept_proposal(proposal, actor=same, at=timezone.now())

        with pytest.raises(IntegrityError), transaction.atomic():
            HouseholdProposal.objects.update(
                state="accepted", household=Household.objects.first(),
                decided_at=timezone.now(), decided_by_person=proposal.proposed_by_person,
            )  # fmt: skip

    def test_refuses_a_nik_or_kk_of_another_family_and_changes_nothing(self, phone):
        accept_proposal(registered(phone), actor=WATI, at=timezone.now())
        by_nik = registered(phone, {"head_name": "Lain", "head_nik": SON})
        by_kk = registered(phone, {"head_name": "Lain", "family_number": KK})
        twice = registered(
            phone, {"head_name": "Lain", "members": [{"name": "A", "nik": "6201010101900008"}] * 2}
        )
        before = Household.objects.count()

        for proposal, error in (
            (by_nik, NikKnownError),
            (by_kk, FamilyNumberKnownError),
            (twice, NikKnownError),
        ):
            with pytest.raises(error), transaction.atomic():
                accept_proposal(proposal, actor=WATI, at=timezone.now())

        assert Household.objects.count() == before
        assert HouseholdProposal.objects.filter(state="waiting").count() == 3

    def test_makes_a_known_household_without_any_right(self, phone):
        enrolled, drifted = Enrolment.objects.count(), disagreements()
        replace_list(
            "PKH", list_uuid=new_uuid(), niks=[SON], family_numbers=[], period="2026",
            people=1, at=timezone.now(),
        )  # fmt: skip
        proposal = registered(phone)

        household = accept_proposal(proposal, actor=WATI, at=timezone.now())

        members = Member.objects.filter(household=household).order_by("pk")
        assert household.head_name == "Nyai Undang"
        assert (household.dwelling, household.size) == ("river", 3)
        assert (household.anchor, household.custodian) == (TOLD["anchor"], "Pak RT Dehen")
        assert open_sealed(bytes(household.custodian_contact_sealed)) == b"0812 3456 7890"
        assert (household.members_alive, household.inside_province) == (3, True)
        assert (household.has_pkh, household.has_sembako) == (True, False)
        assert open_sealed(bytes(household.family_number_sealed)).decode() == KK
        assert (household.home_lat, household.home_grade) == (-2.2, Geotag.objects.get().grade)
        assert [(one.name, one.is_head) for one in members] == [
            ("Nyai Undang", True), ("Itak", False), ("Tingang", False),
        ]  # fmt: skip
        assert (members[0].birth_on, members[0].sex) == (date(1987, 5, 2), "P")
        assert members[1].birth_on is None  # a year is no day
        assert disagreements() == drifted
        assert Enrolment.objects.count() == enrolled
        assert decisions(phone) == [
            ("household.proposed", "waiting"), ("household.accepted", "accepted"),
        ]  # fmt: skip
        assert household.number in phone.decisions[-1]["sentence"]
        assert Entry.objects.get(kind="registration.accepted").facts["household"] == str(
            household.uuid
        )

    def test_twice_is_refused(self, phone):
        proposal = registered(phone, {"head_name": "Tanpa surat"})
        accept_proposal(proposal, actor=WATI, at=timezone.now())
        again = HouseholdProposal.objects.get()

        with pytest.raises(DecidedBeforeError), transaction.atomic():
            accept_proposal(again, actor=TUTI, at=timezone.now())
        with pytest.raises(DecidedBeforeError), transaction.atomic():
            refuse_proposal(again, "error", "", actor=TUTI, at=timezone.now())


@pytest.mark.django_db(transaction=True)
def test_of_two_who_accept_at_once_one_makes_the_household(budi, wati):
    from betang.keys.init import init

    init(actor=budi, at=timezone.now())
    phone = make_world(budi, wati).confirmed()
    phone.fetch()
    proposal = registered(phone, {"head_name": "Tanpa surat"})
    before = Household.objects.count()
    ready, made = Barrier(2), []

    def accept(actor: Actor) -> None:
        try:
            mine = HouseholdProposal.objects.get(pk=proposal.pk)
            ready.wait(30)
            with transaction.atomic():
                made.append(accept_proposal(mine, actor=actor, at=timezone.now()))
        except DecidedBeforeError as refused:
            made.append(refused)
        finally:
            connection.close()

    threads = [Thread(target=accept, args=(who,)) for who in (WATI, TUTI)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert sorted(type(one).__name__ for one in made) == ["DecidedBeforeError", "Household"]
    assert Household.objects.count() == before + 1


class TestOtherDecisions:
    def test_a_refusal_needs_a_reason_that_is_known(self, phone):
        with pytest.raises(ReasonError):
            refuse_proposal(registered(phone), "because", "", actor=WATI, at=timezone.now())

    def test_a_refusal_reaches_the_phone_in_words_without_the_note(self, phone):
        proposal = registered(phone)

        refuse_proposal(proposal, "not_here", "Kata Pak RT", actor=WATI, at=timezone.now())

        assert decisions(phone)[-1] == ("household.refused", "refused")
        assert "tidak tinggal di wilayah ini" in phone.decisions[-1]["sentence"]
        assert "Pak RT" not in phone.decisions[-1]["sentence"]
        assert open_sealed(bytes(proposal.note_sealed)) == b"Kata Pak RT"

    def test_a_known_family_is_named_by_its_number(self, phone):
        proposal, known = registered(phone), Household.objects.first()

        say_known(proposal, known, actor=WATI, at=timezone.now())

        assert decisions(phone)[-1] == ("household.known", "accepted")
        assert known.number in phone.decisions[-1]["sentence"]
        assert proposal.household_id == known.pk


class TestTwins:
    def test_are_found_by_nik_by_family_number_and_by_a_like_name(self, phone):
        accepted = accept_proposal(registered(phone), actor=WATI, at=timezone.now())
        by_nik = registered(phone, {"head_name": "Orang lain sama sekali", "head_nik": SON})
        by_kk = registered(phone, {"head_name": "Orang lain sama sekali", "family_number": KK})
        by_name = registered(phone, {"head_name": "undang, nyay"})

        found = [
            [(twin.household.pk, twin.why) for twin in twins_of(one)]
            for one in (by_nik, by_kk, by_name)
        ]

        assert found == [
            [(accepted.pk, "nik")], [(accepted.pk, "family_number")], [(accepted.pk, "name")],
        ]  # fmt: skip

    def test_a_family_without_papers_and_without_a_namesake_has_none(self, phone):
        assert twins_of(registered(phone, {"head_name": "Qxyz"})) == []

    def test_two_companions_who_told_of_one_family_are_shown_to_each_other(self, phone):
        first = registered(phone)
        second = registered(phone, {"head_name": "Ejaan lain", "head_nik": NIK})

        assert list(other_proposals(second)) == [first]


class TestACopiedPhone:
    def test_gives_one_number_to_two_families_and_both_are_seen(self, world, phone):
        copy = phone.clone()
        first = registered(copy, {"head_name": "Itak"})
        phone.register(HERE, {"head_name": "Mina"})
        phone.push()
        assert HouseholdProposal.objects.count() == 1  # the second branch waits for two persons

        supervise.release_branch(
            world.device(phone), reason="kedua HP diperiksa", actor=WATI, second=TUTI,
            at=timezone.now(),
        )  # fmt: skip

        second = HouseholdProposal.objects.exclude(pk=first.pk).get()
        assert (first.number_state, second.number_state) == ("own", "again")
        assert first.provisional == second.provisional
        assert list(other_proposals(second)) == [first]
