"""One `when` expression: parsed by sqlglot, translated part by part into our own checked tree.

Whatever is not translated here does not exist in the language: the parser's tree is only read, and
never written back as SQL (docs/protocols/rules.md, "What is run is ours").
"""

from collections.abc import Callable, Mapping
from decimal import Decimal

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, SqlglotError

from betang.core.criteria.kinds import KIND_LABELS, NUMERIC, Kind
from betang.core.criteria.tree import Name, Node
from betang.core.criteria.words import Refused, check_words, quoted, read_day

PARTS_MAX = 200
#: Of the parser's tree: a chain of additions is as deep as it is long, and translation recurses.
DEPTH_MAX = 120
#: Each division may add a thousand digits after the point; sixteen thousand is numeric's end.
DIVISIONS_MAX = 8

_COMPARISONS: dict[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.NullSafeEQ: "not distinct",
    exp.NullSafeNEQ: "distinct",
}
_ARITHMETIC: dict[type[exp.Expr], str] = {
    exp.Add: "+",
    exp.Sub: "-",
    exp.Mul: "*",
    exp.Div: "/",
}
#: Needs parentheses as an operand of a comparison: people read `a = b = c` in two ways.
_LOGICAL = (exp.Predicate, exp.Not, exp.And, exp.Or)


def read_expression(text: str, names: Mapping[str, Name]) -> Node:
    """Read `text` as one boolean expression over `names`.

    Raises `Refused` with the offset of the first thing that is wrong.
    """
    check_words(text, names)
    try:
        parsed = sqlglot.parse_one(text, dialect="postgres")
    except SqlglotError as error:
        raise _unreadable(text, error) from error
    if _depth(parsed) > DEPTH_MAX:
        raise Refused(0, "Ekspresi terlalu rumit.", "Pecah menjadi beberapa indikator.")
    node = _Translation(names).translate(parsed)
    if node.kind is not Kind.BOOLEAN:
        raise Refused(
            0,
            f"Syarat harus bernilai benar atau salah, ini {KIND_LABELS[node.kind]}.",
            "Bandingkan dengan sesuatu, misalnya: decile <= 4.",
        )
    _check_size(node)
    return node


def _check_size(node: Node) -> None:
    parts = list(node.walk())
    if len(parts) > PARTS_MAX:
        raise Refused(
            0,
            f"Ekspresi terdiri atas lebih dari {PARTS_MAX} bagian.",
            "Pecah menjadi beberapa indikator.",
        )
    if sum(part.operation == "/" for part in parts) > DIVISIONS_MAX:
        raise Refused(
            0, f"Lebih dari {DIVISIONS_MAX} pembagian.", "Pecah menjadi beberapa indikator."
        )
    if not any(part.operation == "fact" for part in parts):
        raise Refused(
            0,
            "Syarat tidak memakai satu pun fakta keluarga.",
            "Pakai paling sedikit satu fakta, misalnya decile.",
        )


def _depth(parsed: exp.Expr) -> int:
    """Measure how deep the parser's tree is, without recursion."""
    deepest = 0
    waiting = [(parsed, 1)]
    while waiting:
        part, depth = waiting.pop()
        deepest = max(deepest, depth)
        waiting += [(child, depth + 1) for child in part.iter_expressions()]
    return deepest


def _unreadable(text: str, error: SqlglotError) -> Refused:
    told = error.errors[0] if isinstance(error, ParseError) and error.errors else {}
    highlight = str(told.get("highlight") or "")
    lines = text.split("\n")
    line = min(int(told.get("line") or 1), len(lines))
    # sqlglot names the column of a token's last character.
    column = max(int(told.get("col") or 1) - len(highlight), 0)
    offset = sum(len(before) + 1 for before in lines[: line - 1]) + column
    return Refused(
        offset,
        f"Ekspresi tidak dapat dibaca di sekitar {quoted(highlight)}."
        if highlight
        else "Ekspresi tidak dapat dibaca.",
        "Periksa kurung, AND/OR, dan pembanding di dekatnya.",
    )


def _start(parsed: exp.Expr) -> int:
    """The offset where a parsed part begins, as far as the parser remembers."""
    starts = [
        int(part.meta["start"]) for part in parsed.walk() if part.meta.get("start") is not None
    ]
    return min(starts, default=0)


class _Translation:
    """Turns the parser's tree into ours, checking kinds on the way."""

    def __init__(self, names: Mapping[str, Name]) -> None:
        self.names = names
        self.rules: dict[type[exp.Expr], Callable[[exp.Expr], Node]] = {
            exp.Column: self.column,
            exp.Literal: self.literal,
            exp.Boolean: self.boolean,
            exp.Cast: self.date,
            exp.Paren: lambda parsed: self.translate(parsed.this),
            exp.And: self.connective,
            exp.Or: self.connective,
            exp.Not: self.negation,
            exp.Is: self.test,
            exp.In: self.membership,
            exp.Between: self.between,
            exp.Neg: self.negative,
            exp.Abs: self.absolute,
            exp.Coalesce: self.coalesce,
            exp.Nullif: self.nullif,
            exp.Case: self.case,
        }
        self.rules |= dict.fromkeys(_COMPARISONS, self.comparison)
        self.rules |= dict.fromkeys(_ARITHMETIC, self.arithmetic)

    def translate(self, parsed: exp.Expr) -> Node:
        """Give our node for `parsed`, or refuse it."""
        rule = self.rules.get(type(parsed))
        if rule is None:
            if isinstance(parsed, exp.Null):
                raise Refused(
                    _start(parsed.parent or parsed),
                    "NULL hanya boleh dipakai dalam IS NULL atau sebagai hasil CASE.",
                    "Pakai IS NULL atau IS NOT NULL untuk data yang belum diketahui.",
                )
            raise Refused(
                _start(parsed),
                "Bentuk ini tidak diizinkan dalam aturan.",
                "Lihat bentuk yang diizinkan di docs/protocols/rules.md.",
            )
        return rule(parsed)

    # Leaves

    def column(self, parsed: exp.Expr) -> Node:
        identifier = parsed.this
        name = self.names.get(identifier.name) if isinstance(identifier, exp.Identifier) else None
        if name is None or len([part for part in parsed.args.values() if part]) != 1:
            raise Refused(_start(parsed), "Nama ini tidak dikenal.", "Pakai fakta atau parameter.")
        if name.value is None:
            return Node("fact", name.kind, name=name.name)
        return Node("parameter", name.kind, name=name.name, value=name.value)

    def literal(self, parsed: exp.Expr) -> Node:
        written = str(parsed.this)
        if parsed.args.get("is_string"):
            return Node("literal", Kind.TEXT, value=written)
        if written.isascii() and written.isdigit():
            return Node("literal", Kind.INTEGER, value=int(written))
        return Node("literal", Kind.NUMBER, value=Decimal(written))

    def boolean(self, parsed: exp.Expr) -> Node:
        return Node("literal", Kind.BOOLEAN, value=bool(parsed.this))

    def date(self, parsed: exp.Expr) -> Node:
        """DATE '2026-01-01' is the one cast there is, and it was proven here not to throw."""
        assert parsed.is_type("date"), "no other type is a word of the language"
        written = str(parsed.this.this)
        try:
            day = read_day(written)
        except ValueError as error:
            raise Refused(
                _start(parsed),
                f"Tanggal {quoted(written)} tidak ada.",
                "Tulis tahun-bulan-tanggal, misalnya DATE '2026-01-31'.",
            ) from error
        return Node("literal", Kind.DATE, value=day)

    # Logic

    def connective(self, parsed: exp.Expr) -> Node:
        """AND and OR, as one node for a whole chain."""
        own = type(parsed)
        chain: list[exp.Expr] = []
        waiting = [parsed]
        while waiting:
            part = waiting.pop()
            if type(part) is own:
                waiting += [part.args["expression"], part.this]
            else:
                chain.append(part)
        if any(isinstance(part, exp.And | exp.Or) for part in chain):
            raise Refused(
                _start(parsed),
                "AND dan OR bercampur tanpa kurung.",
                "Beri kurung agar tidak ada dua tafsir.",
            )
        parts = tuple(self.expect(part, frozenset({Kind.BOOLEAN})) for part in chain)
        return Node("and" if own is exp.And else "or", Kind.BOOLEAN, parts)

    def negation(self, parsed: exp.Expr) -> Node:
        part = self.expect(parsed.this, frozenset({Kind.BOOLEAN}))
        return Node("not", Kind.BOOLEAN, (part,))

    def test(self, parsed: exp.Expr) -> Node:
        """IS [NOT] NULL, TRUE, FALSE, UNKNOWN (which the parser reads as NULL)."""
        wanted = parsed.args["expression"]
        subject = self.operand(parsed.this)
        if isinstance(wanted, exp.Null):
            node = Node("is null", Kind.BOOLEAN, (subject,))
        elif isinstance(wanted, exp.Boolean):
            self.require(subject, frozenset({Kind.BOOLEAN}), parsed.this)
            node = Node("is true" if wanted.this else "is false", Kind.BOOLEAN, (subject,))
        else:
            raise Refused(
                _start(parsed),
                "Setelah IS hanya boleh NULL, TRUE, FALSE, UNKNOWN, atau DISTINCT FROM.",
                "Pakai = untuk membandingkan nilai.",
            )
        return Node("not", Kind.BOOLEAN, (node,)) if parsed.args.get("negate") else node

    # Comparisons

    def comparison(self, parsed: exp.Expr) -> Node:
        operation = _COMPARISONS[type(parsed)]
        left, right = self.operand(parsed.this), self.operand(parsed.args["expression"])
        self.agree(left, right, parsed)
        if operation in ("<", "<=", ">", ">="):
            self.require_order(left, parsed)
        return Node(operation, Kind.BOOLEAN, (left, right))

    def membership(self, parsed: exp.Expr) -> Node:
        items = parsed.args.get("expressions") or []
        if not items or any(parsed.args.get(key) for key in ("query", "unnest", "field")):
            raise Refused(
                _start(parsed), "Daftar IN masih kosong.", "Tulis nilainya, misalnya IN (1, 2)."
            )
        subject = self.operand(parsed.this)
        values = tuple(self.operand(item) for item in items)
        for value, item in zip(values, items, strict=True):
            if not _is_constant(value):
                raise Refused(
                    _start(item),
                    "Daftar IN hanya boleh memuat nilai tetap dan parameter.",
                    "Pakai = dan OR untuk membandingkan dengan fakta lain.",
                )
            self.agree(subject, value, item)
        return Node("in", Kind.BOOLEAN, (subject, *values))

    def between(self, parsed: exp.Expr) -> Node:
        subject = self.operand(parsed.this)
        low, high = self.operand(parsed.args["low"]), self.operand(parsed.args["high"])
        self.agree(subject, low, parsed)
        self.agree(subject, high, parsed)
        self.require_order(subject, parsed)
        return Node("between", Kind.BOOLEAN, (subject, low, high))

    # Arithmetic and functions

    def arithmetic(self, parsed: exp.Expr) -> Node:
        operation = _ARITHMETIC[type(parsed)]
        left = self.expect(parsed.this, NUMERIC)
        right = self.expect(parsed.args["expression"], NUMERIC)
        if operation == "/" and not _never_zero(right):
            raise Refused(
                _start(parsed.args["expression"]),
                "Pembagi dapat bernilai nol.",
                "Tulis pembaginya sebagai NULLIF(…, 0): hasilnya lalu «belum diketahui».",
            )
        return Node(operation, Kind.NUMBER, (left, right))

    def negative(self, parsed: exp.Expr) -> Node:
        part = self.expect(parsed.this, NUMERIC)
        if part.operation == "literal" and isinstance(part.value, int | Decimal):
            return Node("literal", part.kind, value=-part.value)
        return Node("negative", Kind.NUMBER, (part,))

    def absolute(self, parsed: exp.Expr) -> Node:
        return Node("absolute", Kind.NUMBER, (self.expect(parsed.this, NUMERIC),))

    def coalesce(self, parsed: exp.Expr) -> Node:
        given = [parsed.this, *(parsed.args.get("expressions") or [])]
        if len(given) < 2:
            raise Refused(
                _start(parsed), "COALESCE memerlukan dua nilai atau lebih.", "Tulis nilai gantinya."
            )
        parts = tuple(self.translate(part) for part in given)
        return Node("coalesce", self.common(parts, parsed), parts)

    def nullif(self, parsed: exp.Expr) -> Node:
        left, right = self.translate(parsed.this), self.translate(parsed.args["expression"])
        self.agree(left, right, parsed)
        return Node("nullif", left.kind, (left, right))

    def case(self, parsed: exp.Expr) -> Node:
        subject = None if parsed.this is None else self.translate(parsed.this)
        if subject is not None and subject.operation not in ("fact", "parameter"):
            # It is written once for each WHEN: nested, it would grow without bound.
            raise Refused(
                _start(parsed.this),
                "Setelah CASE hanya boleh satu fakta atau parameter.",
                "Tulis CASE WHEN syarat THEN … sebagai gantinya.",
            )
        parts: list[Node] = []
        for branch in parsed.args.get("ifs") or []:
            if subject is None:
                condition = self.expect(branch.this, frozenset({Kind.BOOLEAN}))
            else:
                wanted = self.translate(branch.this)
                self.agree(subject, wanted, branch)
                condition = Node("=", Kind.BOOLEAN, (subject, wanted))
            parts += [condition, self.result(branch.args["true"])]
        default = parsed.args.get("default")
        parts.append(Node("null", Kind.NULL) if default is None else self.result(default))
        kind = self.common((*parts[1:-1:2], parts[-1]), parsed)
        return Node("case", kind, tuple(parts))

    def result(self, parsed: exp.Expr) -> Node:
        if isinstance(parsed, exp.Null):
            return Node("null", Kind.NULL)
        return self.translate(parsed)

    # Kinds

    def operand(self, parsed: exp.Expr) -> Node:
        """Translate a side of a comparison, which must not be a bare comparison itself."""
        if isinstance(parsed, _LOGICAL):
            raise Refused(
                _start(parsed),
                "Perbandingan di dalam perbandingan tanpa kurung.",
                "Beri kurung agar tidak ada dua tafsir.",
            )
        return self.translate(parsed)

    def expect(self, parsed: exp.Expr, kinds: frozenset[Kind]) -> Node:
        node = self.translate(parsed)
        self.require(node, kinds, parsed)
        return node

    def require(self, node: Node, kinds: frozenset[Kind], parsed: exp.Expr) -> None:
        if node.kind not in kinds:
            wanted = KIND_LABELS[Kind.NUMBER if Kind.NUMBER in kinds else next(iter(kinds))]
            raise Refused(
                _start(parsed),
                f"Di sini diperlukan {wanted}, bukan {KIND_LABELS[node.kind]}.",
                "Periksa jenis fakta dan parameter yang dipakai.",
            )

    def require_order(self, node: Node, parsed: exp.Expr) -> None:
        if node.kind not in NUMERIC and node.kind is not Kind.DATE:
            raise Refused(
                _start(parsed),
                f"Nilai berjenis {KIND_LABELS[node.kind]} tidak mempunyai urutan.",
                "Pakai =, <>, atau IN.",
            )

    def agree(self, left: Node, right: Node, parsed: exp.Expr) -> None:
        if left.kind is not right.kind and not {left.kind, right.kind} <= NUMERIC:
            raise Refused(
                _start(parsed),
                f"Jenisnya berbeda: {KIND_LABELS[left.kind]} dan {KIND_LABELS[right.kind]}.",
                "Bandingkan nilai yang sejenis.",
            )

    def common(self, parts: tuple[Node, ...], parsed: exp.Expr) -> Kind:
        kinds = {part.kind for part in parts} - {Kind.NULL}
        if len(kinds) == 1:
            return kinds.pop()
        if kinds and kinds <= NUMERIC:
            return Kind.NUMBER
        raise Refused(
            _start(parsed),
            "Nilai-nilainya tidak sejenis." if kinds else "Semua hasilnya NULL.",
            "Pakai nilai yang sejenis.",
        )


def _is_constant(node: Node) -> bool:
    return node.operation in ("literal", "parameter")


def _never_zero(node: Node) -> bool:
    """Say whether a divisor is NULLIF(..., 0) or a constant other than zero."""
    if node.operation == "nullif":
        other = node.parts[1]
        return _is_constant(other) and other.value == 0
    return _is_constant(node) and node.value != 0
