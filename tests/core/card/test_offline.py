"""A card without a network: each card, each state of the list, each act, by the published file."""

from datetime import timedelta

import pytest

from betang.core.card.qr import QrRefusedError, read_token
from betang.core.card.revocation import (
    ListRefusedError,
    RevocationList,
    read_list,
    trust_age_days,
)
from betang.core.card.verdict import Act, Shown, decide
from betang.core.clock import from_wire
from tests.core.card.offline_vectors import DOMAIN, combinations, make
from tests.core.card.vectors import b64u, read, ring_of

VECTORS = read("offline.json")
RING = ring_of(VECTORS["ring"])
AT, ISSUER = from_wire(VECTORS["at"]), VECTORS["issuer"]
RING_AT = from_wire(VECTORS["ring_issued_at"])
LISTS = {case["name"]: case for case in VECTORS["lists"]}
NAMES = [case["name"] for case in VECTORS["cards"]]


def hold(case: dict) -> tuple[RevocationList | None, list[str | None]]:
    """Let the lists of a case arrive at a phone; give what it holds, and what it said of each."""
    held, says = None, []
    for text in case["arrives"]:
        try:
            held = read_list(b64u(text), RING, issuer=ISSUER).after(held)
            says.append(None)
        except ListRefusedError as refused:
            says.append(refused.code)
    return held, says


def read_card(text: str, held: RevocationList | None) -> tuple[str, str]:
    """Read a card as a phone does: what it says, and the name that was decoded."""
    try:
        claims = read_token(text, RING, issuer=ISSUER, at=AT)
    except QrRefusedError as refused:
        return refused.code, ""
    listed = held.says(claims.card_number) if held else None
    return listed or "valid", claims.household_name


def verdict_of(qr: str, age: int | None, shown: dict) -> str:
    verdict = decide(
        Shown(
            act=Act(shown["act"]),
            online=False,
            lease=shown["lease"] and shown["act"] == "deliver",
            custody=shown["lease"] and shown["act"] == "hand_over",
            qr=qr,
            taps=shown["taps"],
            nfc=shown["nfc"],
            list_age_days=age,
            tap_required=shown["tap_required"],
        )
    )
    allowed, name = "yes" if verdict.allowed else "no", "name" if verdict.name_shown else "nameless"
    return f"{verdict.colour.value} {verdict.level} {allowed} {verdict.reason} {name}"


@pytest.mark.parametrize("name", LISTS)
def test_each_list_is_refused_or_held(name):
    held, says = hold(LISTS[name])

    assert says == LISTS[name]["says"]
    assert trust_age_days(held, RING_AT, AT) == LISTS[name]["age_days"]
    told = held and {
        "seq": held.seq,
        "revoked": sorted(held.revoked),
        "superseded": sorted(held.superseded),
    }
    assert told == LISTS[name]["held"]


@pytest.mark.parametrize("card", VECTORS["cards"], ids=NAMES)
def test_each_card_under_each_list_in_each_situation(card):
    assert VECTORS["domain"] == DOMAIN
    for name, case in LISTS.items():
        held, _ = hold(case)
        qr, _ = read_card(card["text"], held)
        letters = VECTORS["cells"][card["name"]][name]
        for shown, letter in zip(combinations(), letters, strict=True):
            told = verdict_of(qr, trust_age_days(held, RING_AT, AT), shown)
            assert told == VECTORS["legend"][letter], (card["name"], name, shown)


def test_no_red_verdict_allows_or_names():
    reds = [verdict for verdict in VECTORS["legend"].values() if verdict.startswith("red")]

    assert len(reds) >= 8
    assert all(" no " in red and red.endswith(" nameless") for red in reds)


@pytest.mark.parametrize("card", VECTORS["cards"], ids=NAMES)
def test_nothing_is_decoded_from_a_card_that_does_not_verify(card):
    said, name = read_card(card["text"], None)

    assert said == card["qr"]
    assert bool(name) == (said == "valid")


def test_an_old_ring_is_as_bad_as_an_old_list():
    held, _ = hold(LISTS["fresh"])

    assert trust_age_days(held, AT - timedelta(days=31), AT) == 31
    assert trust_age_days(held, AT + timedelta(days=1), AT) == 1
    assert trust_age_days(None, AT, AT) is None


def test_the_file_is_what_its_maker_makes():
    made = make()

    same = ("about", "domain", "legend", "cells", "issuer", "at")
    assert [made[part] for part in same] == [VECTORS[part] for part in same]
    for part, drop in (("lists", "arrives"), ("cards", "text")):
        for new, kept in zip(made[part], VECTORS[part], strict=True):
            assert {**new, drop: None} == {**kept, drop: None}
