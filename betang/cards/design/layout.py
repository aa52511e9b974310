"""Reading and writing a layout: JSON in, checked word by word, and the same JSON out again."""

import json
import re
import unicodedata
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from betang.cards.design.language import (
    BACK_QR_FIELD,
    FIELDS,
    FORMAT,
    KINDS,
    PARTS_MAX,
    PATTERNS,
    QR_FIELD,
    SIDE_WORDS,
    SIDES,
    TEXT_KINDS,
    Field,
)
from betang.core.errors import FieldsError

#: A layout of all parts there may be is a tenth of this.
BYTES_MAX = 64 * 1024
COLOUR = re.compile(r"#[0-9A-F]{6}")
PICTURE = re.compile(r"[0-9a-f]{64}")
NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")
#: The share of the size that lies above the baseline, and what a line takes in all.
ASCENT, LINE = 0.78, 1.02
PITCH = 1.1
DOTS_A_POINT = 300 / 72
ADVICE_SECOND = 0.87


class LayoutError(FieldsError):
    """A layout says something that the language does not know, or beyond its bounds."""

    code = "design.layout"
    sentence = "Sisi {side}, bagian «{part}»: isian «{named}» {wrong}."
    do = "Perbaiki isian itu; batasnya tertulis di docs/protocols/design.md."


class LayoutFormError(FieldsError):
    """The bytes are no layout at all."""

    code = "design.form"
    sentence = "Berkas ini bukan rancangan kartu: {wrong}."
    do = "Pakai berkas yang diekspor dengan «betang cards designs export»."


@dataclass(frozen=True, slots=True)
class Part:
    """One named thing on a side; `said` holds exactly the fields of its kind."""

    id: str
    kind: str
    said: dict[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.said[name]

    @property
    def words(self) -> str:
        """Its name for people."""
        label = KINDS[self.kind].label
        said = self.said
        told = said.get("title") or said.get("text") or PATTERNS.get(said.get("pattern", ""), "")
        return f"{label}: {told}" if told else label

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Give left, top, right and bottom in dots: all that the part can ever cover."""
        x, y = self.said["x"], self.said["y"]
        width, height = self._measure()
        return x, y, x + width, y + height

    def _measure(self) -> tuple[int, int]:
        if self.kind in {"qr", "back_qr"}:
            field = QR_FIELD if self.kind == "qr" else BACK_QR_FIELD
            return field, field
        if self.kind == "tap_sign":
            return self.said["w"], round(self.said["w"] * 0.62)
        if self.kind == "advice":
            size = self.said["size"] * (1 + ADVICE_SECOND + 0.36)
            return self.said["w"], round(size * DOTS_A_POINT)
        if self.kind in TEXT_KINDS:
            lines = self.said.get("lines", 1)
            high = self.said["size"] * (LINE + (lines - 1) * PITCH)
            return self.said["w"], round(high * DOTS_A_POINT)
        return self.said["w"], self.said["h"]


@dataclass(frozen=True, slots=True)
class Side:
    """A ground and the parts upon it, in the order in which they are drawn."""

    ground: str
    parts: tuple[Part, ...]

    def of(self, kind: str) -> Part | None:
        """Give the first part of a kind."""
        return next((part for part in self.parts if part.kind == kind), None)


@dataclass(frozen=True, slots=True)
class Layout:
    """Both sides of a card."""

    front: Side
    back: Side

    @property
    def sides(self) -> tuple[tuple[str, Side], ...]:
        """Give both sides with their names."""
        return ("front", self.front), ("back", self.back)

    @property
    def pictures(self) -> set[str]:
        """Give the names of the pictures it shows."""
        return {
            part["picture"]
            for _, side in self.sides
            for part in side.parts
            if part.kind == "logo" and part["picture"]
        }


def read_text(text: str | bytes) -> Layout:
    """Read a layout from JSON text. Raises `LayoutFormError`, `LayoutError`."""
    if len(text) > BYTES_MAX:
        raise LayoutFormError(wrong="lebih besar dari 64 KiB")
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise LayoutFormError(wrong="bukan JSON yang utuh") from error
    return read(told)


def read(told: Any) -> Layout:
    """Read a layout from JSON values. Raises `LayoutFormError`, `LayoutError`."""
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise LayoutFormError(wrong=f"tidak bertanda «{FORMAT}»")
    if set(told) != {"format", *SIDES}:
        raise LayoutFormError(wrong="harus berisi sisi depan dan belakang saja")
    return Layout(**{side: _side(side, told[side]) for side in SIDES})


def written(layout: Layout) -> dict[str, Any]:
    """Write a layout as JSON values: reading them gives the same layout."""
    told: dict[str, Any] = {"format": FORMAT}
    for name, side in layout.sides:
        parts = [{"id": part.id, "kind": part.kind, **part.said} for part in side.parts]
        told[name] = {"ground": side.ground, "parts": parts}
    return told


def digest(told: dict[str, Any]) -> str:
    """Give the SHA-256 of a layout's JSON, whose keys are sorted and which has no spaces."""
    plain = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(plain.encode()).hexdigest()


def _side(name: str, told: Any) -> Side:
    words = SIDE_WORDS[name]
    if not isinstance(told, dict) or set(told) != {"ground", "parts"}:
        raise LayoutFormError(wrong=f"sisi {words} harus berisi warna dasar dan daftar bagian")
    parts = told["parts"]
    if not isinstance(parts, list) or len(parts) > PARTS_MAX:
        raise LayoutFormError(wrong=f"sisi {words} paling banyak {PARTS_MAX} bagian")
    ground = _value(FIELDS["colour"], told["ground"])
    if ground is None:
        raise LayoutFormError(wrong=f"warna dasar sisi {words} harus seperti #FAF6EC")
    read_parts = [_part(name, each) for each in parts]
    ids = [part.id for part in read_parts]
    for part in read_parts:
        if ids.count(part.id) > 1:
            raise LayoutFormError(wrong=f"dua bagian sisi {words} bernama «{part.id}»")
        if KINDS[part.kind].once and sum(p.kind == part.kind for p in read_parts) > 1:
            label = KINDS[part.kind].label
            raise LayoutFormError(wrong=f"«{label}» ada dua kali di sisi {words}")
    # Decorations lie under everything else, whatever order they were written in.
    read_parts.sort(key=lambda part: not KINDS[part.kind].decoration)
    return Side(ground, tuple(read_parts))


def _part(side: str, told: Any) -> Part:
    words = SIDE_WORDS[side]
    if not isinstance(told, dict):
        raise LayoutFormError(wrong=f"sebuah bagian sisi {words} bukan objek")
    kind = KINDS.get(told["kind"]) if isinstance(told.get("kind"), str) else None
    if kind is None or side not in kind.sides:
        raise LayoutFormError(wrong=f"sisi {words} berisi jenis bagian yang tidak dikenal di sana")
    name = told.get("id")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise LayoutFormError(wrong=f"nama sebuah bagian sisi {words} bukan huruf kecil dan angka")
    label = f"{kind.label} ({name})"
    if unknown := set(told) - {"id", "kind", *kind.fields}:
        raise LayoutError(
            field=f"{side}.{name}", side=words, part=label, named=str(min(unknown))[:30],
            wrong="tidak dikenal",
        )  # fmt: skip
    said = {}
    for each in kind.fields:
        spec = FIELDS[each]
        value = _value(spec, told.get(each))
        if value is None:
            raise LayoutError(
                field=f"{side}.{name}.{each}", side=words, part=label, named=spec.label,
                wrong=_wanted(spec),
            )  # fmt: skip
        said[each] = value
    if said.get("size_min", 0) > said.get("size", 0):
        said["size_min"] = said["size"]
    return Part(name, told["kind"], said)


def _value(spec: Field, told: Any) -> Any:
    """Give the value as the language keeps it, or None where it is not one."""
    if spec.type == "tick":
        return told if isinstance(told, bool) else None
    if spec.type in {"dots", "count", "size"}:
        numbers = (int,) if spec.type != "size" else (int, float)
        right = type(told) in numbers and spec.low <= told <= spec.high
        return (round(float(told), 1) if spec.type == "size" else told) if right else None
    return _worded(spec, told) if isinstance(told, str) else None


def _worded(spec: Field, told: str) -> str | None:
    if spec.type == "text":
        plain = " ".join(unicodedata.normalize("NFC", told).split())
        control = any(unicodedata.category(character)[0] == "C" for character in plain)
        return plain if spec.low <= len(plain) <= spec.high and not control else None
    if spec.type == "colour":
        told = told.upper()
        return told if COLOUR.fullmatch(told) else None
    if spec.type == "choice":
        return told if told in dict(spec.choices) else None
    return told if told == "" or PICTURE.fullmatch(told) else None


def _wanted(spec: Field) -> str:
    if spec.type in {"dots", "count", "size"}:
        return f"harus angka dari {spec.low:g} sampai {spec.high:g}"
    return {
        "colour": "harus warna seperti #0F5B4A",
        "choice": "harus salah satu pilihan",
        "tick": "harus ya atau tidak",
        "picture": "harus gambar yang sudah diunggah",
        "text": f"harus tulisan 1 sampai {spec.high:g} huruf, tanpa tanda kendali",
    }[spec.type]
