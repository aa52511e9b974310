"""Dokumen: tulis ulang halaman jenis jurnal dan penolakan."""

import importlib
import pkgutil
from pathlib import Path

import click

import betang
from betang.core.errors import RefusedError
from betang.journal.kinds import declared

JOURNAL = """# Journal kinds

What the journal can say. An entry holds who (account or device, and the person behind it), when it
happened, when we heard, the subject's identifier, the area, and the facts named here: identifiers,
codes and numbers, never personal data. Written by `betang documents` from what packages declare.

| kind | what happened |
|---|---|
"""
REFUSALS = """# Refusals

What an office act, a page or the device API says when a rule forbids it. The code is stable; the
sentence is for people and may change. Written by `betang documents` from the classes.

| code | HTTP | sentence | what to do |
|---|---|---|---|
"""


def refusal_classes() -> list[type[RefusedError]]:
    """Give the refusals of all packages, in the order of their codes."""
    for module in pkgutil.walk_packages(betang.__path__, "betang."):
        if ".migrations" not in module.name and not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    found: dict[str, type[RefusedError]] = {}
    waiting: list[type[RefusedError]] = [RefusedError]
    while waiting:
        cls = waiting.pop()
        waiting += cls.__subclasses__()
        if cls.__module__.startswith("betang."):
            found.setdefault(cls.code, cls)
    return [found[code] for code in sorted(found)]


@click.command()
def command() -> None:
    """Tulis docs/journal.md dan docs/refusals.md dari apa yang dinyatakan kode."""
    docs = Path(betang.__file__).resolve().parents[1] / "docs"
    kinds = "".join(f"| `{kind}` | {text} |\n" for kind, text in sorted(declared().items()))
    (docs / "journal.md").write_text(JOURNAL + kinds)
    rows = "".join(
        f"| `{cls.code}` | {cls.status} | {cls.sentence} | {cls.do} |\n"
        for cls in refusal_classes()
    )
    (docs / "refusals.md").write_text(REFUSALS + rows)
