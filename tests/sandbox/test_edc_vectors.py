"""The EDC's own reading of cards, lists and verdicts against the vectors: a third twin."""

import hashlib
import itertools
import json
from base64 import urlsafe_b64decode
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from betang.core.device.words import six_words as ours
from sandbox.edc.card import CardList, RefusedError, read_list, read_qr
from sandbox.edc.trust import Ring
from sandbox.edc.verdict import decide
from sandbox.edc.wire import from_time, six_words, uuid7

VECTORS = Path(__file__).resolve().parents[2] / "vectors"


def vector(name: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((VECTORS / f"{name}.json").read_text())
    return told


def ring_of(told: dict[str, Any]) -> Ring:
    return Ring("", None, {int(key["kid"]): key for key in told["ring"]})


def says(text: str, told: dict[str, Any], at: datetime) -> str:
    try:
        read_qr(text, ring_of(told), issuer=told["issuer"], at=at)
    except RefusedError as refused:
        return str(refused)
    return "valid"


@pytest.mark.parametrize("name", ["qr", "qr_cnf"])
def test_every_card_is_read_or_refused_with_its_code(name):
    told = vector(name)
    at = from_time(told["at"])

    read = {one["name"]: says(one["text"], told, at) for one in told["valid"] + told["refused"]}

    expected = {one["name"]: "valid" for one in told["valid"]}
    expected |= {one["name"]: one["code"] for one in told["refused"]}
    assert read == expected


def test_every_list_is_held_or_refused_as_the_vectors_say():
    told = vector("offline")
    for case in told["lists"]:
        held: CardList | None = None
        said = []
        for text in case["arrives"]:
            data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
            try:
                held = read_list(data, ring_of(told), issuer=told["issuer"]).after(held)
                said.append(None)
            except RefusedError as refused:
                said.append(str(refused))
        assert said == case["says"], case["name"]
        assert (held.seq if held else None) == (case["held"] or {}).get("seq"), case["name"]


def test_every_card_shown_offline_reads_as_the_vectors_say():
    told = vector("offline")
    at = from_time(told["at"])

    assert {one["name"]: says(one["text"], told, at) for one in told["cards"]} == {
        one["name"]: one["qr"] if one["qr"] not in {"card.revoked", "card.superseded"} else "valid"
        for one in told["cards"]
    }


def test_every_combination_gives_the_one_verdict():
    told = vector("verdict")
    digest = hashlib.sha256()
    names = list(told["domain"])
    for values in itertools.product(*told["domain"].values()):
        one = decide(**dict(zip(names, values, strict=True)))
        line = f"{one.colour} {one.level} {one.allowed:d} {one.reason} {','.join(one.needs)} "
        digest.update(f"{line}{one.name_shown:d} {one.alert:d}\n".encode())

    assert digest.hexdigest() == told["exhaustive"]["sha256"]


def test_words_and_identifiers_are_the_servers():
    print_ = bytes(range(200, 232))

    assert six_words(print_) == ours(print_)
    assert uuid7()[14] == "7"
    assert uuid7()[19] in "89ab"
