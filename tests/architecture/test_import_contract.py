"""The order of imports holds, and each way to break it is noticed."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def copy_of_the_house(tmp_path_factory) -> Path:
    house = tmp_path_factory.mktemp("house")
    for name in ("betang", "sandbox"):
        shutil.copytree(
            ROOT / name, house / name,
            ignore=shutil.ignore_patterns("static", "templates", "__pycache__", "locale"),
        )  # fmt: skip
    shutil.copy(ROOT / "pyproject.toml", house)
    return house


def lint(house: Path) -> tuple[bool, str]:
    """Run Import Linter in a folder; gives whether the contracts hold, and what it said."""
    ran = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-logo", "--no-cache"],
        check=False, cwd=house, capture_output=True, text=True,
    )  # fmt: skip
    return ran.returncode == 0, ran.stdout + ran.stderr


def test_the_contracts_hold():
    held, said = lint(ROOT)

    assert held, said


@pytest.mark.parametrize(
    ("path", "text", "why"),
    [
        ("betang/registry/stray.py", "import betang.cards.models\n", "betang.registry"),
        ("betang/keys/stray.py", "def f():\n    import betang.sync.models\n", "betang.keys"),
        ("betang/programmes/stray.py", "import betang.registry.models\n", "betang.programmes"),
        ("betang/intake/stray.py", "import betang.eligibility.models\n", "betang.intake"),
        ("betang/api/stray.py", "import betang.web.urls\n", "betang.api"),
        ("betang/newcomer/__init__.py", "", "newcomer"),
        ("betang/core/stray.py", "import django\n", "betang.core"),
        ("sandbox/stray.py", "import betang.cards.models\n", "sandbox"),
        ("sandbox/stray.py", "import django\n", "sandbox"),
    ],
    ids=[
        "up", "up, hidden in a function", "sideways below", "sideways in the middle",
        "sideways above", "a package that nobody listed", "core uses Django",
        "a stand-in reaches into the house", "a stand-in uses Django",
    ],
)  # fmt: skip
def test_a_broken_contract_is_reported(copy_of_the_house, path, text, why):
    stray = copy_of_the_house / path
    stray.parent.mkdir(exist_ok=True)
    stray.write_text(text)
    try:
        held, said = lint(copy_of_the_house)
    finally:
        stray.unlink()
        if stray.parent.name == "newcomer":
            stray.parent.rmdir()

    assert not held
    assert why in said


def test_an_import_hidden_in_a_function_is_a_finding_of_style(tmp_path):
    stray = tmp_path / "stray.py"
    stray.write_text("def hide() -> None:\n    import json\n\n    json.dumps(1)\n")

    ruff = str(Path(sys.executable).parent / "ruff")
    options = ["--config", str(ROOT / "pyproject.toml"), "--no-cache", "--output-format", "concise"]
    ran = subprocess.run(
        [ruff, "check", *options, str(stray)], check=False, capture_output=True, text=True
    )  # fmt: skip

    assert "PLC0415" in ran.stdout
