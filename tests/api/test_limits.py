"""How often a device may ask, and how much it may send: refused plainly, and nothing is lost."""

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from django.conf import settings
from django.utils import timezone

from betang.accounts import devices
from betang.accounts.models import Attempt, Device
from betang.api import claims
from betang.api.devices import WRONG_CODES_OF_ADDRESS
from betang.cards.models import Card
from betang.keys import blobs as sealed_blobs
from betang.registry.models import Household
from betang.sync import blobs
from betang.sync.models import Upload
from sandbox.phones.phone import Phone, photo
from sandbox.phones.sealing import BLOB_CONTEXT, seal
from sandbox.phones.wire import RefusedByServerError
from tests.sync.world import World, site


@pytest.fixture
def card(world: World) -> str:
    household = Household.objects.order_by("pk")[0]
    card = Card.objects.create(
        number=f"62{household.number}01", household=household, issue=1,
        village_id=household.village_id, state="active", qr="", issued_at=world.at,
        handed_over_at=world.at, expires_on=world.at.date() + timedelta(days=365),
    )  # fmt: skip
    return card.number


def refusal(phone: Phone, **what: str) -> RefusedByServerError:
    with pytest.raises(RefusedByServerError) as refused:
        phone.reserve(**what)
    return refused.value


class TestReserving:
    def test_by_one_device_is_refused_when_it_tries_numbers_all_hour(self, world, monkeypatch):
        few = claims.RESERVES_OF_DEVICE._replace(most=3)
        monkeypatch.setattr(claims, "RESERVES_OF_DEVICE", few)
        phone = world.confirmed()
        for number in range(3):
            told = refusal(phone, card=f"620000000{number:03d}01")
            assert (told.status, told.code) == (404, "right.unknown")

        told = refusal(phone, card="62000000000901")

        assert (told.status, told.code) == (429, "reserve.too_often")
        assert "daftar tugas" in told.body["do"]

    def test_counts_rights_and_cards_of_a_device_together(self, world, card, monkeypatch):
        few = claims.RESERVES_OF_DEVICE._replace(most=2)
        monkeypatch.setattr(claims, "RESERVES_OF_DEVICE", few)
        phone = world.confirmed()
        phone.reserve(entitlement=world.rights()[0])
        phone.reserve(card=card)

        assert refusal(phone, entitlement=world.rights()[1]).code == "reserve.too_often"
        assert refusal(phone, card=card).code == "reserve.too_often"

    def test_with_one_card_is_refused_to_any_device(self, world, card, monkeypatch):
        monkeypatch.setattr(claims, "RESERVES_OF_CARD", claims.RESERVES_OF_CARD._replace(most=2))
        one, two = world.confirmed(), world.confirmed()
        one.reserve(card=card)
        one.reserve(card=card)

        told = refusal(two, card=card)

        assert (told.status, told.code) == (429, "reserve.card_too_often")
        assert told.body["field"] == "card"
        assert two.reserve(entitlement=world.rights(6202011001)[0])["rights"]

    def test_of_nothing_is_no_attempt(self, world):
        phone = world.confirmed()

        assert refusal(phone, card="12").code == "reserve.fields"
        assert not Attempt.objects.filter(spent__gt=0).exists()

    def test_stays_within_its_limits_on_a_busy_day(self, world, card):
        phone = world.confirmed()
        for right in world.rights():
            phone.reserve(entitlement=right)

        assert phone.reserve(card=card)["household"]


class TestEnrolling:
    def stranger(self) -> Phone:
        transport = httpx.WSGITransport(app=site())
        return Phone(settings.ORIGIN, httpx.Client(transport=transport, base_url=settings.ORIGIN))

    def test_is_refused_after_many_wrong_codes_even_with_a_good_one(self, world):
        for _ in range(WRONG_CODES_OF_ADDRESS.most):
            with pytest.raises(RefusedByServerError, match="code_unknown"):
                self.stranger().enrol("A" * 22)
        good = devices.issue_code(world.owner, actor=world.actor, at=timezone.now())

        with pytest.raises(RefusedByServerError, match=r"429 enrolment\.too_often"):
            self.stranger().enrol(good)

        assert not Device.objects.exists()

    def test_with_good_codes_is_never_too_often(self, world):
        for _ in range(WRONG_CODES_OF_ADDRESS.most + 1):
            world.phone()

        assert Device.objects.count() == WRONG_CODES_OF_ADDRESS.most + 1


class TestSendingPhotos:
    def test_is_refused_when_the_day_is_used_up_and_goes_on_the_next_day(self, world, settings):
        settings.BLOB_DAY_MB = 1
        phone = world.confirmed()
        phone.upload(photo(600_000))
        kept = seal(b"\x89" * 600_000, BLOB_CONTEXT)

        with pytest.raises(RefusedByServerError, match=r"429 blob\.day_quota"):
            phone.upload_sealed(kept)
        begun = phone.request("HEAD", f"/api/v1/blobs/{kept.sha256.hex()}")
        Attempt.objects.update(ends_at=timezone.now())  # the day has ended
        phone.upload_sealed(kept)

        assert 0 < int(begun.headers["Upload-Offset"]) < 600_000
        assert sealed_blobs.fetch(kept.sha256) == b"\x89" * 600_000

    def test_counts_what_was_spoilt_or_came_before(self, world, settings):
        settings.BLOB_DAY_MB = 1
        phone = world.confirmed()
        spoilt = seal(b"x" * 400_000, BLOB_CONTEXT)
        last = spoilt.ciphertext[-1] ^ 1  # another byte, whatever it was
        wrong = replace(spoilt, ciphertext=spoilt.ciphertext[:-1] + bytes([last]))

        for _ in range(2):
            with pytest.raises(RefusedByServerError, match=r"blob\.hash"):
                phone.upload_sealed(wrong)

        with pytest.raises(RefusedByServerError, match=r"blob\.day_quota"):
            phone.upload_sealed(wrong)

    def test_is_for_each_device(self, world, settings):
        settings.BLOB_DAY_MB = 1
        one, two = world.confirmed(), world.confirmed()
        one.upload(photo(900_000))

        two.upload(photo(900_000))

        assert Upload.objects.exclude(complete_at=None).count() == 2

    def test_is_refused_when_too_much_was_begun_and_allowed_when_some_of_it_was_finished(
        self, world, settings
    ):
        settings.BLOB_UNFINISHED_MB = 1
        phone = world.confirmed()
        begun = seal(b"x" * 700_000, BLOB_CONTEXT)
        phone.upload_sealed(begun, stop_after=1)
        kept = seal(b"y" * 700_000, BLOB_CONTEXT)

        with pytest.raises(RefusedByServerError, match=r"429 blob\.unfinished_quota"):
            phone.upload_sealed(kept)
        phone.upload_sealed(begun)
        phone.upload_sealed(kept)

        assert Upload.objects.exclude(complete_at=None).count() == 2

    def test_that_was_never_finished_is_forgotten_and_can_begin_again(self, world):
        phone = world.confirmed()
        begun, done = seal(b"x" * 200_000, BLOB_CONTEXT), seal(b"y" * 100_000, BLOB_CONTEXT)
        phone.upload_sealed(begun, stop_after=1)
        phone.upload_sealed(done)
        later = timezone.now() + timedelta(days=blobs.UNFINISHED_DAYS)

        assert blobs.forget_unfinished(at=later - timedelta(hours=1)) == 0
        assert blobs.forget_unfinished(at=later + timedelta(hours=1)) == 1

        assert phone.request("HEAD", f"/api/v1/blobs/{begun.sha256.hex()}").status_code == 404
        phone.upload_sealed(begun)
        assert sealed_blobs.fetch(begun.sha256) == b"x" * 200_000
