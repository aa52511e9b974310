"""The words of an expression: the first gate, before any parser sees the text.

Only the words, signs and literals of docs/protocols/rules.md pass, each name being declared; so
the parser behind it never meets comments, statements, casts, placeholders or other quoting.
"""

import difflib
import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from betang.core.criteria.tree import Name

KEYWORDS = frozenset({
    "and", "or", "not", "in", "between", "is", "null", "true", "false", "unknown", "distinct",
    "from", "case", "when", "then", "else", "end", "date", "coalesce", "nullif", "abs",
})  # fmt: skip

#: A family's lawyer reads it; and the parser behind recurses.
EXPRESSION_CHARACTERS_MAX = 2_000
EXPRESSION_TOKENS_MAX = 400
NESTING_MAX = 12
#: 18 digits always fit PostgreSQL's bigint.
DIGITS_MAX = 18

_TOKEN = re.compile(
    r"(?P<space>[ \n]+)"
    r"|(?P<number>[0-9]+(?:\.[0-9]+)?)"
    r"|(?P<string>'(?:[^'\\\n]|'')*')"
    r"|(?P<word>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<comment>--|/\*)"
    r"|(?P<unequal>!=)"
    r"|(?P<sign><>|<=|>=|[=<>+\-*/(),])"
)


class Refused(Exception):  # noqa: N818 -- it carries a finding to its line, it is not an error class
    """An expression is wrong at `offset`; `sentence` and `do` are told to the author."""

    def __init__(self, offset: int, sentence: str, do: str) -> None:
        super().__init__(sentence)
        self.offset = offset
        self.sentence = sentence
        self.do = do


@dataclass(frozen=True, slots=True)
class Source:
    """A text gathered from one or more lines of a file, and where each of them stood."""

    text: str
    starts: tuple[tuple[int, int, int], ...]  # (offset in text, line, column of that offset)

    def place(self, offset: int) -> tuple[int, int]:
        """Say at which line and column of the file `offset` stands."""
        offset = max(0, min(offset, len(self.text)))
        begun = bisect_right([start for start, _, _ in self.starts], offset) - 1
        start, line, column = self.starts[max(begun, 0)]
        return line, column + offset - start


def quoted(text: str) -> str:
    """Show a piece of the author's text inside a sentence: short, on one line, printable."""
    shown = "".join(sign if sign.isprintable() else "·" for sign in text[:40])
    return f"«{shown}{'…' if len(text) > 40 else ''}»"


def read_day(text: str) -> date:
    """Read `2026-01-31`, and no other form of a date. Raises ValueError."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise ValueError(text)
    return date.fromisoformat(text)


def check_words(text: str, names: Mapping[str, Name]) -> None:
    """Raise `Refused` at the first word or sign of `text` that the language does not have."""
    if not text.strip():
        raise Refused(0, "Ekspresi masih kosong.", "Tulis syaratnya, misalnya: decile <= 4.")
    if len(text) > EXPRESSION_CHARACTERS_MAX:
        raise Refused(
            EXPRESSION_CHARACTERS_MAX,
            f"Ekspresi lebih panjang dari {EXPRESSION_CHARACTERS_MAX} huruf.",
            "Pecah menjadi beberapa indikator.",
        )
    nesting = _Nesting()
    tokens = 0
    offset = 0
    before = ""
    while offset < len(text):
        match = _TOKEN.match(text, offset)
        if match is None:
            raise _unknown_sign(text, offset)
        token = match.group()
        if match.lastgroup != "space":
            tokens += 1
            if tokens > EXPRESSION_TOKENS_MAX:
                raise Refused(
                    offset, "Ekspresi terlalu panjang.", "Pecah menjadi beberapa indikator."
                )
            _check_token(match, names, before)
            nesting.see(token.lower(), offset)
        before = "" if match.lastgroup == "space" else match.lastgroup or ""
        offset = match.end()


class _Nesting:
    """Counts how deep parentheses, CASE and repeated prefixes go."""

    def __init__(self) -> None:
        self.open = 0
        self.prefixes = 0

    def see(self, token: str, offset: int) -> None:
        if token in ("(", "case"):
            self.open += 1
        elif token in (")", "end"):
            self.open = max(0, self.open - 1)
        self.prefixes = self.prefixes + 1 if token in ("not", "-", "+") else 0
        if self.open + self.prefixes > NESTING_MAX:
            raise Refused(
                offset,
                f"Kurung atau CASE bersarang lebih dari {NESTING_MAX} tingkat.",
                "Pecah menjadi beberapa indikator.",
            )


def _check_token(match: "re.Match[str]", names: Mapping[str, Name], before: str) -> None:
    token, offset, text = match.group(), match.start(), match.string
    following = text[match.end() : match.end() + 1]
    if match.lastgroup == "comment":
        raise Refused(
            offset,
            "Komentar tidak boleh berada di dalam ekspresi.",
            "Tulis komentar pada baris tersendiri yang diawali #.",
        )
    if match.lastgroup == "unequal":
        raise Refused(offset, "Tanda != tidak dikenal.", "Pakai <> untuk «tidak sama dengan».")
    if match.lastgroup == "number":
        if re.match(r"[A-Za-z0-9_.]", following):
            raise Refused(
                offset,
                f"Bilangan {quoted(token + following)} tidak dapat dibaca.",
                "Tulis bilangan biasa, misalnya 4 atau 1.5, tanpa pemisah ribuan.",
            )
        if len(token.replace(".", "")) > DIGITS_MAX:
            raise Refused(
                offset, f"Bilangan lebih dari {DIGITS_MAX} angka.", "Periksa jumlah nolnya."
            )
    if match.lastgroup == "string" and before in ("string", "number"):
        raise Refused(offset, "Dua nilai berdampingan.", "Beri tanda hubung logika di antaranya.")
    if match.lastgroup == "word":
        _check_word(token, offset, following, names)


def _check_word(token: str, offset: int, following: str, names: Mapping[str, Name]) -> None:
    if token.lower() in KEYWORDS or token in names:
        if following == "'" and token.lower() != "date":
            raise Refused(
                offset, f"Awalan {quoted(token)} pada teks tidak dikenal.", "Hapus awalannya."
            )
        return
    if following == "(":
        raise Refused(
            offset,
            f"Fungsi {quoted(token)} tidak tersedia dalam aturan.",
            "Yang tersedia: COALESCE, NULLIF, ABS.",
        )
    near = difflib.get_close_matches(token.lower(), list(names), n=1, cutoff=0.6)
    raise Refused(
        offset,
        f"Nama {quoted(token)} tidak dikenal.",
        f"Mungkin maksudnya {near[0]}?" if near else "Pakai fakta atau parameter yang dinyatakan.",
    )


def _unknown_sign(text: str, offset: int) -> Refused:
    sign = text[offset]
    if sign == "'":
        return Refused(
            offset,
            "Teks dalam tanda petik tidak ditutup atau memuat garis miring terbalik.",
            "Tutup dengan ' pada baris yang sama.",
        )
    if sign == '"':
        return Refused(
            offset, "Tanda petik ganda tidak dipakai.", "Tulis nama tanpa petik, teks dengan '…'."
        )
    return Refused(
        offset,
        f"Tanda {quoted(sign)} tidak dikenal dalam aturan.",
        "Lihat bentuk yang diizinkan di docs/protocols/rules.md.",
    )
