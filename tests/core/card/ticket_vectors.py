"""Make `vectors/ticket.json`: `python -m tests.core.card.ticket_vectors` writes it.

The keys and salts are made up and protect nothing. A test compares the file with what is made here.
"""

import json
from typing import Any

from betang.core.card import ticket
from betang.core.card.chip import Tap, card_key, sun_mac
from betang.core.card.ticket import Segment, Unproved, segment
from betang.core.card.ticket_page import Page, write_page
from tests.core.card.vectors import FOLDER

NAME = "ticket.json"
ABOUT = (
    "Tickets and rosters of docs/protocols/tickets.md (hex in lower case). `tickets`: the hash of "
    "one tap. `weighed`: what a tap is without a network. `joined`: what one more tap makes of "
    "those before. `pages`: what a page says. `refused_pages`: bytes that are none. "
    "Made by tests/core/card/ticket_vectors.py."
)
MASTER, SALT = bytes(range(16)), bytes(range(100, 116))
ONE, OTHER = bytes.fromhex("04a1b2c3d4e5f6"), bytes.fromhex("04ffeeddccbbaa")


def tap_of(uid: bytes, counter: int) -> Tap:
    """Tap a chip of the test's master."""
    return Tap(uid, counter, sun_mac(_key(uid), uid, counter))


def roster() -> tuple[Segment, ...]:
    """Two segments of one card with a gap between them, one of another."""
    return (
        segment(_key(ONE), ONE, 0x0100, 4, salt=SALT),
        segment(_key(ONE), ONE, 0x0106, 2, salt=SALT),
        segment(_key(OTHER), OTHER, 1, 1, salt=SALT),
    )


def make() -> dict[str, Any]:
    """Make the whole file."""
    return {
        "about": ABOUT,
        "salt": SALT.hex(),
        "tickets": [_ticket(name, *facts) for name, *facts in TICKETS],
        "roster": [_told(one) for one in roster()],
        "weighed": [_weighed(*case) for case in WEIGHED],
        "joined": [
            {"before": before, "seen": seen, "expected": ticket.join(before, seen)}
            for before in ("none", "one", "two_rising", "past_window", "tap.replayed")
            for seen in ("fresh", "past_window", "tap.replayed", "tap.forged", "tap.other_card")
        ],
        "pages": [
            {"name": name, "hex": write_page(page).hex(), **_page(page)} for name, page in PAGES
        ],
        "refused_pages": [{"name": name, "hex": data.hex()} for name, data in _refused()],
    }


def _key(uid: bytes) -> bytes:
    return card_key(MASTER, uid, key_number=2, version=1)


def _json(tap: Tap) -> dict[str, Any]:
    return {"uid": tap.uid.hex(), "counter": tap.counter, "mac": tap.mac.hex()}


def _told(one: Segment) -> dict[str, Any]:
    return {"uid": one.uid.hex(), "first": one.first, "tickets": one.tickets.hex()}


TICKETS: list[tuple[str, bytes, Tap]] = [
    ("a counter of one byte", SALT, tap_of(ONE, 1)),
    ("byte order: 0x000100 is 00 01 00", SALT, tap_of(ONE, 0x0100)),
    ("a counter of three bytes", SALT, tap_of(OTHER, 0x0A0B0C)),
    ("the highest counter", SALT, tap_of(ONE, 0xFFFFFF)),
    ("another device's salt", bytes(16), tap_of(ONE, 1)),
]


def _ticket(name: str, salt: bytes, tap: Tap) -> dict[str, Any]:
    expected = ticket.ticket(salt, tap).hex()
    return {"name": name, "salt": salt.hex(), "tap": _json(tap), "expected": expected}


WEIGHED: list[tuple[str, Tap, int, Unproved | None]] = [
    ("the next reading", tap_of(ONE, 0x0100), 0xFF, None),
    ("a reading further on", tap_of(ONE, 0x0103), 0xFF, None),
    ("the second segment", tap_of(ONE, 0x0107), 0x0103, None),
    ("another card", tap_of(OTHER, 1), 0, None),
    ("the same reading again", tap_of(ONE, 0x0100), 0x0100, None),
    ("a lower reading", tap_of(ONE, 0x0100), 0x0102, None),
    ("a lower reading that has no ticket", tap_of(ONE, 0x0090), 0xFF, None),
    ("past the window", tap_of(ONE, 0x0108), 0x0103, None),
    ("in the gap of two segments", tap_of(ONE, 0x0104), 0x0103, None),
    ("a card without tickets", tap_of(bytes(7), 5), 0, None),
    ("past the window, the same bytes again", tap_of(ONE, 0x0200), 0x0103,
     Unproved(0x0200, tap_of(ONE, 0x0200).mac)),
    ("past the window, another message with that counter", tap_of(ONE, 0x0200), 0x0103,
     Unproved(0x0200, bytes(8))),
    ("an invented message within the window", Tap(ONE, 0x0101, bytes(8)), 0xFF, None),
    ("the message of the reading before", Tap(ONE, 0x0101, tap_of(ONE, 0x0100).mac), 0xFF, None),
    ("another card's message, whose ticket is in the table", Tap(ONE, 0x0101, tap_of(OTHER, 1).mac),
     0xFF, None),
]  # fmt: skip


def _weighed(name: str, tap: Tap, high: int, unproved: Unproved | None) -> dict[str, Any]:
    expected = ticket.weigh(tap, salt=SALT, held=roster(), high=high, unproved=unproved)
    seen = {"counter": unproved.counter, "mac": unproved.mac.hex()} if unproved else None
    return {"name": name, "tap": _json(tap), "high": high, "unproved": seen, "expected": expected}


PAGES: list[tuple[str, Page]] = [
    ("nothing", Page(SALT, 0, 0, 0, ())),
    ("nothing new", Page(SALT, 7, 7, 7, ())),
    ("a whole roster", Page(SALT, 0, 3, 3, roster())),
    ("one page of several", Page(SALT, 3, 5, 9, roster()[:1])),
    ("a card withdrawn", Page(SALT, 3, 4, 4, (Segment(ONE, 0, b""),))),
    ("a card withdrawn and given anew", Page(SALT, 3, 5, 5, (Segment(ONE, 0, b""), *roster()))),
    ("the last reading there is", Page(SALT, 0, 1, 1, (Segment(ONE, 0xFFFFFF, bytes(8)),))),
]


def _page(page: Page) -> dict[str, Any]:
    facts = {"salt": page.salt.hex(), "since": page.since, "revision": page.revision}
    return facts | {"newest": page.newest, "segments": [_told(one) for one in page.segments]}


def _refused() -> list[tuple[str, bytes]]:
    whole = write_page(PAGES[2][1])
    head, one = whole[:34], bytes.fromhex("04a1b2c3d4e5f6")
    single = head[:32] + b"\0\x01"
    double = head[:32] + b"\0\x02"
    part = one + b"\0\0\x05\0\x01" + bytes(8)
    return [
        ("empty", b""),
        ("another version", b"BTR\x02" + whole[4:]),
        ("cut in the head", whole[:33]),
        ("cut in a segment's head", whole[:40]),
        ("cut in a ticket", whole[:-1]),
        ("a byte behind the end", whole + b"\0"),
        ("fewer segments than said", head[:32] + b"\0\x04" + whole[34:]),
        ("more segments than said", head[:32] + b"\0\x02" + whole[34:]),
        ("since above revision", whole[:20] + b"\0\0\0\x04" + whole[24:]),
        ("revision above newest", whole[:24] + b"\0\0\0\x04" + whole[28:]),
        ("a withdrawal that names a counter", single + one + b"\0\0\x01\0\0"),
        ("tickets from reading 0", single + one + b"\0\0\0\0\x01" + bytes(8)),
        ("readings above 2^24 - 1", single + one + b"\xff\xff\xff\0\x02" + bytes(16)),
        ("more than 1,024 tickets", single + one + b"\0\0\x01\x04\x01" + bytes(8 * 1025)),
        ("cards out of order", double + part + bytes(7) + part[7:]),
        ("the same segment twice", double + part + part),
        ("counters that overlap", double + one + b"\0\0\x05\0\x02" + bytes(16) + one
         + b"\0\0\x06\0\x01" + bytes(8)),
        ("a withdrawal behind tickets", double + part + one + bytes(5)),
        ("a withdrawal twice", double + one + bytes(5) + one + bytes(5)),
        ("zeros", bytes(40)),
    ]  # fmt: skip


def text() -> str:
    """Give the file's text."""
    return json.dumps(make(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    (FOLDER / NAME).write_text(text(), encoding="utf-8")
