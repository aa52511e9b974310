"""The family's portrait: taken with consent, made small, given to its own phones, erased."""

import io
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from PIL import Image

from betang.core.actor import Actor, ActorKind
from betang.core.errors import NotAllowedError
from betang.core.identifiers import new_uuid
from betang.core.jose import to_b64u
from betang.journal.models import Entry
from betang.keys import blobs
from betang.keys.models import SealedBlob
from betang.registry.models import Household, HouseholdProposal, Portrait
from betang.registry.portraits import (
    ConfirmError,
    NotShownError,
    ReasonError,
    end_left,
    picture_of,
    reject,
    shown_of,
)
from betang.sync.decide_proposal import accept_proposal
from betang.sync.models import FieldEvent
from betang.sync.portraits import make_portraits
from sandbox.phones.phone import Phone
from sandbox.phones.wire import RefusedByServerError
from tests.sync.test_registered import TOLD
from tests.sync.world import VILLAGES, World

HERE, _, ELSEWHERE = VILLAGES
WATI = Actor(ActorKind.STAFF, new_uuid(), new_uuid())


def photo(shade: int = 90) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (480, 640), (shade, shade // 2, 40)).save(written, "JPEG")
    return written.getvalue()


@pytest.fixture
def phone(world: World) -> Phone:
    return world.leased(areas=(HERE,))


@pytest.fixture
def family(world: World) -> Household:
    return Household.objects.filter(village_id=HERE).first()


def take(phone: Phone, family: Household, content: bytes | None = None, **portrait) -> Portrait:
    """A visit with a photo, sent; the worker's turn comes."""
    name = phone.upload(photo() if content is None else content)
    phone.visit(str(family.uuid), [name], **({"consent": True} | portrait))
    phone.push()
    make_portraits(at=timezone.now())
    return Portrait.objects.filter(household=family).order_by("pk").last()


def told(kind: str) -> list[dict]:
    return [entry.facts for entry in Entry.objects.filter(kind=kind).order_by("pk")]


def told_version(phone: Phone) -> str | None:
    """What a bundle says of portraits, a short answer too."""
    whole = phone.call("GET", "/api/v1/bundle")
    short = phone.call("GET", f"/api/v1/bundle?since={whole['version']}")
    assert short["unchanged"]
    assert whole["portraits"] == short["portraits"]
    return whole["portraits"]


def take_away(portrait: Portrait, reason: str = "unclear") -> Portrait:
    return reject(portrait, reason, confirmed=True, actor=WATI, at=timezone.now())


class TestAPhotoThatIsNoPortrait:
    @pytest.mark.parametrize("consent", [False, None, 1, "true"])
    def test_without_consent_is_none_and_the_visit_stands(self, phone, family, consent):
        take(phone, family, consent=consent)
        phone.pull()

        assert not Portrait.objects.exists()
        assert [one["code"] for one in phone.decisions] == ["ok"]
        assert told("portrait.not_consented") == [{"device": phone.short_id}]

    @pytest.mark.parametrize("portrait", [7, [], {"photo": 1}, {"photo": True}, {"photo": -1}])
    def test_that_cannot_be_read_is_none(self, phone, family, portrait):
        name = phone.upload(photo())
        data = {"household": str(family.uuid), "outcome": "found", "photos": [name]}
        told = portrait | {"consent": True} if isinstance(portrait, dict) else portrait
        phone.sign("household.verified", data | {"portrait": told})
        phone.push()
        phone.pull()

        assert not Portrait.objects.exists()
        assert [one["code"] for one in phone.decisions] == ["ok"]

    def test_of_a_family_that_was_not_found_is_none(self, phone, family):
        data = {"household": str(family.uuid), "outcome": "refused", "photos": ["ab" * 32]}
        phone.sign("household.verified", data | {"portrait": {"photo": 0, "consent": True}})
        phone.push()

        assert not Portrait.objects.exists()

    def test_of_a_family_elsewhere_is_none(self, phone):
        other = Household.objects.filter(village_id=ELSEWHERE).first()

        take(phone, other)

        assert not Portrait.objects.exists()

    def test_cannot_be_kept_without_consent_by_the_database(self, phone, family):
        portrait = take(phone, family)

        with pytest.raises(IntegrityError), transaction.atomic():
            Portrait.objects.filter(pk=portrait.pk).update(consented_at=None)

    @pytest.mark.parametrize("content", [b"bukan gambar", photo()[:400]])
    def test_that_is_spoilt_is_unreadable_and_erased(self, phone, family, content):
        portrait = take(phone, family, content)

        assert portrait.state == "unreadable"
        assert told("portrait.unreadable") == [{"why": "spoilt"}]
        assert not SealedBlob.objects.filter(wrapped_key__isnull=False).exists()

    def test_of_another_device_is_never_opened(self, world, phone, family):
        name = world.confirmed(areas=(HERE,)).upload(photo())
        phone.visit(str(family.uuid), [name], consent=True)
        phone.push()
        make_portraits(at=timezone.now())

        assert Portrait.objects.get().state == "waiting"
        assert blobs.fetch(bytes.fromhex(name))


class TestAPortrait:
    def test_waits_for_its_photo(self, phone, family):
        phone.visit(str(family.uuid), ["ab" * 32], consent=True)
        phone.push()
        make_portraits(at=timezone.now())

        assert Portrait.objects.get().state == "waiting"
        assert shown_of(family) is None

    def test_is_made_small_and_the_large_photo_is_erased(self, phone, family):
        portrait = take(phone, family)

        picture = picture_of(portrait)
        assert portrait.state == "shown"
        assert len(picture) <= 4096
        with Image.open(io.BytesIO(picture)) as opened:
            assert (opened.format, opened.size) == ("WEBP", (160, 160))
        with pytest.raises(blobs.BlobErasedError):
            blobs.fetch(bytes(portrait.source_sha256))
        assert told("portrait.taken") == [{"source": "visit"}]
        assert told("portrait.kept")[0]["replaced"] is False

    def test_told_twice_is_one(self, phone, family):
        name = phone.upload(photo())
        queued = phone.visit(str(family.uuid), [name], consent=True)
        phone.push(lose_answers=True)
        phone.push()
        phone.send([queued])

        assert Portrait.objects.count() == 1

    def test_does_not_erase_the_evidence_of_another_event(self, phone, family):
        name = phone.upload(photo())
        phone.deliver(next(iter(phone.rights)), photos=[name])
        phone.visit(str(family.uuid), [name], consent=True)
        phone.push()
        make_portraits(at=timezone.now())

        assert shown_of(family)
        assert blobs.fetch(bytes.fromhex(name)) == photo()
        assert FieldEvent.objects.count() == 2

    def test_gives_way_to_a_newer_one_whose_key_is_all_that_is_left_of_it(self, phone, family):
        first = take(phone, family)
        name = bytes(first.thumbnail_sha256)

        second = take(phone, family, photo(200))

        first.refresh_from_db()
        assert (first.state, second.state) == ("replaced", "shown")
        assert first.thumbnail_sha256 is None
        with pytest.raises(blobs.BlobErasedError):
            blobs.fetch(name)

    def test_that_arrives_late_does_not_replace_a_newer_one(self, phone, family):
        newer = take(phone, family)
        late = phone.upload(photo(200))
        data = {"household": str(family.uuid), "outcome": "found", "photos": [late]}
        data |= {"portrait": {"photo": 0, "consent": True}}
        phone.sign("household.verified", data, at=timezone.now() - timedelta(days=3))
        phone.push()
        make_portraits(at=timezone.now())

        assert shown_of(family) == newer
        assert Portrait.objects.order_by("pk").last().state == "ended"

    def test_of_a_registration_comes_with_its_acceptance(self, phone):
        name = phone.upload(photo())
        phone.register(HERE, TOLD, photos=[name], portrait={"photo": 0, "consent": True})
        phone.push()
        proposal = HouseholdProposal.objects.get()
        assert not Portrait.objects.exists()

        accepted = accept_proposal(proposal, actor=WATI, at=timezone.now())
        make_portraits(at=timezone.now())

        assert shown_of(accepted)
        assert blobs.fetch(bytes.fromhex(name)) == photo()  # the registration's evidence

    def test_of_a_registration_without_consent_never_comes(self, phone):
        name = phone.upload(photo())
        phone.register(HERE, TOLD, photos=[name], portrait={"photo": 0, "consent": False})
        phone.push()

        accepted = accept_proposal(HouseholdProposal.objects.get(), actor=WATI, at=timezone.now())
        make_portraits(at=timezone.now())

        assert shown_of(accepted) is None


class TestRejecting:
    @pytest.mark.parametrize(
        ("reason", "confirmed", "refusal"),
        [("", True, ReasonError), ("lainnya", True, ReasonError), ("unclear", False, ConfirmError)],
    )
    def test_wants_a_reason_and_a_second_thought(self, phone, family, reason, confirmed, refusal):
        portrait = take(phone, family)

        with pytest.raises(refusal):
            reject(portrait, reason, confirmed=confirmed, actor=WATI, at=timezone.now())

        assert shown_of(family) == portrait

    def test_is_done_by_a_person(self, phone, family):
        portrait = take(phone, family)
        machine = Actor(ActorKind.SYSTEM, new_uuid(), None)

        with pytest.raises(NotAllowedError):
            reject(portrait, "unclear", confirmed=True, actor=machine, at=timezone.now())

    def test_twice_is_refused(self, phone, family):
        portrait = take_away(take(phone, family))

        with pytest.raises(NotShownError):
            take_away(portrait)

    def test_erases_it(self, phone, family):
        portrait = take(phone, family)
        name = bytes(portrait.thumbnail_sha256)

        take_away(portrait)

        assert shown_of(family) is None
        assert told("portrait.rejected") == [{"reason": "unclear"}]
        with pytest.raises(blobs.BlobErasedError):
            blobs.fetch(name)
        with pytest.raises(NotShownError):
            picture_of(portrait)

    def test_for_a_consent_withdrawn_ends_what_was_agreed_before_and_comes_later(
        self, phone, family
    ):
        portrait = take(phone, family)
        agreed = phone.upload(photo(200))
        data = {"household": str(family.uuid), "outcome": "found", "photos": [agreed]}
        data |= {"portrait": {"photo": 0, "consent": True}}
        phone.sign("household.verified", data, at=timezone.now() - timedelta(seconds=1))
        take_away(portrait, "withdrawn")
        phone.push()
        make_portraits(at=timezone.now())

        assert shown_of(family) is None
        with pytest.raises(blobs.BlobErasedError):
            blobs.fetch(bytes.fromhex(agreed))

    def test_lets_a_better_one_come(self, phone, family):
        take_away(take(phone, family))

        assert take(phone, family, photo(200)).state == "shown"

    def test_a_household_that_left_is_erased(self, phone, family):
        portrait = take(phone, family)
        Household.objects.filter(pk=family.pk).update(state="left")

        assert end_left(at=timezone.now()) == 1
        assert end_left(at=timezone.now()) == 0
        portrait.refresh_from_db()
        assert (portrait.state, portrait.digest) == ("ended", None)


class TestADevice:
    def test_of_another_village_gets_none(self, world, phone, family):
        take(phone, family)
        other = world.confirmed(areas=(ELSEWHERE,))

        other.fetch_portraits()

        assert told_version(other) is None
        assert other.portraits == {}

    def test_that_names_another_villages_digest_hears_what_it_hears_of_any(
        self, world, phone, family
    ):
        digest = bytes(take(phone, family).digest)
        other = world.confirmed(areas=(ELSEWHERE,))

        real = other.call("POST", "/api/v1/portraits", {"have": to_b64u(digest)})
        invented = other.call("POST", "/api/v1/portraits", {"have": to_b64u(b"12345678")})

        assert real["gone"] == [digest.hex()]
        assert invented["gone"] == [b"12345678".hex()]
        assert {**real, "gone": 0} == {**invented, "gone": 0}

    def test_that_is_not_confirmed_gets_none(self, world):
        pending = world.phone()

        with pytest.raises(RefusedByServerError) as refused:
            pending.fetch_portraits()

        assert refused.value.body["code"] == "device.not_confirmed"

    @pytest.mark.parametrize(
        "body",
        [
            [], {"have": 7}, {"have": "a"}, {"have": "YWJj"}, {"have": "ä"}, {"most": -1},
            {"most": "1"}, {"most": True}, {"have": "A" * (8 * 20_001 * 4 // 3 + 8)},
        ],
    )  # fmt: skip
    def test_that_asks_badly_is_told_so(self, phone, body):
        with pytest.raises(RefusedByServerError) as refused:
            phone.call("POST", "/api/v1/portraits", body)

        assert (refused.value.status, refused.value.body["code"]) == (400, "portraits.malformed")

    def test_gets_its_own_once(self, phone, family):
        portrait = take(phone, family)
        version = told_version(phone)

        phone.fetch_portraits()
        again = phone.call("POST", "/api/v1/portraits", {"have": to_b64u(bytes(portrait.digest))})

        assert phone.portraits[str(family.uuid)].picture == picture_of(portrait)
        assert again == {"v": 1, "version": version, "portraits": [], "gone": [], "left": 0}

    def test_that_wants_none_still_hears_what_is_gone(self, phone, family):
        portrait = take(phone, family)
        phone.fetch_portraits()
        take_away(portrait)
        other = Household.objects.filter(village_id=HERE).last()
        take(phone, other)

        phone.fetch_portraits(most=0)

        assert phone.portraits == {}

    def test_forgets_the_rejected_and_the_families_that_left(self, phone, family):
        other = Household.objects.filter(village_id=HERE).last()
        rejected, left = take(phone, family), take(phone, other)
        before = told_version(phone)
        phone.fetch_portraits()
        assert len(phone.portraits) == 2

        take_away(rejected)
        Household.objects.filter(pk=left.household_id).update(state="merged")

        assert told_version(phone) is None
        assert before is not None
        phone.fetch_portraits()
        assert phone.portraits == {}

    def test_goes_on_where_it_was_cut_off(self, phone):
        for household in Household.objects.filter(village_id=HERE):
            take(phone, household)

        phone.fetch_portraits(pages=1, most=2)
        assert len(phone.portraits) == 2
        trips = phone.fetch_portraits(most=2)

        assert len(phone.portraits) == 6
        assert trips == 2
