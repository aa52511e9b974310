"""The revocation list: refused first, then read, then held."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from betang.core.card.cose import Sealer
from betang.core.card.revocation import ListRefusedError, RevocationList, read_list
from betang.core.crypto.keyring import Algorithm, Keyring, Purpose, RingKey
from betang.core.crypto.signing import dump_public_key, new_private_key, sign
from tests.core.card.vectors import b64u, read, ring_of, unix

VECTORS = read("revocation.json")
RING = ring_of(VECTORS["ring"])
ISSUER = VECTORS["issuer"]
NOON = datetime(2026, 11, 12, 5, 0, tzinfo=UTC)


def a_list(seq: int = 5, since: int = 0, revoked: str = "", superseded: str = "") -> RevocationList:
    return RevocationList(
        ISSUER, seq, NOON, since, frozenset(revoked.split()), frozenset(superseded.split())
    )


class TestReadList:
    @pytest.mark.parametrize("case", VECTORS["refused"], ids=lambda case: case["name"])
    def test_refuses_each_published_case_with_its_code(self, case):
        with pytest.raises(ListRefusedError) as refused:
            read_list(b64u(case["list"]), RING, issuer=ISSUER)

        assert refused.value.code == case["code"]

    @seed(62)
    @settings(max_examples=1000)
    @given(st.binary(max_size=300))
    def test_refuses_any_bytes(self, data):
        with pytest.raises(ListRefusedError):
            read_list(data, RING, issuer=ISSUER)

    @pytest.mark.parametrize("case", VECTORS["valid"], ids=lambda case: case["name"])
    def test_reads_each_published_case(self, case):
        held = read_list(b64u(case["list"]), RING, issuer=ISSUER)

        assert case["reads"] == {
            "seq": held.seq,
            "since": held.since,
            "issued_at": unix(held.issued_at),
            "revoked": sorted(held.revoked),
            "superseded": sorted(held.superseded),
        }

    @pytest.mark.parametrize("payload", ["", "f4", "a10101"])
    def test_refuses_a_signed_payload_that_is_no_list(self, payload):
        key = new_private_key()
        public = dump_public_key(key.public_key())
        facts = (7, Purpose.LIST, 1, Algorithm.ES256, public, NOON, NOON + timedelta(days=1))
        sealer = Sealer(Purpose.LIST, 7, lambda message: sign(key, message))
        data = sealer.message(bytes.fromhex(payload))

        with pytest.raises(ListRefusedError, match=r"list\.malformed"):
            read_list(data, Keyring.of([RingKey(*facts)]), issuer=ISSUER)


class TestAfter:
    def test_refuses_a_rollback(self):
        with pytest.raises(ListRefusedError, match=r"list\.older"):
            a_list(seq=4).after(a_list(seq=5))

    @pytest.mark.parametrize("held", [None, a_list(seq=5), a_list(seq=7, since=6)])
    def test_refuses_a_delta_on_what_is_not_held(self, held):
        with pytest.raises(ListRefusedError, match=r"list\.gap"):
            a_list(seq=8, since=6).after(held)

    def test_a_complete_list_replaces_all(self):
        assert a_list(seq=6, revoked="b").after(a_list(revoked="a")) == a_list(seq=6, revoked="b")

    def test_a_delta_adds(self):
        held = a_list(seq=6, revoked="a", superseded="b c")

        merged = a_list(seq=8, since=6, revoked="c").after(held)

        assert merged == a_list(seq=8, revoked="a c", superseded="b")


class TestSays:
    def test_nothing_of_a_card_that_is_not_named(self):
        assert a_list(revoked="a").says("z") is None

    def test_why_a_card_is_named(self):
        held = a_list(revoked="a", superseded="b")

        assert held.says("a") == "card.revoked"
        assert held.says("b") == "card.superseded"


@pytest.mark.parametrize("case", VECTORS["ages"], ids=lambda case: str(case["days"]))
def test_ages_are_whole_days(case):
    issued = datetime.fromtimestamp(case["issued_at"], UTC)
    held = RevocationList(ISSUER, 1, issued, 0, frozenset(), frozenset())

    assert held.age_days(datetime.fromtimestamp(case["at"], UTC)) == case["days"]
