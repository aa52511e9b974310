"""A return file is read to its last byte, and each row says what in it cannot be read."""

from datetime import UTC, datetime
from io import BytesIO
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from betang.core.bureau.return_file import ReturnRefusedError, read_return, return_lines

RUN = UUID("01a20c9f-0fc6-7667-8fa8-9f7db1f46fbc")
NOON = datetime(2026, 11, 12, 5, tzinfo=UTC)
UID = bytes.fromhex("04A1B2C3D4E5F6")
ROWS = [("62718033989201", UID, 1, "ok", ""), ("62718033989202", None, 1, "spoilt", "print")]
WHOLE = b"".join(return_lines(RUN, NOON, ROWS, len(ROWS)))


def read(content: bytes):
    head, rows = read_return(BytesIO(content))
    return head, list(rows)


def test_gives_what_was_written():
    head, rows = read(WHOLE)

    assert (head.run, head.made_at, head.count) == (RUN, NOON, 2)
    assert [tuple(row) for row in rows] == [(3, *ROWS[0], ""), (4, *ROWS[1], "")]


@given(st.integers(0, len(WHOLE) - 1))
def test_refuses_it_cut_anywhere(place):
    with pytest.raises(ReturnRefusedError):
        read(WHOLE[:place])


@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 255))
def test_refuses_it_with_any_byte_altered(place, flip):
    altered = bytearray(WHOLE)
    altered[place] ^= flip

    with pytest.raises(ReturnRefusedError):
        read(bytes(altered))


@pytest.mark.parametrize("more", [b"\n", b"62718033989203,,1,spoilt,print\n"])
def test_refuses_anything_behind_its_end(more):
    with pytest.raises(ReturnRefusedError, match=r"return\.altered"):
        read(WHOLE + more)


@given(st.binary(max_size=400))
def test_refuses_anything_else(content):
    with pytest.raises(ReturnRefusedError):
        read(content)


@pytest.mark.parametrize("version", ["0", "2"])
def test_refuses_another_version(version):
    with pytest.raises(ReturnRefusedError, match=r"return\.not_ours 1"):
        read(WHOLE.replace(b"betang-return,1", f"betang-return,{version}".encode()))


def test_refuses_a_time_without_a_zone():
    with pytest.raises(ReturnRefusedError, match=r"return\.not_ours 1"):
        read(WHOLE.replace(b".000Z", b""))


def test_refuses_another_number_of_rows():
    with pytest.raises(ReturnRefusedError, match=r"return\.count"):
        read(b"".join(return_lines(RUN, NOON, ROWS, 3)))


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (("62718033989201", UID, 256, "ok", ""), "row.key_version"),
        (("6271803398920", UID, 1, "ok", ""), "row.card_number"),
        (("62718033989201", b"\x05" + UID[1:], 1, "ok", ""), "row.uid"),
        (("62718033989201", None, 1, "ok", ""), "row.uid"),
        (("62718033989201", UID, 1, "fine", ""), "row.result"),
        (("62718033989201", UID, 1, "ok", "print"), "row.reason"),
        (("62718033989201", UID, 1, "spoilt", ""), "row.reason"),
        (("62718033989201", UID, 1, "ok", ",x"), "row.fields"),
    ],
)
def test_says_what_in_a_row_cannot_be_read(row, fault):
    _, (told,) = read(b"".join(return_lines(RUN, NOON, [row], 1)))

    assert (told.line, told.fault, told.uid) == (3, fault, None)


def test_takes_line_ends_of_windows_where_the_sum_was_made_over_them():
    from hashlib import sha256

    body = WHOLE[: WHOLE.rindex(b"sha256,")].replace(b"\n", b"\r\n")

    _, rows = read(body + f"sha256,{sha256(body).hexdigest()}\r\n".encode())

    assert [row.fault for row in rows] == ["", ""]
