"""The device register over HTTP: the code, the words, the proof, the bundle, and who gets none."""

from datetime import timedelta

import httpx
import orjson
import pytest
from django.conf import settings
from django.utils import timezone

from betang.accounts import devices
from betang.accounts.models import Device, ProofUse
from betang.accounts.users import close_user
from betang.api import urls
from betang.cards.revocation import publish
from betang.core import jose
from betang.core.actor import Actor, ActorKind
from betang.core.clock import from_wire
from betang.core.device import proof
from betang.core.errors import SamePersonError
from betang.distribution.models import Delivery
from betang.keys import ring
from betang.sync.models import Decision
from sandbox.phones.phone import Phone, photo
from sandbox.phones.wire import RefusedByServerError
from tests.sync.world import World, site


def stranger() -> Phone:
    transport = httpx.WSGITransport(app=site())
    return Phone(settings.ORIGIN, httpx.Client(transport=transport, base_url=settings.ORIGIN))


class TestEnrolment:
    def test_refuses_a_code_that_is_wrong_old_or_spent(self, world: World):
        late = devices.issue_code(
            world.owner, actor=world.actor, at=timezone.now() - timedelta(minutes=11)
        )
        spent = devices.issue_code(world.owner, actor=world.actor, at=timezone.now())
        stranger().enrol(spent)

        for code in ("A" * 22, late, spent):
            with pytest.raises(RefusedByServerError, match=r"enrolment\.code_unknown"):
                stranger().enrol(code)
        assert Device.objects.count() == 1

    def test_gives_the_same_device_when_the_answer_was_lost(self, world: World):
        code = devices.issue_code(world.owner, actor=world.actor, at=timezone.now())
        phone = stranger()
        first = phone.enrol(code)

        assert phone.enrol(code) == first
        assert Device.objects.count() == 1

    def test_gives_nothing_before_the_words_were_confirmed(self, world: World):
        phone = world.phone()

        with pytest.raises(RefusedByServerError, match=r"device\.not_confirmed"):
            phone.fetch()
        with pytest.raises(devices.WordsDifferError):
            devices.confirm(
                world.device(phone), words=["x"] * 6, areas=[6201], actor=world.actor,
                at=timezone.now(),
            )  # fmt: skip

    def test_is_not_confirmed_by_its_owner(self, world: World):
        phone = world.phone()
        owner = Actor(ActorKind.STAFF, world.owner.uuid, world.owner.person)

        with pytest.raises(SamePersonError):
            devices.confirm(
                world.device(phone), words=phone.words, areas=[6201], actor=owner,
                at=timezone.now(),
            )  # fmt: skip


class TestTheProof:
    def test_is_refused_when_it_is_missing_replayed_stale_or_for_something_else(self, world: World):
        phone = world.confirmed()
        client = phone.client
        good = phone.proof("GET", "/api/v1/device", b"")
        assert client.get("/api/v1/device", headers={"DPoP": good}).status_code == 200

        def code(path: str, header: str | None) -> str:
            headers = {"DPoP": header} if header else {}
            answer = client.get(path, headers=headers)
            assert answer.status_code == 401
            assert answer.headers["DPoP-Nonce"]
            return answer.json()["code"]

        assert code("/api/v1/device", None) == "proof.missing"
        assert code("/api/v1/device", good) == "proof.replayed"
        other = phone.proof("GET", "/api/v1/bundle", b"")
        assert code("/api/v1/device", other) == "proof.wrong_request"
        phone.nonce = proof.new_nonce(b"another server")
        assert (
            code("/api/v1/device", phone.proof("GET", "/api/v1/device", b"")) == "proof.use_nonce"
        )
        assert code("/api/v1/device", "a.b.c") == "proof.malformed"

    def test_of_an_unknown_key_leaves_no_row(self, world: World):
        world.phone()
        used = ProofUse.objects.count()

        with pytest.raises(RefusedByServerError, match=r"proof\.unknown_device"):
            stranger().state()
        with pytest.raises(RefusedByServerError, match=r"enrolment\.code_unknown"):
            stranger().enrol("A" * 22)
        assert ProofUse.objects.count() == used

    def test_of_an_unknown_key_finds_no_device(self, world: World):
        with pytest.raises(RefusedByServerError, match=r"proof\.unknown_device"):
            stranger().fetch()


class TestABundle:
    def test_holds_the_families_of_its_areas_and_no_others(self, world: World):
        phone = world.leased(areas=(6201011001,))

        assert {h["village"] for h in phone.bundle["households"]} == {"6201011001"}
        assert len(phone.rights) == 6
        assert "nik" not in str(phone.bundle).lower().replace("teknik", "")
        assert phone.bundle["households"][0]["members"][0]["last4"] == "0001"

    def test_names_nothing_twice_where_areas_overlap(self, world: World):
        phone = world.leased(areas=(6201, 6201011001, 6201011002))

        for section, name in (("households", "uuid"), ("entitlements", "uuid"), ("areas", "code")):
            names = [one[name] for one in phone.bundle[section]]
            assert len(names) == len(set(names))

    def test_names_the_district_of_two_villages_once(self, world: World):
        phone = world.leased(areas=(6201011001, 6201011002))

        assert [one["code"] for one in phone.bundle["areas"]] == [
            "6201", "620101", "6201011001", "6201011002",
        ]  # fmt: skip

    def test_is_short_when_nothing_changed(self, world: World):
        phone = world.leased()
        version = phone.bundle["version"]

        told = phone.call("GET", f"/api/v1/bundle?since={version}")

        assert told["unchanged"]
        assert "households" not in told

    def test_brings_the_list_and_the_ring_also_when_nothing_else_changed(self, world: World):
        phone = world.leased()
        publish(actor=world.actor, at=timezone.now())
        since = f"/api/v1/bundle?since={phone.bundle['version']}"

        told = phone.call("GET", since)

        assert told["unchanged"]
        assert (told["revocation"]["seq"], told["revocation"]["since"]) == (1, 0)
        phone.trust(told["ring"], None)
        held = f"{since}&list=1&ring={told['ring_version']}"
        again = phone.call("GET", held)
        assert (again["revocation"], again["ring"]) == (None, None)

        publish(actor=world.actor, at=timezone.now() + timedelta(days=1))
        assert phone.call("GET", held)["revocation"]["seq"] == 2

    def test_brings_no_ring_older_than_the_one_of_the_enrolment(self, world: World):
        world.leased()  # somebody else's bundle, earlier: its ring is kept signed
        phone = world.phone()
        at_enrolment = timezone.now()
        world.confirmed()
        devices.confirm(
            world.device(phone),
            words=phone.words,
            areas=[6201],
            actor=world.actor,
            at=timezone.now(),
        )

        told = phone.call("GET", "/api/v1/bundle?since=")

        issued = orjson.loads(jose.split(told["ring"]).payload)["issued_at"]
        assert from_wire(issued) >= at_enrolment - timedelta(milliseconds=1)

    def test_brings_a_new_ring_at_once_when_a_key_was_revoked(self, world: World):
        phone = world.leased()
        held = f"/api/v1/bundle?since=&ring={phone.bundle['ring_version']}"
        assert phone.call("GET", held)["ring"] is None
        kid = next(kid for kid, key in phone.ring.items() if key["purpose"] == "card")
        ring.publish(actor=world.actor, at=timezone.now())

        ring.revoke(kid, actor=world.actor, at=timezone.now())

        phone.trust(phone.call("GET", held)["ring"], None)
        assert phone.ring[kid]["state"] == "revoked"

    @pytest.mark.parametrize("said", ["", "x", "-1", "9" * 40, "1.5", "%00", "１"])
    def test_is_complete_for_a_number_that_is_none(self, world: World, said):
        phone = world.leased()
        publish(actor=world.actor, at=timezone.now())

        told = phone.call("GET", f"/api/v1/bundle?list={said}")

        assert told["revocation"]["since"] == 0


#: Every request of a device but `ping`, enrolment and the events.
REQUESTS = [
    ("GET", "/api/v1/device"),
    ("GET", "/api/v1/bundle"),
    ("GET", "/api/v1/decisions?after=0"),
    ("GET", "/api/v1/tickets?since=0"),
    ("POST", "/api/v1/portraits"),
    ("POST", "/api/v1/taps"),
    ("POST", "/api/v1/claims/reserve"),
    ("HEAD", f"/api/v1/blobs/{'0' * 64}"),
    ("PATCH", f"/api/v1/blobs/{'0' * 64}"),
]


class TestARevokedDevice:
    @pytest.mark.parametrize(("method", "path"), REQUESTS, ids=[path for _, path in REQUESTS])
    def test_is_refused_everything_but_its_events(self, world: World, method, path):
        phone = world.leased()
        phone.deliver(world.rights()[0])
        phone.push()
        devices.revoke(world.device(phone), reason="hilang", actor=world.actor, at=timezone.now())

        answer = phone.request(method, path, b"{}" if method in {"POST", "PATCH"} else b"")

        assert answer.status_code == 403
        assert method == "HEAD" or answer.json()["code"] == "device.revoked"

    def test_names_every_path_of_the_api(self):
        named = {path.partition("?")[0].rsplit("/", 1)[0] for _, path in REQUESTS} | {
            path.partition("?")[0] for _, path in REQUESTS
        }
        for pattern in urls.urlpatterns:
            path = f"/api/v1/{pattern.pattern}".replace("/<str:name>", "")
            free = {"/api/v1/ping", "/api/v1/devices/enrol", "/api/v1/events"}
            free |= {"/api/v1/device/wiped"}  # it says that the families' data are gone
            assert path in named | free, path

    def test_may_post_events_which_are_kept_and_wait(self, world: World):
        phone = world.leased()
        phone.deliver(world.rights()[0])
        devices.revoke(world.device(phone), reason="hilang", actor=world.actor, at=timezone.now())

        answers = phone.push()

        assert [a["answer"] for a in answers] == ["stored"]
        assert Decision.objects.get().code == "device.revoked"
        assert Delivery.objects.count() == 0

    def test_sends_no_photo(self, world: World):
        revoked, pending = world.leased(), world.phone()
        devices.revoke(world.device(revoked), reason="hilang", actor=world.actor, at=timezone.now())

        with pytest.raises(RefusedByServerError, match=r"device\.revoked"):
            revoked.upload(photo(1_000))
        with pytest.raises(RefusedByServerError, match=r"device\.not_confirmed"):
            pending.upload(photo(1_000))


class TestAClosedAccount:
    def test_suspends_its_phones(self, world: World):
        phone = world.leased()
        close_user(world.owner, actor=world.actor, at=timezone.now())

        phone.deliver(world.rights()[0])
        phone.push()
        phone.pull()

        assert [d["code"] for d in phone.decisions] == ["device.suspended"]
        with pytest.raises(RefusedByServerError, match=r"device\.suspended"):
            phone.fetch()


class TestAPhoto:
    def test_goes_on_from_where_it_was_cut(self, world: World):
        from sandbox.phones.sealing import BLOB_CONTEXT, seal

        phone = world.confirmed()
        sealed = seal(b"\x89" * 200_000, BLOB_CONTEXT)
        phone.upload_sealed(sealed, part=65_536, stop_after=2)
        phone.upload_sealed(sealed, part=65_536)

        answer = phone.request("HEAD", f"/api/v1/blobs/{sealed.sha256.hex()}")
        assert answer.headers["Upload-Complete"] == "?1"
        from betang.keys import blobs

        assert blobs.fetch(sealed.sha256) == b"\x89" * 200_000
