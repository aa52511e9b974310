"""A whole rule text: its lines, header, parameters and indicators, all errors reported at once."""

import hashlib
import re
import unicodedata
from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import islice

from betang.core.criteria.expression import read_expression
from betang.core.criteria.kinds import Facts, Finding, Kind, RuleTextError, kind_of
from betang.core.criteria.lines import FIELD_KEYS, Block, Lines, read_lines
from betang.core.criteria.sentence import check_sentence, placeholders
from betang.core.criteria.tree import Name, Node, Value
from betang.core.criteria.words import DIGITS_MAX, KEYWORDS, Refused, Source, quoted, read_day

TEXT_BYTES_MAX = 64 * 1024
INDICATORS_MAX = 64
NAME_CHARACTERS_MAX = 120
FINDINGS_MAX = 50


_NAME = re.compile(r"[a-z][a-z0-9_]{0,47}")
_PROGRAMME = re.compile(r"[A-Z][A-Z0-9]{1,19}")
#: Control, format (also bidirectional overrides, which would show another text than is run),
#: surrogates, private use, and the two other line ends.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


class Role(StrEnum):
    """What an indicator does to the decision."""

    REQUIRE = "require"
    EXCLUDE = "exclude"


@dataclass(frozen=True, slots=True)
class Indicator:
    """One named condition and what is told when it is true, false or unknown."""

    name: str
    role: Role
    label: str
    condition: Node
    written: str  # the expression as the author wrote it, on one line
    when_true: str
    when_false: str
    when_unknown: str

    @property
    def sentences(self) -> tuple[str, str, str]:
        """The three sentences, in the order true, false, unknown."""
        return self.when_true, self.when_false, self.when_unknown


@dataclass(frozen=True, slots=True)
class RuleText:
    """A rule text that was checked whole: it can be run and told."""

    name: str
    programme: str
    valid_from: date
    parameters: tuple[Name, ...]
    indicators: tuple[Indicator, ...]
    #: The facts that expressions and sentences use, in the order of their first use.
    fact_kinds: dict[str, Kind]
    digest: str

    @property
    def fact_names(self) -> tuple[str, ...]:
        """The names of the facts in use, in the order in which a run keeps their values."""
        return tuple(self.fact_kinds)


def decode(data: bytes) -> str:
    """Read the bytes of a rule file. Raises `RuleTextError` if they are too many or not UTF-8."""
    if len(data) > TEXT_BYTES_MAX:
        raise RuleTextError([_too_long()])
    try:
        return normal(data.decode())
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = len(before.rpartition(b"\n")[2].decode(errors="replace")) + 1
        finding = Finding(line, column, "Berkas bukan teks UTF-8.", "Simpan ulang sebagai UTF-8.")
        raise RuleTextError([finding]) from error


def normal(text: str) -> str:
    """Give `text` without byte-order mark and with LF line ends: the form that is kept."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


def text_digest(text: str) -> str:
    """Give the SHA-256 of a rule text in its normal form, in lower-case hex."""
    return hashlib.sha256(normal(text).encode()).hexdigest()


def read_rules(text: str, facts: Facts) -> RuleText:
    """Read and check a rule text over the declared `facts`.

    Raises `RuleTextError` with all findings; nothing else, whatever the text.
    """
    text = normal(text)
    if len(text) > TEXT_BYTES_MAX:
        raise RuleTextError([_too_long()])
    hidden = list(islice(_hidden_characters(text), FINDINGS_MAX))
    if hidden:
        raise RuleTextError(hidden)
    if len(text.encode()) > TEXT_BYTES_MAX:
        raise RuleTextError([_too_long()])
    reader = _Reader(read_lines(text), facts)
    rules = reader.read(text_digest(text))
    if reader.findings or rules is None:
        raise RuleTextError(reader.findings[:FINDINGS_MAX])
    return rules


def _too_long() -> Finding:
    kib = TEXT_BYTES_MAX // 1024
    return Finding(
        1, 1, f"Teks aturan lebih dari {kib} KiB.", "Bagi menjadi aturan yang lebih kecil."
    )


def _hidden_characters(text: str) -> Iterator[Finding]:
    for number, line in enumerate(text.split("\n"), 1):
        for column, sign in enumerate(line, 1):
            if unicodedata.category(sign) in _HIDDEN:
                what = "Tabulasi" if sign == "\t" else f"Huruf tersembunyi U+{ord(sign):04X}"
                yield Finding(number, column, f"{what} tidak boleh dipakai.", "Hapus, pakai spasi.")


class _Reader:
    """Checks the gathered lines of one rule text."""

    def __init__(self, lines: Lines, facts: Facts) -> None:
        self.lines = lines
        self.findings: list[Finding] = list(lines.findings)
        self.names: dict[str, Name] = {}
        for name, (sql_type, _) in facts.items():
            kind = kind_of(sql_type)
            if kind is not None and _NAME.fullmatch(name) and name not in KEYWORDS:
                self.names[name] = Name(name, kind)
        self.facts = frozenset(self.names)
        self.indicator_names: set[str] = set()

    def find(self, source: Source, refused: Refused) -> None:
        line, column = source.place(refused.offset)
        self.findings.append(Finding(line, column, refused.sentence, refused.do))

    def read(self, digest: str) -> RuleText | None:
        name = self.header("name", 1, NAME_CHARACTERS_MAX)
        programme = self.header("programme", 2, 20)
        if programme and not _PROGRAMME.fullmatch(programme):
            self.find(
                self.lines.header["programme"],
                Refused(0, "Kode program tidak benar.", "Pakai huruf besar, misalnya KHBS."),
            )
        valid_from = self.day(self.header("valid_from", 10, 10))
        parameters = tuple(filter(None, (self.parameter(*each) for each in self.lines.parameters)))
        indicators = tuple(filter(None, (self.indicator(each) for each in self.lines.blocks)))
        self.check_whole(parameters, indicators)
        if self.findings or valid_from is None:
            return None
        fact_kinds = {
            used: self.names[used].kind
            for each in indicators
            for used in _used_names(each)
            if used in self.facts
        }
        return RuleText(name, programme, valid_from, parameters, indicators, fact_kinds, digest)

    def header(self, key: str, least: int, most: int) -> str:
        source = self.lines.header.get(key)
        if source is None:
            self.findings.append(
                Finding(1, 1, f"Baris «{key}:» belum ada.", "Tambahkan di bagian atas.")
            )
            return ""
        if not least <= len(source.text) <= most:
            self.find(
                source, Refused(0, f"Isi «{key}» terlalu pendek atau panjang.", "Perbaiki isinya.")
            )
        return source.text

    def day(self, text: str) -> date | None:
        if not text:
            return None
        try:
            return read_day(text)
        except ValueError:
            self.find(
                self.lines.header["valid_from"],
                Refused(0, f"Tanggal {quoted(text)} tidak ada.", "Tulis misalnya 2026-01-31."),
            )
            return None

    def claim(self, source: Source, name: str, taken: Container[str]) -> bool:
        """Say whether `name` may be given here; if not, note why."""
        if not _NAME.fullmatch(name) or name in KEYWORDS:
            do = "Pakai huruf kecil, angka dan garis bawah, diawali huruf."
            self.find(source, Refused(0, f"Nama {quoted(name)} tidak dapat dipakai.", do))
        elif name in taken:
            self.find(source, Refused(0, f"Nama {quoted(name)} sudah dipakai.", "Pilih nama lain."))
        else:
            return True
        return False

    def parameter(self, source: Source, name: str, value: Source) -> Name | None:
        if not self.claim(source, name, self.names):
            return None
        try:
            kind, constant = _constant(value.text)
        except Refused as refused:
            self.find(value, refused)
            return None
        self.names[name] = Name(name, kind, constant)
        return self.names[name]

    def indicator(self, block: Block) -> Indicator | None:
        before = len(self.findings)
        self.claim(block.source, block.name, self.indicator_names)
        self.indicator_names.add(block.name)
        for field in FIELD_KEYS:
            if field not in block.fields:
                self.find(
                    block.source,
                    Refused(
                        0,
                        f"Indikator {quoted(block.name)} belum mempunyai «{field}:».",
                        "Tambahkan.",
                    ),
                )
        condition: Node | None = None
        for field, source in block.fields.items():
            try:
                if field == "when":
                    condition = read_expression(source.text, self.names)
                elif field == "label":
                    check_sentence(source.text, {})
                else:
                    check_sentence(source.text, self.names)
            except Refused as refused:
                self.find(source, refused)
        if condition is None or len(self.findings) > before:
            return None
        told = {field: source.text for field, source in block.fields.items()}
        return Indicator(
            name=block.name,
            role=Role(block.role),
            label=told["label"],
            condition=condition,
            written=" ".join(told["when"].split()),
            when_true=told["true"],
            when_false=told["false"],
            when_unknown=told["unknown"],
        )

    def check_whole(self, parameters: tuple[Name, ...], indicators: tuple[Indicator, ...]) -> None:
        blocks = self.lines.blocks
        if len(blocks) > INDICATORS_MAX:
            self.find(
                blocks[INDICATORS_MAX].source,
                Refused(0, f"Lebih dari {INDICATORS_MAX} indikator.", "Gabungkan beberapa."),
            )
        if not any(block.role == Role.REQUIRE for block in blocks):
            sentence = "Belum ada indikator «require»: semua keluarga akan dianggap layak."
            self.findings.append(Finding(1, 1, sentence, "Tambahkan paling sedikit satu."))
        if self.findings:
            return
        used = {name for each in indicators for name in _used_names(each)}
        for source, name, _ in self.lines.parameters:
            if name not in used:
                self.find(
                    source,
                    Refused(0, f"Parameter {quoted(name)} tidak dipakai.", "Hapus atau pakai."),
                )


def _used_names(indicator: Indicator) -> Iterator[str]:
    for part in indicator.condition.walk():
        if part.operation in ("fact", "parameter"):
            yield part.name
    for sentence in indicator.sentences:
        yield from placeholders(sentence)


def _constant(text: str) -> tuple[Kind, Value]:
    """Read the value of a parameter. Raises `Refused`."""
    if text in ("true", "false"):
        return Kind.BOOLEAN, text == "true"
    if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text):
        if sum(sign.isdigit() for sign in text) > DIGITS_MAX:
            raise Refused(0, f"Bilangan lebih dari {DIGITS_MAX} angka.", "Periksa jumlah nolnya.")
        return (Kind.NUMBER, Decimal(text)) if "." in text else (Kind.INTEGER, int(text))
    if re.fullmatch(r"'([^'\\]|'')*'", text):
        return Kind.TEXT, text[1:-1].replace("''", "'")
    try:
        return Kind.DATE, read_day(text)
    except ValueError as error:
        raise Refused(
            0,
            f"Nilai {quoted(text)} tidak dapat dibaca.",
            "Tulis bilangan tanpa pemisah ribuan, true, false, 'teks', atau tanggal 2026-01-31.",
        ) from error
