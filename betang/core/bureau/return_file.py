"""The return file of the bureau: which card got which chip, and which were spoilt.

    betang-return,1,<run>,<made at>,<rows>
    card_number,uid,key_version,result,reason
    62718033989201,04A1B2C3D4E5F6,1,ok,
    62718033989202,,1,spoilt,print
    sha256,<of every byte before this line>

The last line tells a truncated or altered file; it does not tell who wrote it. A row that cannot be
read is given with its fault, so that the rest can be judged.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, BinaryIO, NamedTuple
from uuid import UUID

from betang.core.clock import to_wire

MAGIC, VERSION, SUM = "betang-return", "1", "sha256"
COLUMNS = "card_number,uid,key_version,result,reason"
OK, SPOILT = "ok", "spoilt"
#: Why a card was spoilt: its print, its chip, or the plastic.
SPOILT_REASONS = frozenset({"print", "chip", "card"})
#: A row has at most 44 bytes, the head 90; a longer line is no line of ours.
LINE_BYTES_MAX = 200
UID_BYTES = 7
_CARD_NUMBER = re.compile(r"62[0-9]{12}")
#: Seven bytes, the first NXP's (ISO/IEC 7816-6).
_UID = re.compile(r"04[0-9A-Fa-f]{12}")
_KEY_VERSION = re.compile(r"[0-9]{1,3}")


class ReturnRefusedError(Exception):
    """The file as a whole cannot be taken.

    `code`: `return.not_ours`, `return.cut_off`, `return.altered`, `return.count`; `line` is where.
    """

    def __init__(self, code: str, line: int) -> None:
        super().__init__(f"{code} {line}")
        self.code, self.line = code, line


@dataclass(frozen=True, slots=True)
class ReturnHead:
    """What the first line says."""

    run: UUID
    made_at: datetime
    count: int


class ReturnRow(NamedTuple):
    """One row; `fault` says what in it cannot be read (empty: nothing)."""

    line: int
    card_number: str
    uid: bytes | None
    key_version: int
    result: str
    reason: str
    fault: str = ""


def read_return(file: BinaryIO) -> tuple[ReturnHead, Iterator[ReturnRow]]:
    """Read the head of a return file, and give its rows, whose end is checked when it is reached.

    Raises `ReturnRefusedError`, at once or from the rows: whoever stores rows does so in one
    transaction.
    """
    hashed = sha256()
    first = _line(file, 1)
    hashed.update(first)
    head = _head(first)
    second = _line(file, 2)
    hashed.update(second)
    if second.rstrip(b"\r\n") != COLUMNS.encode():
        raise ReturnRefusedError("return.not_ours", 2)
    return head, _rows(file, head, hashed.copy())


def return_lines(
    run: UUID,
    made_at: datetime,
    rows: Iterable[tuple[str, bytes | None, int, str, str]],
    count: int,
) -> Iterator[bytes]:
    """Write a return file, line by line; `rows` as in `ReturnRow` without line and fault."""
    hashed = sha256()

    def line(*fields: str) -> bytes:
        written = f"{','.join(fields)}\n".encode()
        hashed.update(written)
        return written

    yield line(MAGIC, VERSION, str(run), to_wire(made_at), str(count))
    yield line(COLUMNS)
    for number, uid, key_version, result, reason in rows:
        yield line(number, (uid or b"").hex().upper(), str(key_version), result, reason)
    yield f"{SUM},{hashed.hexdigest()}\n".encode()


def _rows(file: BinaryIO, head: ReturnHead, hashed: Any) -> Iterator[ReturnRow]:
    number, prefix = 2, f"{SUM},".encode()
    while True:
        number += 1
        line = _line(file, number)
        if line.startswith(prefix):
            break
        hashed.update(line)
        yield _row(number, line)
    if line.rstrip(b"\r\n") != prefix + hashed.hexdigest().encode() or file.read(1):
        raise ReturnRefusedError("return.altered", number)
    if number - 3 != head.count:
        raise ReturnRefusedError("return.count", 1)


def _line(file: BinaryIO, number: int) -> bytes:
    line = file.readline(LINE_BYTES_MAX)
    if not line.endswith(b"\n"):
        raise ReturnRefusedError("return.cut_off" if number > 1 else "return.not_ours", number)
    return line


def _head(line: bytes) -> ReturnHead:
    fields = line.decode("utf-8", "replace").rstrip("\r\n").split(",")
    try:
        magic, version, run, made_at, count = fields
        head = ReturnHead(UUID(run), datetime.fromisoformat(made_at), int(count))
    except ValueError as error:
        raise ReturnRefusedError("return.not_ours", 1) from error
    if (magic, version) != (MAGIC, VERSION) or head.made_at.tzinfo is None:
        raise ReturnRefusedError("return.not_ours", 1)
    return head


def _row(number: int, line: bytes) -> ReturnRow:
    fields = line.decode("utf-8", "replace").rstrip("\r\n").split(",")
    card = fields[0] if _CARD_NUMBER.fullmatch(fields[0]) else ""
    if len(fields) != 5:
        return ReturnRow(number, card, None, 0, "", "", "row.fields")
    _, uid, version, result, reason = fields
    fault = _fault(card, uid, version, result, reason)
    if fault:
        return ReturnRow(number, card, None, 0, "", "", fault)
    return ReturnRow(number, card, bytes.fromhex(uid) or None, int(version), result, reason)


def _fault(card: str, uid: str, version: str, result: str, reason: str) -> str:
    """Say what in a row cannot be read; the first thing, from left to right."""
    if not card:
        return "row.card_number"
    if not (_UID.fullmatch(uid) or (uid == "" and result == SPOILT)):
        return "row.uid"
    if not _KEY_VERSION.fullmatch(version) or int(version) > 255:
        return "row.key_version"
    if result not in {OK, SPOILT}:
        return "row.result"
    if (result == SPOILT) != (reason in SPOILT_REASONS) or (result == OK and reason):
        return "row.reason"
    return ""
