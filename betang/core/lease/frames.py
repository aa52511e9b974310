"""What two phones show each other as QR codes: one code, or a sequence of numbered frames.

All texts are upper-case Base45 behind five characters, so that a code is alphanumeric and small.
Normative: docs/protocols/lease.md, section 5.
"""

from hashlib import sha256
from typing import NamedTuple

from betang.core.card import base45

OFFER, FRAME, RECEIPT = "BT1R:", "BT1H:", "BT1A:"
#: With these a frame is a QR of version 12 with level M: 65 modules, for a cheap camera.
CHUNK_BYTES = 252
TAG_BYTES = 8
FRAMES_MAX = 2_048
_HEAD_BYTES = TAG_BYTES + 4
_TEXT_MAX = 4_096


class NotAFrameError(ValueError):
    """The text is no code of this kind."""


class Frame(NamedTuple):
    """One part of a whole: `tag` names the whole by its hash, `n` counts from 0."""

    tag: bytes
    n: int
    of: int
    chunk: bytes


def write(kind: str, content: bytes) -> str:
    """Write one code."""
    return kind + base45.encode(content)


def read(kind: str, text: str) -> bytes:
    """Read one code of `kind`; raises `NotAFrameError`."""
    if not text.startswith(kind) or len(text) > _TEXT_MAX:
        raise NotAFrameError("another kind of code")
    try:
        return base45.decode(text[len(kind) :])
    except ValueError as error:
        raise NotAFrameError(str(error)) from error


def split(whole: bytes) -> list[str]:
    """Write a whole as frames; they may be shown in any order, again and again."""
    chunks = [whole[at : at + CHUNK_BYTES] for at in range(0, len(whole), CHUNK_BYTES)]
    if not 1 <= len(chunks) <= FRAMES_MAX:
        raise ValueError("too long for frames")
    tag = sha256(whole).digest()[:TAG_BYTES]
    count = len(chunks).to_bytes(2)
    return [write(FRAME, tag + n.to_bytes(2) + count + chunk) for n, chunk in enumerate(chunks)]


def read_frame(text: str) -> Frame:
    """Read one frame; raises `NotAFrameError`."""
    data = read(FRAME, text)
    if not _HEAD_BYTES < len(data) <= _HEAD_BYTES + CHUNK_BYTES:
        raise NotAFrameError("a frame has another length")
    n, of = int.from_bytes(data[8:10]), int.from_bytes(data[10:12])
    if not 0 <= n < of <= FRAMES_MAX:
        raise NotAFrameError("a frame out of its sequence")
    return Frame(data[:TAG_BYTES], n, of, data[_HEAD_BYTES:])


class Collected:
    """Frames as a camera sees them: in any order, again and again, of one whole at a time."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.tag, self.of = b"", 0
        self.chunks: dict[int, bytes] = {}

    def add(self, text: str) -> bytes | None:
        """Take a frame, and give the whole once it is complete; another whole begins anew.

        Raises `NotAFrameError`; also where all frames are there and the hash differs.
        """
        frame = read_frame(text)
        if (frame.tag, frame.of) != (self.tag, self.of):
            self.tag, self.of, self.chunks = frame.tag, frame.of, {}
        self.chunks[frame.n] = frame.chunk
        if len(self.chunks) < self.of:
            return None
        whole = b"".join(self.chunks[n] for n in range(self.of))
        if sha256(whole).digest()[:TAG_BYTES] != self.tag:
            self.chunks = {}
            raise NotAFrameError("the frames do not fit together")
        return whole
