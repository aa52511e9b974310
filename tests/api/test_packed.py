"""JSON that travels packed, bundles without what is held, answers without what is known."""

import gzip
from typing import Any

import httpx
import orjson
import pytest

from betang.api.answer import BODY_BYTES_MAX
from betang.distribution.models import Entitlement
from betang.sync.models import FieldEvent
from sandbox.phones.bundle import KEPT_SECTIONS
from sandbox.phones.phone import Phone
from tests.sync.world import World

PACKED = {"Content-Type": "application/json", "Content-Encoding": "gzip"}


def post(phone: Phone, body: bytes, **headers: str) -> tuple[int, str]:
    answer = phone.request("POST", "/api/v1/events", body, headers=PACKED | headers)
    return answer.status_code, str(answer.json().get("code"))


def get(phone: Phone, path: str, accept: str) -> httpx.Response:
    return phone.request("GET", path, headers={"Accept-Encoding": accept})


class TestAPackedBody:
    @pytest.mark.parametrize(
        "spoilt",
        [
            pytest.param(lambda told: told, id="not packed"),
            pytest.param(lambda told: gzip.compress(told)[:-1], id="cut off"),
            pytest.param(lambda told: gzip.compress(told) + b"x", id="more behind it"),
            pytest.param(lambda told: gzip.compress(told) * 2, id="two in one"),
            pytest.param(lambda told: b"", id="empty"),
        ],
    )
    def test_that_does_not_unpack_is_refused(self, world: World, spoilt: Any):
        phone = world.leased()
        phone.deliver(world.rights()[0])

        assert post(phone, spoilt(phone.body(phone.queue))) == (400, "body.malformed")
        assert not FieldEvent.objects.exists()

    def test_that_unfolds_beyond_the_limit_is_refused(self, world: World):
        bomb = gzip.compress(b" " * (BODY_BYTES_MAX + 1))

        assert len(bomb) < 10_000
        assert post(world.leased(), bomb) == (413, "body.too_large")

    def test_in_another_way_is_refused(self, world: World):
        told = post(world.leased(), b"{}", **{"Content-Encoding": "br"})

        assert told == (415, "body.encoding")

    def test_is_proved_as_it_travels(self, world: World):
        phone = world.leased()
        phone.deliver(world.rights()[0])
        plain = phone.body(phone.queue)
        assert phone.client is not None
        headers = PACKED | {"DPoP": phone.proof("POST", "/api/v1/events", plain)}

        answer = phone.client.post("/api/v1/events", content=gzip.compress(plain), headers=headers)

        assert (answer.status_code, answer.json()["code"]) == (401, "proof.wrong_request")

    def test_is_read_as_if_it_were_not(self, world: World):
        phone = world.leased()
        phone.deliver(world.rights()[0])

        status, _ = post(phone, gzip.compress(phone.body(phone.queue)))

        assert status == 200
        assert FieldEvent.objects.get().state == "applied"


class TestAnAnswer:
    @pytest.mark.parametrize("accept", ["identity", "gzip;q=0", "gzip; q=0.0", "br, deflate", ""])
    def test_is_not_packed_for_who_cannot_unpack(self, world: World, accept):
        answer = get(world.leased(), "/api/v1/bundle", accept)

        assert "Content-Encoding" not in answer.headers
        assert len(answer.json()["households"]) == 12

    @pytest.mark.parametrize("accept", ["gzip", "GZIP", "br;q=1.0, gzip;q=0.5", "deflate, gzip"])
    def test_is_packed_for_who_can(self, world: World, accept):
        answer = get(world.leased(), "/api/v1/bundle", accept)

        assert answer.headers["Content-Encoding"] == "gzip"
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert answer.num_bytes_downloaded < len(answer.content) / 2
        assert len(answer.json()["households"]) == 12

    def test_of_a_few_bytes_is_not_worth_it(self, world: World):
        answer = get(world.leased(), "/api/v1/ping", "gzip")

        assert "Content-Encoding" not in answer.headers
        assert answer.headers["Accept-Encoding"] == "gzip"  # so may bodies come

    def test_leaves_out_what_the_device_knows_if_it_says_so(self, world: World):
        phone = world.leased()
        phone.brief = True
        phone.deliver(world.rights()[0])

        (told,) = phone.push()
        (decision,) = phone.pull()

        assert told == {"n": 0, "seq": 1, "answer": "stored"}
        assert decision["seq"] == 1
        assert not {"event", "event_sha256"} & decision.keys()

    def test_still_says_which_of_two_records_at_one_place(self, world: World):
        phone = world.leased()
        phone.brief = True
        twin = phone.clone()
        phone.deliver(world.rights()[0])
        twin.deliver(world.rights()[1])
        phone.push()
        twin.push()

        told = phone.pull()

        assert {line["seq"] for line in told} == {1}
        assert len({line["event_sha256"] for line in told}) == 2


class TestABundleSince:
    def ask(self, phone: Phone, since: str, keep: str) -> dict[str, Any]:
        answer = phone.request("GET", f"/api/v1/bundle?since={since}&keep={keep}")
        told: dict[str, Any] = orjson.loads(answer.content)
        return told

    def test_is_whole_for_a_device_that_keeps_nothing(self, world: World):
        phone = world.leased()
        before = phone.bundle["version"]
        phone.deliver(world.rights()[0])
        phone.push()

        told = self.ask(phone, before, "")

        assert told["kept"] == []
        assert set(KEPT_SECTIONS) <= told.keys()

    @pytest.mark.parametrize("since", ["", "0" * 64, "x", ".", "a.b.c.d.e.f.g.h.i.j.k.l"])
    def test_is_whole_for_a_version_that_is_not_ours(self, world: World, since):
        told = self.ask(world.leased(), since, ",".join(KEPT_SECTIONS))

        assert told["kept"] == []
        assert set(KEPT_SECTIONS) <= told.keys()

    def test_brings_only_the_sections_that_changed(self, world: World):
        phone = world.leased()
        before = phone.bundle
        phone.deliver(world.rights()[0])
        phone.push()

        told = self.ask(phone, before["version"], ",".join(KEPT_SECTIONS))

        assert not told["unchanged"]
        assert sorted(told["kept"]) == sorted(set(KEPT_SECTIONS) - {"entitlements"})
        assert "households" not in told
        states = [one["state"] for one in told["entitlements"]]
        assert states.count("delivered") == 1

    def test_put_together_is_the_bundle_that_comes_whole(self, world: World):
        phone = world.leased()
        Entitlement.objects.filter(uuid=world.rights()[0]).update(parts_allowed=2)

        phone.fetch()

        whole = self.ask(phone, "", "")
        assert phone.bundle["kept"]
        for name in KEPT_SECTIONS:
            assert phone.bundle[name] == whole[name]
        assert phone.bundle["version"] == whole["version"]
