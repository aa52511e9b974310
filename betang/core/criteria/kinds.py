"""What a value of the rule language can be, and where a rule text is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from betang.core.errors import FieldsError

#: The declared facts: name -> (SQL type, Indonesian label). `betang.registry.facts` declares them.
Facts = Mapping[str, tuple[str, str]]


class Kind(StrEnum):
    """The kinds of values. Whole numbers and numbers mix; nothing else does."""

    BOOLEAN = "boolean"
    INTEGER = "integer"
    NUMBER = "number"
    TEXT = "text"
    DATE = "date"
    NULL = "null"  # only the bare NULL of a CASE result


#: How people name the kinds.
KIND_LABELS: dict[Kind, str] = {
    Kind.BOOLEAN: "ya/tidak",
    Kind.INTEGER: "bilangan bulat",
    Kind.NUMBER: "bilangan",
    Kind.TEXT: "teks",
    Kind.DATE: "tanggal",
    Kind.NULL: "kosong",
}

NUMERIC = frozenset({Kind.INTEGER, Kind.NUMBER})

_SQL_KINDS: dict[str, Kind] = {
    "boolean": Kind.BOOLEAN,
    "bool": Kind.BOOLEAN,
    "smallint": Kind.INTEGER,
    "integer": Kind.INTEGER,
    "int": Kind.INTEGER,
    "bigint": Kind.INTEGER,
    "int2": Kind.INTEGER,
    "int4": Kind.INTEGER,
    "int8": Kind.INTEGER,
    "numeric": Kind.NUMBER,
    "real": Kind.NUMBER,
    "double precision": Kind.NUMBER,
    "float8": Kind.NUMBER,
    "text": Kind.TEXT,
    "varchar": Kind.TEXT,
    "character varying": Kind.TEXT,
    "char": Kind.TEXT,
    "character": Kind.TEXT,
    "date": Kind.DATE,
}


def kind_of(sql_type: str) -> Kind | None:
    """Say which kind a fact of `sql_type` is; None if the rule language has no such kind."""
    return _SQL_KINDS.get(sql_type.partition("(")[0].strip().lower())


@dataclass(frozen=True, slots=True)
class Finding:
    """One error of a rule text. `line` and `column` count from 1."""

    line: int
    column: int
    sentence: str
    do: str


class RuleTextError(FieldsError):
    """The rule text is not one that could be run; `findings` says where and why, in order."""

    code = "rules.text"
    sentence = (
        "Teks aturan belum benar ({count} kesalahan). Baris {line}, kolom {column}: {finding}"
    )
    do = "{advice}"

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = tuple(sorted(findings, key=lambda found: (found.line, found.column)))
        first = self.findings[0]
        super().__init__(
            field="text",
            count=len(self.findings),
            line=first.line,
            column=first.column,
            finding=first.sentence,
            advice=first.do,
        )
