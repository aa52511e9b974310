"""Thousands of hostile rule texts: each is read, or refused with places; nothing else happens."""

import random

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from betang.core.criteria.kinds import RuleTextError
from betang.core.criteria.rule_text import FINDINGS_MAX, decode, read_rules
from betang.core.criteria.sql import judging_sql

from .samples import FACTS, TEXT, with_when

MANY = settings(
    max_examples=1500,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)

#: Pieces that have broken parsers, quoting and drivers before.
PIECES = [
    "decile", "size", "dwelling", "has_pkh", "born_on", "score", "decile_max", "income_rupiah",
    "AND", "OR", "NOT", "IN", "BETWEEN", "IS", "NULL", "TRUE", "FALSE", "UNKNOWN", "DISTINCT",
    "FROM", "CASE", "WHEN", "THEN", "ELSE", "END", "DATE", "COALESCE", "NULLIF", "ABS",
    "(", ")", ",", "=", "<>", "<", "<=", ">", ">=", "+", "-", "*", "/", " ", "\n    ",
    "0", "1", "4.5", "999999999999999999", "'own'", "''", "'it''s'", "'2026-01-01'", "'%s'", "'{}'",
    ";", "--", "/*", "*/", "::", "$1", "$$", "%s", "%(x)s", ":x", "?",
    '"', "'", "\\", "E'x'", "x'41'",
    "SELECT", "UNION", "EXISTS", "ARRAY[1]", "ROW(1)", "CAST(decile AS int)", "LIKE", "INTERVAL",
    "pg_sleep(9)", "f.decile", "j.i0", "current_user", "1e999", "0x10", "1_000", ".5", "@", "#",
    "!", "{decile}", "{0}", "\u0000", "\u202e", "\ud800", "é", "💳", "ﬀ", "٣",
]  # fmt: skip


def refusal_of(text: str) -> RuleTextError | None:
    try:
        rules = read_rules(text, FACTS)
    except RuleTextError as refused:
        return refused
    sql = judging_sql(rules, FACTS, "facts")
    assert ";" not in sql.replace("';'", "")
    assert "--" not in sql
    return None


def check(text: str) -> None:
    refused = refusal_of(text)
    if refused is None:
        return
    assert 1 <= len(refused.findings) <= FINDINGS_MAX
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    for found in refused.findings:
        assert 1 <= found.line <= len(lines)
        assert 1 <= found.column <= len(lines[found.line - 1]) + 1
        assert found.sentence
        assert found.do
        assert found.sentence.isprintable()
    assert refused.told
    assert refused.advice


class TestAHostileText:
    @seed(62_01)
    @MANY
    @given(st.text(max_size=400))
    def test_of_any_characters_is_refused_with_its_places(self, text):
        check(text)

    @seed(62_02)
    @MANY
    @given(st.lists(st.sampled_from(PIECES), max_size=40).map(" ".join))
    def test_as_an_expression_of_dangerous_words_is_read_or_refused(self, expression):
        check(with_when(expression))

    @seed(62_03)
    @MANY
    @given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
    def test_as_an_expression_without_spaces_is_read_or_refused(self, expression):
        check(with_when(expression))

    @seed(62_04)
    @MANY
    @given(st.integers(0, 2**32), st.integers(1, 12))
    def test_made_by_damaging_a_good_one_is_read_or_refused(self, number, wounds):
        chance = random.Random(number)
        text = TEXT
        for _ in range(wounds):
            place = chance.randrange(len(text) + 1)
            match chance.randrange(4):
                case 0:
                    text = text[:place] + chance.choice(PIECES) + text[place:]
                case 1:
                    text = text[:place] + text[place + chance.randrange(1, 30) :]
                case 2:
                    other = chance.randrange(len(text) + 1)
                    text = text[:place] + text[other : other + 40] + text[place:]
                case _:
                    lines = text.split("\n")
                    chance.shuffle(lines)
                    text = "\n".join(lines) if chance.random() < 0.1 else text
        check(text)

    @seed(62_05)
    @MANY
    @given(st.binary(max_size=300))
    def test_of_any_bytes_is_decoded_or_refused(self, data):
        refused = None
        try:
            text = decode(data)
        except RuleTextError as error:
            refused = error
        if refused is None:
            check(text)
        else:
            assert refused.findings[0].line >= 1
