"""What the program can say is written down: kinds, refusals, settings, personal fields."""

import importlib
import pkgutil
import re
import subprocess
from pathlib import Path

import pytest
from django.apps import apps

import betang
from betang.core.errors import RefusedError
from betang.journal.kinds import declared

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"

#: Column names that hold something about a person, or look as if they did.
PERSONAL = re.compile(
    r"(^|_)(name|names|address|phone|email|nik|family_number|birth|lat|lng|holder|photo|rt|rw|sex|"
    r"income|decile|conditions|anchor|last4|relation|presence|dwelling|password|payload|ciphertext|"
    r"number_sealed|number_index|username)(_|$)"
)


def undocumented(words: set[str], page: str) -> set[str]:
    """Give the words that a page does not name as code."""
    text = (DOCS / page).read_text()
    return {word for word in words if f"`{word}`" not in text}


def refusal_codes() -> set[str]:
    """Give the codes of all refusals, after importing every module of the house."""
    for module in pkgutil.walk_packages(betang.__path__, "betang."):
        if ".migrations" not in module.name and not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    found, waiting = set(), [RefusedError]
    while waiting:
        cls = waiting.pop()
        waiting += cls.__subclasses__()
        if cls.__module__.startswith("betang."):
            found.add(cls.code)
    return found


def settings_used() -> set[str]:
    """Give the environment variables that the house reads."""
    places = [
        *(ROOT / "betang").rglob("*.py"),
        *(ROOT / "sandbox").rglob("*.py"),
        ROOT / "Makefile",
    ]
    places += [*(ROOT / "tests").glob("*.py")]
    return {
        name
        for path in places
        for name in re.findall(r"\bBETANG_[A-Z]+(?:_[A-Z]+)*\b", path.read_text())
    }


def personal_fields() -> set[str]:
    """Give `table.column` of everything that is, or looks, personal."""
    return {
        f"{model._meta.db_table}.{field.column}"
        for model in apps.get_models()
        if model.__module__.startswith("betang.")
        for field in model._meta.concrete_fields
        if PERSONAL.search(field.column)
    }


@pytest.mark.parametrize(
    ("found", "page"),
    [
        (declared, "journal.md"),
        (refusal_codes, "refusals.md"),
        (settings_used, "operate/settings.md"),
        (personal_fields, "protection.md"),
    ],
    ids=["journal kinds", "refusal codes", "settings", "personal fields"],
)
def test_each_is_documented(found, page):
    words = {word for word in found() if not word.startswith("test.")}

    assert words
    assert undocumented(words, page) == set()


def test_a_word_that_nobody_wrote_down_would_be_noticed():
    assert undocumented({"nobody.wrote_this"}, "glossary.md") == {"nobody.wrote_this"}


def test_nothing_names_a_host_of_packages():
    listed = subprocess.run(["git", "ls-files", "-z"], check=True, cwd=ROOT, capture_output=True)
    told = []
    for name in listed.stdout.decode().split("\0"):
        path = ROOT / name
        if not path.is_file() or path.suffix in {".png", ".woff2"}:
            continue
        text = path.read_text(errors="replace")
        if re.search(r"://[\w.-]*(?:pyp[i]|hoste[d]|npmj[s]|debia[n])\.", text):
            told.append(name)

    assert told == []
