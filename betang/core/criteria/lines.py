"""The lines of a rule text, gathered into header, parameters and indicator blocks."""

import re
from dataclasses import dataclass, field

from betang.core.criteria.kinds import Finding
from betang.core.criteria.words import Source, quoted

VERSION_LINE = "rules 1"
HEADER_KEYS = ("name", "programme", "valid_from")
FIELD_KEYS = ("label", "when", "true", "false", "unknown")
LINES_MAX = 4_000

_HEADER = re.compile(r"([A-Za-z_]+) *: *(.*)")
_PARAMETER = re.compile(r"parameter +([^ =]+) *= *(.*)")
_INDICATOR = re.compile(r"(require|exclude) +(\S+)")
_FIELD = re.compile(r"([A-Za-z_]+) *: *(.*)")


@dataclass(slots=True)
class Block:
    """One indicator as it was written."""

    role: str
    name: str
    source: Source
    indent: int | None = None
    fields: dict[str, Source] = field(default_factory=dict)


@dataclass(slots=True)
class Lines:
    """What the lines of a text say, before anything of it is understood."""

    header: dict[str, Source] = field(default_factory=dict)
    parameters: list[tuple[Source, str, Source]] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def read_lines(text: str) -> Lines:
    """Gather the lines of `text`. What cannot be placed becomes a finding."""
    gatherer = _Gatherer()
    for number, line in enumerate(text.split("\n"), 1):
        if number > LINES_MAX:
            gatherer.find(number, 1, f"Lebih dari {LINES_MAX} baris.", "Ringkaskan.")
            break
        content = line.strip(" ")
        if content and not content.startswith("#"):
            gatherer.see(number, len(line) - len(line.lstrip(" ")), content)
    if not gatherer.versioned and not gatherer.lines.findings:
        gatherer.find(1, 1, f"Baris «{VERSION_LINE}» belum ada.", "Tulis pada baris pertama.")
    return gatherer.lines


def _one(text: str, line: int, column: int) -> Source:
    return Source(text, ((0, line, column),))


class _Gatherer:
    def __init__(self) -> None:
        self.lines = Lines()
        self.versioned = False
        self.field: str | None = None  # the field that a deeper line continues

    def find(self, line: int, column: int, sentence: str, do: str) -> None:
        self.lines.findings.append(Finding(line, column, sentence, do))

    def see(self, number: int, indent: int, content: str) -> None:
        if indent:
            self.inner(number, indent, content)
            return
        self.field = None
        if not self.versioned:
            self.versioned = True
            if content != VERSION_LINE:
                self.find(
                    number,
                    1,
                    f"Teks aturan harus diawali «{VERSION_LINE}».",
                    "Tulis pada baris pertama.",
                )
            if content.startswith("rules"):
                return
        self.top(number, content)

    def top(self, number: int, content: str) -> None:
        """A line that begins at the margin."""
        if match := _INDICATOR.fullmatch(content):
            source = _one(match[2], number, match.start(2) + 1)
            self.lines.blocks.append(Block(match[1], match[2], source))
        elif match := _PARAMETER.fullmatch(content):
            source = _one(match[1], number, match.start(1) + 1)
            value = _one(match[2], number, match.start(2) + 1)
            self.lines.parameters.append((source, match[1], value))
            if self.lines.blocks:
                self.find(number, 1, "Parameter ditulis sebelum indikator pertama.", "Pindahkan.")
        elif match := _HEADER.fullmatch(content):
            self.header(number, match)
        else:
            self.find(
                number,
                1,
                f"Baris {quoted(content)} tidak dikenal.",
                "Tulis name:, programme:, valid_from:, parameter, require, atau exclude.",
            )

    def header(self, number: int, match: "re.Match[str]") -> None:
        key = match[1]
        if key not in HEADER_KEYS:
            do = "Isian indikator ditulis menjorok ke dalam." if key in FIELD_KEYS else "Hapus."
            self.find(number, 1, f"Isian «{key}:» tidak dikenal di sini.", do)
        elif key in self.lines.header:
            self.find(number, 1, f"Isian «{key}:» ada dua kali.", "Hapus salah satu.")
        elif self.lines.parameters or self.lines.blocks:
            self.find(number, 1, f"Isian «{key}:» ditulis paling atas.", "Pindahkan.")
        else:
            self.lines.header[key] = _one(match[2], number, match.start(2) + 1)

    def inner(self, number: int, indent: int, content: str) -> None:
        """An indented line: a field of the indicator above, or the continuation of a field."""
        block = self.lines.blocks[-1] if self.lines.blocks else None
        if block is None:
            self.find(number, indent + 1, "Baris menjorok tanpa indikator.", "Hapus spasi di awal.")
        elif block.indent is not None and indent > block.indent:
            self.continued(block, number, indent, content)
        elif block.indent is not None and indent < block.indent:
            self.find(number, indent + 1, "Jorokan baris tidak sama.", "Samakan dengan atasnya.")
        else:
            block.indent = indent
            self.inner_field(block, number, indent, content)

    def inner_field(self, block: Block, number: int, indent: int, content: str) -> None:
        match = _FIELD.fullmatch(content)
        key = match[1] if match else ""
        self.field = None
        if match is None or key not in FIELD_KEYS:
            self.find(
                number,
                indent + 1,
                f"Isian {quoted(content)} tidak dikenal.",
                "Yang ada: label:, when:, true:, false:, unknown:.",
            )
        elif key in block.fields:
            self.find(number, indent + 1, f"Isian «{key}:» ada dua kali.", "Hapus salah satu.")
        else:
            block.fields[key] = _one(match[2], number, indent + match.start(2) + 1)
            self.field = key

    def continued(self, block: Block, number: int, indent: int, content: str) -> None:
        if self.field is None:
            self.find(number, indent + 1, "Baris lanjutan tanpa isian.", "Samakan jorokannya.")
            return
        before = block.fields[self.field]
        # A line end inside an expression, a space inside a sentence.
        joint = "\n" if self.field == "when" else " "
        text = before.text + joint + content
        start = len(before.text) + len(joint)
        block.fields[self.field] = Source(text, (*before.starts, (start, number, indent + 1)))
