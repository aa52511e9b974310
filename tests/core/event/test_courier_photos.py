"""Files of photos, read strictly; the cases are shared with the app."""

import pytest
from hypothesis import given, seed
from hypothesis import strategies as st

from betang.core.crypto import signing
from betang.core.event import courier
from betang.core.event.courier_photos import Photo, Photos, is_photos, read_photos, write_photos
from tests.core.card.vectors import read

VECTORS = read("courier_photos.json")
TOLD = Photos(
    VECTORS["dev"],
    [
        Photo(one["seq"], bytes.fromhex(one["sha256"]), one["key"], bytes.fromhex(one["bytes"]))
        for one in VECTORS["photos"]
    ],
)


@pytest.mark.parametrize("case", VECTORS["refused"], ids=lambda case: case["name"])
def test_a_file_of_the_shared_cases_is_refused(case):
    with pytest.raises(courier.NotAnExportError):
        read_photos(case["file"].encode())


@pytest.mark.parametrize("data", [b"", b"[]", b"null", b'{"v":1}', b'{"betang":"photos"}'])
def test_what_is_no_file_of_photos_is_refused(data):
    with pytest.raises(courier.NotAnExportError):
        read_photos(data)


@seed(62)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data):
    assert not is_photos(data)
    with pytest.raises(courier.NotAnExportError):
        read_photos(data)


def test_the_shared_file_is_read_as_it_was_written():
    assert is_photos(VECTORS["file"].encode())
    assert read_photos(VECTORS["file"].encode()) == TOLD
    assert write_photos(TOLD).decode() == VECTORS["file"]


def test_the_shared_acknowledgement_names_the_first_photo():
    key = signing.load_public_key(bytes.fromhex(VECTORS["key"]))

    told = courier.read_acknowledgement(VECTORS["acknowledgement"].encode(), key)

    assert told.answers == []
    assert told.photos == (TOLD.photos[0].sha256,)
    assert told.export_sha256 == courier.digest_of(VECTORS["file"].encode())
