"""Which tables the SQL in a module's strings reads and writes.

An import checker does not see SQL. A package writes only its own tables, and reads its own and
those of packages below it, never a sibling's.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

#: architecture.md, "Who may import whom", from the bottom up; siblings share a height.
HEIGHTS = {
    name: height
    for height, names in enumerate(
        [
            ["journal"], ["keys"], ["areas"], ["accounts"], ["errands"],
            ["programmes", "registry"], ["ledger"], ["eligibility", "intake"],
            ["cards"], ["distribution"], ["payments"], ["grievances"],
            ["sync"], ["monitoring"], ["web", "api", "cli"],
        ]
    )
    for name in names
}  # fmt: skip
#: Names without an app's prefix that are an app's all the same.
BORROWED = {"staging": "intake"}

LOOKS_LIKE_SQL = re.compile(
    r"\b(INSERT\s+INTO|UPDATE\s+\w+\s+(?:AS\s+\w+\s+|\w+\s+)?SET|DELETE\s+FROM|SELECT\b[\s\S]*\bFROM"
    r"|TRUNCATE|COPY\s+[\w.]+)\b"
)
WRITES = re.compile(
    r"\b(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM|TRUNCATE(?:\s+TABLE)?|COPY)\s+([\w.]+)"
)
READS = re.compile(r"\b(?:FROM|JOIN|USING)\s+([a-z][\w.]+)")


class Use(NamedTuple):
    """A table that a string of SQL touches."""

    table: str
    written: bool
    line: int


def uses_in(path: Path) -> Iterator[Use]:
    """Give the tables that the SQL strings of a Python file touch."""
    tree = ast.parse(path.read_text())
    documentation = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    inside = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for part in node.values
    }
    for node in ast.walk(tree):
        if id(node) in documentation or id(node) in inside:
            continue
        text = _text(node)
        if text and LOOKS_LIKE_SQL.search(text):
            for table, written in tables(text):
                yield Use(table, written, node.lineno)


def tables(text: str) -> set[tuple[str, bool]]:
    """Give the tables of a SQL text and whether each is written."""
    plain = re.sub(r"%\(\w+\)s|%s|%b", "NULL", text).replace("%%", "%")
    try:
        statements = [found for found in sqlglot.parse(plain, dialect="postgres") if found]
    except SqlglotError:
        return _by_words(plain)
    if any(isinstance(statement, exp.Command) for statement in statements):
        return _by_words(plain)
    found = set()
    for statement in statements:
        own = {cte.alias for cte in statement.find_all(exp.CTE)}
        for table in statement.find_all(exp.Table):
            name = f"{table.db}.{table.name}" if table.db else table.name
            if name not in own:
                found.add((name, _is_target(table)))
    return found


def owner(table: str) -> str | None:
    """Give the package that owns a table, or None for what is nobody's (catalogues, CTEs)."""
    first = table.split(".", 1)[0]
    if first in BORROWED:
        return BORROWED[first]
    prefix = table.split("_", 1)[0]
    return prefix if "_" in table and prefix in HEIGHTS else None


def breach(package: str, use: Use) -> str | None:
    """Say what is wrong when a module of `package` uses a table so, or None."""
    of = owner(use.table)
    if of is None or of == package:
        return None
    if use.written:
        return f"{package} writes {use.table}, which belongs to {of}"
    if package in HEIGHTS and HEIGHTS[of] >= HEIGHTS[package]:
        return f"{package} reads {use.table}, which does not lie below it"
    return None


def _is_target(table: exp.Table) -> bool:
    parent = table.parent
    if isinstance(parent, exp.Schema):
        parent = parent.parent
    return isinstance(
        parent, exp.Insert | exp.Update | exp.Delete | exp.TruncateTable | exp.Copy
    ) and (table.arg_key == "this" or isinstance(table.parent, exp.Schema))


def _by_words(text: str) -> set[tuple[str, bool]]:
    written = {(name, True) for name in WRITES.findall(text) if "_" in name}
    return written | {(name, False) for name in READS.findall(text) if "_" in name}


def _text(node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(
            part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else "x"
            for part in node.values
        )
    return None
