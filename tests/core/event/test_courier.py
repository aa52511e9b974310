"""Export files and acknowledgements, read strictly; the cases are shared with the app."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, seed
from hypothesis import strategies as st

from betang.core.crypto import signing
from betang.core.crypto.sealing import NotSealedToUsError, open_sealed_to
from betang.core.event import courier
from tests.core.card.vectors import read

VECTORS = read("courier.json")
KEY = signing.new_private_key()
NOON = datetime(2026, 11, 12, 5, tzinfo=UTC)
TOLD = courier.Acknowledgement(
    "7K3M9QXA", NOON, bytes(32), 2, [(1, bytes(32), "stored", None), (2, b"x" * 32, "refused", "a")]
)


def written(told: courier.Acknowledgement = TOLD) -> bytes:
    return courier.write_acknowledgement(told, 8, lambda message: signing.sign(KEY, message))


class TestAnExport:
    EXPORT = courier.Export("7K3M9QXA", NOON, [{"events": [{"jws": "a.b.c"}]}])

    def test_is_opened_by_nobody_else(self):
        file = courier.write_export(self.EXPORT, kid=9, seal_key=KEY.public_key())
        sealed = courier.read_envelope(file)

        with pytest.raises(NotSealedToUsError):
            open_sealed_to(signing.new_private_key(), sealed, context=courier.CONTEXT)
        with pytest.raises(NotSealedToUsError):
            open_sealed_to(KEY, sealed, context=b"betang/seal/1")
        with pytest.raises(NotSealedToUsError):
            open_sealed_to(KEY, sealed[:-1] + bytes([sealed[-1] ^ 1]), context=courier.CONTEXT)
        assert b"7K3M9QXA" not in file

    def test_is_read_as_it_was_written(self):
        file = courier.write_export(self.EXPORT, kid=9, seal_key=KEY.public_key())
        content = open_sealed_to(KEY, courier.read_envelope(file), context=courier.CONTEXT)

        assert courier.read_content(content) == self.EXPORT

    @pytest.mark.parametrize(
        "content",
        [
            b"", b"[]", b"null", b'{"v":1}', b'{"v":2,"dev":"A","made_at":"x","bodies":[{}]}',
            b'{"v":1,"dev":"A","made_at":"2026-11-12T05:00:00.000Z","bodies":[]}',
            b'{"v":1,"dev":"A","made_at":"2026-11-12T05:00:00.000Z","bodies":[1]}',
            b'{"v":1,"dev":7,"made_at":"2026-11-12T05:00:00.000Z","bodies":[{}]}',
            b'{"v":1,"dev":"A","made_at":"yesterday","bodies":[{}]}',
            json.dumps({"v": 1, "dev": "A", "made_at": "2026-11-12T05:00:00.000Z",
                        "bodies": [{}] * 101}).encode(),
        ],
    )  # fmt: skip
    def test_of_another_content_is_refused(self, content):
        with pytest.raises(courier.NotAnExportError):
            courier.read_content(content)

    @seed(62)
    @given(st.binary(max_size=300))
    def test_of_any_bytes_is_read_or_refused(self, data):
        for reading in (courier.read_envelope, courier.read_content):
            with pytest.raises(courier.NotAnExportError):
                reading(data)


class TestAnAcknowledgement:
    @pytest.mark.parametrize("case", VECTORS["refused"], ids=lambda case: case["name"])
    def test_of_the_shared_cases_is_refused(self, case):
        key = signing.load_public_key(bytes.fromhex(VECTORS["key"]))

        with pytest.raises(courier.NotAnAcknowledgementError):
            courier.read_acknowledgement(case["file"].encode(), key)

    def test_of_the_shared_cases_is_read(self):
        key = signing.load_public_key(bytes.fromhex(VECTORS["key"]))

        told = courier.read_acknowledgement(VECTORS["good"].encode(), key)

        assert told.dev == VECTORS["dev"]
        assert [(seq, answer, code) for seq, _, answer, code in told.answers] == [
            (one["seq"], one["answer"], one.get("code")) for one in VECTORS["answers"]
        ]

    def test_by_another_key_is_refused(self):
        with pytest.raises(courier.NotAnAcknowledgementError):
            courier.read_acknowledgement(written(), signing.new_private_key().public_key())

    def test_is_read_as_it_was_written(self):
        assert courier.read_acknowledgement(written(), KEY.public_key()) == TOLD

    @seed(62)
    @given(st.integers(0, len(written()) - 1), st.integers(1, 255))
    def test_with_an_altered_byte_says_the_same_or_is_refused(self, at, change):
        file = bytearray(written())
        file[at] ^= change
        try:
            told = courier.read_acknowledgement(bytes(file), KEY.public_key())
        except courier.NotAnAcknowledgementError:
            return
        assert told == TOLD
