"""A whole rule text: everything wrong with it is said at once, with line and column."""

from datetime import date
from decimal import Decimal

import pytest

from betang.core.criteria.kinds import Kind, RuleTextError
from betang.core.criteria.rule_text import (
    INDICATORS_MAX,
    TEXT_BYTES_MAX,
    Role,
    decode,
    read_rules,
    text_digest,
)

from .samples import FACTS, TEXT


def findings(text):
    with pytest.raises(RuleTextError) as refused:
        read_rules(text, FACTS)
    return refused.value.findings


class TestARuleTextIsRefused:
    @pytest.mark.parametrize(
        ("old", "new", "line", "column", "said"),
        [
            ("rules 1", "rules 2", 1, 1, "rules 1"),
            ("rules 1\n", "\n", 3, 1, "rules 1"),
            ("name: Uji\n", "", 1, 1, "«name:» belum ada"),
            ("name: Uji", "name:", 3, 6, "«name»"),
            ("name: Uji", "name: Uji\nname: Uji", 4, 1, "dua kali"),
            ("name: Uji", "nama: Uji", 3, 1, "tidak dikenal"),
            ("programme: KHBS", "programme: khbs", 4, 12, "Kode program"),
            ("2026-01-01", "2026-02-30", 5, 13, "2026-02-30"),
            ("2026-01-01", "1 Januari ", 5, 13, "valid_from"),
            ("decile_max = 4", "decile_max = empat", 8, 24, "«empat»"),
            ("decile_max = 4", "decile_max = 4,5", 8, 24, "«4,5»"),
            ("decile_max = 4", "decile_max = 1234567890123456789", 8, 24, "18 angka"),
            ("decile_max = 4", "decile = 4", 8, 11, "sudah dipakai"),
            ("decile_max = 4", "Batas = 4", 8, 11, "«Batas»"),
            ("decile_max = 4", "and = 4", 8, 11, "«and»"),
            ("parameter ump", "parameter sisa = 1\nparameter ump", 9, 11, "tidak dipakai"),
            ("require decile_within", "require Desil", 11, 9, "«Desil»"),
            ("require decile_within", "demand decile_within", 11, 1, "tidak dikenal"),
            ("exclude receives_pkh", "exclude income", 27, 9, "sudah dipakai"),
            ("  label: Desil kesejahteraan\n", "", 11, 9, "«label:»"),
            ("  label: Desil kesejahteraan", "  label:", 12, 9, "kosong"),
            ("  label: Desil", "  judul: Desil", 12, 3, "judul"),
            ("  label: Desil kesejahteraan", "  label: a\n  label: b", 13, 3, "dua kali"),
            ("  unknown: Desil", " unknown: Desil", 16, 2, "Jorokan"),
            ("  unknown: Belum diketahui.", "   unknown: Belum", 27, 9, "«unknown:»"),
            ("decile <= decile_max\n", "decil <= decile_max\n", 13, 9, "«decil»"),
            ("            AND decile <= 2)", "            AND decil <= 2)", 22, 17, "«decil»"),
            ("keluarga {decile}, paling", "keluarga {desil}, paling", 14, 24, "«desil»"),
            ("keluarga {decile}, paling", "keluarga {decile, paling", 14, 24, "kurawal"),
            ("keluarga {decile}, paling", "keluarga {0.__class__}", 14, 24, "kurawal"),
            ("keluarga {decile}, paling", "keluarga {{}}, paling", 14, 24, "kurawal"),
            ("# Batas", "\t# Batas", 7, 1, "Tabulasi"),
            ("Uji", "U\u202eji", 3, 8, "U+202E"),
            ("Uji", "U\x00ji", 3, 8, "U+0000"),
            ("Uji", "U\ud800ji", 3, 8, "U+D800"),
            ("Uji", "U\rji", 3, 8, "U+000D"),
            ("name: Uji", "  name: Uji", 3, 3, "menjorok"),
        ],
    )
    def test_with_line_column_and_what_to_do(self, old, new, line, column, said):
        assert TEXT.count(old) >= 1
        found = findings(TEXT.replace(old, new, 1))

        assert [(each.line, each.column) for each in found if said in each.sentence] == [
            (line, column)
        ]
        assert all(each.do for each in found)

    def test_with_all_its_errors_at_once(self):
        broken = (
            TEXT.replace("2026-01-01", "kemarin")
            .replace("decile <= decile_max\n", "decile <=\n")
            .replace("when: has_pkh", "when: has_kph")
        )

        found = findings(broken)

        assert [each.line for each in found] == [5, 5, 13, 29]

    def test_wherever_a_name_is_used_that_nothing_declares(self):
        found = findings(TEXT.replace("parameter ump_rupiah = 3473621\n", ""))

        assert [(each.line, each.column) for each in found] == [(19, 25), (22, 50), (23, 57)]

    def test_without_any_require(self):
        found = findings(TEXT.replace("require", "exclude"))

        assert any("require" in each.sentence for each in found)

    def test_when_it_is_too_long(self):
        assert len(findings(TEXT + "#" * TEXT_BYTES_MAX)) == 1
        assert len(findings(TEXT + "é" * (TEXT_BYTES_MAX // 2))) == 1
        with pytest.raises(RuleTextError):
            decode(b"#" * (TEXT_BYTES_MAX + 1))

    def test_with_more_lines_than_anybody_reads(self):
        found = findings(TEXT + "\n" * 4_000)

        assert [(each.line, each.column) for each in found] == [(4_001, 1)]

    def test_with_more_indicators_than_a_family_could_be_told(self):
        block = TEXT[TEXT.index("exclude receives_pkh") :]
        many = "".join(
            block.replace("receives_pkh", f"more_{number}") for number in range(INDICATORS_MAX)
        )

        assert any(f"{INDICATORS_MAX}" in each.sentence for each in findings(TEXT + many))

    def test_when_its_bytes_are_not_utf_8(self):
        with pytest.raises(RuleTextError) as refused:
            decode(b"rules 1\nname: Palangka\xe9 Raya")

        assert (refused.value.findings[0].line, refused.value.findings[0].column) == (2, 15)

    def test_as_a_refusal_that_says_the_first_place(self):
        with pytest.raises(RuleTextError) as refused:
            read_rules(TEXT.replace("rules 1", "rules 9"), FACTS)

        assert refused.value.told.startswith(
            "Teks aturan belum benar (1 kesalahan). Baris 1, kolom 1"
        )
        assert refused.value.advice == "Tulis pada baris pertama."
        assert refused.value.status == 422


class TestARuleTextIsRead:
    def test_with_header_parameters_and_indicators(self):
        rules = read_rules(TEXT, FACTS)

        assert (rules.name, rules.programme, rules.valid_from) == ("Uji", "KHBS", date(2026, 1, 1))
        assert [(each.name, each.value) for each in rules.parameters] == [
            ("decile_max", 4),
            ("ump_rupiah", 3473621),
        ]
        assert [each.role for each in rules.indicators] == [
            Role.REQUIRE,
            Role.REQUIRE,
            Role.EXCLUDE,
        ]
        assert rules.fact_names == ("decile", "income_rupiah", "has_pkh")

    def test_with_an_expression_over_several_lines(self):
        written = read_rules(TEXT, FACTS).indicators[1].written

        assert written == "income_rupiah < ump_rupiah OR (income_rupiah IS NULL AND decile <= 2)"

    def test_with_every_kind_of_parameter(self):
        values = {"a": "-3", "b": "1.50", "c": "'it''s'", "d": "true", "e": "2026-02-28"}
        lines = "".join(f"parameter {name} = {value}\n" for name, value in values.items())
        told = "Belum diketahui. {a} {b} {c} {d} {e}"
        text = TEXT.replace("require decile", lines + "\nrequire decile", 1)

        rules = read_rules(text.replace("Belum diketahui.", told), FACTS)

        assert [(each.kind, each.value) for each in rules.parameters[2:]] == [
            (Kind.INTEGER, -3),
            (Kind.NUMBER, Decimal("1.50")),
            (Kind.TEXT, "it's"),
            (Kind.BOOLEAN, True),
            (Kind.DATE, date(2026, 2, 28)),
        ]

    def test_the_same_from_windows_as_from_linux(self):
        windows = "\ufeff" + TEXT.replace("\n", "\r\n")

        assert decode(windows.encode()) == TEXT
        assert read_rules(windows, FACTS).digest == text_digest(TEXT)

    def test_with_another_digest_for_another_text(self):
        assert text_digest(TEXT) != text_digest(TEXT.replace("= 4", "= 5"))
