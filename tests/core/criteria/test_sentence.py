"""Sentences show values as people write them."""

from datetime import date
from decimal import Decimal

import pytest

from betang.core.criteria.kinds import Kind
from betang.core.criteria.sentence import fill, value_of, written


class TestAValueIsWritten:
    @pytest.mark.parametrize(
        ("name", "value", "shown"),
        [
            ("income_rupiah", 3473621, "Rp3.473.621"),
            ("size", 1234, "1.234"),
            ("score", Decimal("1234.50"), "1.234,5"),
            ("score", Decimal("-0.25"), "-0,25"),
            ("score", Decimal("1E+3"), "1.000"),
            ("score", Decimal("NaN"), "NaN"),
            ("born_on", date(2026, 11, 12), "12 November 2026"),
            ("has_pkh", True, "ya"),
            ("has_pkh", False, "tidak"),
            ("dwelling", "own", "own"),
            ("decile", None, "belum diketahui"),
        ],
    )
    def test_as_on_a_letter(self, name, value, shown):
        assert written(name, value) == shown

    def test_without_a_second_filling(self):
        assert fill("{dwelling}", {"dwelling": "{decile}", "decile": 1}) == "{decile}"


class TestAKeptValueIsReadBack:
    @pytest.mark.parametrize(
        ("text", "kind", "value"),
        [
            (None, Kind.INTEGER, None),
            ("true", Kind.BOOLEAN, True),
            ("false", Kind.BOOLEAN, False),
            ("-5", Kind.INTEGER, -5),
            ("1.5", Kind.NUMBER, Decimal("1.5")),
            ("2026-11-12", Kind.DATE, date(2026, 11, 12)),
            ("own", Kind.TEXT, "own"),
        ],
    )
    def test_in_its_kind(self, text, kind, value):
        assert value_of(text, kind) == value
