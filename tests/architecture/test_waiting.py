"""No test waits in a way that a page's own policy refuses once in a while."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
REFUSED = "wait_for_" + "function("


def test_nobody_waits_by_evaluating_inside_a_page():
    found = [
        str(file.relative_to(ROOT))
        for folder in ("tests", "benchmarks")
        for file in (ROOT / folder).rglob("*.py")
        if REFUSED in file.read_text()
    ]

    assert found == [], "use tests.holding.until_true"
