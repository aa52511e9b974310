"""What an expression may not say, where it says so, and what it means when it may."""

import pytest

from betang.core.criteria.expression import read_expression
from betang.core.criteria.kinds import Kind, kind_of
from betang.core.criteria.sql import expression_sql
from betang.core.criteria.tree import Name
from betang.core.criteria.words import Refused

from .samples import FACTS

NAMES = {
    name: Name(name, kind)
    for name, (sql_type, _) in FACTS.items()
    if (kind := kind_of(sql_type)) is not None
} | {"zero": Name("zero", Kind.INTEGER, 0), "four": Name("four", Kind.INTEGER, 4)}


class TestAnExpressionIsRefused:
    @pytest.mark.parametrize(
        ("text", "offset", "said"),
        [
            ("", 0, "kosong"),
            ("   ", 0, "kosong"),
            ("decile", 0, "bilangan bulat"),
            ("decil = 4", 0, "«decil» tidak dikenal"),
            ("DECILE = 4", 0, "«DECILE» tidak dikenal"),
            ("decile = 4;", 10, "«;»"),
            ("decile = 4; DROP TABLE registry_household", 10, "«;»"),
            ("decile = 4 -- lihat lampiran", 11, "Komentar"),
            ("decile = /* */ 4", 9, "Komentar"),
            ("decile = (SELECT 1)", 10, "«SELECT»"),
            ("EXISTS (SELECT 1)", 0, "«EXISTS»"),
            ("decile IN (SELECT decile)", 11, "«SELECT»"),
            ("pg_sleep(10) IS NULL", 0, "Fungsi «pg_sleep»"),
            ("lower(dwelling) = 'own'", 0, "Fungsi «lower»"),
            ("decile::int = 4", 6, "«:»"),
            ("CAST(decile AS int) = 4", 0, "Fungsi «CAST»"),
            ("dwelling LIKE 'o%'", 9, "«LIKE»"),
            ("f.decile = 4", 0, "«f»"),
            ('"decile" = 4', 0, "petik ganda"),
            ("decile = $1", 9, "«$»"),
            ("decile = %s", 9, "«%»"),
            ("decile = :x", 9, "«:»"),
            ("decile = 4 OR 1", 14, "diperlukan ya/tidak"),
            ("decile = = 4", 9, "tidak dapat dibaca"),
            ("(decile = 4", 10, "tidak dapat dibaca"),
            ("decile = 4)", 10, "tidak dapat dibaca"),
            ("decile != 4", 7, "!="),
            ("decile = 'x'", 0, "Jenisnya berbeda"),
            ("has_pkh = 1", 0, "Jenisnya berbeda"),
            ("born_on = '2026-01-01'", 0, "Jenisnya berbeda"),
            ("born_on > DATE '2026-02-30'", 15, "2026-02-30"),
            ("born_on > DATE 'kemarin'", 15, "kemarin"),
            ("born_on > DATE '20260131'", 15, "20260131"),
            ("born_on > DATE '2026-W05-6'", 15, "2026-W05-6"),
            ("born_on > DATE size", 0, "tidak diizinkan"),
            ("born_on > DATE (born_on)", 10, "tidak diizinkan"),
            ("DATE = born_on", 0, "tidak"),
            ("decile BETWEEN 1 AND size IS NULL", 0, "tanpa kurung"),
            ("dwelling < 'own'", 0, "tidak mempunyai urutan"),
            ("has_pkh > FALSE", 0, "tidak mempunyai urutan"),
            ("dwelling BETWEEN 'a' AND 'b'", 0, "tidak mempunyai urutan"),
            ("dwelling + 1 = 2", 0, "diperlukan bilangan"),
            ("income_rupiah / size < 10", 16, "nol"),
            ("income_rupiah / 0 < 10", 16, "nol"),
            ("income_rupiah / zero < 10", 16, "nol"),
            ("income_rupiah / NULLIF(size, 1) < 10", 16, "nol"),
            ("income_rupiah / (size + 1) < 10", 17, "nol"),
            ("decile = NULL", 0, "NULL hanya"),
            ("decile IN (1, NULL)", 0, "NULL hanya"),
            ("decile IN ()", 0, "kosong"),
            ("decile IN (size)", 11, "nilai tetap"),
            ("decile IN (1, 'x')", 14, "Jenisnya berbeda"),
            ("decile = 1 = has_pkh", 0, "tanpa kurung"),
            ("has_pkh = decile IN (1)", 10, "tanpa kurung"),
            ("has_pkh OR deceased AND has_pkh", 0, "tanpa kurung"),
            ("TRUE", 0, "fakta"),
            ("four = 4", 0, "fakta"),
            ("decile IS 4", 0, "Setelah IS"),
            ("decile IS TRUE", 0, "diperlukan ya/tidak"),
            ("COALESCE(decile) = 1", 0, "COALESCE"),
            ("COALESCE(decile, 'x') = 1", 0, "tidak sejenis"),
            ("CASE WHEN has_pkh THEN NULL ELSE NULL END", 10, "NULL"),
            ("CASE WHEN decile THEN TRUE END", 10, "ya/tidak"),
            ("CASE decile + 1 WHEN 2 THEN TRUE END", 5, "CASE"),
            ("decile = 1e5", 9, "1e"),
            ("decile = 1.", 9, "1."),
            ("decile = 1234567890123456789", 9, "18 angka"),
            ("dwelling = 'own", 11, "tanda petik"),
            (r"dwelling = 'a\'", 11, "garis miring terbalik"),
            ("dwelling = E'own'", 11, "«E»"),
            ("dwelling = 'a' 'b'", 11, "tidak diizinkan"),
            ("dwelling = 'a''b''' 'c'", 11, "tidak diizinkan"),
            ("decile = 4 FROM", 11, "tidak dapat dibaca"),
            ("ABS(decile, 1) = 1", 13, "tidak dapat dibaca"),
            ("conditions IS NULL", 0, "«conditions»"),
            ("decile = ٤", 9, "«٤»"),
        ],
    )
    def test_with_the_place_and_what_to_do(self, text, offset, said):
        with pytest.raises(Refused) as refused:
            read_expression(text, NAMES)

        assert said in refused.value.sentence
        assert refused.value.offset == offset
        assert refused.value.do

    @pytest.mark.parametrize(
        "text",
        [
            "(" * 400 + "decile" + ")" * 400 + " = 1",
            "NOT " * 300 + "has_pkh",
            "decile = " + "- " * 200 + "1",
            "CASE WHEN " * 50 + "has_pkh" + " THEN TRUE END" * 50,
            "COALESCE(" * 30 + "decile" + ", 1)" * 30 + " = 1",
            "decile = " + " + ".join(["1"] * 190) + " + size",
            " OR ".join(["decile = 1"] * 150),
            "decile IN (" + ", ".join(["1"] * 1000) + ")",
            "decile < " + " + ".join(["size / NULLIF(size, 0)"] * 9),
            "decile = 1" + " " * 3000,
            "decile" + " IS NULL" * 130 + " = has_pkh",
            "decile < " + " + ".join(["size"] * 140),
            "decile < " + "(" * 200,
            "1 " * 401,
            "CASE decile " + "WHEN 1 THEN TRUE " * 90 + "END",
        ],
    )
    def test_when_it_is_too_large_or_deep(self, text):
        with pytest.raises(Refused):
            read_expression(text, NAMES)


class TestAnExpressionIsWrittenAnew:
    @pytest.mark.parametrize(
        ("text", "sql"),
        [
            ("decile<=4", '(f."decile" <= 4)'),
            ("decile <= four", '(f."decile" <= 4)'),
            ("has_pkh", 'f."has_pkh"'),
            ("not has_pkh and Deceased is not null".replace("D", "d"),
             '((NOT f."has_pkh") AND (NOT (f."deceased" IS NULL)))'),
            ("decile in (1, -2)", '(f."decile" IN (1, (-2)))'),
            ("decile NOT BETWEEN 1 AND 3", '(NOT (f."decile" BETWEEN 1 AND 3))'),
            ("dwelling <> 'it''s'", "(f.\"dwelling\" <> 'it''s'::text)"),
            ("code = 'ab'", "(f.\"code\"::text = 'ab'::text)"),
            ("score > 1.50", '(f."score"::numeric > 1.50)'),
            ("born_on >= date '2026-01-31'", "(f.\"born_on\" >= '2026-01-31'::date)"),
            ("has_pkh IS UNKNOWN", '(f."has_pkh" IS NULL)'),
            ("has_pkh IS NOT TRUE", '(NOT (f."has_pkh" IS TRUE))'),
            ("decile IS DISTINCT FROM size", '(f."decile" IS DISTINCT FROM f."size")'),
            ("income_rupiah / NULLIF(size, 0) < 5",
             '((f."income_rupiah"::numeric / nullif(f."size", 0)::numeric) < 5)'),
            ("abs(decile - 5) > 1", '(abs((f."decile"::numeric - 5::numeric)::numeric) > 1)'),
            ("CASE decile WHEN 1 THEN TRUE END",
             '(CASE WHEN (f."decile" = 1) THEN TRUE ELSE NULL END)'),
            ("has_pkh = deceased IS NULL", '((f."has_pkh" = f."deceased") IS NULL)'),
            ("(decile = 1) = has_pkh", '((f."decile" = 1) = f."has_pkh")'),
        ],
    )  # fmt: skip
    def test_from_its_checked_parts(self, text, sql):
        assert expression_sql(read_expression(text, NAMES), FACTS) == sql

    def test_with_arithmetic_kept_from_overflowing(self):
        sql = expression_sql(read_expression("income_rupiah * income_rupiah > 0", NAMES), FACTS)

        assert sql.count("::numeric") == 2
