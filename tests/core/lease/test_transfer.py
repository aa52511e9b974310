"""Rights handed from phone to phone, against `vectors/transfer.json`: refusals first."""

import json
import zlib
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given as given_any
from hypothesis import strategies as st

from betang.core.clock import from_wire
from betang.core.crypto import signing
from betang.core.event import envelope
from betang.core.lease import frames, handoff, rights
from tests.core.lease import transfer_vectors as made

VECTORS = json.loads((Path(__file__).parents[3] / "vectors" / "transfer.json").read_text())
KEYS = {one["kid"]: signing.load_public_key(bytes.fromhex(one["point"])) for one in VECTORS["ring"]}


def collected(texts: list[str]) -> bytes:
    whole = None
    parts = frames.Collected()
    for text in texts:
        whole = parts.add(text)
    assert whole is not None
    return whole


def read(texts: list[str], at: datetime) -> handoff.Handoff:
    offer = handoff.read_offer(VECTORS["offer"]["text"])
    return handoff.read(collected(texts), keys=KEYS.get, offer=offer, at=at)


class TestWhatIsShown:
    @pytest.mark.parametrize("case", VECTORS["refused"], ids=lambda case: case["name"])
    def test_is_refused(self, case: dict):
        with pytest.raises(handoff.HandoffRefusedError, match=f"^{case['code']}$"):
            read(case["frames"], from_wire(case["at"]))

    @pytest.mark.parametrize("text", VECTORS["not_offers"])
    def test_is_no_offer(self, text: str):
        with pytest.raises(frames.NotAFrameError):
            handoff.read_offer(text)

    @pytest.mark.parametrize("text", VECTORS["not_frames"])
    def test_is_no_frame(self, text: str):
        with pytest.raises(frames.NotAFrameError):
            frames.read_frame(text)

    def test_is_read_in_any_order(self):
        good = VECTORS["good"]

        told = read(good["frames"][::-1], from_wire(VECTORS["at"]))

        assert told.giver == VECTORS["giver"]["dev"]
        assert [str(one.lease) for one in told.given] == [one["makes"] for one in good["transfers"]]
        assert [[str(r) for r in one.said.rights] for one in told.given] == [
            one["rights"] for one in good["transfers"]
        ]
        assert told.families == good["families"]

    def test_a_frame_out_of_another_whole_does_not_fit(self):
        texts = VECTORS["good"]["frames"]
        whole = collected(texts)
        changed = frames.split(whole[:-1] + bytes([whole[-1] ^ 1]))
        tag = sha256(whole).digest()[: frames.TAG_BYTES]
        last = frames.read_frame(changed[-1])
        place = last.n.to_bytes(2) + last.of.to_bytes(2)
        forged = frames.write(frames.FRAME, tag + place + last.chunk)

        with pytest.raises(frames.NotAFrameError, match="fit together"):
            collected([*texts[:-1], forged])

    def test_a_bomb_is_refused(self):
        bomb = zlib.compress(bytes(8 * handoff.UNFOLDED_MAX), 9)
        offer = handoff.read_offer(VECTORS["offer"]["text"])

        with pytest.raises(handoff.HandoffRefusedError, match="malformed"):
            handoff.read(bomb, keys=KEYS.get, offer=offer, at=from_wire(VECTORS["at"]))

    @given_any(st.binary(max_size=300))
    def test_is_refused_or_read_whatever_it_is(self, data: bytes):
        offer = handoff.read_offer(VECTORS["offer"]["text"])
        with pytest.raises(handoff.HandoffRefusedError):
            handoff.read(data, keys=KEYS.get, offer=offer, at=from_wire(VECTORS["at"]))

    @given_any(st.binary(min_size=1, max_size=3000), st.randoms())
    def test_frames_come_together_however_they_are_seen(self, whole: bytes, random):
        texts = frames.split(whole)
        seen = [*texts, *random.choices(texts, k=5)]
        random.shuffle(seen)
        parts = frames.Collected()

        assert whole in [parts.add(text) for text in seen]


class TestAReceipt:
    def test_is_the_receivers_and_for_these_rights(self):
        offer = handoff.read_offer(VECTORS["offer"]["text"])
        given = read(VECTORS["good"]["frames"], from_wire(VECTORS["at"])).given

        assert handoff.read_receipt(VECTORS["receipt"]["text"], offer=offer, given=given)
        for other in VECTORS["receipt"]["others"]:
            assert not handoff.read_receipt(other, offer=offer, given=given)


class TestAnEventOfManyRights:
    def test_fits_into_the_receivers_event(self):
        many = [made.UUID(int=(n + 1) << 50) for n in range(rights.RIGHTS_MAX)]
        jws = made.event(rights=rights.write_rights(many))
        payload = envelope.payload(
            dev=made.TAKER,
            seq=envelope.SEQ_MAX,
            prev=bytes(32),
            id=made.LEASE,
            type="lease.received",
            at=made.AT,
            mono_ms=envelope.SEQ_MAX,
            lease=made.LEASE,
            data={"transfer": jws},
        )

        assert len(payload) <= envelope.PAYLOAD_BYTES_MAX
        with pytest.raises(ValueError, match="not a list"):
            rights.read_rights(rights.write_rights([*many, made.CYCLE]))

    def test_the_vectors_are_what_is_made(self):
        again = made.make()

        assert again["offer"] == VECTORS["offer"]
        assert again["good"]["families"] == VECTORS["good"]["families"]
        assert again["good"]["transfers"][0]["makes"] == VECTORS["good"]["transfers"][0]["makes"]
        assert [one["name"] for one in again["refused"]] == [
            one["name"] for one in VECTORS["refused"]
        ]
