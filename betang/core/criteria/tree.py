"""The checked form of an expression: what is run, told and tested is made from these parts only."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from betang.core.criteria.kinds import Kind

Value = bool | int | Decimal | str | date

#: Operations of a `Node`, each with as many parts as docs/protocols/rules.md says.
OPERATIONS = frozenset({
    "fact", "parameter", "literal", "null",
    "and", "or", "not",
    "=", "<>", "<", "<=", ">", ">=", "distinct", "not distinct",
    "in", "between", "is null", "is true", "is false",
    "+", "-", "*", "/", "negative", "absolute",
    "coalesce", "nullif", "case",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Node:
    """One part of an expression.

    `operation` is one of `OPERATIONS`. `name` is set for facts and parameters, `value` for
    parameters and literals. The parts of a `case` are condition, result, condition, result, ...,
    and last what holds otherwise.
    """

    operation: str
    kind: Kind
    parts: tuple["Node", ...] = ()
    name: str = ""
    value: Value | None = None

    def __post_init__(self) -> None:
        assert self.operation in OPERATIONS, self.operation

    def walk(self) -> Iterator["Node"]:
        """Give this part and all below it, this one first."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(reversed(node.parts))


@dataclass(frozen=True, slots=True)
class Name:
    """What a name stands for: a fact (no value) or a parameter (with its value)."""

    name: str
    kind: Kind
    value: Value | None = None
