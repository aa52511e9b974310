"""Make `vectors/offline.json`: `python -m tests.core.card.offline_vectors` writes it, once.

Every card that can be shown without a network, times every way in which a list can stand, times
act, lease, chip reader, taps and the programme's policy. What is expected is a table of its own
(`expected`), not asked of the code under test. The private keys are made up and thrown away.
"""

import json
import zlib
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

from betang.core.card import base45
from betang.core.card.qr import CardClaims, sign_token
from betang.core.card.revocation import sign_list
from betang.core.clock import to_wire
from betang.core.crypto.keyring import Purpose
from betang.core.crypto.signing import PrivateKey, dump_public_key, new_private_key, sign
from betang.core.identity.card_number import card_number
from betang.core.identity.household_number import household_number
from tests.core.card.vectors import FOLDER

NAME = "offline.json"
ABOUT = (
    "A card is shown to a phone without a network. `lists` arrive in order, each is read with "
    "`ring` and `issuer` and joined with the list held before: `says` is null or the refusal of "
    "each, `held` what is held afterwards. `cards` are read with the clock at `at`; `qr` is what "
    "reading says. Combinations are all of `domain`, the first field outermost; for hand_over "
    "`lease` says custody. In `cells`, for each card and list, one letter of `legend` a "
    "combination. Made by tests/core/card/offline_vectors.py."
)
ISSUER = "kartu.betang.example"
AT = datetime(2026, 11, 12, 5, tzinfo=UTC)
DOMAIN: dict[str, list[Any]] = {
    "act": ["deliver", "hand_over", "look"],
    "lease": [False, True],
    "nfc": [False, True],
    "taps": ["none", "one", "two_rising", "past_window"],
    "tap_required": [False, True],
}
NUMBERS = [card_number(household_number(n), 1) for n in range(1, 6)]
GOOD, BLOCKED, REPLACED, OTHER_1, OTHER_2 = NUMBERS

#: Key of the ring: kid, purpose, state, validity in days around `AT`.
RING = {
    1: (Purpose.CARD, "active", -300, 1800),
    2: (Purpose.LIST, "active", -300, 1800),
    3: (Purpose.CARD, "revoked", -300, 1800),
    4: (Purpose.LEASE, "active", -300, 1800),
    5: (Purpose.CARD, "retired", 10, 1800),
}


def combinations() -> Iterator[dict[str, Any]]:
    """Give every combination of the domain in its order."""
    for values in product(*DOMAIN.values()):
        yield dict(zip(DOMAIN, values, strict=True))


def expected(qr: str, age: int | None, shown: dict[str, Any]) -> str:
    """Say what docs/protocols/verdict.md demands: colour, level, allowed, reason, name."""
    if qr != "valid":
        return f"red 0 no {qr} nameless"
    old, too_old = age is None or age > 14, age is None or age > 30
    if shown["taps"] == "two_rising":
        graded = ("green", 0, "tap.genuine")
    elif not shown["tap_required"]:
        graded = ("green", 0, "qr.valid")
    else:
        worst = "qr.tap_missing" if shown["nfc"] else "qr.without_nfc"
        reason = {"one": "tap.only_one", "past_window": "tap.past_window"}
        why = reason.get(shown["taps"], worst)
        graded = ("amber", 1 if why == "qr.without_nfc" else 2, why)
    if graded[0] == "green" and old:
        graded = ("amber", 1, "list.old")
    colour, level, why = graded
    if shown["act"] == "look":
        return f"{colour} {level} no {why} name"
    if not shown["lease"]:
        lacking = "lease.none" if shown["act"] == "deliver" else "custody.none"
        return f"amber 0 no {lacking} name"
    return "amber 0 no list.too_old name" if too_old else f"{colour} {level} yes {why} name"


def make() -> dict[str, Any]:
    """Make the whole file, with new keys."""
    keys = {kid: new_private_key() for kid in RING}
    stranger = new_private_key()
    lists, cards = _lists(keys, stranger), _cards(keys, stranger)
    legend: dict[str, str] = {}
    cells: dict[str, dict[str, str]] = {}
    for card in cards:
        cells[card["name"]] = {}
        for one in lists:
            qr = _after_list(card, one)
            verdicts = [expected(qr, one["age_days"], shown) for shown in combinations()]
            letters = [legend.setdefault(verdict, chr(65 + len(legend))) for verdict in verdicts]
            cells[card["name"]][one["name"]] = "".join(letters)
    return {
        "about": ABOUT,
        "at": to_wire(AT),
        "issuer": ISSUER,
        "ring_issued_at": to_wire(AT - timedelta(days=1)),
        "ring": [_ring_key(kid, keys[kid]) for kid in RING],
        "domain": DOMAIN,
        "lists": lists,
        "cards": cards,
        "legend": {letter: verdict for verdict, letter in legend.items()},
        "cells": cells,
    }


def _after_list(card: dict[str, Any], one: dict[str, Any]) -> str:
    if card["qr"] != "valid" or one["held"] is None:
        return str(card["qr"])
    if card["number"] in one["held"]["revoked"]:
        return "card.revoked"
    return "card.superseded" if card["number"] in one["held"]["superseded"] else "valid"


def _lists(keys: dict[int, PrivateKey], stranger: PrivateKey) -> list[dict[str, Any]]:
    """Make each way in which lists can arrive; from number 14 they name the two cards."""

    def signed(
        seq: int, days: int, *, since: int = 0, key: PrivateKey = keys[2], kid: int = 2
    ) -> str:
        full, delta = seq >= 14, since > 0
        data = sign_list(
            issuer=ISSUER,
            seq=seq,
            issued_at=AT - timedelta(days=days),
            since=since,
            revoked=([BLOCKED] if full else []) + ([] if delta else [OTHER_1]),
            superseded=([REPLACED] if full else []) + ([] if delta else [OTHER_2]),
            kid=kid,
            sign=lambda message: sign(key, message),
        )
        return _b64u(data)

    def case(
        name: str, arrives: list[str], says: list[str | None], seq: int | None, age: int | None
    ) -> dict[str, Any]:
        full = seq is not None and seq >= 14
        held = {
            "seq": seq,
            "revoked": sorted([OTHER_1, *([BLOCKED] if full else [])]),
            "superseded": sorted([OTHER_2, *([REPLACED] if full else [])]),
        }
        return {
            "name": name,
            "arrives": arrives,
            "says": says,
            "held": held if seq is not None else None,
            "age_days": age,
        }

    ok = None
    return [
        case("fresh", [signed(14, 1)], [ok], 14, 1),
        case("fourteen days old", [signed(14, 14)], [ok], 14, 14),
        case("fifteen days old", [signed(14, 15)], [ok], 14, 15),
        case("thirty days old", [signed(14, 30)], [ok], 14, 30),
        case("thirty-one days old", [signed(14, 31)], [ok], 14, 31),
        case("none", [], [], None, None),
        case("a delta applied", [signed(12, 20), signed(14, 1, since=12)], [ok, ok], 14, 1),
        case("a delta on more", [signed(13, 20), signed(14, 1, since=12)], [ok, ok], 14, 1),
        case("a gap", [signed(12, 20), signed(14, 1, since=13)], [ok, "list.gap"], 12, 20),
        case("a gap, then whole", [signed(12, 20), signed(15, 1, since=13), signed(15, 1)],
             [ok, "list.gap", ok], 15, 1),
        case("a delta on nothing", [signed(14, 1, since=12)], ["list.gap"], None, None),
        case("rolled back", [signed(14, 2), signed(12, 1)], [ok, "list.older"], 14, 2),
        case("rolled back by a delta", [signed(15, 2), signed(14, 1, since=12)],
             [ok, "list.older"], 15, 2),
        case("by another key", [signed(14, 16), signed(15, 1, key=stranger)],
             [ok, "list.bad_signature"], 14, 16),
        case("by another key, nothing held", [signed(14, 1, key=stranger)],
             ["list.bad_signature"], None, None),
        case("by a key of another purpose", [signed(14, 1), signed(15, 1, key=keys[1], kid=1)],
             [ok, "key.other_purpose"], 14, 1),
    ]  # fmt: skip


def _cards(keys: dict[int, PrivateKey], stranger: PrivateKey) -> list[dict[str, Any]]:
    def claims(number: str = GOOD, issuer: str = ISSUER, until: int = 1500) -> CardClaims:
        days = timedelta(days=until)
        return CardClaims(issuer, AT - timedelta(days=30), AT + days, number, "Sumiati", 6201)

    def token(
        *, number: str = GOOD, issuer: str = ISSUER, until: int = 1500, key: PrivateKey, kid: int
    ) -> str:
        return sign_token(
            claims(number, issuer, until), kid=kid, sign=lambda message: sign(key, message)
        )

    ours: dict[str, Any] = {"key": keys[1], "kid": 1}
    good = token(**ours)
    list_message = sign_list(
        issuer=ISSUER, seq=3, issued_at=AT, since=0, revoked=[], superseded=[], kid=2,
        sign=lambda message: sign(keys[2], message),
    )  # fmt: skip
    cases = [
        ("good", GOOD, "valid", good),
        ("revoked", BLOCKED, "valid", token(number=BLOCKED, **ours)),
        ("superseded", REPLACED, "valid", token(number=REPLACED, **ours)),
        ("rotated-out key", GOOD, "key.rotated_out", token(key=keys[3], kid=3)),
        ("unknown key", GOOD, "key.unknown", token(key=stranger, kid=77)),
        ("another's key under our number", GOOD, "qr.bad_signature", token(key=stranger, kid=1)),
        ("a key of another purpose", GOOD, "key.other_purpose", token(key=keys[4], kid=4)),
        ("a list in the place of a card", "", "key.other_purpose", _packed(list_message)),
        ("other issuer", GOOD, "qr.other_issuer", token(issuer="lain.example", **ours)),
        ("altered byte", GOOD, "qr.bad_signature", _altered(good)),
        ("expired", GOOD, "card.expired", token(until=-1, **ours)),
        ("not yet valid key", GOOD, "key.not_valid_then", token(key=keys[5], kid=5)),
    ]
    return [
        {"name": name, "number": number, "qr": qr, "text": text} for name, number, qr, text in cases
    ]


def _b64u(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _packed(message: bytes) -> str:
    return base45.encode(zlib.compress(message, 0))


def _altered(text: str) -> str:
    data = zlib.decompress(base45.decode(text))
    at = data.index(b"Sumiati")
    return _packed(data[:at] + b"T" + data[at + 1 :])


def _ring_key(kid: int, key: PrivateKey) -> dict[str, Any]:
    purpose, state, after, until = RING[kid]
    point = dump_public_key(key.public_key())
    return {
        "kid": kid,
        "purpose": purpose.value,
        "alg": "ES256",
        "x": _b64u(point[1:33]),
        "y": _b64u(point[33:]),
        "not_before": to_wire(AT + timedelta(days=after)),
        "not_after": to_wire(AT + timedelta(days=until)),
        "state": state,
    }


if __name__ == "__main__":
    text = json.dumps(make(), indent=1, ensure_ascii=False)
    (FOLDER / NAME).write_text(text + "\n", encoding="utf-8")
