"""An investigation ends with a finding, a sentence, and not by who is its subject."""

import pytest

from betang.accounts import devices
from betang.cards.clones.investigate import (
    AlreadyInvestigatedError,
    NoFindingError,
    NoSentenceError,
    NotOpenError,
    OwnCardWorkError,
    conclude,
    false_alarms,
    investigate,
    sentence_of,
)
from betang.cards.models import Investigation
from betang.core.actor import Actor, ActorKind
from betang.core.identifiers import new_uuid
from betang.journal import feed
from betang.journal.models import Entry
from betang.journal.record import record
from betang.monitoring.models import Alert
from betang.monitoring.telling import ALERTS
from betang.monitoring.watch import SUSPECTED, follow
from betang.wiring import FOLLOW_UPS

SAID = "Keluarga ditemui; kartu ada pada mereka."


@pytest.fixture
def opened(chip, device, told) -> Investigation:
    """An investigation that a copied tap opened."""
    tap = chip.tap()
    told(device(), tap)
    told(device(), tap)
    return Investigation.objects.get()


class TestConcludeRefuses:
    @pytest.mark.parametrize("finding", ["", "guilty"])
    def test_what_is_no_finding(self, opened, budi, noon, finding):
        with pytest.raises(NoFindingError):
            conclude(opened, finding=finding, sentence=SAID, actor=budi, at=noon)

    @pytest.mark.parametrize("sentence", ["", "  beres  ", "x" * 2001])
    def test_a_sentence_that_says_nothing_or_too_much(self, opened, budi, noon, sentence):
        with pytest.raises(NoSentenceError):
            conclude(opened, finding="unclear", sentence=sentence, actor=budi, at=noon)

    def test_who_showed_the_card_himself(self, opened, chip, noon):
        from betang.accounts.models import User

        presenter = User.objects.order_by("id").first()
        other_account = Actor(ActorKind.STAFF, new_uuid(), presenter.person)

        with pytest.raises(OwnCardWorkError):
            conclude(opened, finding="false_alarm", sentence=SAID, actor=other_account, at=noon)
        assert Investigation.objects.get().state == "open"

    def test_the_second_of_two(self, opened, budi, wati, noon):
        conclude(opened, finding="copied", sentence=SAID, actor=budi, at=noon)

        with pytest.raises(NotOpenError):
            conclude(opened, finding="unclear", sentence=SAID, actor=wati, at=noon)


class TestConclude:
    def test_keeps_finding_and_sentence_and_tells_no_sentence(self, opened, budi, noon):
        conclude(opened, finding="false_alarm", sentence=f" {SAID}\n", actor=budi, at=noon)

        kept = Investigation.objects.get()
        assert (kept.finding, sentence_of(kept)) == ("false_alarm", SAID)
        assert SAID.encode() not in bytes(kept.sentence_sealed)
        entry = Entry.objects.get(kind="investigation.closed")
        assert SAID not in str(entry.facts)

    def test_is_counted_for_the_rule_that_cried(self, opened, budi, noon):
        assert false_alarms() == []

        conclude(opened, finding="false_alarm", sentence=SAID, actor=budi, at=noon)

        assert false_alarms() == [
            {"rule": "tap_twice", "closed": 1, "copied": 0, "false_alarm": 1, "officer": 0,
             "unclear": 0}
        ]  # fmt: skip

    def test_lets_a_new_suspicion_open_another(self, opened, chip, device, told, budi, noon):
        conclude(opened, finding="copied", sentence=SAID, actor=budi, at=noon)
        tap = chip.tap()
        told(device(), tap)

        told(device(), tap)

        assert Investigation.objects.filter(state="open").count() == 1
        assert Investigation.objects.count() == 2


class TestInvestigate:
    def test_refuses_a_second_that_is_open(self, opened, active, budi, noon):
        with pytest.raises(AlreadyInvestigatedError):
            investigate(active, actor=budi, at=noon)

    def test_opens_one_because_a_person_asks(self, active, budi, noon):
        asked = investigate(active, actor=budi, at=noon)

        assert (asked.cause, asked.opened_by) == ("asked", budi.uuid)


class TestAlerts:
    def told(self, budi, noon, **facts) -> Alert:
        record("card.suspected", new_uuid(), actor=budi, at=noon, **facts)
        feed.move()
        follow(feed.after(0))
        return Alert.objects.get()

    def test_are_made_of_what_the_rules_saw(self, db, budi, noon):
        alert = self.told(budi, noon, rule="counter_down")

        assert (alert.kind, alert.severity) == ("card_counter_down", "critical")

    def test_of_an_old_card_found_again_are_for_information(self, db, budi, noon):
        alert = self.told(budi, noon, rule="shown_after_end", blocked_reason="superseded")

        assert alert.severity == "info"

    def test_have_words_and_are_wired(self):
        assert {cause.alert for cause in SUSPECTED.values()} <= set(ALERTS)
        assert follow in FOLLOW_UPS["card.suspected"]
        assert follow in FOLLOW_UPS["device.suspected"]

    def test_of_a_tap_shown_twice_is_the_one_of_the_copy(self, opened):
        feed.move()
        for entry in feed.after(0):
            for follow_up in FOLLOW_UPS.get(entry.kind, []):
                follow_up([entry])

        assert list(Alert.objects.values_list("kind", "times")) == [("card_copied", 1)]


def test_a_phone_that_says_otherwise_at_a_second_enrolment_stays_as_it_was(db, device, budi, noon):
    owner = device().owner
    code = devices.issue_code(owner, actor=budi, at=noon)
    jwk = {"kty": "EC", "crv": "P-256", "x": "A" * 43, "y": "B" * 43}
    first, _ = devices.enrol(code, jwk=jwk, app_version="1", has_nfc=True, at=noon)

    again, new = devices.enrol(code, jwk=jwk, app_version="1", has_nfc=False, at=noon)

    assert (again, new, again.has_nfc) == (first, False, True)
    assert Entry.objects.get(kind="device.nfc_changed").facts["has_nfc"] is True
