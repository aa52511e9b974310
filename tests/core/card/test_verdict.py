"""The verdict, against every row of `vectors/verdict.json` and the hash over all combinations."""

import json
from hashlib import sha256
from itertools import product
from pathlib import Path

import pytest

from betang.core.card.verdict import (
    AMBER_2_SHARE_MAX,
    LIST_OLD_DAYS,
    LIST_TOO_OLD_DAYS,
    QR_STATES,
    TAPS_STATES,
    Act,
    Shown,
    decide,
)
from betang.core.card.verdict_texts import TEXTS

VECTORS = json.loads(
    (Path(__file__).parents[3] / "vectors" / "verdict.json").read_text(encoding="utf-8")
)


def verdict_on(shown: dict) -> dict:
    verdict = decide(Shown(**{**shown, "act": Act(shown["act"])}))
    return {**verdict._asdict(), "colour": verdict.colour.value, "needs": list(verdict.needs)}


@pytest.mark.parametrize("row", VECTORS["rows"], ids=lambda row: row["name"])
def test_each_row(row):
    assert verdict_on(row["shown"]) == row["verdict"]


class TestEveryCombination:
    def test_has_the_published_hash(self):
        hashed, domain = sha256(), VECTORS["domain"]

        for values in product(*domain.values()):
            verdict = verdict_on(dict(zip(domain, values, strict=True)))
            words = [
                verdict["colour"],
                str(verdict["level"]),
                "01"[verdict["allowed"]],
                verdict["reason"],
                ",".join(verdict["needs"]),
                "01"[verdict["name_shown"]],
                "01"[verdict["alert"]],
            ]
            hashed.update(f"{' '.join(words)}\n".encode())

        assert hashed.hexdigest() == VECTORS["exhaustive"]["sha256"]

    def test_never_shows_a_name_or_allows_an_act_on_red(self):
        domain = VECTORS["domain"]

        for values in product(*domain.values()):
            verdict = verdict_on(dict(zip(domain, values, strict=True)))
            assert verdict["colour"] != "red" or not (verdict["name_shown"] or verdict["allowed"])

    def test_is_over_the_states_that_the_code_knows(self):
        assert VECTORS["domain"]["qr"] == list(QR_STATES)
        assert VECTORS["domain"]["taps"] == list(TAPS_STATES)
        assert VECTORS["limits"] == {
            "list_old_days": LIST_OLD_DAYS,
            "list_too_old_days": LIST_TOO_OLD_DAYS,
            "amber_2_share_max": AMBER_2_SHARE_MAX,
        }


class TestTexts:
    def test_exist_for_every_reason_and_are_the_published_ones(self):
        reasons = {row["verdict"]["reason"] for row in VECTORS["rows"]}

        assert reasons <= set(TEXTS)
        assert {reason: text._asdict() for reason, text in TEXTS.items()} == VECTORS["texts"]
