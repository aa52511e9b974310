"""Whatever comes in, a clear refusal goes out: never a 500, never a row for what is forged."""

import json
import random
import string
from contextlib import suppress

import httpx
import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from betang.accounts import devices
from betang.core import jose
from betang.core.actor import SYSTEM
from betang.core.event import envelope, kinds
from betang.core.event.said.members import MalformedDataError
from betang.keys.init import init
from betang.sync.models import Decision, FieldEvent
from sandbox.phones.phone import Phone
from tests.conftest import PATIENCE_S
from tests.sync.world import World, make_world

NAMES = (
    *("entitlement", "card", "taps", "uid", "counter", "mac", "point", "lat", "lng"),
    *("accuracy_m", "items", "village", "cycle", "collector", "attachment", "photos"),
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text(max_size=20)
    | st.sampled_from(["\0", "2026-11-12T00:00:00.000Z", "0" * 64, "6201011001", "head"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(NAMES) | st.text(max_size=5),
            inner,
            max_size=6,
        )
    ),
    max_leaves=12,
)
QUIET = settings(
    max_examples=250, deadline=None, suppress_health_check=list(HealthCheck), database=None
)


PATHS = (
    *("events", "taps", "claims/reserve", "devices/enrol", "device", "bundle"),
    *("decisions?after=x", "decisions?after=" + "9" * 30, f"blobs/{'0' * 64}", "blobs/zz"),
)


class TestReading:
    @seed(62)
    @settings(max_examples=3000, deadline=None, database=None)
    @given(st.sampled_from(sorted(kinds.KINDS)), JSON)
    def test_the_data_of_a_kind_are_read_or_refused(self, kind, data):
        if isinstance(data, dict):
            with suppress(MalformedDataError):
                kinds.read(kind, data)

    @seed(62)
    @settings(max_examples=3000, deadline=None, database=None)
    @given(st.binary(max_size=200) | JSON.map(lambda v: json.dumps(v).encode()))
    def test_a_payload_never_raises(self, content):
        event = envelope.read(content, "7K3M9QXA")

        assert event.problem or event.seq

    @seed(62)
    @settings(max_examples=1000, deadline=None, database=None)
    @given(st.text(max_size=80) | st.text(alphabet=string.ascii_letters + "._-=", max_size=80))
    def test_a_jws_is_split_or_refused(self, text):
        with suppress(jose.NotAJwsError):
            jose.split(text)


class TestAuthenticEvents:
    @seed(62)
    @QUIET
    @given(kind=st.sampled_from(sorted(kinds.KINDS)), data=JSON)
    def test_with_any_data_leave_one_event_and_one_decision(self, world: World, kind, data):
        phone = world.phones[0] if world.phones else world.leased()
        before = (FieldEvent.objects.count(), Decision.objects.count())
        data = data if isinstance(data, dict) else {"odd": data}
        queued = phone.sign(kind, data)

        told = phone.send([queued])

        (answer,) = told["answers"]
        assert answer["answer"] == "stored"
        after = (FieldEvent.objects.count(), Decision.objects.count())
        assert after == (before[0] + 1, before[1] + 1)

    @seed(62)
    @QUIET
    @given(body=JSON)
    def test_bodies_of_any_shape_are_refused(self, world: World, body):
        phone = world.phones[0] if world.phones else world.leased()
        content = json.dumps(body).encode()

        for path in ("/api/v1/events", "/api/v1/taps", "/api/v1/claims/reserve"):
            answer = phone.request("POST", path, content)
            assert 400 <= answer.status_code < 500, answer.text
            assert set(answer.json()) >= {"code", "sentence", "do"}


@pytest.mark.server
class TestTheRunningServer:
    def test_answers_a_thousand_malformed_requests_without_a_500(self, live_betang, budi, wati):
        init(actor=SYSTEM, at=timezone.now())
        world = make_world(budi, wati, families=2)
        live_betang.start("site")
        with httpx.Client(
            base_url=live_betang.origin, timeout=PATIENCE_S, trust_env=False
        ) as client:
            self.check(live_betang, world, client, budi)

    def check(self, live_betang, world, client, budi) -> None:
        phone = world.phone(origin=live_betang.origin, client=client)
        devices.confirm(
            world.device(phone), words=phone.words, areas=[62], actor=budi, at=timezone.now()
        )
        dice = random.Random(62)
        statuses = {}

        for n in range(1000):
            answer = self.bad_request(n, dice, phone, client)
            statuses[answer.status_code] = statuses.get(answer.status_code, 0) + 1
            assert answer.status_code < 500, (n, answer.status_code, answer.text[:300])
            if (
                answer.content
                and answer.status_code >= 400
                and answer.headers.get("Content-Type") == "application/json"
            ):
                assert set(answer.json()) >= {"code", "sentence", "do"}

        assert FieldEvent.objects.count() == 0
        assert "Traceback" not in live_betang.log.read_text()
        assert phone.ping()

    def bad_request(self, n: int, dice: random.Random, phone: Phone, client: httpx.Client):
        path = "/api/v1/" + dice.choice(PATHS)
        method = dice.choice(["POST", "GET", "PATCH", "PUT", "DELETE", "HEAD"])
        body = self.noise(dice, phone)
        if n % 3 == 0:
            garbage = "".join(dice.choices(string.ascii_letters + "._-", k=dice.randint(0, 300)))
            return client.request(method, path, content=body, headers={"DPoP": garbage or "x"})
        if n % 3 == 1:
            headers = {"DPoP": phone.proof(method, path, body + b"x" * dice.randint(0, 1))}
            return client.request(method, path, content=body, headers=headers)
        headers = {"Upload-Offset": dice.choice(["0", "-1", "x", "9" * 20]), "Upload-Length": "5"}
        return phone.request(method, path, body, headers=headers)

    def noise(self, dice: random.Random, phone: Phone) -> bytes:
        jws = ".".join(jose.to_b64u(dice.randbytes(dice.randint(0, 40))) for _ in range(3))
        sealed = jose.to_b64u(dice.randbytes(dice.randint(0, 150)))
        item = {"jws": jws, "attachment": {"ciphertext": sealed, "key": sealed}}
        noises = (
            dice.randbytes(dice.randint(0, 500)),
            b'{"events":' + b"[" * dice.randint(1, 2000),
            json.dumps({"events": [{"jws": jws}] * dice.randint(0, 130)}).encode(),
            json.dumps({"events": [item], "batch_key": {"sealed": sealed}}).encode(),
            json.dumps({"uid": "04" * 7, "counter": dice.randint(-9, 9), "mac": 1}).encode(),
            json.dumps({"code": "\0" * 3, "app_version": [], "has_nfc": 1}).encode(),
            b"null",
        )
        return dice.choice(noises)
